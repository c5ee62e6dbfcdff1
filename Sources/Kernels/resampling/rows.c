// rows: see rows.h.
#include "resampling/rows.h"
#include "cpu/targets.h"

#include <string.h>

columns columns_of(const fsk_table *t) {
    size_t first = (size_t)t->first[0], end = first;
    for (size_t i = 0; i < t->count; ++i) {
        const size_t at = (size_t)t->first[i];
        first = at < first ? at : first;
        end = at + t->taps > end ? at + t->taps : end;
    }
    return (columns){first, end - first};
}

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

void sum_lines(const lines *l, const fsk_table *vertical, size_t row, size_t n, uint32_t cpu, float *sum) {
    const float *weights = vertical->weights + row * vertical->taps;
    const size_t first = (size_t)vertical->first[row];
    const uint8_t *before = NULL; // a line that waits for another
    float of_before = 0;
    memset(sum, 0, n * sizeof *sum);
    for (size_t k = 0; k < vertical->taps;) {
        const size_t line = (first + k) / l->shared;
        float weight = weights[k++];
        for (; k < vertical->taps && (first + k) / l->shared == line; ++k)
            weight += weights[k];
        if (weight == 0)
            continue;
        const uint8_t *bytes = l->start + (ptrdiff_t)line * l->row_bytes;
        if (before)
            FSK_CALL(add_two, cpu, (before, bytes, of_before, weight, n, sum));
        before = before ? NULL : bytes;
        of_before = weight;
    }
    if (before)
        FSK_CALL(add_row, cpu, (before, of_before, n, sum));
}

typedef float four __attribute__((vector_size(16), aligned(4)));

// Four numbers from each pixel's first on, of which three or four are its channels.
void sum_colors(channels c, const float *sum, size_t first, const fsk_table *t, float *planes, size_t plane) {
    for (size_t i = 0; i < t->count; ++i) {
        const float *at = sum + ((size_t)t->first[i] - first) * c.count, *w = t->weights + i * t->taps;
        four s = {0};
        for (size_t k = 0; k < t->taps; ++k)
            s += w[k] * *(const four *)(const void *)(at + k * c.count);
        planes[i] = s[c.place[0]];
        planes[plane + i] = s[c.place[1]];
        planes[2 * plane + i] = s[c.place[2]];
    }
}
