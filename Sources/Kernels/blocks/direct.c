// direct: convolutions as sums of products, a strip of a row times a panel of filters at a time. Tasks are
// cut by the shape alone, so that every number of threads gives the same bits. With bfloat16 a task first
// turns what its strips read into it.
#include "form.h"

enum {
    wanted_tasks = 24,
    enough_tasks = 10,
    usual_pixels = 96,   // of a task: each reads all its weights anew,
    heavy_pixels = 1024, // large ones from memory,
    heavy = 2 << 20,     // bytes that no cache of a core holds
    least_pixels = 24,
    heavy_segments = 8, // of a 1 x 1 kernel, which all panels of a task meet in a core's cache; of weights
                        // alone, since it orders the sums, which bands of rows must not
    strip = 96          // pixels, where the picture is one long row
};

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    const ptrdiff_t *segments;
    size_t count, full;
    size_t together;            // segments that meet all panels of a task before the next ones do
    size_t height, width;       // of the output, or 1 and all of its pixels
    size_t strips, strip_width; // of a row
    size_t strips_a_task, panels_a_task, strip_tasks, panel_tasks;
    // Of bfloat16: each worker's strips; pixels of a row that a strip reads, and floats that it takes.
    int is_fast;
    float *pairs;
    size_t columns, pixel, strip_size, own_size;
} job;

static size_t y_step(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    return a->y_step ? a->y_step : variant->lanes;
}

// Pixels that lie side by side, row after row, are one row.
static int is_one_row(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    const size_t width = a->out_width, row = width * y_step(variant, a);
    return a->kernel_height == 1 && a->kernel_width == 1 && a->stride_height == 1 && a->stride_width == 1 &&
           a->x.row_step == width * a->block && a->y.row_step == row &&
           (!a->residual.pixels || a->residual.row_step == row);
}

static size_t segment_count(const fsk_block_convolution *a) {
    return fsk_ceil(a->channels, a->block) * a->kernel_height * a->kernel_width;
}

static void find_segments(const job *j, ptrdiff_t *segments) {
    const fsk_block_convolution *a = j->a;
    const size_t row = j->is_fast ? j->columns * j->pixel : a->dilation_height * a->x.row_step;
    const size_t plane = j->is_fast ? a->kernel_height * row : a->x.plane_step;
    for (size_t block = 0; block < fsk_ceil(a->channels, a->block); ++block)
        for (size_t u = 0; u < a->kernel_height; ++u)
            for (size_t v = 0; v < a->kernel_width; ++v)
                *segments++ = (ptrdiff_t)(block * plane + u * row + v * a->dilation_width * j->pixel);
}

static size_t columns_read(const fsk_block_convolution *a, size_t width) {
    return fsk_pixels_read(width, a->stride_width, a->kernel_width, a->dilation_width);
}

// Parts of at most `most`, a multiple of `unit` but for the last one, all of one size and an even number, as
// cores mostly are; or one. So halves of a picture stay with a core from one layer to the next.
static size_t even_part(size_t count, size_t most, size_t unit) {
    if (count <= most)
        return count;
    const size_t parts = 2 * fsk_ceil(count, 2 * most);
    return fsk_ceil(fsk_ceil(count, parts), unit) * unit;
}

