// fsk_eltwise: several arrays of one shape become one. Caffe's Eltwise. Not a broadcast.
#ifndef FSK_ELTWISE_H
#define FSK_ELTWISE_H

#include "fsk_pool.h"

enum {
    FSK_ELTWISE_SUM,  // coefficients[0] x[0] + coefficients[1] x[1] + ..., in this order
    FSK_ELTWISE_PROD, // x[0] x[1] ...
    FSK_ELTWISE_MAX,  // x[0] > x[1] ? x[0] : x[1], then x[j] > it ? x[j] : it, which settles NaN as Caffe
};

typedef struct fsk_eltwise {
    const float *const *x; // [inputs] arrays of [count], any alignment
    size_t inputs;         // 1 or more
    float *y;              // [count]; may be any of x
    size_t count;
    int kind;
    const float *coefficients; // [inputs], or NULL: all 1. SUM only
    bool relu;                 // v < 0 ? negative_slope v : v at the end, of any kind; NaN stays NaN
    float negative_slope;      // 0 gives 0
} fsk_eltwise;

// The same bits in every variant.
void fsk_eltwise_run(const fsk_eltwise *arguments, const fsk_pool *pool);

#endif
