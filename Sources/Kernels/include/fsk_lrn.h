// fsk_lrn: divides each value by a power of the squares around it, across channels or within one. Caffe's
// LRN.
#ifndef FSK_LRN_H
#define FSK_LRN_H

#include "fsk_pool.h"

typedef struct fsk_lrn {
    const float *x; // [outer, channels, height, width]
    float *y;       // likewise; not x
    size_t outer, channels, height, width;
    size_t size; // of the window, odd: so many channels, or a square of so many pixels a side
    float alpha, beta;
    float k;             // across channels only; within a channel it is 1
    bool within_channel; // false: x (k + alpha / size * sum)^-beta; true: x (1 + alpha / size^2 * sum)^-beta
} fsk_lrn;

// Squares outside the blob count as 0. One variant.
void fsk_lrn_run(const fsk_lrn *arguments, const fsk_pool *pool);

#endif
