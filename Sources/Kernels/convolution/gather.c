// gather: the picture's columns into panels, a variant for each tile width. One body, compiled for each
// instruction set: it only moves memory, so the compiler's own vectors are as good as intrinsics.
#include "tile.h"

#include <string.h>

// A stretch of a panel whose columns lie in one row of the output.
typedef struct {
    size_t at, length;     // within the panel
    ptrdiff_t row, column; // of x, where weight (0, 0) meets the stretch's first column
} stretch;

static inline __attribute__((always_inline)) size_t cut(const fsk_convolution *v, size_t first, size_t count,
                                                        stretch *stretches) {
    size_t n = 0, at = 0;
    while (at < count) {
        const size_t i = (first + at) / v->out_width, j = (first + at) % v->out_width;
        const size_t left = v->out_width - j, length = left < count - at ? left : count - at;
        stretches[n++] = (stretch){at, length, (ptrdiff_t)i * v->stride_height - v->pad_height,
                                   (ptrdiff_t)j * v->stride_width - v->pad_width};
        at += length;
    }
    return n;
}

// to[0 ..< length] = row[column, column + stride, ...], zeros outside [0, width).
static inline __attribute__((always_inline)) void copy(const float *row, ptrdiff_t width, ptrdiff_t column,
                                                       ptrdiff_t stride, ptrdiff_t length, float *to) {
    ptrdiff_t low = column < 0 ? (-column + stride - 1) / stride : 0;
    ptrdiff_t high = column < width ? (width - column + stride - 1) / stride : 0;
    if (high > length)
        high = length;
    if (low > high)
        low = high;
    ptrdiff_t j = 0;
    for (; j < low; ++j)
        to[j] = 0;
    if (stride == 1)
        for (; j < high; ++j)
            to[j] = row[column + j];
    else
        for (; j < high; ++j)
            to[j] = row[column + j * stride];
    for (; j < length; ++j)
        to[j] = 0;
}

static inline __attribute__((always_inline)) void gather_panel(const fsk_convolution *v, const float *x,
                                                               size_t first, size_t count, size_t depth0,
                                                               size_t depth, float *to, size_t panel) {
    stretch stretches[64];
    const size_t n = cut(v, first, count, stretches);
    const ptrdiff_t height = (ptrdiff_t)v->height, width = (ptrdiff_t)v->width;
    size_t kx = depth0 % v->kernel_width, ky = depth0 / v->kernel_width % v->kernel_height;
    const float *plane = x + depth0 / v->kernel_width / v->kernel_height * v->height * v->width;
    for (size_t k = 0; k < depth; ++k, to += panel) {
        for (size_t s = 0; s < n; ++s) {
            const ptrdiff_t row = stretches[s].row + (ptrdiff_t)ky * v->dilation_height;
            const ptrdiff_t column = stretches[s].column + (ptrdiff_t)kx * v->dilation_width;
            float *at = to + stretches[s].at;
            if (row < 0 || row >= height)
                memset(at, 0, stretches[s].length * sizeof *at);
            else if (stretches[s].length == panel && v->stride_width == 1 && column >= 0 &&
                     column + (ptrdiff_t)panel <= width)
                memcpy(at, plane + row * width + column,
                       panel * sizeof *at); // a constant size: a few vectors
            else
                copy(plane + row * width, width, column, v->stride_width, (ptrdiff_t)stretches[s].length, at);
        }
        for (size_t j = count; j < panel; ++j)
            to[j] = 0;
        if (++kx == v->kernel_width) {
            kx = 0;
            if (++ky == v->kernel_height) {
                ky = 0;
                plane += v->height * v->width;
            }
        }
    }
}

static inline __attribute__((always_inline)) void gather(const fsk_convolution *v, const float *x,
                                                         size_t first, size_t count, size_t depth0,
                                                         size_t depth, float *columns, size_t panel) {
    for (size_t at = 0; at < count; at += panel, columns += panel * depth)
        gather_panel(v, x, first + at, count - at < panel ? count - at : panel, depth0, depth, columns,
                     panel);
}

void fsk_gather_scalar(const fsk_convolution *v, const float *x, size_t first, size_t count, size_t depth0,
                       size_t depth, float *columns) {
    gather(v, x, first, count, depth0, depth, columns, 8);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void fsk_gather_avx2(const fsk_convolution *v, const float *x, size_t first,
                                                     size_t count, size_t depth0, size_t depth,
                                                     float *columns) {
    gather(v, x, first, count, depth0, depth, columns, 16);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) void
fsk_gather_avx512(const fsk_convolution *v, const float *x, size_t first, size_t count, size_t depth0,
                  size_t depth, float *columns) {
    gather(v, x, first, count, depth0, depth, columns, 32);
}
#elif defined(__aarch64__)
void fsk_gather_neon(const fsk_convolution *v, const float *x, size_t first, size_t count, size_t depth0,
                     size_t depth, float *columns) {
    gather(v, x, first, count, depth0, depth, columns, 12);
}
#endif
