// fsk_argmax: where the largest values along an axis stand. Caffe's ArgMax.
#ifndef FSK_ARGMAX_H
#define FSK_ARGMAX_H

#include "fsk_pool.h"

enum {
    FSK_ARGMAX_INDEX, // y is [outer, top_k, inner], indices as floats
    FSK_ARGMAX_VALUE, // y is [outer, top_k, inner], values: out_max_val with an axis
    FSK_ARGMAX_BOTH,  // y is [outer, 2, top_k], indices then values: out_max_val without one; inner must be 1
};

typedef struct fsk_argmax {
    const float *x; // [outer, channels, inner]; without an axis: outer is the batch, inner 1
    float *y;       // not x
    size_t outer, channels, inner;
    size_t top_k; // 1 to channels, largest first; of equal values the one with the larger index, as in Caffe
    int output;
} fsk_argmax;

// NaN comes last. Exact. Time grows with channels times top_k.
void fsk_argmax_run(const fsk_argmax *arguments, const fsk_pool *pool);

#endif
