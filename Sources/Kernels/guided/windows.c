// windows: of columns by adding the row that comes and taking away the one that goes; of rows from sums of 1,
// 2, 4, ... neighbours, which vectorize and lose nothing.
#include "windows.h"
#include "cpu/targets.h"

#include <stdbool.h>
#include <string.h>

FSK_BODY void add_body(const float *x, size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] += x[i];
}
FSK_TARGETS(add, (const float *x, size_t n, float *sum), (x, n, sum))

FSK_BODY void move_body(const float *comes, const float *goes, size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] += comes[i] - goes[i];
}
FSK_TARGETS(move, (const float *comes, const float *goes, size_t n, float *sum), (comes, goes, n, sum))

FSK_BODY void subtract_body(const float *x, size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] -= x[i];
}
FSK_TARGETS(subtract, (const float *x, size_t n, float *sum), (x, n, sum))

void window_begin(const sliding_window *w, size_t row, uint32_t cpu) {
    const size_t first = row < w->radius ? 0 : row - w->radius;
    const size_t behind = row + w->radius + 1 < w->height ? row + w->radius + 1 : w->height;
    memset(w->sums, 0, w->planes * w->width * sizeof *w->sums);
    for (size_t p = 0; p < w->planes; ++p)
        for (size_t y = first; y < behind; ++y)
            FSK_CALL(add, cpu, (w->rows + (p * w->height + y) * w->width, w->width, w->sums + p * w->width));
}

void window_move(const sliding_window *w, size_t row, uint32_t cpu) {
    const size_t comes = row + w->radius, goes = row - w->radius - 1; // the latter may be below 0
    const bool has_new = comes<w->height, has_old = row> w->radius;
    for (size_t p = 0; p < w->planes; ++p) {
        const float *plane = w->rows + p * w->height * w->width;
        float *sum = w->sums + p * w->width;
        if (has_new && has_old)
            FSK_CALL(move, cpu, (plane + comes * w->width, plane + goes * w->width, w->width, sum));
        else if (has_new)
            FSK_CALL(add, cpu, (plane + comes * w->width, w->width, sum));
        else if (has_old)
            FSK_CALL(subtract, cpu, (plane + goes * w->width, w->width, sum));
    }
}

// line: n + window - 1 numbers; overwritten.
FSK_BODY void sum_windows_body(float *line, size_t n, size_t window, float *sum) {
    memcpy(sum, line, n * sizeof *sum); // the window's length is odd
    size_t offset = 1, length = n + window - 1;
    for (size_t power = 1; 2 * power <= window; power *= 2) {
        length -= power;
        for (size_t i = 0; i < length; ++i)
            line[i] += line[i + power];
        if (window & (2 * power)) {
            for (size_t i = 0; i < n; ++i)
                sum[i] += line[i + offset];
            offset += 2 * power;
        }
    }
}
FSK_TARGETS(sum_windows, (float *line, size_t n, size_t window, float *sum), (line, n, window, sum))

void row_window(const float *x, size_t n, size_t radius, float *line, float *sum, uint32_t cpu) {
    memset(line, 0, radius * sizeof *line);
    if (x != line + radius)
        memcpy(line + radius, x, n * sizeof *x);
    memset(line + radius + n, 0, radius * sizeof *line);
    FSK_CALL(sum_windows, cpu, (line, n, 2 * radius + 1, sum));
}
