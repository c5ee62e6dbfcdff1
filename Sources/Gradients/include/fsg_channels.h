// fsg_channels: gradients of layers that have numbers for each channel: Scale and Bias, PReLU, BatchNorm.
// Sums over a channel are made in double, in one order whatever the threads.
#ifndef FSG_CHANNELS_H
#define FSG_CHANNELS_H

#include "fsk_affine.h"
#include "fsk_prelu.h"

// Of y = x gain[c] + shift[c].
typedef struct fsg_affine {
    const float *x;    // [outer, channels, inner]; only dgain needs it
    const float *dy;   // likewise
    const float *gain; // [channels], or NULL: 1
    float *dx;         // as x, or NULL; may be dy
    float *dgain;      // [channels], added to; or NULL
    float *dshift;     // likewise
    size_t outer, channels, inner;
} fsg_affine;

void fsg_affine_run(const fsg_affine *arguments, const fsk_pool *pool);

// Of fsk_prelu, whose arguments these are.
typedef struct fsg_prelu {
    const float *x, *dy;
    float *dx;           // or NULL
    float *dslope;       // as slope, added to; or NULL
    float *channel_sums; // [channels], scratch
    size_t outer, channels, inner;
    const float *slope;
    size_t slope_stride;
} fsg_prelu;

void fsg_prelu_run(const fsg_prelu *arguments, const fsk_pool *pool);

// y = (x - mean) / sqrt(variance + eps), by the batch's own mean and biased variance, or by stored ones.
typedef struct fsg_batch_norm {
    const float *x; // [outer, channels, inner]
    float *y;       // likewise
    size_t outer, channels, inner;
    float eps;
    float *mean, *variance; // [channels]: written by fsg_batch_norm_statistics, else read
} fsg_batch_norm;

void fsg_batch_norm_statistics(const fsg_batch_norm *arguments, const fsk_pool *pool);
void fsg_batch_norm_run(const fsg_batch_norm *arguments, const fsk_pool *pool);

// dx from dy and y; is_fixed: the statistics did not come from x. dx may be dy.
void fsg_batch_norm_gradient(const fsg_batch_norm *arguments, const float *dy, float *dx, bool is_fixed,
                             const fsk_pool *pool);

#endif
