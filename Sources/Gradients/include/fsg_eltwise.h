// fsg_eltwise: gradients of fsk_eltwise for one of its inputs, and sums of gradients.
#ifndef FSG_ELTWISE_H
#define FSG_ELTWISE_H

#include "fsk_eltwise.h"

// dx of input `index`: dy times its coefficient; times the other inputs; or where it is the largest. Of equal
// ones that is the second of the first two, and of the rest one that is above all before it.
void fsg_eltwise_run(const fsk_eltwise *forward, size_t index, const float *dy, float *dx,
                     const fsk_pool *pool);

// y += x.
void fsg_add_run(const float *x, float *y, size_t count, const fsk_pool *pool);

// y = (x + y) times the slope of a ReLU, below 0 `slope`, which made these numbers.
void fsg_add_relu_run(const float *x, const float *made, float slope, float *y, size_t count,
                      const fsk_pool *pool);

// y = a x + b y.
void fsg_combine_run(float a, const float *x, float b, float *y, size_t count, const fsk_pool *pool);

// y = factor x.
void fsg_scale_run(const float *x, float factor, float *y, size_t count, const fsk_pool *pool);

// mask[i] = 0 for a share `ratio` of the numbers, else 1: the numbers of SplitMix (Steele, Lea and Flood
// 2014) from `seed` on, each by its place, so that threads do not matter.
void fsg_dropout_mask_run(uint64_t seed, float ratio, uint8_t *mask, size_t count, const fsk_pool *pool);

// y = x mask / (1 - ratio), with a mask of 0 and 1: Dropout, forwards and backwards. y may be x.
void fsg_dropout_run(const float *x, const uint8_t *mask, float ratio, float *y, size_t count,
                     const fsk_pool *pool);

// y[outer, inner] = sum over t of x[outer, t, inner]: the gradient of Tile.
void fsg_fold_run(const float *x, float *y, size_t outer, size_t tiles, size_t inner, const fsk_pool *pool);

#endif
