// strided_copy: a box of numbers from one layout to another. Axes that are one run in both layouts are merged
// first, so that a Concat becomes a few large memcpys.
#include "fsk_strided_copy.h"
#include "parallel/slices.h"

#include <stdbool.h>
#include <string.h>

enum { max_rank = FSK_STRIDED_COPY_RANK };

typedef struct {
    const float *source;
    float *destination;
    size_t rank; // of the outer axes
    size_t extent[max_rank];
    ptrdiff_t from[max_rank], to[max_rank];
    size_t rows, length; // product of the outer extents; numbers in a row
    ptrdiff_t row_from, row_to;
    size_t rows_a_task, pieces; // a long row is cut into pieces of FSK_SLICE, short rows are taken together
} box;

// Leaves out axes of extent 1 and merges neighbours: the outer axis continues the inner one in both layouts.
static box merged(const fsk_strided_copy *a) {
    box b = {.source = a->source, .destination = a->destination};
    for (size_t i = 0; i < a->rank; ++i) {
        const size_t n = a->extent[i], last = b.rank - 1;
        const ptrdiff_t from = a->source_stride[i], to = a->destination_stride[i];
        if (n == 1)
            continue;
        if (b.rank && b.from[last] == from * (ptrdiff_t)n && b.to[last] == to * (ptrdiff_t)n) {
            b.extent[last] *= n, b.from[last] = from, b.to[last] = to;
        } else {
            b.extent[b.rank] = n, b.from[b.rank] = from, b.to[b.rank] = to;
            ++b.rank;
        }
    }
    return b;
}

// Makes the innermost axis the row, and cuts the rows into tasks.
static void cut(box *b) {
    b->length = 1, b->row_from = 1, b->row_to = 1, b->rows = 1;
    if (b->rank) {
        --b->rank;
        b->length = b->extent[b->rank], b->row_from = b->from[b->rank], b->row_to = b->to[b->rank];
    }
    for (size_t i = 0; i < b->rank; ++i)
        b->rows *= b->extent[i];
    b->rows_a_task = fsk_items(b->length);
    b->pieces = fsk_tasks(b->length, FSK_SLICE);
}

// destination[i * to] = source[i * from], i < n.
static void copy_row(const float *source, ptrdiff_t from, float *destination, ptrdiff_t to, size_t n) {
    if (from == 1 && to == 1) {
        memcpy(destination, source, n * sizeof(float));
        return;
    }
    for (size_t i = 0; i < n; ++i)
        destination[(ptrdiff_t)i * to] = source[(ptrdiff_t)i * from];
}

// Where a row lies, and its index on each outer axis.
typedef struct {
    size_t index[max_rank];
    ptrdiff_t from, to;
} place;

static place place_of(const box *b, size_t row) {
    place p = {0};
    for (size_t i = b->rank; i-- > 0; row /= b->extent[i]) {
        p.index[i] = row % b->extent[i];
        p.from += (ptrdiff_t)p.index[i] * b->from[i];
        p.to += (ptrdiff_t)p.index[i] * b->to[i];
    }
    return p;
}

static void next(const box *b, place *p) {
    for (size_t i = b->rank; i-- > 0;) {
        const bool wraps = ++p->index[i] == b->extent[i];
        const ptrdiff_t steps = wraps ? 1 - (ptrdiff_t)b->extent[i] : 1;
        p->from += steps * b->from[i];
        p->to += steps * b->to[i];
        if (!wraps)
            return;
        p->index[i] = 0;
    }
}

static void rows(void *argument, size_t task) {
    const box *b = argument;
    const size_t first = task / b->pieces * b->rows_a_task, left = task % b->pieces * FSK_SLICE;
    const size_t last = first + fsk_least(b->rows_a_task, b->rows - first);
    const size_t n = fsk_least(FSK_SLICE, b->length - left);
    place p = place_of(b, first);
    for (size_t row = first; row < last; ++row, next(b, &p))
        copy_row(b->source + p.from + (ptrdiff_t)left * b->row_from, b->row_from,
                 b->destination + p.to + (ptrdiff_t)left * b->row_to, b->row_to, n);
}

void fsk_strided_copy_run(const fsk_strided_copy *arguments, const fsk_pool *pool) {
    for (size_t i = 0; i < arguments->rank; ++i)
        if (arguments->extent[i] == 0)
            return;
    box b = merged(arguments);
    cut(&b);
    fsk_pool_run(pool, rows, &b, fsk_tasks(b.rows, b.rows_a_task) * b.pieces);
}
