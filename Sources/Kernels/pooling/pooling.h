// pooling: the ways to do fsk_pooling, each over some rows of the output. Private to pooling/.
#ifndef FSK_POOLING_ROWS_H
#define FSK_POOLING_ROWS_H

#include "fsk_pooling.h"

// Rows first <= r < last of the [planes * out_height] rows of the output.
void fsk_pooling_mean_rows(const fsk_pooling *p, size_t first, size_t last);
void fsk_pooling_max_rows(const fsk_pooling *p, size_t first, size_t last);

// y[i] = the largest of top[2i], top[2i + 1], bottom[2i], bottom[2i + 1], i < n, each kept only if it is
// above those before it and -FLT_MAX: that order settles NaN and the sign of zero. Any alignment.
typedef void fsk_pooling_row_fn(const float *top, const float *bottom, float *y, size_t n);

// The fastest variant that these bits of fsk_cpu() allow.
fsk_pooling_row_fn *fsk_pooling_row2x2(uint32_t cpu);

// The same as fsk_pooling_max_rows for 2x2, stride 2, no padding.
void fsk_pooling_max2x2_rows(const fsk_pooling *p, size_t first, size_t last, fsk_pooling_row_fn *row);

// The rows and columns of x that a window covers: from <= i < to, cut to the plane. Empty: to <= from.
typedef struct fsk_pooling_span {
    ptrdiff_t from, to;
    ptrdiff_t padded; // its length before the cut, within the padded plane; may be 0 or less
} fsk_pooling_span;

static inline fsk_pooling_span fsk_pooling_span_of(size_t index, size_t stride, size_t kernel, size_t pad,
                                                   size_t size) {
    const ptrdiff_t start = (ptrdiff_t)(index * stride) - (ptrdiff_t)pad, n = (ptrdiff_t)size;
    const ptrdiff_t end = start + (ptrdiff_t)kernel, far = n + (ptrdiff_t)pad;
    return (fsk_pooling_span){start > 0 ? start : 0, end < n ? end : n, (end < far ? end : far) - start};
}

#endif
