// affine: a channel of all pictures is one task. Source: Caffe `scale_layer.cpp`, `prelu_layer.cpp`.
#include "fsg_channels.h"

static void affine_channel(void *argument, size_t c) {
    const fsg_affine *a = argument;
    double factor = 0, addend = 0;
    for (size_t o = 0; o < a->outer; ++o) {
        const size_t at = (o * a->channels + c) * a->inner;
        const float *dy = a->dy + at;
        for (size_t i = 0; a->dshift && i < a->inner; ++i)
            addend += (double)dy[i];
        for (size_t i = 0; a->dgain && i < a->inner; ++i)
            factor += (double)(dy[i] * a->x[at + i]);
        for (size_t i = 0; a->dx && i < a->inner; ++i)
            a->dx[at + i] = a->gain ? dy[i] * a->gain[c] : dy[i];
    }
    if (a->dshift)
        a->dshift[c] += (float)addend;
    if (a->dgain)
        a->dgain[c] += (float)factor;
}

void fsg_affine_run(const fsg_affine *arguments, const fsk_pool *pool) {
    fsg_affine a = *arguments;
    fsk_pool_run(pool, affine_channel, &a, a.channels);
}

static void prelu_channel(void *argument, size_t c) {
    const fsg_prelu *p = argument;
    const float slope = p->slope[c * p->slope_stride];
    double sum = 0;
    for (size_t o = 0; o < p->outer; ++o) {
        const size_t at = (o * p->channels + c) * p->inner;
        for (size_t i = at; i < at + p->inner; ++i) {
            if (p->x[i] <= 0)
                sum += (double)(p->dy[i] * p->x[i]);
            if (p->dx)
                p->dx[i] = p->x[i] > 0 ? p->dy[i] : p->dy[i] * slope;
        }
    }
    p->channel_sums[c] = (float)sum;
}

void fsg_prelu_run(const fsg_prelu *arguments, const fsk_pool *pool) {
    fsg_prelu p = *arguments;
    fsk_pool_run(pool, prelu_channel, &p, p.channels);
    for (size_t c = 0; p.dslope && c < p.channels; ++c)
        p.dslope[c * p.slope_stride] += p.channel_sums[c];
}
