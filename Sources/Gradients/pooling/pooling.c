// pooling: a plane of windows at a time, as windows may overlap. Source: Caffe `pooling_layer.cpp`.
#include "fsg_pooling.h"
#include "parallel/slices.h"
#include "pooling/pooling.h"

#include <float.h>
#include <string.h>

typedef struct {
    const fsk_pooling *pooling;
    const float *dy;
    float *dx;
} job;

// Where the window's largest is, as an index of the plane; outside (-1): there is none.
static ptrdiff_t first_largest(const float *plane, size_t width, fsk_pooling_span rows,
                               fsk_pooling_span columns) {
    float best = -FLT_MAX;
    ptrdiff_t at = -1;
    for (ptrdiff_t r = rows.from; r < rows.to; ++r)
        for (ptrdiff_t c = columns.from; c < columns.to; ++c)
            if (plane[r * (ptrdiff_t)width + c] > best) {
                at = r * (ptrdiff_t)width + c;
                best = plane[at];
            }
    return at;
}

static void share(float *plane, size_t width, fsk_pooling_span rows, fsk_pooling_span columns, float dy) {
    const float part = dy / (float)(rows.padded * columns.padded);
    for (ptrdiff_t r = rows.from; r < rows.to; ++r)
        for (ptrdiff_t c = columns.from; c < columns.to; ++c)
            plane[r * (ptrdiff_t)width + c] += part;
}

static void one_plane(void *argument, size_t index) {
    const job *j = argument;
    const fsk_pooling *p = j->pooling;
    const size_t size = p->height * p->width;
    const float *x = p->x + index * size, *dy = j->dy + index * p->out_height * p->out_width;
    float *dx = j->dx + index * size;
    memset(dx, 0, size * sizeof *dx);
    for (size_t r = 0; r < p->out_height; ++r)
        for (size_t c = 0; c < p->out_width; ++c, ++dy) {
            const fsk_pooling_span rows =
                fsk_pooling_span_of(r, p->stride_h, p->kernel_h, p->pad_h, p->height);
            const fsk_pooling_span columns =
                fsk_pooling_span_of(c, p->stride_w, p->kernel_w, p->pad_w, p->width);
            if (p->kind == FSK_POOLING_AVE) {
                share(dx, p->width, rows, columns, *dy);
                continue;
            }
            const ptrdiff_t at = first_largest(x, p->width, rows, columns);
            if (at >= 0)
                dx[at] += *dy;
        }
}

void fsg_pooling_run(const fsk_pooling *pooling, const float *dy, float *dx, const fsk_pool *pool) {
    job j = {pooling, dy, dx};
    fsk_pool_run(pool, one_plane, &j, pooling->planes);
}
