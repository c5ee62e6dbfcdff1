// fsk_softmax: scores become shares of one along the channels. Caffe's Softmax.
#ifndef FSK_SOFTMAX_H
#define FSK_SOFTMAX_H

#include "fsk_pool.h"

typedef struct fsk_softmax {
    const float *x; // [outer, channels, inner], any alignment
    float *y;       // likewise; may be x
    size_t outer, channels, inner;
} fsk_softmax;

// e^(x - largest) over the sum of these, in the order of the channels. A NaN, or +inf, makes its whole column
// NaN. The same bits in every variant; e^x is within 2 units in the last place.
void fsk_softmax_run(const fsk_softmax *arguments, const fsk_pool *pool);

#endif
