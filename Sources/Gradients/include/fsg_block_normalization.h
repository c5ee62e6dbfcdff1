// fsg_block_normalization: channels made alike over a batch, forward and backward, on pictures in blocks.
// Caffe's BatchNorm in training, with Scale and ReLU behind it if asked: nets of few channels are bound by
// memory, and each pass less counts. Not the moving averages, which are the caller's.
#ifndef FSG_BLOCK_NORMALIZATION_H
#define FSG_BLOCK_NORMALIZATION_H

#include "fsk_blocks.h"

// y = relu((x - mean[c]) / sqrt(variance[c] + epsilon) * gain[c] + shift[c]).
typedef struct fsg_block_normalization {
    fsk_blocks x, y; // y may be x, but the gradient reads x again
    size_t batch, channels, height, width;
    float *mean, *variance; // [channels]
    float epsilon;
    const float *gain, *shift; // [channels], or NULL: 1, and 0
    int relu;                  // 0: none
    float slope;
    // Of the gradient, which leaves y alone.
    fsk_blocks dy, dx;     // dx may be dy
    int is_fixed;          // mean and variance are not x's
    float *dgain, *dshift; // [channels], or NULL
    int adds;              // to what dgain and dshift hold; 0: they may hold anything
} fsg_block_normalization;

// Floats of scratch memory that each of these needs, by batch and sizes.
size_t fsg_block_normalization_scratch(const fsk_block_variant *variant,
                                       const fsg_block_normalization *sizes);

// Each channel's mean, and its variance (divided by the count, not by one less), written to `mean` and
// `variance`. Deviations from the mean of a few hundred pixels are summed, then those in double. All three
// give the same bits on any number of threads. scratch: aligned to 64 bytes.
void fsg_block_statistics_run(const fsk_block_variant *variant, const fsg_block_normalization *arguments,
                              float *scratch, const fsk_pool *pool);
void fsg_block_normalize_run(const fsk_block_variant *variant, const fsg_block_normalization *arguments,
                             float *scratch, const fsk_pool *pool);

// dx, dgain and dshift from x, dy, and the mean and variance of the forward pass.
void fsg_block_normalization_gradient_run(const fsk_block_variant *variant,
                                          const fsg_block_normalization *arguments, float *scratch,
                                          const fsk_pool *pool);

#endif
