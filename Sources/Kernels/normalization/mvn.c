// mvn: mean and variance normalization. A group of numbers is one item of work.
#include "fsk_mvn.h"
#include "cpu/exact.h"
#include "parallel/slices.h"

#include <math.h>

// One group of n numbers. The difference is rounded to float before it is squared, as in Caffe.
static void group(const fsk_mvn *m, const float *x, float *y, size_t n) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; ++i)
        sum += (double)x[i];
    const float mean = (float)(sum / (double)n);
    for (size_t i = 0; i < n; ++i) {
        y[i] = x[i] - mean;
        squares += (double)y[i] * (double)y[i];
    }
    if (!m->normalize_variance)
        return;
    const float deviation = (float)sqrt(squares / (double)n) + m->eps;
    for (size_t i = 0; i < n; ++i)
        y[i] /= deviation;
}

static void some_groups(void *argument, size_t task) {
    const fsk_mvn *m = argument;
    const size_t n = m->inner, items = fsk_items(n), end = fsk_end(m->outer, items, task);
    for (size_t g = task * items; g < end; ++g)
        group(m, m->x + g * n, m->y + g * n, n);
}

void fsk_mvn_run(const fsk_mvn *arguments, const fsk_pool *pool) {
    fsk_mvn m = *arguments;
    fsk_pool_run(pool, some_groups, &m, fsk_tasks(m.outer, fsk_items(m.inner)));
}
