// guided: the filter on the small picture, in five stages of bands of rows: the guide's moments, summed along
// rows; down columns, and the covariance of each window factored; then for each map its moments with the
// guide likewise, the model of each window, and the models' means. A band's bits do not depend on the others.
#include "fsk_guided.h"
#include "cpu/targets.h"
#include "windows.h"

#include <string.h>

enum {
    band = 8,             // rows
    guide_moments = 9,    // I_0 ... I_2, I_0 I_0, I_0 I_1, I_0 I_2, I_1 I_1, I_1 I_2, I_2 I_2
    guide_models = 9,     // the means of I, and the covariance's factors
    map_moments = 4,      // p I_0 ... p I_2, p
    coefficient_count = 4 // a_0 ... a_2, b
};

typedef struct {
    const fsk_guided *arguments;
    uint32_t cpu;
    size_t map;
    float epsilon;
    float *models;     // [guide_models, height, width]
    float *rows;       // [guide_moments, height, width]: moments along rows
    float *model_rows; // [coefficient_count, height, width]: a and b along rows
    float *per_width;  // [width]: one over the pixels of a window along a row
    float *spread;     // [height, 6]: sums of each colour, of its square
    float *workers;    // [threads][worker_floats]
} job;

static size_t worker_floats(size_t width, size_t radius) {
    return (guide_moments + coefficient_count + 1) * width + 2 * radius + 64;
}

size_t fsk_guided_scratch(size_t height, size_t width, size_t radius, size_t threads) {
    return (guide_models + guide_moments + coefficient_count) * height * width + width + 6 * height +
           threads * worker_floats(width, radius);
}

static job layout(const fsk_guided *a, const fsk_pool *pool) {
    const size_t plane = a->height * a->width;
    job j = {.arguments = a, .cpu = pool->cpu, .models = a->scratch};
    j.rows = j.models + guide_models * plane;
    j.model_rows = j.rows + guide_moments * plane;
    j.per_width = j.model_rows + coefficient_count * plane;
    j.spread = j.per_width + a->width;
    j.workers = j.spread + 6 * a->height;
    for (size_t x = 0; x < a->width; ++x)
        j.per_width[x] = 1 / window_length(x, a->width, a->radius);
    return j;
}

static size_t bands(const job *j) { return (j->arguments->height + band - 1) / band; }

static size_t behind(const job *j, size_t index) {
    const size_t end = (index + 1) * band;
    return end < j->arguments->height ? end : j->arguments->height;
}

// --- Rows of products, summed along the row.

FSK_BODY void multiply_body(const float *x, const float *y, size_t n, float *product) {
    for (size_t i = 0; i < n; ++i)
        product[i] = x[i] * y[i];
}
FSK_TARGETS(multiply, (const float *x, const float *y, size_t n, float *product), (x, y, n, product))

// x * y along the row, windows summed; y may be NULL. line: n + 2 radius floats.
static void product_row(const job *j, const float *x, const float *y, float *line, float *sum) {
    const size_t n = j->arguments->width, radius = j->arguments->radius;
    if (!y) {
        row_window(x, n, radius, line, sum, j->cpu);
        return;
    }
    FSK_CALL(multiply, j->cpu, (x, y, n, line + radius));
    row_window(line + radius, n, radius, line, sum, j->cpu);
}

FSK_BODY void spread_body(const float *x, size_t n, float *sum, float *squares) {
    float parts[2][16] = {{0}};
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (size_t k = 0; k < 16; ++k) {
            parts[0][k] += x[i + k];
            parts[1][k] += x[i + k] * x[i + k];
        }
    for (size_t k = 0; i < n; ++i, ++k) {
        parts[0][k] += x[i];
        parts[1][k] += x[i] * x[i];
    }
    *sum = *squares = 0;
    for (size_t k = 0; k < 16; ++k) {
        *sum += parts[0][k];
        *squares += parts[1][k];
    }
}
FSK_TARGETS(spread, (const float *x, size_t n, float *sum, float *squares), (x, n, sum, squares))

// A row of moments; line: n + 2 radius floats of scratch.
typedef void moments_fn(const job *j, size_t row, float *line);

// Calls `moments` for each row of a band.
static void along_rows(const job *j, size_t index, size_t worker, moments_fn *moments) {
    float *line = j->workers + worker * worker_floats(j->arguments->width, j->arguments->radius);
    for (size_t y = index * band; y < behind(j, index); ++y)
        moments(j, y, line);
}

