// summing: by pieces whose parts' sums fit on the stack, so that no memory has to be had.
#include "summing/summing.h"
#include "parallel/slices.h"

typedef struct {
    const void *context;
    fsg_part *part;
    fsg_range *range;
    size_t begin, count, items; // of the piece
    double *sums;
} job;

static void one_part(void *argument, size_t task) {
    const job *j = argument;
    j->sums[task] =
        j->part(j->context, j->begin + task * j->items, j->begin + fsk_end(j->count, j->items, task));
}

double fsg_sum(const void *context, fsg_part *part, size_t count, size_t items, const fsk_pool *pool) {
    enum { parts = 256 };
    double total = 0, sums[parts];
    for (size_t begin = 0; begin < count; begin += parts * items) {
        job j = {context, part, NULL, begin, fsk_least(count - begin, parts * items), items, sums};
        const size_t tasks = fsk_tasks(j.count, items);
        fsk_pool_run(pool, one_part, &j, tasks);
        for (size_t i = 0; i < tasks; ++i)
            total += sums[i];
    }
    return total;
}

static void one_range(void *argument, size_t task) {
    const job *j = argument;
    j->range(j->context, task * j->items, fsk_end(j->count, j->items, task));
}

void fsg_for(const void *context, fsg_range *range, size_t count, size_t items, const fsk_pool *pool) {
    job j = {context, NULL, range, 0, count, items, NULL};
    fsk_pool_run(pool, one_range, &j, fsk_tasks(count, items));
}
