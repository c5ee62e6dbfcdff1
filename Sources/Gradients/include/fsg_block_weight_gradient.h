// fsg_block_weight_gradient: what a convolution's weights and bias get back from its output's gradient, from
// pictures in blocks. Not the input's gradient: for stride 1 that is fsk_block_convolution itself, with
// filters turned round and transposed.
#ifndef FSG_BLOCK_WEIGHT_GRADIENT_H
#define FSG_BLOCK_WEIGHT_GRADIENT_H

#include "fsk_block_convolution.h"

// dw[f][c, u, v] = sum over n, i, j of dy[n, f, i, j] * x[n, c, i * stride + u * dilation, ...];
// dbias[f] = sum over n, i, j of dy[n, f, i, j].
typedef struct fsg_block_weight_gradient {
    fsk_block_precision precision; // FSK_EXACT; or FSK_FAST, bfloat16, where fsk_block_is_fast
    fsk_blocks x;                  // pixel (0, 0) is what weight (0, 0) meets at output (0, 0)
    fsk_blocks dy;
    float *dw;    // [filters, channels, kernel_height, kernel_width]
    float *dbias; // [filters], or NULL
    int adds;     // to what dw and dbias hold; 0: they may hold anything
    size_t batch, channels, filters, out_height, out_width;
    size_t block; // channels of a block of x
    size_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
} fsg_block_weight_gradient;

// FSK_FAST where it can be had and gains time, by the sizes of the weights alone.
fsk_block_precision fsg_block_weight_gradient_best_precision(const fsk_block_variant *variant,
                                                             const fsg_block_weight_gradient *sizes);

// Floats of scratch memory that a run needs on so many threads, by all but the pointers.
size_t fsg_block_weight_gradient_scratch(const fsk_block_variant *variant,
                                         const fsg_block_weight_gradient *sizes, size_t threads);

// Sums are floats, of pieces whose sums add up then: the same bits on any number of threads.
// scratch: aligned to 64 bytes.
void fsg_block_weight_gradient_run(const fsk_block_variant *variant,
                                   const fsg_block_weight_gradient *arguments, float *scratch,
                                   const fsk_pool *pool);

#endif
