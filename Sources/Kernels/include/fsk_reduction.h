// fsk_reduction: a sum over the tail axes. Caffe's Reduction.
#ifndef FSK_REDUCTION_H
#define FSK_REDUCTION_H

#include "fsk_pool.h"

enum {
    FSK_REDUCTION_SUM,
    FSK_REDUCTION_ASUM,  // of |x|
    FSK_REDUCTION_SUMSQ, // of x^2
    FSK_REDUCTION_MEAN,  // the sum over `tail`
};

typedef struct fsk_reduction {
    const float *x; // [outer, tail]
    float *y;       // [outer]; not x
    size_t outer, tail;
    int kind;
    float coefficient; // multiplies the result
} fsk_reduction;

// Sums in double. One variant.
void fsk_reduction_run(const fsk_reduction *arguments, const fsk_pool *pool);

#endif
