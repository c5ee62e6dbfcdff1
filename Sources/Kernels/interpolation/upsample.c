// upsample: nearest neighbour by a whole factor. A row is stretched once, then copied.
#include "fsk_upsample.h"
#include "parallel/slices.h"

#include <string.h>

// y: `factor` rows of width * factor.
static void row(const float *x, size_t width, size_t factor, float *y) {
    const size_t out = width * factor;
    for (size_t i = 0; i < width; ++i)
        for (size_t k = 0; k < factor; ++k)
            y[i * factor + k] = x[i];
    for (size_t k = 1; k < factor; ++k)
        memcpy(y + k * out, y, out * sizeof *y);
}

static size_t rows_a_task(const fsk_upsample *u) { return fsk_items(u->width * u->factor * u->factor); }

static void some_rows(void *argument, size_t task) {
    const fsk_upsample *u = argument;
    const size_t items = rows_a_task(u), end = fsk_end(u->planes * u->height, items, task);
    for (size_t r = task * items; r < end; ++r)
        row(u->x + r * u->width, u->width, u->factor, u->y + r * u->width * u->factor * u->factor);
}

void fsk_upsample_run(const fsk_upsample *arguments, const fsk_pool *pool) {
    fsk_upsample u = *arguments;
    fsk_pool_run(pool, some_rows, &u, fsk_tasks(u.planes * u.height, rows_a_task(&u)));
}
