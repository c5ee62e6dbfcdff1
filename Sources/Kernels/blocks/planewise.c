// planewise: rows of depthwise convolutions and poolings into tasks.
#include "parallel/slices.h"
#include "variant.h"

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_depthwise *depthwise; // this
    const fsk_block_pooling *pooling;     // or that
    size_t planes, rows, count, rows_a_task;
} job;

static void some_rows(void *argument, size_t task) {
    const job *j = argument;
    for (size_t i = task * j->rows_a_task; i < fsk_end(j->count, j->rows_a_task, task); ++i) {
        const size_t row = i % j->rows, plane = i / j->rows % j->planes, picture = i / j->rows / j->planes;
        if (j->depthwise)
            j->variant->depthwise_row(j->depthwise, picture, plane, row);
        else
            j->variant->pooling_row(j->pooling, picture, plane, row);
    }
}

static void run(job *j, size_t batch, size_t numbers, const fsk_pool *pool) {
    j->count = batch * j->planes * j->rows;
    j->rows_a_task = fsk_items(numbers * j->variant->lanes);
    fsk_pool_run(pool, some_rows, j, fsk_tasks(j->count, j->rows_a_task));
}

void fsk_block_depthwise_run(const fsk_block_variant *variant, const fsk_block_depthwise *d,
                             const fsk_pool *pool) {
    job j = {.variant = variant, .depthwise = d, .planes = d->planes, .rows = d->out_height};
    run(&j, d->batch, d->out_width * (d->kernel_height * d->kernel_width + 1) / 2, pool);
}

void fsk_block_pooling_run(const fsk_block_variant *variant, const fsk_block_pooling *p,
                           const fsk_pool *pool) {
    job j = {.variant = variant, .pooling = p, .planes = p->planes, .rows = p->out_height};
    run(&j, p->batch, p->out_width * (size_t)(p->vertical.kernel * p->horizontal.kernel), pool);
}
