// photo: 8-bit photos to planes of another size. Rows are summed first, all channels at once as they lie,
// then columns: the wide pass is the one that vectorizes, and it sees each byte once.
#include "fsk_resampling.h"
#include "cpu/targets.h"

#include <string.h>

// sum[i] += weight * bytes[i]
FSK_BODY void add_row_body(const uint8_t *bytes, float weight, size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] += weight * (float)bytes[i];
}
FSK_TARGETS(add_row, (const uint8_t *bytes, float weight, size_t n, float *sum), (bytes, weight, n, sum))

// One channel of one output row.
static void sum_columns(const float *sum, size_t pixel, size_t channel, const fsk_table *t, float *out) {
    for (size_t i = 0; i < t->count; ++i) {
        const float *at = sum + (size_t)t->first[i] * pixel + channel, *w = t->weights + i * t->taps;
        float s = 0;
        for (size_t k = 0; k < t->taps; ++k)
            s += w[k] * at[k * pixel];
        out[i] = s;
    }
}

static void resample_row(const fsk_photo_resampling *a, size_t row, uint32_t cpu, float *sum) {
    const fsk_photo *p = &a->photo;
    const size_t n = p->width * p->pixel_bytes, plane = a->vertical.count * a->horizontal.count;
    memset(sum, 0, n * sizeof *sum);
    for (size_t k = 0; k < a->vertical.taps; ++k) {
        const float weight = a->vertical.weights[row * a->vertical.taps + k];
        const ptrdiff_t y = a->vertical.first[row] + (ptrdiff_t)k;
        if (weight != 0)
            FSK_CALL(add_row, cpu, (p->pixels + y * p->row_bytes, weight, n, sum));
    }
    float *out = a->planes + row * a->horizontal.count;
    sum_columns(sum, p->pixel_bytes, p->blue, &a->horizontal, out);
    sum_columns(sum, p->pixel_bytes, p->green, &a->horizontal, out + plane);
    sum_columns(sum, p->pixel_bytes, p->red, &a->horizontal, out + 2 * plane);
}

typedef struct {
    const fsk_photo_resampling *arguments;
    uint32_t cpu;
} job;

static void task(void *argument, size_t row, size_t worker) {
    const job *j = argument;
    const fsk_photo *p = &j->arguments->photo;
    resample_row(j->arguments, row, j->cpu, j->arguments->scratch + worker * p->width * p->pixel_bytes);
}

void fsk_photo_resampling_run(const fsk_photo_resampling *arguments, const fsk_pool *pool) {
    job j = {arguments, pool->cpu};
    fsk_pool_run_workers(pool, task, &j, arguments->vertical.count);
}
