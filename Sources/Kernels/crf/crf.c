// crf: mean field: rounds of messages from both kernels and of softmax. How the kernels are summed stands in
// filter and gaussian, where pixels lie in lattice.
#include "fsk_crf.h"
#include "filter.h"
#include "fsk_softmax.h"
#include "gaussian.h"

#include <math.h>
#include <string.h>

enum { kinds = FSK_LATTICE_KINDS, lanes = FSK_CRF_LANES };

static const float least_probability = 1e-5f; // as the authors' unary energies of probabilities have it

typedef struct {
    const fsk_crf *arguments;
    uint32_t cpu;
    size_t radius, group;   // group: the first of four classes
    float *weights;         // [2 radius + 1]: the smoothness's
    float *norm_x, *norm_y; // its norm: a product of [width] and [height]
    float *norm;            // [points]: the appearance's
    float *scale;           // [points]: its norm times its weight
    float *unary;           // [classes, points], negative
    float *energy;          // [classes, points], negative
    float *rows;            // [classes, points]: summed along rows
    float *points;          // [points, lanes]: of a group
    float *values;          // of vertices
    float *workers;         // [threads][width + 2 radius]
    const float *sums;      // of vertices
} job;

static size_t line_floats(const fsk_crf *a) { return a->width + 2 * gaussian_radius(a->smoothness_distance); }

size_t fsk_crf_scratch(const fsk_crf *a, size_t threads) {
    const size_t points = a->height * a->width;
    return 2 * gaussian_radius(a->smoothness_distance) + 1 + a->width + a->height +
           (2 + 3 * a->classes + lanes) * points + 2 * lattice_values(a->lattice) + threads * line_floats(a);
}

static job layout(const fsk_crf *a, const fsk_pool *pool) {
    const size_t points = a->height * a->width;
    job j = {.arguments = a, .cpu = pool->cpu, .radius = gaussian_radius(a->smoothness_distance)};
    j.points = a->scratch; // first, so that a point's four values never cross a line of the cache
    j.values = j.points + lanes * points;
    j.norm = j.values + 2 * lattice_values(a->lattice);
    j.scale = j.norm + points;
    j.unary = j.scale + points;
    j.energy = j.unary + a->classes * points;
    j.rows = j.energy + a->classes * points;
    j.weights = j.rows + a->classes * points;
    j.norm_x = j.weights + 2 * j.radius + 1;
    j.norm_y = j.norm_x + a->width;
    j.workers = j.norm_y + a->height;
    return j;
}

// --- Rows of the picture.

static void fill_ones(void *argument, size_t y) {
    const job *j = argument;
    const size_t n = j->arguments->width;
    for (size_t i = y * n; i < (y + 1) * n; ++i) {
        j->norm[i] = 0;
        j->scale[i] = 1;
        for (size_t k = 0; k < lanes; ++k)
            j->points[i * lanes + k] = 1;
    }
}

// D^-1/2, from the sums of the kernel's rows. They are above 0: each point is its own neighbour.
static void find_norm(void *argument, size_t y) {
    const job *j = argument;
    const fsk_crf *a = j->arguments;
    const size_t n = a->width, first = y * n;
    lattice_slice(a->lattice, j->sums, first, n, j->scale + first, j->norm + first, 0, 1, j->cpu);
    for (size_t i = first; i < first + n; ++i) {
        j->norm[i] = 1 / sqrtf(j->norm[i] + 1e-20f);
        j->scale[i] = a->appearance * j->norm[i];
    }
}

static void take_logarithms(void *argument, size_t y) {
    const job *j = argument;
    const fsk_crf *a = j->arguments;
    const size_t points = a->height * a->width;
    for (size_t c = 0; c < a->classes; ++c)
        for (size_t i = c * points + y * a->width; i < c * points + (y + 1) * a->width; ++i) {
            float p = a->maps[i] > least_probability ? a->maps[i] : least_probability; // NaN is none
            p = p < 1e5f ? p : 1e5f;
            j->unary[i] = j->energy[i] = logf(p);
        }
}

