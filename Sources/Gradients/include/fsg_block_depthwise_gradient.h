// fsg_block_depthwise_gradient: what filters of a single plane and their bias get back from their output's
// gradient, from pictures in blocks. Not the input's gradient: that is fsk_block_depthwise itself, with
// filters turned round, and for strides in phases.
#ifndef FSG_BLOCK_DEPTHWISE_GRADIENT_H
#define FSG_BLOCK_DEPTHWISE_GRADIENT_H

#include "fsk_blocks.h"

// dw[c][u, v] = sum over n, i, j of dy[n, c, i, j] * x[n, c, i * stride + u * dilation, ...];
// dbias[c] = sum over n, i, j of dy[n, c, i, j].
typedef struct fsg_block_depthwise_gradient {
    fsk_blocks x; // pixel (0, 0) is what weight (0, 0) meets at output (0, 0)
    fsk_blocks dy;
    float *dw;    // [channels, kernel_height, kernel_width]
    float *dbias; // [channels], or NULL
    int adds;     // to what dw and dbias hold; 0: they may hold anything
    size_t batch, channels, out_height, out_width;
    size_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
} fsg_block_depthwise_gradient;

// Floats of scratch memory that a run needs, by all but the pointers.
size_t fsg_block_depthwise_gradient_scratch(const fsk_block_variant *variant,
                                            const fsg_block_depthwise_gradient *sizes);

// Sums are floats, of rows whose sums add up then: the same bits on any number of threads.
// scratch: aligned to 64 bytes.
void fsg_block_depthwise_gradient_run(const fsk_block_variant *variant,
                                      const fsg_block_depthwise_gradient *arguments, float *scratch,
                                      const fsk_pool *pool);

#endif
