// photo: 8-bit photos to planes of another size. Rows are summed first, all channels at once as they lie,
// then columns: the wide pass is the one that vectorizes, and it sees each byte once.
#include "fsk_resampling.h"
#include "resampling/rows.h"

static void sum_grey(const float *sum, size_t first, const fsk_table *t, float *planes, size_t plane) {
    for (size_t i = 0; i < t->count; ++i) {
        float s = 0;
        for (size_t k = 0; k < t->taps; ++k)
            s += t->weights[i * t->taps + k] * sum[(size_t)t->first[i] - first + k];
        planes[i] = planes[plane + i] = planes[2 * plane + i] = s;
    }
}

static void resample_row(const fsk_photo_resampling *a, columns c, size_t row, uint32_t cpu, float *sum) {
    const fsk_photo *p = &a->photo;
    const size_t n = c.count * p->pixel_bytes;
    const size_t plane = a->vertical.count * a->horizontal.count;
    float *planes = a->planes + row * a->horizontal.count;
    const lines lines = {p->pixels + c.first * p->pixel_bytes, p->row_bytes, 1};
    sum_lines(&lines, &a->vertical, row, n, cpu, sum);
    sum[n] = 0;
    if (p->pixel_bytes >= 3)
        sum_colors((channels){p->pixel_bytes, {p->blue, p->green, p->red}}, sum, c.first, &a->horizontal,
                   planes, plane);
    else
        sum_grey(sum, c.first, &a->horizontal, planes, plane);
}

typedef struct {
    const fsk_photo_resampling *arguments;
    columns columns;
    uint32_t cpu;
} job;

static void task(void *argument, size_t row, size_t worker) {
    const job *j = argument;
    const fsk_photo *p = &j->arguments->photo;
    resample_row(j->arguments, j->columns, row, j->cpu,
                 j->arguments->scratch + worker * (p->width * p->pixel_bytes + 1));
}

void fsk_photo_resampling_run(const fsk_photo_resampling *arguments, const fsk_pool *pool) {
    job j = {arguments, columns_of(&arguments->horizontal), pool->cpu};
    fsk_pool_run_workers(pool, task, &j, arguments->vertical.count);
}
