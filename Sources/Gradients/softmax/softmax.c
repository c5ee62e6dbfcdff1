// softmax: dx = (dy - sum of dy y) y along the channels. Source: Caffe `softmax_layer.cpp`.
#include "fsg_statistics.h"
#include "parallel/slices.h"

typedef struct {
    const fsk_softmax *forward;
    const float *dy;
    float *dx;
    size_t columns, a_task; // of all outer together
} job;

static void some_columns(void *argument, size_t task) {
    const job *j = argument;
    const fsk_softmax *s = j->forward;
    for (size_t column = task * j->a_task; column < fsk_end(j->columns, j->a_task, task); ++column) {
        const size_t at = column / s->inner * s->channels * s->inner + column % s->inner;
        float sum = 0;
        for (size_t c = 0; c < s->channels; ++c)
            sum += j->dy[at + c * s->inner] * s->y[at + c * s->inner];
        for (size_t c = 0; c < s->channels; ++c)
            j->dx[at + c * s->inner] = (j->dy[at + c * s->inner] - sum) * s->y[at + c * s->inner];
    }
}

void fsg_softmax_run(const fsk_softmax *forward, const float *dy, float *dx, const fsk_pool *pool) {
    job j = {forward, dy, dx, forward->outer * forward->inner, fsk_items(forward->channels)};
    fsk_pool_run(pool, some_columns, &j, fsk_tasks(j.columns, j.a_task));
}
