// fsg_convolution: gradients of the weights of convolutions and inner products over planes, of any shape.
// Gradients of the input are convolutions themselves. For the shapes that matter there are kernels over
// blocks; this serves the rest.
#ifndef FSG_CONVOLUTION_H
#define FSG_CONVOLUTION_H

#include "fsk_convolution.h"

// dw[g][f][c, u, v] += sum over n, i, j of dy[n, g * filters + f, i, j] * x[n, g * channels + c, i * stride -
// pad + ...] and dbias[f] += sum of dy. `forward`: sizes, x, and the steps of y, of which column_step is 1;
// not weights and bias.
typedef struct fsg_convolution {
    const fsk_convolution *forward;
    const float *dy;
    float *dw;    // [groups * filters, channels, kernel_height, kernel_width]
    float *dbias; // [groups * filters] or NULL
} fsg_convolution;

void fsg_convolution_run(const fsg_convolution *arguments, const fsk_pool *pool);

// y[n] = w x[n] + bias, with w [outputs, inputs], or [inputs, outputs] if it is transposed.
typedef struct fsg_inner_product {
    const float *x;  // [rows, inputs]
    const float *dy; // [rows, outputs]
    const float *w;
    float *dx;    // as x, written; or NULL
    float *dw;    // as w, added to; or NULL
    float *dbias; // [outputs], added to; or NULL
    size_t rows, inputs, outputs;
    bool is_transposed;
} fsg_inner_product;

void fsg_inner_product_run(const fsg_inner_product *arguments, const fsk_pool *pool);

#endif
