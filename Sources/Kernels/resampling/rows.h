// rows: rows of bytes summed into one, and the columns of such a sum into pixels of planes. Private to
// Kernels.
#ifndef FSK_RESAMPLING_ROWS_H
#define FSK_RESAMPLING_ROWS_H

#include "fsk_resampling.h"

// Columns that pixels are made of: of a small part of a large photo, few.
typedef struct columns {
    size_t first, count;
} columns;

columns columns_of(const fsk_table *horizontal);

// Where rows of bytes lie, each of which stands for `shared` rows of the table that sums them.
typedef struct lines {
    const uint8_t *start;
    ptrdiff_t row_bytes;
    size_t shared;
} lines;

// sum[i] = row `row` of the table over bytes i < n of the lines.
void sum_lines(const lines *lines, const fsk_table *vertical, size_t row, size_t n, uint32_t cpu, float *sum);

// Numbers of a pixel, three or four, and which of them are blue, green and red.
typedef struct channels {
    size_t count, place[3];
} channels;

// A row of three planes, `plane` apart, from a sum whose first pixel is column `first`. One number more than
// the sum's own is read.
void sum_colors(channels channels, const float *sum, size_t first, const fsk_table *horizontal, float *planes,
                size_t plane);

#endif
