// reduction: one number's gradient to all that it was made of. Source: Caffe `reduction_layer.cpp`.
#include "fsg_statistics.h"

typedef struct {
    const fsk_reduction *forward;
    const float *dy;
    float *dx;
} job;

static float slope(const fsk_reduction *r, float x) {
    switch (r->kind) {
    case FSK_REDUCTION_ASUM:
        return (float)((x > 0) - (x < 0));
    case FSK_REDUCTION_SUMSQ:
        return 2 * x;
    case FSK_REDUCTION_MEAN:
        return 1 / (float)r->tail;
    default:
        return 1;
    }
}

static void row(void *argument, size_t index) {
    const job *j = argument;
    const fsk_reduction *r = j->forward;
    const float dy = j->dy[index] * r->coefficient;
    for (size_t i = index * r->tail; i < (index + 1) * r->tail; ++i)
        j->dx[i] = dy * slope(r, r->x[i]);
}

void fsg_reduction_run(const fsk_reduction *forward, const float *dy, float *dx, const fsk_pool *pool) {
    job j = {forward, dy, dx};
    fsk_pool_run(pool, row, &j, forward->outer);
}
