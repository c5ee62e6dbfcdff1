// winograd: F(2 x 2, 3 x 3) of Lavin and Gray (2015), section 4.1. A task takes as many tiles as the
// micro-kernel has columns: their 4 x 4 squares are transformed for all channels into scratch memory that the
// second-level cache holds, and each panel of filters then meets them in 16 products whose sums never leave
// the first-level cache.
#include "cpu/targets.h"
#include "fsk_winograd.h"
#include "tile.h"
#include "unary/relu.h"

#include <string.h>

enum {
    points = 16,
    most_columns = 32,
    least_size = 16,
    most_channels = 1024,
    wanted_tasks = 24,
    least_rows = 64
};

int fsk_winograd_pays(const fsk_convolution_variant *variant, size_t filters, size_t channels) {
    (void)variant;
    return filters >= least_size && channels >= least_size && channels <= most_channels;
}

size_t fsk_winograd_packed_size(const fsk_convolution_variant *variant, size_t filters, size_t channels) {
    return fsk_round_up(filters, variant->rows) * channels * points;
}

size_t fsk_winograd_scratch_size(const fsk_convolution_variant *variant, size_t channels) {
    return fsk_round_up((channels + variant->rows) * variant->columns * points, 16);
}

// u = G g G' with G = [1 0 0; .5 .5 .5; .5 -.5 .5; 0 0 1].
static void transform_filter(const float g[3][3], float gain, float u[points]) {
    float half[4][3];
    for (int j = 0; j < 3; ++j) {
        half[0][j] = g[0][j];
        half[1][j] = 0.5f * (g[0][j] + g[1][j] + g[2][j]);
        half[2][j] = 0.5f * (g[0][j] - g[1][j] + g[2][j]);
        half[3][j] = g[2][j];
    }
    for (int i = 0; i < 4; ++i) {
        u[4 * i] = gain * half[i][0];
        u[4 * i + 1] = gain * 0.5f * (half[i][0] + half[i][1] + half[i][2]);
        u[4 * i + 2] = gain * 0.5f * (half[i][0] - half[i][1] + half[i][2]);
        u[4 * i + 3] = gain * half[i][2];
    }
}

// packed[panel][point][channel][rows of the tile]; missing filters of the last panel are zeros.
void fsk_winograd_pack(const fsk_convolution_variant *variant, const fsk_filters *w, size_t first,
                       size_t count, float *packed) {
    const size_t rows = variant->rows;
    for (size_t f = first; f < fsk_round_up(first + count, rows); ++f) {
        float *panel = packed + f / rows * rows * points * w->channels + f % rows;
        for (size_t c = 0; c < w->channels; ++c) {
            float g[3][3] = {{0}}, u[points];
            if (f < first + count) {
                const float *at =
                    w->source + (ptrdiff_t)(f - first) * w->filter_step + (ptrdiff_t)c * w->channel_step;
                for (int i = 0; i < 3; ++i)
                    for (int j = 0; j < 3; ++j)
                        g[i][j] = at[i * w->row_step + j * w->column_step];
            }
            transform_filter(g, w->gain && f < first + count ? w->gain[f - first] : 1, u);
            for (size_t p = 0; p < points; ++p)
                panel[(p * w->channels + c) * rows] = u[p];
        }
    }
}

// Tiles of one row of tiles.
typedef struct {
    size_t at, length; // within the task's tiles
    size_t row, column;
} stretch;

typedef struct {
    const fsk_convolution_variant *variant;
    const fsk_winograd *a;
    float *scratch;
    size_t wide, tiles; // tiles a row, tiles in all
    size_t tile_tasks, rows, row_tasks, tasks;
    uint32_t cpu;
} job;

// The four rows of x under a stretch of tiles, 2 * length + 2 wide, zeros outside.
FSK_BODY void load(const fsk_winograd *a, const float *plane, const stretch *s,
                   float line[4][2 * most_columns + 2]) {
    const ptrdiff_t count = 2 * (ptrdiff_t)s->length + 2, width = (ptrdiff_t)a->width;
    const ptrdiff_t column = 2 * (ptrdiff_t)s->column - a->pad_width;
    const ptrdiff_t low = column < 0 ? (-column < count ? -column : count) : 0;
    ptrdiff_t high = width - column < count ? width - column : count;
    if (high < low)
        high = low;
    for (int i = 0; i < 4; ++i) {
        const ptrdiff_t row = 2 * (ptrdiff_t)s->row - a->pad_height + i;
        if (row < 0 || row >= (ptrdiff_t)a->height) {
            memset(line[i], 0, (size_t)count * sizeof(float));
            continue;
        }
        const float *x = plane + row * width + column;
        for (ptrdiff_t k = 0; k < low; ++k)
            line[i][k] = 0;
        for (ptrdiff_t k = low; k < high; ++k)
            line[i][k] = x[k];
        for (ptrdiff_t k = high; k < count; ++k)
            line[i][k] = 0;
    }
}

// v = B' d B of each tile of a stretch, B' = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1]: v[point * step + tile].
FSK_BODY void transform_input_body(const fsk_winograd *a, const float *plane, const stretch *s, size_t step,
                                   float *v) {
    float line[4][2 * most_columns + 2], w[4][2 * most_columns + 2];
    const size_t count = 2 * s->length + 2;
    load(a, plane, s, line);
    for (size_t k = 0; k < count; ++k) {
        w[0][k] = line[0][k] - line[2][k];
        w[1][k] = line[1][k] + line[2][k];
        w[2][k] = line[2][k] - line[1][k];
        w[3][k] = line[1][k] - line[3][k];
    }
    for (size_t i = 0; i < 4; ++i) {
        float *v0 = v + 4 * i * step + s->at, *v1 = v0 + step, *v2 = v1 + step, *v3 = v2 + step;
        for (size_t t = 0; t < s->length; ++t) {
            const float a0 = w[i][2 * t], a1 = w[i][2 * t + 1], a2 = w[i][2 * t + 2], a3 = w[i][2 * t + 3];
            v0[t] = a0 - a2;
            v1[t] = a1 + a2;
            v2[t] = a2 - a1;
            v3[t] = a1 - a3;
        }
    }
}
FSK_TARGETS(transform_input,
            (const fsk_winograd *a, const float *plane, const stretch *s, size_t step, float *v),
            (a, plane, s, step, v))

