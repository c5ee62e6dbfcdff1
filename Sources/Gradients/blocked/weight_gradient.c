// weight_gradient: filters times channels, summed over pixels: a task holds the sums of some blocks of
// filters and of channels in its core's cache, and goes through its share of the pixels once. Where weights
// are few, several shares of the pixels have their own sums, which then add up. Cut by the shape alone.
// Kernels of 3 x 3 go by tiles of 2 x 2 pixels and 16 points (see weight_points_body.h), in place of 36
// products.
#include "fsg_block_weight_gradient.h"
#include "gradient_variant.h"
#include "parallel/slices.h"
#include "write_weights.h"

#include <string.h>

enum {
    piece_pixels = 128, // that a core's nearest cache holds, of a panel of dy and a block of x
    most_pieces = piece_pixels,
    piece_tiles = 64,  // where there are 16 points
    points = 4,        // a side
    most_filters = 16, // blocks of filters a task, and of channels
    most_channels = 16,
    sums_size = 100 << 10, // floats of a task's sums, in its core's second cache
    wanted_tasks = 24,
    least_pixels = 512 // of a share
};

typedef struct {
    const fsk_block_variant *variant;
    const fsg_block_variant *kernels;
    const fsg_block_weight_gradient *a;
    size_t lanes;
    // Without transforms: the kernel's places, and pixels. With them: points, and tiles of 2 x 2 pixels.
    int by_points;
    size_t rows, columns, places;         // of the kernel, or the points
    size_t side, height, width;           // pixels of a tile, and tiles of the output
    size_t filter_blocks, channel_blocks; // in all,
    size_t filters_a_task, channels_a_task, filter_tasks, channel_tasks, shares;
    size_t strips, strip; // pieces of a row, and pixels of one
    size_t pieces;        // in all,
    size_t pieces_a_chunk;
    size_t sums_a_task; // floats: [filter block][channel of the task][kernel][lanes], [filter block][lanes]
    // Of pairs: a strip's pixels of x come in so many columns, `step` pixels from one to the next.
    int is_fast;
    size_t row_columns, step, pairs; // pairs: of a strip's dy
    size_t scratch_a_worker;
    float *scratch, *sums; // of each worker, and of each share
} job;

static size_t divisor(size_t a, size_t b) { return b == 0 ? a : divisor(b, a % b); }

static size_t columns_read(const fsg_block_weight_gradient *a, size_t width) {
    return (width - 1) * a->stride_width + (a->kernel_width - 1) * a->dilation_width + 1;
}

// Blocks of filters and channels a task.
static void divide_weights(job *j) {
    const size_t block = j->a->block * j->places * j->lanes;
    j->filters_a_task = fsk_least(j->filter_blocks, most_filters);
    j->channels_a_task = fsk_least(j->channel_blocks, most_channels);
    while (j->filters_a_task * j->channels_a_task * block > sums_size &&
           (j->filters_a_task > 2 || j->channels_a_task > 1))
        if (j->channels_a_task > 1 && (j->channels_a_task * 2 >= j->filters_a_task || j->filters_a_task <= 2))
            j->channels_a_task = fsk_ceil(j->channels_a_task, 2);
        else
            j->filters_a_task = fsk_ceil(j->filters_a_task, 4) * 2;
    j->filter_tasks = fsk_ceil(j->filter_blocks, j->filters_a_task);
    j->channel_tasks = fsk_ceil(j->channel_blocks, j->channels_a_task);
    j->sums_a_task = j->filters_a_task * (j->channels_a_task * block + j->lanes);
}

// Pixels into pieces, chunks of these and shares of those.
static void divide_pixels(job *j) {
    const fsg_block_weight_gradient *a = j->a;
    const size_t most = j->by_points ? piece_tiles : piece_pixels;
    j->strips = fsk_ceil(j->width, most);
    j->strip = j->strips ? fsk_ceil(fsk_ceil(j->width, j->strips), 2) * 2 : 0;
    j->pieces = a->batch * j->height * j->strips;
    j->pieces_a_chunk = j->strip > 0 && j->strip < most ? most / j->strip : 1;
    const size_t pixels = a->batch * a->out_height * a->out_width;
    const size_t wanted = fsk_ceil(wanted_tasks, j->filter_tasks * j->channel_tasks);
    j->shares = fsk_least(wanted, fsk_ceil(pixels, least_pixels));
    j->shares = j->shares ? fsk_least(j->shares, j->pieces) : 1;
}