static void guide_row(const job *j, size_t y, float *line) {
    const size_t n = j->arguments->width, plane = j->arguments->height * n;
    const float *color = j->arguments->guide + y * n;
    float *sum = j->rows + y * n, *product = sum + 3 * plane;
    for (size_t c = 0; c < 3; ++c) {
        FSK_CALL(spread, j->cpu, (color + c * plane, n, j->spread + 6 * y + c, j->spread + 6 * y + 3 + c));
        product_row(j, color + c * plane, NULL, line, sum + c * plane);
        for (size_t d = c; d < 3; ++d, product += plane)
            product_row(j, color + c * plane, color + d * plane, line, product);
    }
}

static void map_row(const job *j, size_t y, float *line) {
    const size_t n = j->arguments->width, plane = j->arguments->height * n;
    const float *map = j->arguments->maps + j->map * plane + y * n;
    float *sum = j->rows + y * n;
    for (size_t c = 0; c < 3; ++c)
        product_row(j, map, j->arguments->guide + c * plane + y * n, line, sum + c * plane);
    product_row(j, map, NULL, line, sum + 3 * plane);
}

static void guide_rows(void *argument, size_t index, size_t worker) {
    along_rows(argument, index, worker, guide_row);
}

static void map_rows(void *argument, size_t index, size_t worker) {
    along_rows(argument, index, worker, map_row);
}

// --- Columns: from sums of windows to models.

// Of a row of pixels: the guide's means m, and the covariance plus epsilon as L D L^T, of which 1 / D, and L
// below its diagonal. sums: [9, n]; model: planes `plane` apart.
FSK_BODY void factor_body(const float *sums, size_t n, const float *per_width, float per_height,
                          float epsilon, float *model, size_t plane) {
    for (size_t i = 0; i < n; ++i) {
        const float share = per_width[i] * per_height;
        const float m0 = sums[i] * share, m1 = sums[n + i] * share, m2 = sums[2 * n + i] * share;
        const float s00 = sums[3 * n + i] * share - m0 * m0, s01 = sums[4 * n + i] * share - m0 * m1;
        const float s02 = sums[5 * n + i] * share - m0 * m2, s11 = sums[6 * n + i] * share - m1 * m1;
        const float s12 = sums[7 * n + i] * share - m1 * m2, s22 = sums[8 * n + i] * share - m2 * m2;
        const float per_d0 = 1 / ((s00 > 0 ? s00 : 0) + epsilon);
        const float l10 = s01 * per_d0, l20 = s02 * per_d0;
        // What is left of a variance is never below 0, but for rounding.
        const float left1 = s11 - l10 * s01, per_d1 = 1 / ((left1 > 0 ? left1 : 0) + epsilon);
        const float l21 = (s12 - l20 * s01) * per_d1;
        const float left2 = s22 - l20 * s02 - l21 * (s12 - l20 * s01);
        model[i] = m0;
        model[plane + i] = m1;
        model[2 * plane + i] = m2;
        model[3 * plane + i] = per_d0;
        model[4 * plane + i] = l10;
        model[5 * plane + i] = l20;
        model[6 * plane + i] = per_d1;
        model[7 * plane + i] = l21;
        model[8 * plane + i] = 1 / ((left2 > 0 ? left2 : 0) + epsilon);
    }
}
FSK_TARGETS(factor,
            (const float *sums, size_t n, const float *per_width, float per_height, float epsilon,
             float *model, size_t plane),
            (sums, n, per_width, per_height, epsilon, model, plane))

// Of a row of pixels: a = covariance^-1 cov(I, p), b = mean p - a . m. sums: [4, n], ab: [4, n].
FSK_BODY void solve_body(const float *sums, size_t n, const float *per_width, float per_height,
                         const float *model, size_t plane, float *ab) {
    for (size_t i = 0; i < n; ++i) {
        const float share = per_width[i] * per_height, mean = sums[3 * n + i] * share;
        const float m0 = model[i], m1 = model[plane + i], m2 = model[2 * plane + i];
        const float l10 = model[4 * plane + i], l20 = model[5 * plane + i], l21 = model[7 * plane + i];
        const float y0 = sums[i] * share - m0 * mean;
        const float y1 = sums[n + i] * share - m1 * mean - l10 * y0;
        const float y2 = sums[2 * n + i] * share - m2 * mean - l20 * y0 - l21 * y1;
        const float a2 = y2 * model[8 * plane + i], a1 = y1 * model[6 * plane + i] - l21 * a2;
        const float a0 = y0 * model[3 * plane + i] - l10 * a1 - l20 * a2;
        ab[i] = a0;
        ab[n + i] = a1;
        ab[2 * n + i] = a2;
        ab[3 * n + i] = mean - a0 * m0 - a1 * m1 - a2 * m2;
    }
}
FSK_TARGETS(solve,
            (const float *sums, size_t n, const float *per_width, float per_height, const float *model,
             size_t plane, float *ab),
            (sums, n, per_width, per_height, model, plane, ab))