// A group's values at points, times the norm.
static void interleave(void *argument, size_t y) {
    const job *j = argument;
    const fsk_crf *a = j->arguments;
    const size_t points = a->height * a->width;
    for (size_t k = 0; k < lanes; ++k) {
        const float *map = j->group + k < a->classes ? a->maps + (j->group + k) * points : NULL;
        for (size_t i = y * a->width; i < (y + 1) * a->width; ++i)
            j->points[i * lanes + k] = map ? map[i] * j->norm[i] : 0;
    }
}

static void add_appearance(void *argument, size_t y) {
    const job *j = argument;
    const fsk_crf *a = j->arguments;
    const size_t n = a->width, first = y * n, points = a->height * n, left = a->classes - j->group;
    lattice_slice(a->lattice, j->sums, first, n, j->scale + first, j->energy + j->group * points + first,
                  points, left < lanes ? left : lanes, j->cpu);
}

// Task class * height + row.
static void sum_row(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const fsk_crf *a = j->arguments;
    const size_t n = a->width;
    float *line = j->workers + worker * line_floats(a);
    memset(line, 0, j->radius * sizeof(float));
    memset(line + j->radius + n, 0, j->radius * sizeof(float));
    const float *map = a->maps + index * n, down = j->norm_y[index % a->height];
    for (size_t x = 0; x < n; ++x)
        line[j->radius + x] = map[x] * (j->norm_x[x] * down);
    gaussian_row(line, j->weights, j->radius, n, j->rows + index * n, j->cpu);
}

static void sum_columns(void *argument, size_t index, size_t worker) {
    (void)worker;
    const job *j = argument;
    const fsk_crf *a = j->arguments;
    const size_t n = a->width, y = index % a->height, map = index - y;
    const size_t low = y < j->radius ? 0 : y - j->radius;
    const size_t high = y + j->radius + 1 < a->height ? y + j->radius + 1 : a->height;
    float *out = j->energy + index * n;
    memcpy(out, j->unary + index * n, n * sizeof(float));
    gaussian_column(j->rows + (map + low) * n, n, j->weights + (j->radius + low - y), high - low, n,
                    j->norm_x, a->smoothness * j->norm_y[y], out, j->cpu);
}

// --- The whole.

static void normalize(const job *j, const fsk_pool *pool) {
    const fsk_crf *a = j->arguments;
    const fsk_softmax softmax = {
        .x = j->energy, .y = a->maps, .outer = 1, .channels = a->classes, .inner = a->height * a->width};
    fsk_softmax_run(&softmax, pool);
}

void fsk_crf_begin(const fsk_crf *a, const fsk_pool *pool) {
    job j = layout(a, pool);
    gaussian_weights(a->smoothness_distance, j.weights);
    gaussian_norm(j.weights, j.radius, a->width, j.norm_x);
    gaussian_norm(j.weights, j.radius, a->height, j.norm_y);
    fsk_pool_run(pool, fill_ones, &j, a->height);
    j.sums = lattice_filter(a->lattice, j.points, j.values, pool);
    fsk_pool_run(pool, find_norm, &j, a->height);
    fsk_pool_run(pool, take_logarithms, &j, a->height);
    normalize(&j, pool);
}

void fsk_crf_round(const fsk_crf *a, const fsk_pool *pool) {
    job j = layout(a, pool);
    fsk_pool_run_workers(pool, sum_row, &j, a->classes * a->height);
    fsk_pool_run_workers(pool, sum_columns, &j, a->classes * a->height);
    for (j.group = 0; j.group < a->classes; j.group += lanes) {
        fsk_pool_run(pool, interleave, &j, a->height);
        j.sums = lattice_filter(a->lattice, j.points, j.values, pool);
        fsk_pool_run(pool, add_appearance, &j, a->height);
    }
    normalize(&j, pool);
}