static void divide_pairs(job *j) {
    const fsg_block_weight_gradient *a = j->a;
    const size_t twice = 2 * a->stride_width;
    const int is_narrow = a->block < j->lanes;
    j->step = is_narrow ? 1 : a->kernel_width == 1 ? twice : divisor(twice, a->dilation_width);
    j->row_columns = j->strip ? fsk_ceil(columns_read(a, j->strip), j->step) : 0;
    j->pairs = j->strip / 2;
    j->scratch_a_worker =
        j->pieces_a_chunk * (j->filters_a_task * j->pairs * j->lanes +
                             j->channels_a_task * a->kernel_height * j->row_columns * a->block);
}

// Vectors of a chunk at one point: a tile, or a pair of them.
static size_t chunk_vectors(const job *j) {
    return j->pieces_a_chunk * (j->is_fast ? j->strip / 2 : j->strip);
}

static void choose_places(job *j) {
    const fsg_block_weight_gradient *a = j->a;
    j->by_points = a->kernel_height == 3 && a->kernel_width == 3 && a->stride_height == 1 &&
                   a->stride_width == 1 && a->dilation_height == 1 && a->dilation_width == 1 &&
                   a->block == j->lanes && a->out_height % 2 == 0 && a->out_width % 2 == 0;
    j->rows = j->by_points ? points : a->kernel_height;
    j->columns = j->by_points ? points : a->kernel_width;
    j->places = j->rows * j->columns;
    j->side = j->by_points ? 2 : 1;
    j->height = a->out_height / j->side;
    j->width = a->out_width / j->side;
}

static job divide(const fsk_block_variant *variant, const fsg_block_weight_gradient *a) {
    job j = {.variant = variant, .kernels = fsg_block_gradients(variant), .a = a, .lanes = variant->lanes};
    choose_places(&j);
    j.filter_blocks = fsk_ceil(a->filters, j.lanes);
    j.channel_blocks = fsk_ceil(a->channels, a->block);
    j.is_fast = a->precision == FSK_FAST;
    divide_weights(&j);
    divide_pixels(&j);
    if (j.by_points)
        j.scratch_a_worker = (j.filters_a_task + j.channels_a_task) * j.places * chunk_vectors(&j) * j.lanes;
    else if (j.is_fast)
        divide_pairs(&j);
    j.scratch_a_worker = fsk_ceil(j.scratch_a_worker, fsk_line) * fsk_line;
    j.sums_a_task = fsk_ceil(j.sums_a_task, fsk_line) * fsk_line;
    return j;
}

// What a task does, and where the pixels of its chunk lie.
typedef struct {
    const job *j;
    size_t filter, filters, channel, channels; // its blocks
    float *sums, *scratch;
    fsg_piece pieces[most_pieces];
    size_t count;
    const float *dy, *x; // of its first blocks
    size_t dy_plane, dy_place, x_plane, x_row, x_step, x_place;
} work;

// Floats from a task's first pixel of dy and x to a piece's.
static fsg_piece piece_at(const job *j, size_t at) {
    const fsg_block_weight_gradient *a = j->a;
    const size_t first = at % j->strips * j->strip, column = first * j->side,
                 row = at / j->strips % j->height * j->side, picture = at / j->strips / j->height;
    return (fsg_piece){(ptrdiff_t)(picture * a->dy.batch_step + row * a->dy.row_step + column * j->lanes),
                       (ptrdiff_t)(picture * a->x.batch_step + row * a->stride_height * a->x.row_step +
                                   column * a->stride_width * a->block),
                       fsk_least(j->strip, j->width - first)};
}

