// fsk_interp: bilinear resizing of planes with aligned corners. The Interp layer of DeepLab and PSPNet; the
// caller computes the output size. Not for photos, whose pixel centres lie elsewhere.
#ifndef FSK_INTERP_H
#define FSK_INTERP_H

#include "fsk_pool.h"

typedef struct fsk_interp {
    const float *x; // [planes, height, width]
    float *y;       // [planes, out_height, out_width]; not x
    size_t planes;
    size_t height, width, out_height, out_width; // 1 or more
    ptrdiff_t pad_begin, pad_end;                // 0 or less: so many rows and columns of x are cropped first
} fsk_interp;

// Some of x must be left after cropping. One variant.
void fsk_interp_run(const fsk_interp *arguments, const fsk_pool *pool);

#endif
