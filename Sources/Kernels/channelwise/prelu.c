// prelu: a rectifier row for each channel. The rows themselves are unary/relu_row.c.
#include "fsk_prelu.h"
#include "parallel/slices.h"
#include "unary/relu_row.h"

typedef struct {
    const fsk_prelu *prelu;
    fsk_relu_row_fn *row;
    size_t count;
} job;

static void slice(void *argument, size_t task) {
    const job *j = argument;
    const fsk_prelu *p = j->prelu;
    const size_t end = fsk_end(j->count, FSK_SLICE, task);
    for (size_t n, at = task * FSK_SLICE; at < end; at += n) {
        n = fsk_piece(at, end, p->inner);
        j->row(p->x + at, p->slope[at / p->inner % p->channels * p->slope_stride], p->y + at, n);
    }
}

void fsk_prelu_run(const fsk_prelu *arguments, const fsk_pool *pool) {
    const size_t count = arguments->outer * arguments->channels * arguments->inner;
    job j = {arguments, fsk_relu_row(pool->cpu), count};
    fsk_pool_run(pool, slice, &j, fsk_tasks(count, FSK_SLICE));
}