// A chunk's pixels, where they are.
static void take(work *w, size_t first, size_t end) {
    const job *j = w->j;
    const fsg_block_weight_gradient *a = j->a;
    w->count = fsk_least(j->pieces_a_chunk, end - first);
    for (size_t i = 0; i < w->count; ++i)
        w->pieces[i] = piece_at(j, first + i);
    w->dy = a->dy.pixels + w->filter * a->dy.plane_step;
    w->x = a->x.pixels + w->channel * a->x.plane_step;
    w->dy_plane = a->dy.plane_step;
    w->dy_place = 0;
    w->x_plane = a->x.plane_step;
    w->x_row = a->dilation_height * a->x.row_step;
    w->x_step = a->stride_width * a->block;
    w->x_place = a->dilation_width * a->block;
}

// The same as pairs, in scratch memory: dy[block][piece][pair], x[block][piece][row of the kernel][column].
static void turn(work *w) {
    const job *j = w->j;
    const fsg_block_weight_gradient *a = j->a;
    const size_t row = j->row_columns * a->block, dy_piece = j->pairs * j->lanes,
                 x_piece = a->kernel_height * row;
    float *dy = w->scratch, *x = dy + j->pieces_a_chunk * w->filters * dy_piece;
    for (size_t i = 0; i < w->count; ++i) {
        fsg_piece *p = &w->pieces[i];
        const size_t pairs = fsk_ceil(p->pixels, 2);
        for (size_t f = 0; f < w->filters; ++f)
            j->kernels->pairs->to_pairs(&(fsg_row_pairs){w->dy + f * w->dy_plane + p->dy, p->pixels, j->lanes,
                                                         2, 1, pairs,
                                                         dy + (f * j->pieces_a_chunk + i) * dy_piece});
        const size_t columns = columns_read(a, p->pixels);
        for (size_t c = 0; c < w->channels; ++c)
            for (size_t u = 0; u < a->kernel_height; ++u)
                j->kernels->pairs->to_pairs(&(fsg_row_pairs){
                    w->x + c * w->x_plane + u * w->x_row + p->x, columns, a->block, j->step, a->stride_width,
                    fsk_ceil(columns, j->step), x + (c * j->pieces_a_chunk + i) * x_piece + u * row});
        *p = (fsg_piece){(ptrdiff_t)(i * dy_piece), (ptrdiff_t)(i * x_piece), pairs};
    }
    w->dy = dy;
    w->x = x;
    w->dy_plane = j->pieces_a_chunk * dy_piece;
    w->x_plane = j->pieces_a_chunk * x_piece;
    w->x_row = row;
    w->x_step = 2 * a->stride_width / j->step * a->block;
    w->x_place = a->dilation_width / j->step * a->block;
}

// The same at 16 points, a piece in all: dy[block][point][tile], x likewise, or pairs of tiles.
static void transform(work *w, float *bias) {
    const job *j = w->j;
    const size_t point = chunk_vectors(j) * j->lanes, plane = j->places * point;
    fsg_point_fn *dy_points = j->is_fast ? j->kernels->pairs->dy_points : j->kernels->dy_points,
                 *x_points = j->is_fast ? j->kernels->pairs->x_points : j->kernels->x_points;
    float *dy = w->scratch, *x = dy + w->filters * plane;
    size_t at = 0;
    for (size_t i = 0; i < w->count; ++i) {
        const fsg_piece *p = &w->pieces[i];
        for (size_t f = 0; f < w->filters; ++f)
            dy_points(&(fsg_point_row){w->dy + f * w->dy_plane + p->dy, j->a->dy.row_step, p->pixels,
                                       dy + f * plane + at * j->lanes, point,
                                       bias ? bias + f * j->lanes : NULL});
        for (size_t c = 0; c < w->channels; ++c)
            x_points(&(fsg_point_row){w->x + c * w->x_plane + p->x, w->x_row, p->pixels,
                                      x + c * plane + at * j->lanes, point, NULL});
        at += j->is_fast ? fsk_ceil(p->pixels, 2) : p->pixels;
    }
    w->pieces[0] = (fsg_piece){0, 0, at};
    w->count = 1;
    w->dy = dy;
    w->x = x;
    w->dy_plane = w->x_plane = plane;
    w->dy_place = w->x_place = point;
    w->x_row = points * point;
    w->x_step = j->lanes;
}

