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

// Two rows at once, which are added one after the other.
FSK_BODY void add_two_body(const uint8_t *first, const uint8_t *second, float of_first, float of_second,
                           size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] = sum[i] + of_first * (float)first[i] + of_second * (float)second[i];
}
FSK_TARGETS(add_two,
            (const uint8_t *first, const uint8_t *second, float of_first, float of_second, size_t n,
             float *sum),
            (first, second, of_first, of_second, n, sum))

// Columns that pixels are made of: of a small part of a large photo, few.
typedef struct {
    size_t first, count;
} columns;

static columns columns_of(const fsk_table *t) {
    size_t first = (size_t)t->first[0], end = first;
    for (size_t i = 0; i < t->count; ++i) {
        const size_t at = (size_t)t->first[i];
        first = at < first ? at : first;
        end = at + t->taps > end ? at + t->taps : end;
    }
    return (columns){first, end - first};
}

// n of the row's channels, as they lie, from the first on.
static void sum_rows(const fsk_photo_resampling *a, size_t row, size_t first, size_t n, uint32_t cpu,
                     float *sum) {
    const fsk_photo *p = &a->photo;
    const uint8_t *before = NULL; // a row that waits for another
    float of_before = 0;
    memset(sum, 0, n * sizeof *sum);
    for (size_t k = 0; k < a->vertical.taps; ++k) {
        const float weight = a->vertical.weights[row * a->vertical.taps + k];
        const uint8_t *line = p->pixels + (a->vertical.first[row] + (ptrdiff_t)k) * p->row_bytes + first;
        if (weight == 0)
            continue;
        if (before)
            FSK_CALL(add_two, cpu, (before, line, of_before, weight, n, sum));
        before = before ? NULL : line;
        of_before = weight;
    }
    if (before)
        FSK_CALL(add_row, cpu, (before, of_before, n, sum));
}

typedef float four __attribute__((vector_size(16), aligned(4)));

// Four numbers from each pixel's first on, of which three or four are its channels.
static void sum_colors(const fsk_photo *p, const float *sum, size_t first, const fsk_table *t, float *planes,
                       size_t plane) {
    for (size_t i = 0; i < t->count; ++i) {
        const float *at = sum + ((size_t)t->first[i] - first) * p->pixel_bytes, *w = t->weights + i * t->taps;
        four s = {0};
        for (size_t k = 0; k < t->taps; ++k)
            s += w[k] * *(const four *)(const void *)(at + k * p->pixel_bytes);
        planes[i] = s[p->blue];
        planes[plane + i] = s[p->green];
        planes[2 * plane + i] = s[p->red];
    }
}

static void sum_grey(const float *sum, size_t first, const fsk_table *t, float *planes, size_t plane) {
    for (size_t i = 0; i < t->count; ++i) {
        float s = 0;
        for (size_t k = 0; k < t->taps; ++k)
            s += t->weights[i * t->taps + k] * sum[(size_t)t->first[i] - first + k];
        planes[i] = planes[plane + i] = planes[2 * plane + i] = s;
    }
}

static void resample_row(const fsk_photo_resampling *a, columns c, size_t row, uint32_t cpu, float *sum) {
    const size_t n = c.count * a->photo.pixel_bytes;
    const size_t plane = a->vertical.count * a->horizontal.count;
    float *planes = a->planes + row * a->horizontal.count;
    sum_rows(a, row, c.first * a->photo.pixel_bytes, n, cpu, sum);
    sum[n] = 0;
    if (a->photo.pixel_bytes >= 3)
        sum_colors(&a->photo, sum, c.first, &a->horizontal, planes, plane);
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
