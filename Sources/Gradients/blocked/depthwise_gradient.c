// depthwise_gradient: rows of a plane into tasks. Each task has its own sums, of some rows of some pictures,
// which then add up in their order. Cut by the shape alone.
#include "fsg_block_depthwise_gradient.h"
#include "gradient_variant.h"
#include "parallel/slices.h"
#include "write_weights.h"

#include <string.h>

enum { most_shares = 64 }; // of a plane's rows

typedef struct {
    const fsg_block_variant *kernels;
    const fsg_block_depthwise_gradient *a;
    size_t lanes, area, planes, rows, rows_a_share, shares;
    size_t size; // floats of a share's sums: [kernel][lanes], then dy's [lanes]
    float *sums; // [plane][share]
} job;

static job divide(const fsk_block_variant *variant, const fsg_block_depthwise_gradient *a) {
    job j = {.kernels = fsg_block_gradients(variant), .a = a, .lanes = variant->lanes};
    j.area = a->kernel_height * a->kernel_width;
    j.planes = fsk_ceil(a->channels, j.lanes);
    j.rows = a->batch * a->out_height;
    j.rows_a_share = fsk_items(a->out_width * j.lanes * (j.area + 1) / 4);
    if (fsk_tasks(j.rows, j.rows_a_share) > most_shares)
        j.rows_a_share = fsk_ceil(j.rows, most_shares);
    j.shares = j.rows ? fsk_tasks(j.rows, j.rows_a_share) : 1;
    j.size = fsk_ceil((j.area + 1) * j.lanes, fsk_line) * fsk_line;
    return j;
}

static void some_rows(void *argument, size_t index) {
    const job *j = argument;
    const fsg_block_depthwise_gradient *a = j->a;
    const size_t share = index % j->shares, plane = index / j->shares;
    float *sums = j->sums + index * j->size;
    memset(sums, 0, j->size * sizeof *sums);
    const size_t end = j->rows ? fsk_end(j->rows, j->rows_a_share, share) : 0;
    for (size_t i = share * j->rows_a_share; i < end; ++i) {
        const size_t row = i % a->out_height, picture = i / a->out_height;
        const float *dy =
            a->dy.pixels + picture * a->dy.batch_step + plane * a->dy.plane_step + row * a->dy.row_step;
        const float *x = a->x.pixels + picture * a->x.batch_step + plane * a->x.plane_step +
                         row * a->stride_height * a->x.row_step;
        j->kernels->depthwise_weights(&(fsg_depthwise_row){
            dy, x, a->out_width, sums, a->kernel_height, a->kernel_width, a->dilation_width * j->lanes,
            a->dilation_height * a->x.row_step, a->stride_width * j->lanes});
        if (a->dbias)
            j->kernels->sum_pixels(dy, a->out_width, sums + j->area * j->lanes);
    }
}

static void add_plane(void *argument, size_t plane) {
    const job *j = argument;
    const fsg_block_depthwise_gradient *a = j->a;
    float *sums = j->sums + plane * j->shares * j->size;
    for (size_t share = 1; share < j->shares; ++share)
        for (size_t i = 0; i < j->size; ++i)
            sums[i] += sums[share * j->size + i];
    const size_t first = plane * j->lanes, filters = fsk_least(j->lanes, a->channels - first);
    fsg_write_weights(
        &(fsg_written_weights){sums, j->lanes, j->area, filters, a->dw + first * j->area, j->area, a->adds});
    if (a->dbias)
        fsg_write_weights(&(fsg_written_weights){sums + j->area * j->lanes, j->lanes, 1, filters,
                                                 a->dbias + first, 1, a->adds});
}

size_t fsg_block_depthwise_gradient_scratch(const fsk_block_variant *variant,
                                            const fsg_block_depthwise_gradient *sizes) {
    const job j = divide(variant, sizes);
    return j.planes * j.shares * j.size;
}

void fsg_block_depthwise_gradient_run(const fsk_block_variant *variant, const fsg_block_depthwise_gradient *a,
                                      float *scratch, const fsk_pool *pool) {
    job j = divide(variant, a);
    j.sums = scratch;
    fsk_pool_run(pool, some_rows, &j, j.planes * j.shares);
    fsk_pool_run(pool, add_plane, &j, j.planes);
}
