// depthwise: one plane's filter at a time, a vector of pixels of a row and all weights, then the next; one
// body serves all variants. Phases of a deconvolution that lie between each other are written together.
#include "fsk_depthwise.h"
#include "cpu/targets.h"
#include "unary/relu.h"

#include <string.h>

enum { stretch = 256, task_pixels = 4096, lanes = 16 };
typedef float vector __attribute__((vector_size(lanes * sizeof(float)), aligned(4)));

// A row of a plane's filter.
typedef struct {
    const fsk_depthwise *a;
    const float *x, *weights; // of the plane
    float bias;
    ptrdiff_t top; // the row of x that the first row of weights meets
} filter_row;

FSK_BODY ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

FSK_BODY int is_inside(ptrdiff_t at, size_t length) { return at >= 0 && at < (ptrdiff_t)length; }

// One pixel, whose weights may meet what is not there.
FSK_BODY float one_pixel(const filter_row *f, ptrdiff_t left) {
    const fsk_depthwise *a = f->a;
    float sum = f->bias;
    for (size_t u = 0; u < a->kernel_height; ++u) {
        const ptrdiff_t i = f->top + (ptrdiff_t)u * a->dilation_height;
        for (size_t v = 0; v < a->kernel_width && is_inside(i, a->height); ++v) {
            const ptrdiff_t j = left + (ptrdiff_t)v * a->dilation_width;
            if (is_inside(j, a->width))
                sum += f->weights[u * a->kernel_width + v] * f->x[i * (ptrdiff_t)a->width + j];
        }
    }
    return sum;
}

// As many as a vector holds, side by side, of which no weight leaves the row.
FSK_BODY void some_pixels(const filter_row *f, ptrdiff_t left, float *y) {
    const fsk_depthwise *a = f->a;
    vector sum = {0};
    sum += f->bias;
    for (size_t u = 0; u < a->kernel_height; ++u) {
        const ptrdiff_t i = f->top + (ptrdiff_t)u * a->dilation_height;
        const float *x = f->x + i * (ptrdiff_t)a->width + left;
        for (size_t v = 0; v < a->kernel_width && is_inside(i, a->height); ++v)
            sum += f->weights[u * a->kernel_width + v] *
                   *(const vector *)(const void *)(x + (ptrdiff_t)v * a->dilation_width);
    }
    *(vector *)(void *)y = sum;
}

// sum[count]: row `row` of plane `plane`, which is of channel `channel`, from pixel `begin` on.
FSK_BODY void sum_stretch(const fsk_depthwise *a, size_t plane, size_t channel, size_t row, size_t begin,
                          size_t count, float *sum) {
    const filter_row f = {
        .a = a,
        .x = a->x + plane * a->height * a->width,
        .weights = a->weights + channel * a->kernel_height * a->kernel_width,
        .bias = a->bias ? a->bias[channel] : 0,
        .top = (ptrdiff_t)row * a->stride_height - a->pad_height,
    };
    const ptrdiff_t left = (ptrdiff_t)begin * a->stride_width - a->pad_width, n = (ptrdiff_t)count;
    // Pixels of which no weight leaves the row. The last vector goes over some of the one before again.
    const ptrdiff_t low = least(left < 0 ? -left : 0, n),
                    reach = (ptrdiff_t)(a->kernel_width - 1) * a->dilation_width;
    const ptrdiff_t high = least((ptrdiff_t)a->width - reach - left, n);
    const int is_wide = a->stride_width == 1 && high - low >= lanes;
    const ptrdiff_t before = is_wide ? low : n;
    for (ptrdiff_t j = 0; j < before; ++j)
        sum[j] = one_pixel(&f, left + j * a->stride_width);
    for (ptrdiff_t j = low; is_wide && j < high; j += lanes)
        some_pixels(&f, left + least(j, high - lanes), sum + least(j, high - lanes));
    for (ptrdiff_t j = is_wide ? high : n; j < n; ++j)
        sum[j] = one_pixel(&f, left + j);
    if (a->relu)
        for (size_t j = 0; j < count; ++j)
            sum[j] = relu_scalar(sum[j], a->slope);
}

FSK_BODY void store(const float *sum, size_t count, float *y, size_t step) {
    if (step == 1)
        for (size_t j = 0; j < count; ++j)
            y[j] = sum[j];
    else
        for (size_t j = 0; j < count; ++j)
            y[j * step] = sum[j];
}

// `pair`: the phase whose pixels lie between those of `a`, or NULL.
FSK_BODY void row_body(const fsk_depthwise *a, const fsk_depthwise *pair, size_t plane, size_t channel,
                       size_t row) {
    float *y = a->y + plane * a->plane_step + row * a->row_step;
    for (size_t begin = 0; begin < a->out_width; begin += stretch) {
        const size_t count = a->out_width - begin < stretch ? a->out_width - begin : stretch;
        float sum[stretch], other[stretch], both[2 * stretch];
        sum_stretch(a, plane, channel, row, begin, count, sum);
        if (!pair) {
            store(sum, count, y + begin * a->column_step, a->column_step);
            continue;
        }
        sum_stretch(pair, plane, channel, row, begin, count, other);
        for (size_t j = 0; j < count; ++j) {
            both[2 * j] = sum[j];
            both[2 * j + 1] = other[j];
        }
        memcpy(y + 2 * begin, both, 2 * count * sizeof *both);
    }
}
FSK_TARGETS(row,
            (const fsk_depthwise *a, const fsk_depthwise *pair, size_t plane, size_t channel, size_t row),
            (a, pair, plane, channel, row))

// Whether b's pixels lie between those of a, so that the two write whole rows.
static int is_pair(const fsk_depthwise *a, const fsk_depthwise *b) {
    return a->column_step == 2 && b->column_step == 2 && b->y == a->y + 1 && b->out_width == a->out_width &&
           b->out_height == a->out_height && b->row_step == a->row_step && b->plane_step == a->plane_step;
}

typedef struct {
    const fsk_depthwise *phases;
    size_t count; // of phases
    uint32_t cpu;
    size_t rows, bands; // rows a task, tasks a plane
} job;

static void work(void *argument, size_t index) {
    const job *j = argument;
    const size_t plane = index / j->bands, first = index % j->bands * j->rows, end = first + j->rows;
    for (size_t i = first; i < end; ++i)
        for (const fsk_depthwise *a = j->phases; a < j->phases + j->count; ++a) {
            const fsk_depthwise *pair = a + 1 < j->phases + j->count && is_pair(a, a + 1) ? a + 1 : NULL;
            if (i < a->out_height)
                FSK_CALL(row, j->cpu, (a, pair, plane, plane % a->channels, i));
            a += pair != NULL;
        }
}

void fsk_depthwise_run(const fsk_depthwise *phases, size_t count, const fsk_pool *pool) {
    size_t height = 0, width = 0;
    for (size_t i = 0; i < count; ++i) {
        height = phases[i].out_height > height ? phases[i].out_height : height;
        width += phases[i].out_width;
    }
    if (!height || !width)
        return;
    job j = {phases, count, pool->cpu, task_pixels / width + 1, 0};
    j.bands = (height + j.rows - 1) / j.rows;
    fsk_pool_run(pool, work, &j, phases->batch * phases->channels * j.bands);
}
