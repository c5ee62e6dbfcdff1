// fsk_pooling: the largest or the mean value of each window of a plane. Caffe's Pooling; the caller rounds
// the sizes.
#ifndef FSK_POOLING_H
#define FSK_POOLING_H

#include "fsk_pool.h"

enum {
    FSK_POOLING_MAX, // -FLT_MAX where a window lies outside; NaN is passed over
    FSK_POOLING_AVE, // divided by the window's area within the padded picture; 0 / 0 gives NaN
};

typedef struct fsk_pooling {
    const float *x; // [planes, height, width], any alignment
    float *y;       // [planes, out_height, out_width]; not x
    size_t planes;  // batch times channels
    size_t height, width, out_height, out_width;
    size_t kernel_h, kernel_w, stride_h, stride_w; // 1 or more
    size_t pad_h, pad_w;                           // zeros on both sides that AVE counts and MAX ignores
    int kind;
} fsk_pooling;

// Windows start at row stride_h * i - pad_h and may hang over the far side. The same bits in every variant.
void fsk_pooling_run(const fsk_pooling *arguments, const fsk_pool *pool);

#endif
