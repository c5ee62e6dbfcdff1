// fsg_unary: the gradient of one function of one number, for fsk_unary's kinds.
#ifndef FSG_UNARY_H
#define FSG_UNARY_H

#include "fsk_unary.h"

typedef struct fsg_unary {
    const float *x, *y; // what went in and came out; RELU, ELU, SIGMOID and TANH look at y alone
    const float *dy;    // [count]
    float *dx;          // [count]; may be dy
    size_t count;
    int kind;      // fsk_unary's
    float a, b, c; // likewise
} fsg_unary;

// Where Caffe has the layer, as Caffe does it: RELU passes nothing at 0, CLIP passes at its bounds.
void fsg_unary_run(const fsg_unary *arguments, const fsk_pool *pool);

#endif
