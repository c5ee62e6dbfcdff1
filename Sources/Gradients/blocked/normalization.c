// normalization: planes cut into pieces of a few hundred pixels, which a core's nearest cache holds. Sums of
// pieces add up in double, by shares of a plane, then these in their order. Cut by the shape alone.
#include "fsg_block_normalization.h"
#include "gradient_variant.h"
#include "parallel/slices.h"

#include <math.h>

enum {
    piece_pixels = 256,
    most_lanes = 16,
    most_shares = 64, // of a plane
    tables = 5        // mean, gain, shift, along, constant
};

typedef struct {
    const fsg_block_variant *kernels;
    const fsg_block_normalization *a;
    size_t lanes, planes;
    size_t rows, columns, down, across; // a piece's; pieces of a picture
    size_t pieces, pieces_a_share, shares;
    double *sums;      // [plane][share][2][lanes]
    float *table;      // [tables][planes][lanes]
    fsg_norm_fn *each; // what is done with a piece
} job;

static job divide(const fsk_block_variant *variant, const fsg_block_normalization *a) {
    job j = {.kernels = fsg_block_gradients(variant), .a = a, .lanes = variant->lanes};
    j.planes = fsk_ceil(a->channels, j.lanes);
    j.across = fsk_ceil(a->width, piece_pixels);
    j.columns = j.across ? fsk_ceil(a->width, j.across) : 1;
    j.rows = j.columns < piece_pixels ? piece_pixels / j.columns : 1;
    j.down = fsk_ceil(a->height, j.rows);
    j.pieces = a->batch * j.down * j.across;
    j.pieces_a_share = fsk_items(piece_pixels * j.lanes);
    if (j.pieces > most_shares * j.pieces_a_share)
        j.pieces_a_share = fsk_ceil(j.pieces, most_shares);
    j.shares = fsk_tasks(j.pieces, j.pieces_a_share);
    return j;
}

static size_t sums_size(const job *j) { return j->planes * j->shares * 2 * j->lanes; }

size_t fsg_block_normalization_scratch(const fsk_block_variant *variant,
                                       const fsg_block_normalization *sizes) {
    const job j = divide(variant, sizes);
    return fsk_ceil(2 * sums_size(&j) + tables * j.planes * j.lanes, fsk_line) * fsk_line;
}

static job begin(const fsk_block_variant *variant, const fsg_block_normalization *a, float *scratch) {
    job j = divide(variant, a);
    j.sums = (double *)(void *)scratch;
    j.table = scratch + 2 * sums_size(&j);
    return j;
}

static float *table_of(const job *j, size_t table, size_t plane) {
    return j->table + (table * j->planes + plane) * j->lanes;
}

static float *pixel_at(const fsk_blocks *b, size_t picture, size_t plane, size_t row, size_t offset) {
    return b->pixels
               ? b->pixels + picture * b->batch_step + plane * b->plane_step + row * b->row_step + offset
               : NULL;
}

// A piece of a plane; `y` is what it writes.
static fsg_norm_pixels piece_of(const job *j, size_t plane, size_t index, const fsk_blocks *y) {
    const fsg_block_normalization *a = j->a;
    const size_t column = index % j->across * j->columns, row = index / j->across % j->down * j->rows,
                 picture = index / j->across / j->down, offset = column * j->lanes;
    return (fsg_norm_pixels){.x = pixel_at(&a->x, picture, plane, row, offset),
                             .dy = pixel_at(&a->dy, picture, plane, row, offset),
                             .y = pixel_at(y, picture, plane, row, offset),
                             .x_row = a->x.row_step,
                             .dy_row = a->dy.row_step,
                             .y_row = y->row_step,
                             .rows = fsk_least(j->rows, a->height - row),
                             .pixels = fsk_least(j->columns, a->width - column),
                             .mean = table_of(j, 0, plane),
                             .gain = table_of(j, 1, plane),
                             .shift = table_of(j, 2, plane),
                             .along = table_of(j, 3, plane),
                             .constant = table_of(j, 4, plane),
                             .relu = a->relu,
                             .slope = a->slope};
}

// The sums of a channel's numbers and of their squares, from those of what is off some mean, since floats
// round a mean.
static void add_statistics(const float *of_piece, double pixels, size_t lanes, size_t lane, double *sums) {
    const double off = (double)of_piece[lanes + lane] / pixels, mean = (double)of_piece[lane] + off;
    sums[lane] += pixels * mean;
    sums[lanes + lane] += (double)of_piece[2 * lanes + lane] - pixels * off * off + pixels * mean * mean;
}