// y = A' m A of each tile of a stretch, A' = [1 1 1 0; 0 1 -1 -1], plus bias, ReLU: m[point * step + tile].
FSK_BODY void transform_output_body(const fsk_winograd *a, const float *m, const stretch *s, size_t step,
                                    float bias, float *plane) {
    float out[2][2 * most_columns];
    for (size_t t = 0; t < s->length; ++t) {
        float sum[2][4];
        for (size_t j = 0; j < 4; ++j) {
            const float *at = m + j * step + s->at + t;
            const float m0 = at[0], m1 = at[4 * step], m2 = at[8 * step], m3 = at[12 * step];
            sum[0][j] = m0 + m1 + m2;
            sum[1][j] = m1 - m2 - m3;
        }
        for (size_t i = 0; i < 2; ++i) {
            out[i][2 * t] = sum[i][0] + sum[i][1] + sum[i][2] + bias;
            out[i][2 * t + 1] = sum[i][1] - sum[i][2] - sum[i][3] + bias;
        }
    }
    const size_t left = a->out_width - 2 * s->column, count = 2 * s->length < left ? 2 * s->length : left;
    for (size_t i = 0; i < 2 && 2 * s->row + i < a->out_height; ++i) {
        float *y = plane + (2 * s->row + i) * a->out_width + 2 * s->column;
        if (a->relu)
            for (size_t k = 0; k < count; ++k)
                y[k] = relu_scalar(out[i][k], a->slope);
        else
            memcpy(y, out[i], count * sizeof(float));
    }
}
FSK_TARGETS(transform_output,
            (const fsk_winograd *a, const float *m, const stretch *s, size_t step, float bias, float *plane),
            (a, m, s, step, bias, plane))

static size_t cut(const job *j, size_t first, size_t count, stretch *stretches) {
    size_t n = 0;
    for (size_t at = 0; at < count; at += stretches[n++].length) {
        const size_t row = (first + at) / j->wide, column = (first + at) % j->wide, left = j->wide - column;
        stretches[n] = (stretch){at, left < count - at ? left : count - at, row, column};
    }
    return n;
}

static void task(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const fsk_winograd *a = j->a;
    float *scratch = j->scratch + worker * fsk_winograd_scratch_size(j->variant, a->channels);
    const size_t columns = j->variant->columns, rows = j->variant->rows, square = rows * columns;
    const size_t first = index % j->tile_tasks * columns, row_task = index / j->tile_tasks % j->row_tasks;
    const size_t n = index / j->tile_tasks / j->row_tasks, step = a->channels * columns;
    const size_t count = j->tiles - first < columns ? j->tiles - first : columns;
    const size_t end = (row_task + 1) * j->rows < a->filters ? (row_task + 1) * j->rows : a->filters;
    const fsk_epilogue plain = {0};
    stretch stretches[most_columns];
    const size_t cuts = cut(j, first, count, stretches);
    float *m = scratch + points * step;
    if (count < columns)
        memset(scratch, 0, points * step * sizeof(float));
    for (size_t c = 0; c < a->channels; ++c) {
        const float *plane = a->x + (n * a->channels + c) * a->height * a->width;
        for (size_t s = 0; s < cuts; ++s)
            FSK_CALL(transform_input, j->cpu, (a, plane, stretches + s, step, scratch + c * columns));
    }
    for (size_t f = row_task * j->rows; f < end; f += rows) {
        const float *u = a->weights + f * points * a->channels;
        for (size_t p = 0; p < points; ++p)
            j->variant->tile(a->channels, u + p * a->channels * rows, scratch + p * step, m + p * square,
                             columns, &plain);
        for (size_t r = 0; r < rows && f + r < end; ++r) {
            float *plane = a->y + (n * a->filters + f + r) * a->out_height * a->out_width;
            const float bias = a->bias ? a->bias[f + r] : 0;
            for (size_t s = 0; s < cuts; ++s)
                FSK_CALL(transform_output, j->cpu, (a, m + r * columns, stretches + s, square, bias, plane));
        }
    }
}

void fsk_winograd_run(const fsk_convolution_variant *variant, const fsk_winograd *a, float *scratch,
                      const fsk_pool *pool) {
    job j = {.variant = variant, .a = a, .scratch = scratch, .cpu = pool->cpu};
    j.wide = (a->out_width + 1) / 2;
    j.tiles = (a->out_height + 1) / 2 * j.wide;
    j.tile_tasks = (j.tiles + variant->columns - 1) / variant->columns;
    // A small picture is shared by filters too: each of those tasks transforms the tiles anew.
    const size_t have = j.tile_tasks * a->batch, split = have ? (wanted_tasks + have - 1) / have : 1;
    const size_t rows = (a->filters + split - 1) / split;
    j.rows = fsk_round_up(rows < least_rows ? least_rows : rows, variant->rows);
    j.row_tasks = (a->filters + j.rows - 1) / j.rows;
    j.tasks = have * j.row_tasks;
    fsk_pool_run_workers(pool, task, &j, j.tasks);
}
