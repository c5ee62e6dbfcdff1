// pooling: Caffe's two poolings by windows of any shape. The common 2x2 is in max2x2.c.
#include "fsk_pooling.h"
#include "cpu/exact.h"
#include "parallel/slices.h"
#include "pooling/pooling.h"

#include <float.h>

typedef fsk_pooling_span span;

static span rows_of(const fsk_pooling *p, size_t out_row) {
    return fsk_pooling_span_of(out_row % p->out_height, p->stride_h, p->kernel_h, p->pad_h, p->height);
}

static span columns_of(const fsk_pooling *p, size_t out_column) {
    return fsk_pooling_span_of(out_column, p->stride_w, p->kernel_w, p->pad_w, p->width);
}

static float largest(const float *plane, size_t width, span rows, span columns) {
    float best = -FLT_MAX;
    for (ptrdiff_t r = rows.from; r < rows.to; ++r)
        for (ptrdiff_t c = columns.from; c < columns.to; ++c) {
            const float v = plane[r * (ptrdiff_t)width + c];
            best = v > best ? v : best;
        }
    return best;
}

// In Caffe's order, in float.
static float sum(const float *plane, size_t width, span rows, span columns) {
    float total = 0;
    for (ptrdiff_t r = rows.from; r < rows.to; ++r)
        for (ptrdiff_t c = columns.from; c < columns.to; ++c)
            total += plane[r * (ptrdiff_t)width + c];
    return total;
}

void fsk_pooling_max_rows(const fsk_pooling *p, size_t first, size_t last) {
    for (size_t r = first; r < last; ++r) {
        const float *plane = p->x + r / p->out_height * p->height * p->width;
        const span rows = rows_of(p, r);
        for (size_t c = 0; c < p->out_width; ++c)
            p->y[r * p->out_width + c] = largest(plane, p->width, rows, columns_of(p, c));
    }
}

void fsk_pooling_mean_rows(const fsk_pooling *p, size_t first, size_t last) {
    for (size_t r = first; r < last; ++r) {
        const float *plane = p->x + r / p->out_height * p->height * p->width;
        const span rows = rows_of(p, r);
        for (size_t c = 0; c < p->out_width; ++c) {
            const span columns = columns_of(p, c);
            const float area = (float)(rows.padded * columns.padded);
            p->y[r * p->out_width + c] = sum(plane, p->width, rows, columns) / area;
        }
    }
}

static bool is_2x2(const fsk_pooling *p) {
    return p->kernel_h == 2 && p->kernel_w == 2 && p->stride_h == 2 && p->stride_w == 2 && p->pad_h == 0 &&
           p->pad_w == 0;
}

typedef struct {
    const fsk_pooling *pooling;
    fsk_pooling_row_fn *row2x2; // NULL: windows of another shape
    size_t count, rows_a_task;
} job;

static void some_rows(void *argument, size_t task) {
    const job *j = argument;
    const size_t first = task * j->rows_a_task, last = fsk_end(j->count, j->rows_a_task, task);
    if (j->pooling->kind == FSK_POOLING_AVE)
        fsk_pooling_mean_rows(j->pooling, first, last);
    else if (j->row2x2)
        fsk_pooling_max2x2_rows(j->pooling, first, last, j->row2x2);
    else
        fsk_pooling_max_rows(j->pooling, first, last);
}

void fsk_pooling_run(const fsk_pooling *arguments, const fsk_pool *pool) {
    const size_t reads = arguments->out_width * arguments->kernel_h * arguments->kernel_w;
    job j = {arguments, is_2x2(arguments) ? fsk_pooling_row2x2(pool->cpu) : NULL,
             arguments->planes * arguments->out_height, fsk_items(reads)};
    fsk_pool_run(pool, some_rows, &j, fsk_tasks(j.count, j.rows_a_task));
}