// Tasks of so many pixels and as few panels as give the wanted tasks.
static size_t divide(job *j, size_t pixels) {
    const fsk_block_convolution *a = j->a;
    const size_t panels = fsk_panel_count(j->variant, a);
    j->strip_width = j->width;
    if (j->height == 1)
        j->strip_width = even_part(j->width, pixels < strip ? pixels : strip, 4);
    j->strips = fsk_ceil(j->width, j->strip_width) * j->height;
    const size_t fair = fsk_ceil(j->strips * a->batch, wanted_tasks),
                 enough = fsk_ceil(pixels, j->strip_width);
    j->strips_a_task = fair > enough ? fair : enough;
    if (j->strips_a_task >= j->strips && j->strips > 1 && pixels <= usual_pixels)
        j->strips_a_task = fsk_ceil(j->strips, 2);
    j->strips_a_task = even_part(j->strips, j->strips_a_task, 1);
    j->strip_tasks = fsk_ceil(j->strips, j->strips_a_task);
    const size_t have = j->strip_tasks * a->batch, split = fsk_ceil(wanted_tasks, have);
    j->panels_a_task = even_part(panels, fsk_ceil(panels, split < panels ? split : panels), 1);
    j->panel_tasks = fsk_ceil(panels, j->panels_a_task);
    j->columns = columns_read(a, j->strip_width);
    j->strip_size = fsk_ceil(a->channels, a->block) * a->kernel_height * j->columns * j->pixel;
    return j->panel_tasks * have;
}

// A small picture of few filters is cut finer, down to where a task's weights cost more than its products.
static void divide_fairly(job *j, int one_row) {
    const fsk_block_convolution *a = j->a;
    j->is_fast = a->precision == FSK_FAST;
    j->pixel = fsk_elements(a, a->block);
    j->height = one_row ? 1 : a->out_height;
    j->width = one_row ? a->out_height * a->out_width : a->out_width;
    const size_t filters = fsk_filter_blocks(j->variant, a) * j->variant->lanes;
    const int is_heavy = filters * fsk_form_depth(a) * sizeof(float) > heavy;
    size_t pixels = is_heavy ? heavy_pixels : usual_pixels;
    while (divide(j, pixels) < enough_tasks && pixels > least_pixels)
        pixels /= 2;
    const int is_pointwise = a->kernel_height == 1 && a->kernel_width == 1;
    j->own_size = j->strips_a_task * j->strip_size + fsk_apart;
    // What segments have left in y is added as the residual, of which there is but one.
    const int in_parts = is_heavy && is_pointwise && !j->is_fast && a->relu != FSK_RELU_GRADIENT;
    j->together = in_parts ? heavy_segments : j->count;
}

typedef struct {
    size_t row, column, width; // of the output
    const float *x;            // what its first pixel reads
} place;

static place place_of(const job *j, size_t picture, size_t at) {
    const fsk_block_convolution *a = j->a;
    const size_t row_strips = fsk_ceil(j->width, j->strip_width);
    const size_t row = at / row_strips, column = at % row_strips * j->strip_width, left = j->width - column;
    return (place){row, column, left < j->strip_width ? left : j->strip_width,
                   a->x.pixels + picture * a->x.batch_step + row * a->stride_height * a->x.row_step +
                       column * a->stride_width * a->block};
}

// pairs[block][row of the kernel][pixel]
static void turn_strip(const job *j, const place *strip, float *pairs) {
    const fsk_block_convolution *a = j->a;
    const size_t pixels = columns_read(a, strip->width);
    for (size_t block = 0; block < fsk_ceil(a->channels, a->block); ++block) {
        const size_t left = a->channels - block * a->block;
        for (size_t u = 0; u < a->kernel_height; ++u, pairs += j->columns * j->pixel) {
            const fsk_block_halves halves = {
                .x = strip->x + block * a->x.plane_step + u * a->dilation_height * a->x.row_step,
                .pixels = pixels,
                .block = a->block,
                .channels = left < a->block ? left : a->block,
                .pairs = pairs,
            };
            j->variant->fast->to_halves(&halves);
        }
    }
}

