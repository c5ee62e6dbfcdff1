// fsk_convolution: filters slid over planes, as one blocked matrix product whose right side (the picture's
// columns) is gathered tile by tile and never held whole. Also serves deconvolution (one convolution for each
// phase of the stride) and inner products (a picture of one pixel). Not a planner: sizes come from the
// caller.
#ifndef FSK_CONVOLUTION_H
#define FSK_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

#include "fsk_pool.h"

typedef struct fsk_convolution_variant fsk_convolution_variant;

// The variant for a processor: never NULL. Packed filters belong to the variant that packed them.
const fsk_convolution_variant *fsk_convolution_choose(uint32_t cpu);
const char *fsk_convolution_name(const fsk_convolution_variant *variant);

// Filters a panel: packing works on whole panels.
size_t fsk_convolution_panel(const fsk_convolution_variant *variant);

// Floats that `filters` filters of `depth` weights each take when packed.
size_t fsk_convolution_packed_size(const fsk_convolution_variant *variant, size_t filters, size_t depth);

// Floats of scratch memory that a worker needs; `pool->threads` workers run at once.
size_t fsk_convolution_scratch_size(const fsk_convolution_variant *variant);

// Where the weights of some filters lie: weight (f, c, y, x) at
// source[f * filter_step + c * channel_step + y * row_step + x * column_step], times gain[f]
// where this is not NULL. depth = channels * height * width.
typedef struct fsk_filters {
    const float *source;
    size_t channels, height, width;
    ptrdiff_t filter_step, channel_step, row_step, column_step;
    const float *gain;
} fsk_filters;

// Packs filters first ... first + count - 1 of `total` from `filters`, whose filter 0 is filter `first`.
// `first` must be a multiple of the panel, and so must `count`, unless they are the last.
void fsk_convolution_pack(const fsk_convolution_variant *variant, const fsk_filters *filters, size_t total,
                          size_t first, size_t count, float *packed);

// y[n, g * filters + f, i, j] = sum over c, u, v of
//     w[g][f][c, u, v] * x[n, g * channels + c, i * stride - pad + u * dilation, ...] + bias, then ReLU.
// Outside x there are zeros. Pads may be negative, kernels empty (then y is the bias).
typedef struct fsk_convolution {
    const float *x;       // [batch, groups * channels, height, width]
    float *y;             // pixel (i, j) of plane p of picture n at n * batch_step + p * plane_step +
                          // i * row_step + j * column_step
    const float *weights; // packed, a group after the other
    const float *bias;    // [groups * filters] or NULL
    size_t batch, groups;
    size_t channels, height, width;        // of a group
    size_t filters, out_height, out_width; // of a group
    size_t kernel_height, kernel_width;
    ptrdiff_t stride_height, stride_width; // 1 or more
    ptrdiff_t pad_height, pad_width;
    ptrdiff_t dilation_height, dilation_width;
    size_t batch_step, plane_step, row_step, column_step;
    int relu;    // 0: none. Else as FSK_UNARY_RELU does it: NaN stays NaN
    float slope; // of negative values; 0 gives 0, of -inf too
} fsk_convolution;

// scratch: pool->threads * fsk_convolution_scratch_size floats, aligned to 64 bytes.
void fsk_convolution_run(const fsk_convolution_variant *variant, const fsk_convolution *convolution,
                         float *scratch, const fsk_pool *pool);

#endif
