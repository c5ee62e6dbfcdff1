// reduction: sums over the tail, a row an item of work. Not the argmax.
#include "fsk_reduction.h"
#include "cpu/exact.h"
#include "parallel/slices.h"

#include <math.h>

static double sum(const float *x, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; ++i)
        total += (double)x[i];
    return total;
}

static double sum_of_absolutes(const float *x, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; ++i)
        total += fabs((double)x[i]);
    return total;
}

static double sum_of_squares(const float *x, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; ++i)
        total += (double)x[i] * (double)x[i];
    return total;
}

static float reduced(const fsk_reduction *r, const float *x) {
    switch (r->kind) {
    case FSK_REDUCTION_ASUM:
        return (float)sum_of_absolutes(x, r->tail) * r->coefficient;
    case FSK_REDUCTION_SUMSQ:
        return (float)sum_of_squares(x, r->tail) * r->coefficient;
    case FSK_REDUCTION_MEAN:
        return (float)sum(x, r->tail) * (r->coefficient / (float)r->tail);
    default:
        return (float)sum(x, r->tail) * r->coefficient;
    }
}

static void some_rows(void *argument, size_t task) {
    const fsk_reduction *r = argument;
    const size_t items = fsk_items(r->tail), end = fsk_end(r->outer, items, task);
    for (size_t i = task * items; i < end; ++i)
        r->y[i] = reduced(r, r->x + i * r->tail);
}

void fsk_reduction_run(const fsk_reduction *arguments, const fsk_pool *pool) {
    fsk_reduction r = *arguments;
    fsk_pool_run(pool, some_rows, &r, fsk_tasks(r.outer, fsk_items(r.tail)));
}
