// fsk_affine: a gain and a shift for each channel, then a ReLU if asked. Caffe's Scale and Bias, and
// BatchNorm once its statistics are folded into the two.
#ifndef FSK_AFFINE_H
#define FSK_AFFINE_H

#include "fsk_pool.h"

typedef struct fsk_affine {
    const float *x; // [outer, channels, inner], any alignment
    float *y;       // likewise; may be x
    size_t outer, channels, inner;
    const float *gain;    // [channels], or NULL: 1
    const float *shift;   // [channels], or NULL: 0
    bool relu;            // v < 0 ? negative_slope v : v at the end; NaN stays NaN
    float negative_slope; // 0 gives 0
} fsk_affine;

// v = x gain[c] + shift[c], rounded after the product and after the sum: the same bits in every variant.
void fsk_affine_run(const fsk_affine *arguments, const fsk_pool *pool);

#endif
