// depthwise: one plane's filter at a time. A stretch of an output row stays in the first-level cache while
// every weight adds its shifted row of x; the compiler's own vectors do that well, so one body serves all
// variants.
#include "fsk_depthwise.h"
#include "cpu/targets.h"
#include "unary/relu.h"

enum { stretch = 256, task_pixels = 4096 };

// sum[j] += weight * x[column + j * step], for the j of [0, count) whose x lies in [0, width).
FSK_BODY void add_shifted(const float *x, ptrdiff_t width, ptrdiff_t column, ptrdiff_t step, float weight,
                          ptrdiff_t count, float *sum) {
    const ptrdiff_t low = column < 0 ? (-column + step - 1) / step : 0;
    ptrdiff_t high = column < width ? (width - column + step - 1) / step : 0;
    if (high > count)
        high = count;
    if (step == 1)
        for (ptrdiff_t j = low; j < high; ++j)
            sum[j] += weight * x[column + j];
    else
        for (ptrdiff_t j = low; j < high; ++j)
            sum[j] += weight * x[column + j * step];
}

FSK_BODY void finish(const fsk_depthwise *a, size_t count, float *sum, float *y) {
    if (a->relu)
        for (size_t j = 0; j < count; ++j)
            sum[j] = relu_scalar(sum[j], a->slope);
    if (a->column_step == 1)
        for (size_t j = 0; j < count; ++j)
            y[j] = sum[j];
    else
        for (size_t j = 0; j < count; ++j)
            y[j * a->column_step] = sum[j];
}

// Row `row` of plane `plane`, which is of channel `channel`.
FSK_BODY void row_body(const fsk_depthwise *a, size_t plane, size_t channel, size_t row) {
    const float *x = a->x + plane * a->height * a->width;
    const float *weights = a->weights + channel * a->kernel_height * a->kernel_width;
    float *y = a->y + plane * a->plane_step + row * a->row_step;
    for (size_t begin = 0; begin < a->out_width; begin += stretch) {
        const size_t count = a->out_width - begin < stretch ? a->out_width - begin : stretch;
        float sum[stretch];
        for (size_t j = 0; j < count; ++j)
            sum[j] = a->bias ? a->bias[channel] : 0;
        for (size_t u = 0; u < a->kernel_height; ++u) {
            const ptrdiff_t i =
                (ptrdiff_t)row * a->stride_height - a->pad_height + (ptrdiff_t)u * a->dilation_height;
            if (i < 0 || i >= (ptrdiff_t)a->height)
                continue;
            for (size_t v = 0; v < a->kernel_width; ++v) {
                const ptrdiff_t column =
                    (ptrdiff_t)begin * a->stride_width - a->pad_width + (ptrdiff_t)v * a->dilation_width;
                add_shifted(x + i * (ptrdiff_t)a->width, (ptrdiff_t)a->width, column, a->stride_width,
                            weights[u * a->kernel_width + v], (ptrdiff_t)count, sum);
            }
        }
        finish(a, count, sum, y + begin * a->column_step);
    }
}
FSK_TARGETS(row, (const fsk_depthwise *a, size_t plane, size_t channel, size_t row), (a, plane, channel, row))

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
        for (const fsk_depthwise *a = j->phases; a < j->phases + j->count; ++a)
            if (i < a->out_height)
                FSK_CALL(row, j->cpu, (a, plane, plane % a->channels, i));
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
