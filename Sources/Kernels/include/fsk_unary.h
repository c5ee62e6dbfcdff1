// fsk_unary: one function of one number, over a flat array. Caffe's neuron layers that have no weights.
#ifndef FSK_UNARY_H
#define FSK_UNARY_H

#include "fsk_pool.h"

enum {                 // a, b, c as named; what a kind does not name is not read
    FSK_UNARY_RELU,    // x < 0 ? a x : x, with a = 0: 0; NaN stays NaN
    FSK_UNARY_ELU,     // x > 0 ? x : a (e^x - 1)
    FSK_UNARY_SIGMOID, // 0.5 tanh(0.5 x) + 0.5
    FSK_UNARY_TANH,
    FSK_UNARY_ABS,
    FSK_UNARY_BNLL,      // ln(1 + e^x)
    FSK_UNARY_CLIP,      // a = min, b = max; NaN gives a, as in Caffe
    FSK_UNARY_EXP,       // b e^(a x): a = scale ln(base), b = base^shift
    FSK_UNARY_LOG,       // a ln(b x + c): a = 1 / ln(base), b = scale, c = shift
    FSK_UNARY_POWER,     // (b x + c)^a; a = 0 gives 1 and b = 0 gives c^a whatever x is, NaN too
    FSK_UNARY_SWISH,     // x sigmoid(a x)
    FSK_UNARY_THRESHOLD, // x > a ? 1 : 0; NaN gives 0
};

typedef struct fsk_unary {
    const float *x; // [count], any alignment
    float *y;       // [count]; may be x
    size_t count;
    int kind;
    float a, b, c;
} fsk_unary;

// RELU has the same bits in every variant; the others have one variant only.
void fsk_unary_run(const fsk_unary *arguments, const fsk_pool *pool);

#endif
