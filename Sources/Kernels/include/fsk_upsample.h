// fsk_upsample: each pixel becomes a square of factor x factor equal ones.
#ifndef FSK_UPSAMPLE_H
#define FSK_UPSAMPLE_H

#include "fsk_pool.h"

typedef struct fsk_upsample {
    const float *x; // [planes, height, width]
    float *y;       // [planes, height * factor, width * factor]; not x
    size_t planes, height, width;
    size_t factor; // 1 or more
} fsk_upsample;

void fsk_upsample_run(const fsk_upsample *arguments, const fsk_pool *pool);

#endif