static void sum_share(void *argument, size_t index) {
    const job *j = argument;
    const size_t share = index % j->shares, plane = index / j->shares, lanes = j->lanes;
    double *sums = j->sums + index * 2 * lanes;
    for (size_t i = 0; i < 2 * lanes; ++i)
        sums[i] = 0;
    for (size_t i = share * j->pieces_a_share; i < fsk_end(j->pieces, j->pieces_a_share, share); ++i) {
        float of_piece[3 * most_lanes];
        fsg_norm_pixels piece = piece_of(j, plane, i, &j->a->dx);
        piece.sums = of_piece;
        j->each(&piece);
        const double pixels = (double)(piece.rows * piece.pixels);
        const int is_statistics = j->each == j->kernels->norm_statistics;
        for (size_t lane = 0; is_statistics && lane < lanes; ++lane)
            add_statistics(of_piece, pixels, lanes, lane, sums);
        for (size_t k = 0; !is_statistics && k < 2 * lanes; ++k)
            sums[k] += (double)of_piece[k];
    }
}

// Both sums of a channel over all shares.
static double total(const job *j, size_t channel, size_t which) {
    const double *sums = j->sums + channel / j->lanes * j->shares * 2 * j->lanes + channel % j->lanes;
    double sum = 0;
    for (size_t share = 0; share < j->shares; ++share)
        sum += sums[(share * 2 + which) * j->lanes];
    return sum;
}

static double pixel_count(const job *j) { return (double)(j->a->batch * j->a->height * j->a->width); }

void fsg_block_statistics_run(const fsk_block_variant *variant, const fsg_block_normalization *a,
                              float *scratch, const fsk_pool *pool) {
    job j = begin(variant, a, scratch);
    j.each = j.kernels->norm_statistics;
    fsk_pool_run(pool, sum_share, &j, j.planes * j.shares);
    for (size_t c = 0; c < a->channels; ++c) {
        const double mean = total(&j, c, 0) / pixel_count(&j);
        const double variance = total(&j, c, 1) / pixel_count(&j) - mean * mean;
        a->mean[c] = (float)mean;
        a->variance[c] = variance < 0 ? 0 : (float)variance;
    }
}

// Zeros for missing channels.
static void fill_tables(const job *j) {
    const fsg_block_normalization *a = j->a;
    float *mean = j->table, *gain = table_of(j, 1, 0), *shift = table_of(j, 2, 0);
    for (size_t c = 0; c < j->planes * j->lanes; ++c) {
        const int is_there = c < a->channels;
        mean[c] = is_there ? a->mean[c] : 0;
        gain[c] = is_there ? (a->gain ? a->gain[c] : 1) / sqrtf(a->variance[c] + a->epsilon) : 0;
        shift[c] = is_there && a->shift ? a->shift[c] : 0;
    }
}

// dx = gain dy + along (x - mean) + constant, where dy is the ReLU's input's.
static void fill_gradient_tables(const job *j) {
    const fsg_block_normalization *a = j->a;
    const float *gain = table_of(j, 1, 0);
    float *along = table_of(j, 3, 0), *constant = table_of(j, 4, 0);
    for (size_t c = 0; c < j->planes * j->lanes; ++c) {
        along[c] = constant[c] = 0;
        if (c >= a->channels)
            continue;
        const double sum = total(j, c, 0), product = total(j, c, 1),
                     power = (double)a->variance[c] + (double)a->epsilon;
        if (!a->is_fixed) {
            along[c] = (float)(-(double)gain[c] * product / (power * pixel_count(j)));
            constant[c] = (float)(-(double)gain[c] * sum / pixel_count(j));
        }
        if (a->dgain)
            a->dgain[c] = (a->adds ? a->dgain[c] : 0) + (float)(product / sqrt(power));
        if (a->dshift)
            a->dshift[c] = (a->adds ? a->dshift[c] : 0) + (float)sum;
    }
}

static void each_piece(void *argument, size_t index) {
    const job *j = argument;
    const size_t share = index % j->shares, plane = index / j->shares;
    const fsk_blocks *y = j->each == j->kernels->norm_forward ? &j->a->y : &j->a->dx;
    for (size_t i = share * j->pieces_a_share; i < fsk_end(j->pieces, j->pieces_a_share, share); ++i) {
        const fsg_norm_pixels piece = piece_of(j, plane, i, y);
        j->each(&piece);
    }
}

void fsg_block_normalize_run(const fsk_block_variant *variant, const fsg_block_normalization *a,
                             float *scratch, const fsk_pool *pool) {
    job j = begin(variant, a, scratch);
    fill_tables(&j);
    j.each = j.kernels->norm_forward;
    fsk_pool_run(pool, each_piece, &j, j.planes * j.shares);
}

void fsg_block_normalization_gradient_run(const fsk_block_variant *variant, const fsg_block_normalization *a,
                                          float *scratch, const fsk_pool *pool) {
    job j = begin(variant, a, scratch);
    fill_tables(&j);
    j.each = j.kernels->norm_gradient_sums;
    fsk_pool_run(pool, sum_share, &j, j.planes * j.shares);
    fill_gradient_tables(&j);
    j.each = j.kernels->norm_gradient;
    fsk_pool_run(pool, each_piece, &j, j.planes * j.shares);
}
