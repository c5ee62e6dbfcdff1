// planewise: rows of depthwise convolutions and poolings into tasks: some neighbours of some planes. Tasks of
// the same rows are neighbours, as they are in direct.c, so that threads mostly find what they themselves
// made.
#include "parallel/slices.h"
#include "variant.h"

enum { usual_rows = 8 }; // which have two more to read

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_depthwise *phases; // these
    size_t phase_count;
    const fsk_block_pooling *pooling; // or that
    size_t planes, rows;
    size_t rows_a_task, row_tasks, planes_a_task, plane_tasks;
} job;

static void one_row(const job *j, size_t picture, size_t plane, size_t row) {
    if (j->pooling)
        j->variant->pooling_row(j->pooling, picture, plane, row);
    for (size_t p = 0; p < j->phase_count; ++p)
        if (row < j->phases[p].out_height)
            j->variant->depthwise_row(&j->phases[p], picture, plane, row);
}

static void some_rows(void *argument, size_t task) {
    const job *j = argument;
    const size_t plane_task = task % j->plane_tasks, row_task = task / j->plane_tasks % j->row_tasks;
    const size_t picture = task / j->plane_tasks / j->row_tasks;
    const size_t last_plane = fsk_end(j->planes, j->planes_a_task, plane_task);
    const size_t last_row = fsk_end(j->rows, j->rows_a_task, row_task);
    for (size_t plane = plane_task * j->planes_a_task; plane < last_plane; ++plane)
        for (size_t row = row_task * j->rows_a_task; row < last_row; ++row)
            one_row(j, picture, plane, row);
}

static void run(job *j, size_t batch, size_t numbers, const fsk_pool *pool) {
    if (j->rows == 0)
        return;
    // An even number of them, as cores mostly are.
    const size_t parts = 2 * fsk_ceil(j->rows, 2 * usual_rows);
    j->rows_a_task = fsk_ceil(j->rows, parts);
    j->row_tasks = fsk_tasks(j->rows, j->rows_a_task);
    j->planes_a_task = fsk_items(j->rows_a_task * numbers * j->variant->lanes);
    j->plane_tasks = fsk_tasks(j->planes, j->planes_a_task);
    fsk_pool_run(pool, some_rows, j, batch * j->row_tasks * j->plane_tasks);
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
