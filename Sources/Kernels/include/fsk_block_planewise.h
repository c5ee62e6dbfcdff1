// fsk_block_planewise: kernels that keep each channel to itself, on pictures in blocks: filters of a single
// plane, and windows reduced to one number.
#ifndef FSK_BLOCK_PLANEWISE_H
#define FSK_BLOCK_PLANEWISE_H

#include "fsk_blocks.h"

// y[n, c, i, j] = sum over u, v of w[c, u, v] * x[n, c, i * stride + u * dilation, ...] + bias[c], then ReLU
// or its gradient.
typedef struct fsk_block_depthwise {
    fsk_blocks x;  // pixel (0, 0) is what weight (0, 0) meets at output (0, 0)
    fsk_blocks y;  // not x
    size_t y_step; // floats from pixel to pixel of y: a phase of a deconvolution leaves some out
    const float
        *weights;      // [blocks, kernel_height, kernel_width, channels of a block], zeros for missing ones
    const float *bias; // [blocks, channels of a block] or NULL
    size_t batch, planes, out_height, out_width; // planes: blocks of channels
    size_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
    int relu; // FSK_NO_RELU and so on
    float slope;
    fsk_blocks relu_made; // with FSK_RELU_GRADIENT: as y
} fsk_block_depthwise;

// A convolution, or the phases of a deconvolution, which share batch and planes and write different pixels.
void fsk_block_depthwise_run(const fsk_block_variant *variant, const fsk_block_depthwise *phases,
                             size_t count, const fsk_pool *pool);

// Along one side: window i begins at first + i * stride. It is cut to the picture, begin ..< end; the mean's
// divisor counts what lies before `far`, where the padding behind the picture ends. All in pixels of x.
typedef struct fsk_block_windows {
    ptrdiff_t first, kernel, stride, begin, end, far;
} fsk_block_windows;

// As fsk_pooling, whose kinds these are.
typedef struct fsk_block_pooling {
    fsk_blocks x, y;
    size_t batch, planes, out_height, out_width; // planes: blocks of channels
    fsk_block_windows vertical, horizontal;
    int kind;
} fsk_block_pooling;

void fsk_block_pooling_run(const fsk_block_variant *variant, const fsk_block_pooling *arguments,
                           const fsk_pool *pool);

#endif
