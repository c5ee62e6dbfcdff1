// fsk_depthwise: a filter of its own for each plane, one plane in and one out: depthwise convolutions, and
// the phases of grouped (bilinear, nearest) deconvolutions. As a product it would use one row of each tile.
#ifndef FSK_DEPTHWISE_H
#define FSK_DEPTHWISE_H

#include <stddef.h>

#include "fsk_pool.h"

// y[n, c, i, j] = sum over u, v of
//     weights[c, u, v] * x[n, c, i * stride - pad + u * dilation, ...] + bias[c], then ReLU.
// Outside x there are zeros. Pads may be negative, kernels empty (then y is the bias).
typedef struct fsk_depthwise {
    const float *x;       // [batch, channels, height, width]
    float *y;             // pixel (i, j) of a plane at plane * plane_step + i * row_step + j * column_step
    const float *weights; // [channels, kernel_height, kernel_width]
    const float *bias;    // [channels] or NULL
    size_t batch, channels;
    size_t height, width, out_height, out_width;
    size_t kernel_height, kernel_width;
    ptrdiff_t stride_height, stride_width; // 1 or more
    ptrdiff_t pad_height, pad_width;
    ptrdiff_t dilation_height, dilation_width;
    size_t plane_step, row_step, column_step;
    int relu;    // 0: none
    float slope; // of negative values
} fsk_depthwise;

// A convolution, or the phases of a deconvolution, which share batch and channels and write different pixels.
// Sums in the order of the weights, fused where the instruction set has it: within c * eps * sum |w x|.
void fsk_depthwise_run(const fsk_depthwise *phases, size_t count, const fsk_pool *pool);

#endif
