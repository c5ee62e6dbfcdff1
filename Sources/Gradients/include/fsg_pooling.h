// fsg_pooling: the gradient of fsk_pooling, over planes: to the first of the largest, in the order of rows,
// or equal shares to all of a window.
#ifndef FSG_POOLING_H
#define FSG_POOLING_H

#include "fsk_pooling.h"

// pooling: the forward pass's arguments; its y is not read. dy as y, dx as x. Every dx is written.
void fsg_pooling_run(const fsk_pooling *pooling, const float *dy, float *dx, const fsk_pool *pool);

#endif
