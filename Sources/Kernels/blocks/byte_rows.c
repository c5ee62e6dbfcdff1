// byte_rows: direct convolutions in whole numbers of 8 bits. Each row that is read is turned into bytes once,
// with a scale of its own; then a task is some panels of filters, times some rows of the output, which take
// the kernel's rows one after the other, so that a panel's row of weights is read once. Cut by the shape
// alone.
#include "form.h"

enum { wanted_tasks = 24 };

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    size_t blocks, rows, columns; // of channels; of a picture, those that are read
    size_t pixel, row_size;       // floats
    size_t panels, panels_a_task, panel_tasks, rows_a_task, row_tasks;
    ptrdiff_t *segments; // of one row of the kernel
    float *bytes;        // [picture][row][block][column][pixel]
    float *scales;       // [picture][row]
    int32_t *zeros;
} job;

static job plan(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    job j = {.variant = variant, .a = a, .blocks = fsk_ceil(a->channels, a->block)};
    j.rows = fsk_pixels_read(a->out_height, a->stride_height, a->kernel_height, a->dilation_height);
    j.columns = fsk_pixels_read(a->out_width, a->stride_width, a->kernel_width, a->dilation_width);
    j.pixel = fsk_elements(a, a->block);
    j.row_size = j.blocks * j.columns * j.pixel;
    j.panels = fsk_panel_count(variant, a);
    j.panels_a_task = fsk_ceil(j.panels, wanted_tasks);
    j.panel_tasks = fsk_ceil(j.panels, j.panels_a_task);
    j.rows_a_task = fsk_ceil(a->out_height, fsk_ceil(wanted_tasks, j.panel_tasks * a->batch));
    j.row_tasks = fsk_ceil(a->out_height, j.rows_a_task);
    return j;
}

static void find_segments(const job *j) {
    ptrdiff_t *segment = j->segments;
    for (size_t block = 0; block < j->blocks; ++block)
        for (size_t v = 0; v < j->a->kernel_width; ++v)
            *segment++ = (ptrdiff_t)((block * j->columns + v * j->a->dilation_width) * j->pixel);
}

static void turn_row(void *argument, size_t index) {
    const job *j = argument;
    const fsk_blocks *x = &j->a->x;
    const fsk_block_byte_row row = {
        .x = x->pixels + index / j->rows * x->batch_step + index % j->rows * x->row_step,
        .pixels = j->columns,
        .blocks = j->blocks,
        .plane_step = x->plane_step,
        .last = j->a->channels - (j->blocks - 1) * j->a->block,
        .bytes = j->bytes + index * j->row_size,
        .scale = j->scales + index,
        .zero = j->zeros + index,
    };
    j->variant->fast->to_bytes(&row);
}

// A row of the output by row u of the kernel: the first adds to what there was, the others to what the one
// before made.
static void multiply(const job *j, size_t picture, size_t row, size_t panel, size_t u) {
    const fsk_block_convolution *a = j->a;
    const size_t from = picture * j->rows + row * a->stride_height + u * a->dilation_height;
    fsk_block_product product = fsk_direct_product(j->variant, a, picture, row, 0, panel);
    const size_t wide = product.vectors * j->variant->lanes,
                 size = fsk_byte_row(j->variant, a, product.vectors);
    const float *scales = product.weights + a->kernel_height * size;
    product.x = j->bytes + from * j->row_size;
    product.x_scale = j->scales[from];
    product.x_zero = j->zeros[from];
    product.weight_scales = scales;
    product.weight_sums = (const int32_t *)(const void *)(scales + (1 + u) * wide);
    product.weights += u * size;
    product.pixels = a->out_width;
    product.segments = j->segments;
    product.count = j->blocks * a->kernel_width;
    product.full = a->channels / a->block * a->kernel_width;
    if (u > 0)
        fsk_go_on(&product);
    product.relu = u + 1 == a->kernel_height ? a->relu : FSK_NO_RELU;
    j->variant->fast->byte_product(&product);
}

static void task(void *argument, size_t index) {
    const job *j = argument;
    const size_t panel0 = index % j->panel_tasks * j->panels_a_task, others = index / j->panel_tasks;
    const size_t row0 = others % j->row_tasks * j->rows_a_task, picture = others / j->row_tasks;
    for (size_t panel = panel0; panel < panel0 + j->panels_a_task && panel < j->panels; ++panel)
        for (size_t u = 0; u < j->a->kernel_height; ++u)
            for (size_t row = row0; row < row0 + j->rows_a_task && row < j->a->out_height; ++row)
                multiply(j, picture, row, panel, u);
}

static size_t numbers_size(const job *j) { return fsk_ceil(j->a->batch * j->rows, 16) * 16; }

size_t fsk_byte_rows_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    const job j = plan(variant, a);
    return fsk_segments_size(j.blocks * a->kernel_width) + 2 * numbers_size(&j) +
           a->batch * j.rows * j.row_size;
}

void fsk_byte_rows_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                       const fsk_pool *pool) {
    job j = plan(variant, a);
    j.segments = (ptrdiff_t *)(void *)scratch;
    j.scales = scratch + fsk_segments_size(j.blocks * a->kernel_width);
    j.zeros = (int32_t *)(void *)(j.scales + numbers_size(&j));
    j.bytes = j.scales + 2 * numbers_size(&j);
    find_segments(&j);
    fsk_pool_run(pool, turn_row, &j, a->batch * j.rows);
    fsk_pool_run(pool, task, &j, j.panel_tasks * j.row_tasks * a->batch);
}
