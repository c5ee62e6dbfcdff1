// planewise_gradient: a pooling's rows of dx into tasks. Of the windows that a task's rows share with others
// it gives only these their part.
#include "fsg_block_planewise_gradient.h"
#include "fsk_pooling.h"
#include "gradient_variant.h"
#include "parallel/slices.h"

#include <string.h>

typedef struct {
    const fsg_block_variant *kernels;
    const fsg_block_pooling_gradient *pooling;
    size_t lanes, planes, rows, rows_a_task, bands;
    int is_pairs;                     // windows of 2 x 2 pixels side by side, that dx is nothing but,
    size_t whole_width, whole_height; // as many as lie within the picture;
    int is_covered;                   // by them
} job;

static size_t windows_before(const fsk_block_windows *w, ptrdiff_t end, size_t count) {
    const ptrdiff_t windows = (end - w->first + w->stride - 1) / w->stride; // that begin before it
    return end <= w->first ? 0 : fsk_least((size_t)windows, count);
}

// The first window that ends behind `begin`.
static size_t first_window(const fsk_block_windows *w, ptrdiff_t begin) {
    const ptrdiff_t off = begin - w->first - w->kernel;
    return off < 0 ? 0 : (size_t)(off / w->stride + 1);
}

static size_t whole_windows(const fsk_block_windows *w, size_t count) {
    return fsk_least(count, (size_t)(w->end - w->begin) / 2);
}

static void clear(const job *j, float *dx, ptrdiff_t first, ptrdiff_t end) {
    const fsk_block_windows *across = &j->pooling->forward.horizontal;
    const size_t width = (size_t)(across->end - across->begin) * j->lanes;
    for (ptrdiff_t row = first; row < end; ++row)
        memset(dx + row * (ptrdiff_t)j->pooling->dx.row_step + across->begin * (ptrdiff_t)j->lanes, 0,
               width * sizeof *dx);
}

// Some rows of one plane of dx.
static void pooling_band(void *argument, size_t index) {
    const job *j = argument;
    const fsg_block_pooling_gradient *p = j->pooling;
    const fsk_block_pooling *f = &p->forward;
    const size_t plane = index / j->bands % j->planes, picture = index / j->bands / j->planes;
    const ptrdiff_t first = f->vertical.begin + (ptrdiff_t)(index % j->bands * j->rows_a_task),
                    after = first + (ptrdiff_t)j->rows_a_task,
                    end = after < f->vertical.end ? after : f->vertical.end;
    fsg_pooling_row row = {.dx = p->dx.pixels + picture * p->dx.batch_step + plane * p->dx.plane_step,
                           .x_row = (ptrdiff_t)f->x.row_step,
                           .dx_row = (ptrdiff_t)p->dx.row_step,
                           .first = first,
                           .end = end,
                           .out_width = f->out_width,
                           .whole_width = j->whole_width,
                           .vertical = &f->vertical,
                           .horizontal = &f->horizontal};
    const int is_max = f->kind == FSK_POOLING_MAX;
    if (is_max)
        row.x = f->x.pixels + picture * f->x.batch_step + plane * f->x.plane_step;
    if (!p->adds && !j->is_covered)
        clear(j, row.dx, first, end);
    for (row.row = first_window(&f->vertical, first);
         row.row < windows_before(&f->vertical, end, f->out_height); ++row.row) {
        row.is_pairs = j->is_pairs && row.row < j->whole_height;
        row.dy =
            p->dy.pixels + picture * p->dy.batch_step + plane * p->dy.plane_step + row.row * p->dy.row_step;
        row.y = is_max ? f->y.pixels + picture * f->y.batch_step + plane * f->y.plane_step +
                             row.row * f->y.row_step
                       : NULL;
        j->kernels->pooling_gradient(&row);
    }
}

static int is_pairs(const fsk_block_windows *w) {
    return w->kernel == 2 && w->stride == 2 && w->first == w->begin;
}

void fsg_block_pooling_gradient_run(const fsk_block_variant *variant, const fsg_block_pooling_gradient *p,
                                    const fsk_pool *pool) {
    const fsk_block_windows *down = &p->forward.vertical, *across = &p->forward.horizontal;
    job j = {.kernels = fsg_block_gradients(variant), .pooling = p, .lanes = variant->lanes};
    j.planes = p->forward.planes;
    j.rows = (size_t)(down->end - down->begin);
    j.is_pairs = p->forward.kind == FSK_POOLING_MAX && !p->adds && is_pairs(down) && is_pairs(across);
    j.whole_width = whole_windows(across, p->forward.out_width);
    j.whole_height = whole_windows(down, p->forward.out_height);
    j.is_covered = j.is_pairs && 2 * j.whole_height == j.rows &&
                   2 * j.whole_width == (size_t)(across->end - across->begin);
    // An even number, so that no window of 2 x 2 is in two bands.
    j.rows_a_task = fsk_ceil(fsk_items((size_t)(across->end - across->begin) * j.lanes * 2), 2) * 2;
    j.bands = fsk_tasks(j.rows, j.rows_a_task);
    fsk_pool_run(pool, pooling_band, &j, p->forward.batch * j.planes * j.bands);
}
