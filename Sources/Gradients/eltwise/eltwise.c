// eltwise: flat arrays, by slices. Source: Caffe `eltwise_layer.cpp`, `dropout_layer.cpp`, `tile_layer.cpp`.
#include "fsg_eltwise.h"
#include "parallel/slices.h"

typedef struct {
    const fsk_eltwise *forward;
    size_t index, count;
    const float *dy, *x;
    const uint8_t *mask;
    float *y;
    float factor, second;
} job;

static float product_of_others(const fsk_eltwise *e, size_t index, size_t i) {
    float product = 1;
    for (size_t k = 0; k < e->inputs; ++k)
        product *= k == index ? 1 : e->x[k][i];
    return product;
}

static size_t largest(const fsk_eltwise *e, size_t i) {
    size_t best = e->inputs > 1 && !(e->x[0][i] > e->x[1][i]) ? 1 : 0;
    for (size_t k = 2; k < e->inputs; ++k)
        best = e->x[k][i] > e->x[best][i] ? k : best;
    return best;
}

static void gradient(void *argument, size_t task) {
    const job *j = argument;
    const fsk_eltwise *e = j->forward;
    for (size_t i = task * FSK_SLICE, end = fsk_end(j->count, FSK_SLICE, task); i < end; ++i)
        if (e->kind == FSK_ELTWISE_PROD)
            j->y[i] = j->dy[i] * product_of_others(e, j->index, i);
        else
            j->y[i] = largest(e, i) == j->index ? j->dy[i] : 0;
}

void fsg_eltwise_run(const fsk_eltwise *forward, size_t index, const float *dy, float *dx,
                     const fsk_pool *pool) {
    if (forward->kind == FSK_ELTWISE_SUM) {
        fsg_scale_run(dy, forward->coefficients ? forward->coefficients[index] : 1, dx, forward->count, pool);
        return;
    }
    job j = {.forward = forward, .index = index, .count = forward->count, .dy = dy, .y = dx};
    fsk_pool_run(pool, gradient, &j, fsk_tasks(j.count, FSK_SLICE));
}

static void add(void *argument, size_t task) {
    const job *j = argument;
    for (size_t i = task * FSK_SLICE, end = fsk_end(j->count, FSK_SLICE, task); i < end; ++i)
        j->y[i] += j->x[i];
}

void fsg_add_run(const float *x, float *y, size_t count, const fsk_pool *pool) {
    job j = {.count = count, .x = x, .y = y};
    fsk_pool_run(pool, add, &j, fsk_tasks(count, FSK_SLICE));
}

static void add_relu(void *argument, size_t task) {
    const job *j = argument;
    const float *x = j->x, *made = j->dy, slope = j->factor;
    float *y = j->y;
    for (size_t i = task * FSK_SLICE, end = fsk_end(j->count, FSK_SLICE, task); i < end; ++i) {
        const float sum = x[i] + y[i];
        y[i] = sum * (made[i] > 0 ? 1 : slope);
    }
}

void fsg_add_relu_run(const float *x, const float *made, float slope, float *y, size_t count,
                      const fsk_pool *pool) {
    job j = {.count = count, .x = x, .dy = made, .y = y, .factor = slope};
    fsk_pool_run(pool, add_relu, &j, fsk_tasks(count, FSK_SLICE));
}

static void scale(void *argument, size_t task) {
    const job *j = argument;
    for (size_t i = task * FSK_SLICE, end = fsk_end(j->count, FSK_SLICE, task); i < end; ++i)
        j->y[i] = j->factor * j->x[i];
}

void fsg_scale_run(const float *x, float factor, float *y, size_t count, const fsk_pool *pool) {
    job j = {.count = count, .x = x, .y = y, .factor = factor};
    fsk_pool_run(pool, scale, &j, fsk_tasks(count, FSK_SLICE));
}

static void combine(void *argument, size_t task) {
    const job *j = argument;
    for (size_t i = task * FSK_SLICE, end = fsk_end(j->count, FSK_SLICE, task); i < end; ++i)
        j->y[i] = j->factor * j->x[i] + j->second * j->y[i];
}

void fsg_combine_run(float a, const float *x, float b, float *y, size_t count, const fsk_pool *pool) {
    job j = {.count = count, .x = x, .y = y, .factor = a, .second = b};
    fsk_pool_run(pool, combine, &j, fsk_tasks(count, FSK_SLICE));
}

typedef struct {
    uint64_t seed;
    uint32_t dropped; // numbers below it
    uint8_t *mask;
    size_t count;
} masking;

static uint32_t drawn(uint64_t seed, size_t i) {
    uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

static void draw(void *argument, size_t task) {
    const masking *m = argument;
    for (size_t i = task * FSK_SLICE, end = fsk_end(m->count, FSK_SLICE, task); i < end; ++i)
        m->mask[i] = drawn(m->seed, i) >= m->dropped;
}

void fsg_dropout_mask_run(uint64_t seed, float ratio, uint8_t *mask, size_t count, const fsk_pool *pool) {
    masking m = {seed, (uint32_t)((double)ratio * 0x1p32), mask, count};
    fsk_pool_run(pool, draw, &m, fsk_tasks(count, FSK_SLICE));
}

static void drop(void *argument, size_t task) {
    const job *j = argument;
    for (size_t i = task * FSK_SLICE, end = fsk_end(j->count, FSK_SLICE, task); i < end; ++i)
        j->y[i] = j->mask[i] ? j->x[i] * j->factor : 0;
}

void fsg_dropout_run(const float *x, const uint8_t *mask, float ratio, float *y, size_t count,
                     const fsk_pool *pool) {
    job j = {.count = count, .x = x, .y = y, .mask = mask, .factor = 1 / (1 - ratio)};
    fsk_pool_run(pool, drop, &j, fsk_tasks(count, FSK_SLICE));
}

typedef struct {
    const float *x;
    float *y;
    size_t tiles, inner;
} folding;

static void fold(void *argument, size_t outer) {
    const folding *f = argument;
    for (size_t i = 0; i < f->inner; ++i) {
        float sum = 0;
        for (size_t t = 0; t < f->tiles; ++t)
            sum += f->x[(outer * f->tiles + t) * f->inner + i];
        f->y[outer * f->inner + i] = sum;
    }
}

void fsg_fold_run(const float *x, float *y, size_t outer, size_t tiles, size_t inner, const fsk_pool *pool) {
    folding f = {x, y, tiles, inner};
    fsk_pool_run(pool, fold, &f, outer);
}
