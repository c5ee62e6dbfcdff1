// batch_norm: a channel of all pictures is one task. Source: Caffe `batch_norm_layer.cpp`; Ioffe and Szegedy
// 2015.
#include "fsg_channels.h"

#include <math.h>

static void statistics(void *argument, size_t c) {
    const fsg_batch_norm *b = argument;
    const double count = (double)(b->outer * b->inner);
    double sum = 0, squares = 0;
    for (size_t o = 0; o < b->outer; ++o) {
        const float *x = b->x + (o * b->channels + c) * b->inner;
        for (size_t i = 0; i < b->inner; ++i)
            sum += (double)x[i];
    }
    const double mean = sum / count;
    for (size_t o = 0; o < b->outer; ++o) {
        const float *x = b->x + (o * b->channels + c) * b->inner;
        for (size_t i = 0; i < b->inner; ++i)
            squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    }
    b->mean[c] = (float)mean;
    b->variance[c] = (float)(squares / count);
}

void fsg_batch_norm_statistics(const fsg_batch_norm *arguments, const fsk_pool *pool) {
    fsg_batch_norm b = *arguments;
    fsk_pool_run(pool, statistics, &b, b.channels);
}

static void normalize(void *argument, size_t plane) {
    const fsg_batch_norm *b = argument;
    const size_t c = plane % b->channels;
    const float mean = b->mean[c], deviation = sqrtf(b->variance[c] + b->eps);
    const float *x = b->x + plane * b->inner;
    float *y = b->y + plane * b->inner;
    for (size_t i = 0; i < b->inner; ++i)
        y[i] = (x[i] - mean) / deviation;
}

void fsg_batch_norm_run(const fsg_batch_norm *arguments, const fsk_pool *pool) {
    fsg_batch_norm b = *arguments;
    fsk_pool_run(pool, normalize, &b, b.outer * b.channels);
}

typedef struct {
    const fsg_batch_norm *norm;
    const float *dy;
    float *dx;
    bool is_fixed;
} job;

// dx = (dy - mean(dy) - y mean(dy y)) / deviation.
static void gradient(void *argument, size_t c) {
    const job *j = argument;
    const fsg_batch_norm *b = j->norm;
    const float deviation = sqrtf(b->variance[c] + b->eps);
    double sum = 0, product = 0;
    for (size_t o = 0; !j->is_fixed && o < b->outer; ++o) {
        const size_t at = (o * b->channels + c) * b->inner;
        for (size_t i = at; i < at + b->inner; ++i) {
            sum += (double)j->dy[i];
            product += (double)j->dy[i] * (double)b->y[i];
        }
    }
    const double count = (double)(b->outer * b->inner);
    const float mean = (float)(sum / count), slope = (float)(product / count);
    for (size_t o = 0; o < b->outer; ++o) {
        const size_t at = (o * b->channels + c) * b->inner;
        for (size_t i = at; i < at + b->inner; ++i)
            j->dx[i] = (j->dy[i] - mean - b->y[i] * slope) / deviation;
    }
}

void fsg_batch_norm_gradient(const fsg_batch_norm *arguments, const float *dy, float *dx, bool is_fixed,
                             const fsk_pool *pool) {
    job j = {arguments, dy, dx, is_fixed};
    fsk_pool_run(pool, gradient, &j, arguments->channels);
}
