// windows: sums over windows of rows and of columns, for pictures of several planes. Private to guided.
#ifndef WINDOWS_H
#define WINDOWS_H

#include <stddef.h>
#include <stdint.h>

// Planes whose rows are summed from above to below: [planes, height, width] floats at `rows`; at `sums` those
// of the window about `row`: [planes, width].
typedef struct {
    const float *rows;
    float *sums;
    size_t planes, height, width, radius;
} sliding_window;

// The window about `row`, summed anew.
void window_begin(const sliding_window *window, size_t row, uint32_t cpu);
// From the window about `row` - 1 to that about `row`.
void window_move(const sliding_window *window, size_t row, uint32_t cpu);

// sum[i] = the sum of the 2 radius + 1 numbers about x[i], as far as they lie in x[n]. line: n + 2 radius
// floats of scratch, x may lie at line + radius.
void row_window(const float *x, size_t n, size_t radius, float *line, float *sum, uint32_t cpu);

// Pixels of a window about `at` along a side of n.
static inline float window_length(size_t at, size_t n, size_t radius) {
    const size_t before = at < radius ? at : radius, behind = n - 1 - at < radius ? n - 1 - at : radius;
    return (float)(before + 1 + behind);
}

#endif
