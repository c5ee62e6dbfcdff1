// convolution: a filter a task, each weight a sum of products of rows. Source: Caffe `base_conv_layer.cpp`.
#include "fsg_convolution.h"

#include <stdbool.h>

typedef struct {
    ptrdiff_t first, last; // outputs first <= i < last meet the picture
} span;

// Which of `count` outputs read inside 0 ..< size at offset + i * stride.
static span reached(ptrdiff_t offset, ptrdiff_t stride, size_t size, size_t count) {
    const ptrdiff_t n = (ptrdiff_t)size;
    const ptrdiff_t first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
    const ptrdiff_t last = offset >= n ? 0 : (n - 1 - offset) / stride + 1;
    return (span){first, last < (ptrdiff_t)count ? last : (ptrdiff_t)count};
}

static float row_product(const float *dy, const float *x, ptrdiff_t stride, ptrdiff_t n) {
    enum { lanes = 16 }; // independent sums, so that the compiler may use vectors
    float sums[lanes] = {0}, total = 0;
    ptrdiff_t i = 0;
    if (stride == 1)
        for (; i + lanes <= n; i += lanes)
            for (ptrdiff_t k = 0; k < lanes; ++k)
                sums[k] += dy[i + k] * x[i + k];
    for (; i < n; ++i)
        total += dy[i] * x[i * stride];
    for (ptrdiff_t k = 0; k < lanes; ++k)
        total += sums[k];
    return total;
}

static double weight(const fsk_convolution *a, const float *x, const float *dy, ptrdiff_t u, ptrdiff_t v) {
    const ptrdiff_t top = u * a->dilation_height - a->pad_height, left = v * a->dilation_width - a->pad_width;
    const span rows = reached(top, a->stride_height, a->height, a->out_height);
    const span columns = reached(left, a->stride_width, a->width, a->out_width);
    double sum = 0;
    for (ptrdiff_t i = rows.first; i < rows.last; ++i) {
        const float *from = x + (top + i * a->stride_height) * (ptrdiff_t)a->width + left;
        sum += (double)row_product(dy + i * (ptrdiff_t)a->row_step + columns.first,
                                   from + columns.first * a->stride_width, a->stride_width,
                                   columns.last - columns.first);
    }
    return sum;
}

static double bias(const fsk_convolution *a, const float *dy) {
    double sum = 0;
    for (size_t i = 0; i < a->out_height; ++i)
        for (size_t j = 0; j < a->out_width; ++j)
            sum += (double)dy[i * a->row_step + j];
    return sum;
}

static void filter(void *argument, size_t index) {
    const fsg_convolution *g = argument;
    const fsk_convolution *a = g->forward;
    const size_t group = index / a->filters, area = a->kernel_height * a->kernel_width;
    for (size_t n = 0; n < a->batch; ++n) {
        const float *dy = g->dy + n * a->batch_step + index * a->plane_step;
        const float *x = a->x + (n * a->groups + group) * a->channels * a->height * a->width;
        for (size_t k = 0; k < a->channels * area; ++k)
            g->dw[index * a->channels * area + k] +=
                (float)weight(a, x + k / area * a->height * a->width, dy,
                              (ptrdiff_t)(k % area / a->kernel_width), (ptrdiff_t)(k % a->kernel_width));
        if (g->dbias)
            g->dbias[index] += (float)bias(a, dy);
    }
}

void fsg_convolution_run(const fsg_convolution *arguments, const fsk_pool *pool) {
    fsg_convolution g = *arguments;
    fsk_pool_run(pool, filter, &g, g.forward->groups * g.forward->filters);
}