// All places of the kernel of one block of channels. Of four channels the places of a row, which lie side by
// side in x, are one run.
static void multiply_block(const work *w, size_t filter, size_t channel) {
    const job *j = w->j;
    const fsg_block_weight_gradient *a = j->a;
    const size_t left = a->channels - (w->channel + channel) * a->block;
    const int is_run = a->block == 4 && w->x_place == 4;
    fsg_weight_tile tile = {.dy_plane = w->dy_plane,
                            .x_step = w->x_step,
                            .pieces = w->pieces,
                            .piece_count = w->count,
                            .vectors = fsk_least(w->filters - filter, 2),
                            .sum_step = j->places * j->lanes,
                            .sum_plane = w->channels * a->block * j->places * j->lanes};
    tile.count = is_run ? a->kernel_width * 4 : fsk_ceil(fsk_least(left, a->block), 4) * 4;
    tile.quad_step = is_run ? j->lanes : 4 * tile.sum_step;
    float *sums = w->sums + filter * tile.sum_plane + channel * a->block * tile.sum_step;
    for (size_t u = 0; u < j->rows; ++u)
        for (size_t v = 0; v < (is_run ? 1 : j->columns); ++v) {
            const size_t place = u * j->columns + v;
            tile.dy = w->dy + filter * w->dy_plane + place * w->dy_place;
            tile.x = w->x + channel * w->x_plane + u * w->x_row + v * w->x_place;
            tile.sums = sums + place * j->lanes;
            (j->is_fast ? j->kernels->pairs->weight_tile : j->kernels->weight_tile)(&tile);
        }
}

// Behind the weights' sums are those of dy, which tasks of the first channels have.
static float *bias_sums(const work *w) {
    return w->sums + w->filters * w->channels * w->j->a->block * w->j->places * w->j->lanes;
}

static void add_bias(const work *w) {
    for (size_t f = 0; f < w->filters; ++f)
        for (size_t i = 0; i < w->count; ++i)
            w->j->kernels->sum_pixels(w->dy + f * w->dy_plane + w->pieces[i].dy, w->pieces[i].pixels,
                                      bias_sums(w) + f * w->j->lanes);
}

// A task's blocks; its sums are those of its share, or of its worker.
static work work_of(const job *j, size_t index, size_t share, size_t worker) {
    work w = {.j = j};
    w.filter = index / j->channel_tasks * j->filters_a_task;
    w.channel = index % j->channel_tasks * j->channels_a_task;
    w.filters = fsk_least(j->filters_a_task, j->filter_blocks - w.filter);
    w.channels = fsk_least(j->channels_a_task, j->channel_blocks - w.channel);
    w.scratch = j->scratch + worker * j->scratch_a_worker;
    w.sums = j->sums + (j->shares == 1 ? worker : index * j->shares + share) * j->sums_a_task;
    return w;
}

// What the sums at the points of one channel give for its weights, of which the halves are left: 3 x 3 from 4
// x 4.
static void transform_back(const float *from, float *to, size_t lanes) {
    float half[3 * points];
    for (size_t i = 0; i < lanes; ++i) {
        for (size_t u = 0; u < points; ++u) {
            const float *m = from + u * points * lanes + i;
            const float one = 0.5f * m[lanes], other = 0.5f * m[2 * lanes];
            half[u] = m[0] + one + other;
            half[points + u] = one - other;
            half[2 * points + u] = one + other + m[3 * lanes];
        }
        for (size_t v = 0; v < 3; ++v) {
            const float *m = half + v * points, one = 0.5f * m[1], other = 0.5f * m[2];
            to[v * lanes + i] = m[0] + one + other;
            to[(3 + v) * lanes + i] = one - other;
            to[(6 + v) * lanes + i] = one + other + m[3];
        }
    }
}

