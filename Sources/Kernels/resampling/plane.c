// plane: rows of planes at another size. Of one plane lines are summed first, then columns; of maps that grow
// the other way round, since the next row is mostly of the same two lines.
#include "fsk_resampling.h"
#include "cpu/targets.h"
#include "two_taps.h"

#include <string.h>

FSK_BODY void add_scaled_body(const float *x, float weight, size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] += weight * x[i];
}
FSK_TARGETS(add_scaled, (const float *x, float weight, size_t n, float *sum), (x, weight, n, sum))

static void sum_columns(const float *x, size_t width, const fsk_table *t, float *out, uint32_t cpu) {
    if (t->taps == 2) {
        const two_taps taps = {x, width, t->first, t->weights, t->count, out};
        two_taps_run(&taps, cpu);
        return;
    }
    for (size_t i = 0; i < t->count; ++i) {
        const float *at = x + t->first[i], *w = t->weights + i * t->taps;
        float s = 0;
        for (size_t k = 0; k < t->taps; ++k)
            s += w[k] * at[k];
        out[i] = s;
    }
}

void fsk_plane_row(const float *plane, size_t width, const fsk_table *vertical, size_t row,
                   const fsk_table *horizontal, float *sum, float *out, uint32_t cpu) {
    memset(sum, 0, width * sizeof *sum);
    for (size_t k = 0; k < vertical->taps; ++k) {
        const float weight = vertical->weights[row * vertical->taps + k];
        const float *x = plane + ((size_t)vertical->first[row] + k) * width;
        if (weight != 0)
            FSK_CALL(add_scaled, cpu, (x, weight, width, sum));
    }
    sum_columns(sum, width, horizontal, out, cpu);
}

FSK_BODY void mix_body(const float *a, const float *b, float of_a, float of_b, size_t n, float *out) {
    for (size_t i = 0; i < n; ++i)
        out[i] = of_a * a[i] + of_b * b[i];
}
FSK_TARGETS(mix, (const float *a, const float *b, float of_a, float of_b, size_t n, float *out),
            (a, b, of_a, of_b, n, out))

// A line of all maps, made wide if it is not there from the row before.
static const float *wide_line(const fsk_map_rows *a, size_t line, fsk_map_lines *kept, uint32_t cpu) {
    const size_t n = a->horizontal.count, slot = line % 2;
    float *wide = kept->wide + slot * a->channels * n;
    if (kept->lines[slot] == (ptrdiff_t)line)
        return wide;
    for (size_t c = 0; c < a->channels; ++c)
        sum_columns(a->maps + (c * a->height + line) * a->width, a->width, &a->horizontal, wide + c * n, cpu);
    kept->lines[slot] = (ptrdiff_t)line;
    return wide;
}

fsk_line_pair fsk_map_row_pair(const fsk_map_rows *a, size_t row, fsk_map_lines *kept, float *out,
                               uint32_t cpu) {
    const fsk_table *v = &a->vertical;
    const size_t plane = a->height * a->width;
    if (v->taps != 2) {
        for (size_t c = 0; c < a->channels; ++c)
            fsk_plane_row(a->maps + c * plane, a->width, v, row, &a->horizontal, kept->sum, out + c * a->step,
                          cpu);
        return (fsk_line_pair){out, out, 1, 0, a->step};
    }
    const float *weights = v->weights + 2 * row;
    // A line that counts nothing is not read.
    const size_t low = (size_t)v->first[row] + (weights[0] == 0), high = low + (weights[0] * weights[1] != 0);
    const float *first = wide_line(a, low, kept, cpu), *second = wide_line(a, high, kept, cpu);
    return (fsk_line_pair){first, second, weights[weights[0] == 0], high > low ? weights[1] : 0,
                           a->horizontal.count};
}

void fsk_map_row(const fsk_map_rows *a, size_t row, fsk_map_lines *kept, float *out, uint32_t cpu) {
    const fsk_line_pair p = fsk_map_row_pair(a, row, kept, out, cpu);
    if (p.first == out)
        return;
    for (size_t c = 0; c < a->channels; ++c)
        FSK_CALL(mix, cpu,
                 (p.first + c * p.step, p.second + c * p.step, p.of_first, p.of_second, a->horizontal.count,
                  out + c * a->step));
}
