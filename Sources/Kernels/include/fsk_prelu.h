// fsk_prelu: a negative slope for each channel. Caffe's PReLU.
#ifndef FSK_PRELU_H
#define FSK_PRELU_H

#include "fsk_pool.h"

typedef struct fsk_prelu {
    const float *x; // [outer, channels, inner], any alignment
    float *y;       // likewise; may be x
    size_t outer, channels, inner;
    const float *slope;  // of channel c: slope[c * slope_stride]
    size_t slope_stride; // 1, or 0 where one number serves all channels (channel_shared)
} fsk_prelu;

// x < 0 ? slope x : x; NaN stays NaN. The same bits in every variant.
void fsk_prelu_run(const fsk_prelu *arguments, const fsk_pool *pool);

#endif