FSK_BODY void scale_body(const float *sums, size_t n, const float *per_width, float per_height, float *out) {
    for (size_t i = 0; i < n; ++i)
        out[i] = sums[i] * (per_width[i] * per_height);
}
FSK_TARGETS(scale, (const float *sums, size_t n, const float *per_width, float per_height, float *out),
            (sums, n, per_width, per_height, out))

typedef void row_fn(const job *j, size_t row, float per_height, const float *sums, float *scratch);

// Calls `row` for each row of a band with the sums of the windows about it.
static void down_columns(const job *j, size_t index, size_t worker, const float *rows, size_t planes,
                         row_fn *row) {
    const fsk_guided *a = j->arguments;
    float *scratch = j->workers + worker * worker_floats(a->width, a->radius);
    const sliding_window window = {rows, scratch, planes, a->height, a->width, a->radius};
    const size_t first = index * band;
    for (size_t y = first; y < behind(j, index); ++y) {
        if (y == first)
            window_begin(&window, y, j->cpu);
        else
            window_move(&window, y, j->cpu);
        row(j, y, 1 / window_length(y, a->height, a->radius), scratch, scratch + planes * a->width);
    }
}

static void factor_row(const job *j, size_t y, float per_height, const float *sums, float *scratch) {
    (void)scratch;
    const size_t n = j->arguments->width, plane = j->arguments->height * n;
    FSK_CALL(factor, j->cpu, (sums, n, j->per_width, per_height, j->epsilon, j->models + y * n, plane));
}

static void solve_row(const job *j, size_t y, float per_height, const float *sums, float *scratch) {
    const fsk_guided *a = j->arguments;
    const size_t n = a->width, plane = a->height * n;
    FSK_CALL(solve, j->cpu, (sums, n, j->per_width, per_height, j->models + y * n, plane, scratch));
    for (size_t k = 0; k < coefficient_count; ++k)
        row_window(scratch + k * n, n, a->radius, scratch + coefficient_count * n,
                   j->model_rows + k * plane + y * n, j->cpu);
}

static void mean_row(const job *j, size_t y, float per_height, const float *sums, float *scratch) {
    (void)scratch;
    const fsk_guided *a = j->arguments;
    const size_t n = a->width, plane = a->height * n;
    float *out = a->coefficients + j->map * coefficient_count * plane + y * n;
    for (size_t k = 0; k < coefficient_count; ++k)
        FSK_CALL(scale, j->cpu, (sums + k * n, n, j->per_width, per_height, out + k * plane));
}

static void guide_columns(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    down_columns(j, index, worker, j->rows, guide_moments, factor_row);
}

static void map_columns(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    down_columns(j, index, worker, j->rows, map_moments, solve_row);
}

static void model_columns(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    down_columns(j, index, worker, j->model_rows, coefficient_count, mean_row);
}

// --- The whole.

// The mean of the three colours' variances over the whole guide.
static float variance(const job *j) {
    const size_t rows = j->arguments->height;
    const double pixels = (double)rows * (double)j->arguments->width;
    double sum = 0;
    for (size_t c = 0; c < 3; ++c) {
        double mean = 0, squares = 0;
        for (size_t y = 0; y < rows; ++y) {
            mean += (double)j->spread[6 * y + c] / pixels;
            squares += (double)j->spread[6 * y + 3 + c] / pixels;
        }
        sum += squares - mean * mean;
    }
    return (float)(sum / 3);
}

// What epsilon is at least: a guide of one colour has no variance, and bytes are only so fine.
static const float least_epsilon = 1;

void fsk_guided_run(const fsk_guided *arguments, const fsk_pool *pool) {
    job j = layout(arguments, pool);
    fsk_pool_run_workers(pool, guide_rows, &j, bands(&j));
    j.epsilon = arguments->smoothness * variance(&j);
    if (!(j.epsilon >= least_epsilon))
        j.epsilon = least_epsilon;
    fsk_pool_run_workers(pool, guide_columns, &j, bands(&j));
    for (j.map = 0; j.map < arguments->channels; ++j.map) {
        fsk_pool_run_workers(pool, map_rows, &j, bands(&j));
        fsk_pool_run_workers(pool, map_columns, &j, bands(&j));
        fsk_pool_run_workers(pool, model_columns, &j, bands(&j));
    }
}