fsk_block_product fsk_direct_product(const fsk_block_variant *variant, const fsk_block_convolution *a,
                                     size_t picture, size_t row, size_t column, size_t panel) {
    const size_t lanes = variant->lanes, block = panel * fsk_panel_vectors, pixel = fsk_elements(a, a->block);
    const size_t step = y_step(variant, a);
    const fsk_blocks *r = &a->residual;
    return (fsk_block_product){
        .step = a->stride_width * pixel,
        .bundle_step = variant->bundle * a->stride_width * pixel,
        .run = pixel,
        .last = fsk_elements(a, a->channels % a->block),
        .weights = a->weights + fsk_panel_start(variant, a, panel),
        .vectors = fsk_panel_size(variant, a, panel),
        .filters = fsk_panel_filters(variant, a, panel),
        .y = a->y.pixels + picture * a->y.batch_step + block * a->y.plane_step + row * a->y.row_step +
             column * step,
        .y_step = step,
        .y_plane = a->y.plane_step,
        .bias = a->bias ? a->bias + block * lanes : NULL,
        .residual = r->pixels ? r->pixels + picture * r->batch_step + block * r->plane_step +
                                    row * r->row_step + column * step
                              : NULL,
        .residual_plane = r->plane_step,
        .relu = a->relu,
        .slope = a->slope,
    };
}

// Of all segments those from `first` on, as many as j->together; what came before them lies in y.
static void multiply(const job *j, size_t picture, const place *strip, size_t panel, size_t first,
                     const float *x) {
    fsk_block_product product =
        fsk_direct_product(j->variant, j->a, picture, strip->row, strip->column, panel);
    const size_t left = j->count - first, whole = first < j->full ? first : j->full;
    const size_t rows = whole * product.run + (first - whole) * product.last;
    product.x = x;
    product.pixels = strip->width;
    product.segments = j->segments + first;
    product.count = left < j->together ? left : j->together;
    product.full = j->full - whole;
    product.weights += rows * product.vectors * j->variant->lanes;
    if (first > 0)
        fsk_go_on(&product);
    product.relu = left <= j->together ? j->a->relu : FSK_NO_RELU;
    (j->is_fast ? j->variant->fast->product : j->variant->product)(&product);
}

static void task(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const size_t panel_task = index % j->panel_tasks, strip_task = index / j->panel_tasks % j->strip_tasks;
    const size_t picture = index / j->panel_tasks / j->strip_tasks;
    const size_t panels = fsk_panel_count(j->variant, j->a), first = panel_task * j->panels_a_task;
    const size_t from = strip_task * j->strips_a_task, end = from + j->strips_a_task;
    const size_t to = end < j->strips ? end : j->strips;
    float *pairs = j->pairs + worker * j->own_size;
    for (size_t at = from; j->is_fast && at < to; ++at) {
        const place strip = place_of(j, picture, at);
        turn_strip(j, &strip, pairs + (at - from) * j->strip_size);
    }
    for (size_t segment = 0; segment < j->count; segment += j->together)
        for (size_t panel = first; panel < first + j->panels_a_task && panel < panels; ++panel)
            for (size_t at = from; at < to; ++at) {
                const place strip = place_of(j, picture, at);
                multiply(j, picture, &strip, panel, segment,
                         j->is_fast ? pairs + (at - from) * j->strip_size : strip.x);
            }
}

size_t fsk_direct_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads) {
    if (a->precision == FSK_EXACT)
        return fsk_segments_size(segment_count(a));
    job rows = {.variant = variant, .a = a}, row = rows;
    divide_fairly(&rows, 0);
    divide_fairly(&row, a->kernel_height == 1 && a->kernel_width == 1); // as it may be, by where x lies
    const size_t own = rows.own_size > row.own_size ? rows.own_size : row.own_size;
    return fsk_segments_size(segment_count(a)) + threads * own;
}

void fsk_direct_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool) {
    ptrdiff_t *segments = (ptrdiff_t *)(void *)scratch;
    job j = {.variant = variant, .a = a, .segments = segments, .count = segment_count(a)};
    j.full = a->channels / a->block * a->kernel_height * a->kernel_width;
    j.pairs = scratch + fsk_segments_size(segment_count(a));
    divide_fairly(&j, is_one_row(variant, a));
    find_segments(&j, segments);
    fsk_pool_run_workers(pool, task, &j, j.panel_tasks * j.strip_tasks * a->batch);
}
