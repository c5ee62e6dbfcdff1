// planewise: rows of depthwise convolutions and poolings into tasks.
#include "parallel/slices.h"
#include "variant.h"

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_depthwise *phases; // these
    size_t phase_count;
    const fsk_block_pooling *pooling; // or that
    size_t planes, rows, count, rows_a_task;
} job;

static void some_rows(void *argument, size_t task) {
    const job *j = argument;
    for (size_t i = task * j->rows_a_task; i < fsk_end(j->count, j->rows_a_task, task); ++i) {
        const size_t row = i % j->rows, plane = i / j->rows % j->planes, picture = i / j->rows / j->planes;
        if (j->pooling)
            j->variant->pooling_row(j->pooling, picture, plane, row);
        for (size_t p = 0; p < j->phase_count; ++p)
            if (row < j->phases[p].out_height)
                j->variant->depthwise_row(&j->phases[p], picture, plane, row);
    }
}

static void run(job *j, size_t batch, size_t numbers, const fsk_pool *pool) {
    j->count = batch * j->planes * j->rows;
    j->rows_a_task = fsk_items(numbers * j->variant->lanes);
    fsk_pool_run(pool, some_rows, j, fsk_tasks(j->count, j->rows_a_task));
}

void fsk_block_depthwise_run(const fsk_block_variant *variant, const fsk_block_depthwise *phases,
                             size_t count, const fsk_pool *pool) {
    if (count == 0)
        return;
    job j = {.variant = variant, .phases = phases, .phase_count = count, .planes = phases->planes};
    size_t numbers = 0;
    for (size_t p = 0; p < count; ++p) {
        j.rows = phases[p].out_height > j.rows ? phases[p].out_height : j.rows;
        numbers += phases[p].out_width * (phases[p].kernel_height * phases[p].kernel_width + 1) / 2;
    }
    run(&j, phases->batch, numbers, pool);
}

void fsk_block_pooling_run(const fsk_block_variant *variant, const fsk_block_pooling *p,
                           const fsk_pool *pool) {
    job j = {.variant = variant, .pooling = p, .planes = p->planes, .rows = p->out_height};
    run(&j, p->batch, p->out_width * (size_t)(p->vertical.kernel * p->horizontal.kernel), pool);
}
