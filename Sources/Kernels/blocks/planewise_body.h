// planewise_body: rows of pictures whose channels keep to themselves. Included by each variant's file.
#include "fsk_pooling.h"

#include <float.h>

// A kernel's sizes, and steps in floats. Where the compiler knows them, neighbours share what they load.
typedef struct {
    size_t height, width, stride, right, down;
} depthwise_kernel;

// made: what the ReLU made whose gradient this is.
BODY void depthwise_tile(const fsk_block_depthwise *d, const float *x, const float *w, vec bias,
                         const float *made, float *y, const size_t P, const depthwise_kernel k) {
    const int relu = d->relu;
    const float slope = d->slope;
    vec sum[4];
#pragma GCC unroll 4
    for (size_t p = 0; p < P; ++p)
        sum[p] = bias;
#pragma GCC unroll 3
    for (size_t u = 0; u < k.height; ++u)
#pragma GCC unroll 3
        for (size_t v = 0; v < k.width; ++v) {
            const vec weight = v_load(w + (u * k.width + v) * LANES);
            const float *at = x + u * k.down + v * k.right;
#pragma GCC unroll 4
            for (size_t p = 0; p < P; ++p)
                sum[p] = v_fma(v_load(at + p * k.stride), weight, sum[p]);
        }
#pragma GCC unroll 4
    for (size_t p = 0; p < P; ++p) {
        if (relu == FSK_RELU)
            sum[p] = v_relu(sum[p], slope);
        else if (relu == FSK_RELU_GRADIENT)
            sum[p] = v_relu_gradient(sum[p], v_load(made + p * d->y_step), slope);
        v_store(y + p * d->y_step, sum[p]);
    }
}

BODY void depthwise_pixels(const fsk_block_depthwise *d, const float *x, const float *w, vec bias,
                           const float *made, float *y, const depthwise_kernel k) {
    size_t j = 0;
    for (; j + 4 <= d->out_width; j += 4)
        depthwise_tile(d, x + j * k.stride, w, bias, made + j * d->y_step, y + j * d->y_step, 4, k);
    for (; j < d->out_width; ++j)
        depthwise_tile(d, x + j * k.stride, w, bias, made + j * d->y_step, y + j * d->y_step, 1, k);
}

TARGET static void depthwise_row(const fsk_block_depthwise *d, size_t picture, size_t plane, size_t row) {
    const float *x = d->x.pixels + picture * d->x.batch_step + plane * d->x.plane_step +
                     row * d->stride_height * d->x.row_step;
    float *y = d->y.pixels + picture * d->y.batch_step + plane * d->y.plane_step + row * d->y.row_step;
    const float *w = d->weights + plane * d->kernel_height * d->kernel_width * LANES;
    const vec bias = d->bias ? v_load(d->bias + plane * LANES) : v_set(0);
    const fsk_blocks *m = d->relu == FSK_RELU_GRADIENT ? &d->relu_made : &d->y;
    const float *made = m->pixels + picture * m->batch_step + plane * m->plane_step + row * m->row_step;
    const size_t height = d->kernel_height, width = d->kernel_width,
                 down = d->dilation_height * d->x.row_step;
    const size_t stride = d->stride_width, right = d->dilation_width;
    if (height == 3 && width == 3 && right == 1 && stride == 1)
        depthwise_pixels(d, x, w, bias, made, y, (depthwise_kernel){3, 3, LANES, LANES, down});
    else if (height == 3 && width == 3 && right == 1 && stride == 2)
        depthwise_pixels(d, x, w, bias, made, y, (depthwise_kernel){3, 3, 2 * LANES, LANES, down});
    else if (height == 1 && width == 1 && stride == 1)
        depthwise_pixels(d, x, w, bias, made, y, (depthwise_kernel){1, 1, LANES, LANES, down});
    else if (height == 2 && width == 2 && right == 1 && stride == 1)
        depthwise_pixels(d, x, w, bias, made, y, (depthwise_kernel){2, 2, LANES, LANES, down});
    else if (height == 2 && width == 2 && right == 1 && stride == 2)
        depthwise_pixels(d, x, w, bias, made, y, (depthwise_kernel){2, 2, 2 * LANES, LANES, down});
    else
        depthwise_pixels(d, x, w, bias, made, y,
                         (depthwise_kernel){height, width, stride * LANES, right * LANES, down});
}

// The part of window i that lies in the picture, and its length with padding.
BODY ptrdiff_t cut(const fsk_block_windows *w, size_t i, ptrdiff_t *from, ptrdiff_t *to) {
    const ptrdiff_t start = w->first + (ptrdiff_t)i * w->stride, end = start + w->kernel;
    *from = start > w->begin ? start : w->begin;
    *to = end < w->end ? end : w->end;
    return (end < w->far ? end : w->far) - start;
}

// Each number is kept only if it is above those before it, and above -FLT_MAX, as Caffe compares.
BODY vec largest(const float *plane, size_t row_step, ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t column0,
                 ptrdiff_t column1) {
    vec best = v_set(-FLT_MAX);
    for (ptrdiff_t r = row0; r < row1; ++r)
        for (ptrdiff_t c = column0; c < column1; ++c)
            best = v_above(v_load(plane + r * (ptrdiff_t)row_step + c * LANES), best);
    return best;
}

BODY vec total(const float *plane, size_t row_step, ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t column0,
               ptrdiff_t column1) {
    vec sum = v_set(0);
    for (ptrdiff_t r = row0; r < row1; ++r)
        for (ptrdiff_t c = column0; c < column1; ++c)
            sum = v_add(sum, v_load(plane + r * (ptrdiff_t)row_step + c * LANES));
    return sum;
}

TARGET static void pooling_row(const fsk_block_pooling *p, size_t picture, size_t plane, size_t row) {
    const float *x = p->x.pixels + picture * p->x.batch_step + plane * p->x.plane_step;
    float *y = p->y.pixels + picture * p->y.batch_step + plane * p->y.plane_step + row * p->y.row_step;
    ptrdiff_t row0, row1, column0, column1;
    const ptrdiff_t height = cut(&p->vertical, row, &row0, &row1);
    for (size_t j = 0; j < p->out_width; ++j, y += LANES) {
        const ptrdiff_t width = cut(&p->horizontal, j, &column0, &column1);
        if (p->kind == FSK_POOLING_MAX)
            v_store(y, largest(x, p->x.row_step, row0, row1, column0, column1));
        else
            v_store(y, v_div(total(x, p->x.row_step, row0, row1, column0, column1),
                             v_set((float)(height * width))));
    }
}
