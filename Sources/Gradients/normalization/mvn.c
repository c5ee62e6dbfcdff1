// mvn: as batch_norm, with a group of numbers in place of a channel. Source: Caffe `mvn_layer.cpp`.
#include "fsg_statistics.h"
#include "parallel/slices.h"

#include <math.h>

typedef struct {
    const fsk_mvn *forward;
    const float *dy;
    float *dx;
} job;

// sqrt(variance) + eps, as the forward pass has it.
static float deviation(const fsk_mvn *m, const float *x) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < m->inner; ++i)
        sum += (double)x[i];
    const double mean = sum / (double)m->inner;
    for (size_t i = 0; i < m->inner; ++i)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    return (float)sqrt(squares / (double)m->inner) + m->eps;
}

static void group(void *argument, size_t index) {
    const job *j = argument;
    const fsk_mvn *m = j->forward;
    const size_t n = m->inner, at = index * n;
    const float *y = m->y + at, *dy = j->dy + at;
    double sum = 0, product = 0;
    for (size_t i = 0; i < n; ++i) {
        sum += (double)dy[i];
        product += (double)dy[i] * (double)y[i];
    }
    const float mean = (float)(sum / (double)n);
    const float slope = m->normalize_variance ? (float)(product / (double)n) : 0;
    const float divisor = m->normalize_variance ? deviation(m, m->x + at) : 1;
    for (size_t i = 0; i < n; ++i)
        j->dx[at + i] = (dy[i] - mean - y[i] * slope) / divisor;
}

void fsg_mvn_run(const fsk_mvn *forward, const float *dy, float *dx, const fsk_pool *pool) {
    job j = {forward, dy, dx};
    fsk_pool_run(pool, group, &j, forward->outer);
}