// The sums of one block of filters into dw and dbias.
static void write_block(const work *w, size_t filter) {
    const job *j = w->j;
    const fsg_block_weight_gradient *a = j->a;
    const size_t f = (w->filter + filter) * j->lanes, c = w->channel * a->block;
    const size_t channels = fsk_least(w->channels * a->block, a->channels - c),
                 area = a->kernel_height * a->kernel_width, depth = channels * area;
    float *sums = w->sums + filter * w->channels * a->block * j->places * j->lanes;
    // In place: a channel's weights lie before the points of the next.
    for (size_t channel = 0; j->by_points && channel < channels; ++channel)
        transform_back(sums + channel * j->places * j->lanes, sums + channel * area * j->lanes, j->lanes);
    fsg_written_weights written = {.sums = sums,
                                   .lanes = j->lanes,
                                   .depth = depth,
                                   .filters = fsk_least(j->lanes, a->filters - f),
                                   .weights = a->dw + (f * a->channels + c) * area,
                                   .filter_step = a->channels * area,
                                   .adds = a->adds};
    fsg_write_weights(&written);
    if (!a->dbias || c > 0)
        return;
    written.sums = bias_sums(w) + filter * j->lanes;
    written.depth = written.filter_step = 1;
    written.weights = a->dbias + f;
    fsg_write_weights(&written);
}

static void some_sums(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const size_t share = index % j->shares;
    work w = work_of(j, index / j->shares, share, worker);
    memset(w.sums, 0, j->sums_a_task * sizeof *w.sums);
    const size_t first = j->pieces * share / j->shares, end = j->pieces * (share + 1) / j->shares;
    for (size_t at = first; at < end; at += j->pieces_a_chunk) {
        take(&w, at, end);
        const int has_bias = j->a->dbias && w.channel == 0;
        if (has_bias && !j->by_points)
            add_bias(&w);
        if (j->by_points)
            transform(&w, has_bias ? bias_sums(&w) : NULL);
        else if (j->is_fast)
            turn(&w);
        for (size_t filter = 0; filter < w.filters; filter += 2)
            for (size_t channel = 0; channel < w.channels; ++channel)
                multiply_block(&w, filter, channel);
    }
    for (size_t filter = 0; j->shares == 1 && filter < w.filters; ++filter)
        write_block(&w, filter);
}

// Adds up the shares of one block of filters, in their order.
static void add_shares(void *argument, size_t index) {
    const job *j = argument;
    const work w = work_of(j, index / j->filters_a_task, 0, 0);
    const size_t filter = index % j->filters_a_task, block = w.channels * j->a->block * j->places * j->lanes;
    if (filter >= w.filters)
        return;
    for (size_t share = 1; share < j->shares; ++share) {
        const float *more = w.sums + share * j->sums_a_task;
        for (size_t i = filter * block; i < (filter + 1) * block; ++i)
            w.sums[i] += more[i];
        const size_t bias = w.filters * block + filter * j->lanes;
        for (size_t i = bias; i < bias + j->lanes; ++i)
            w.sums[i] += more[i];
    }
    write_block(&w, filter);
}

static size_t weight_tasks(const job *j) { return j->filter_tasks * j->channel_tasks; }

// What is turned into pairs must meet filters enough; of narrow blocks a row's strides do not spare any of
// it.
fsk_block_precision fsg_block_weight_gradient_best_precision(const fsk_block_variant *variant,
                                                             const fsg_block_weight_gradient *sizes) {
    const size_t meets = sizes->kernel_width * fsk_ceil(sizes->filters, variant->lanes);
    const int gains = meets > (sizes->block < variant->lanes ? 3 : 1);
    return gains && fsk_block_bfloat_gains(variant) ? FSK_FAST : FSK_EXACT;
}

size_t fsg_block_weight_gradient_scratch(const fsk_block_variant *variant,
                                         const fsg_block_weight_gradient *sizes, size_t threads) {
    const job j = divide(variant, sizes);
    const size_t sums = j.shares == 1 ? threads : weight_tasks(&j) * j.shares;
    return threads * j.scratch_a_worker + sums * j.sums_a_task;
}

void fsg_block_weight_gradient_run(const fsk_block_variant *variant, const fsg_block_weight_gradient *a,
                                   float *scratch, const fsk_pool *pool) {
    job j = divide(variant, a);
    const size_t threads = pool->threads > 1 ? (size_t)pool->threads : 1;
    j.scratch = scratch;
    j.sums = scratch + threads * j.scratch_a_worker;
    fsk_pool_run_workers(pool, some_sums, &j, weight_tasks(&j) * j.shares);
    if (j.shares > 1)
        fsk_pool_run(pool, add_shares, &j, weight_tasks(&j) * j.filters_a_task);
}
