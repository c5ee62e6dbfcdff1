// lrn: local response normalization, Caffe's two regions. Sums are made anew for each value: Caffe's running
// sum across channels gathers rounding errors.
#include "fsk_lrn.h"
#include "cpu/exact.h"
#include "parallel/slices.h"

#include <math.h>

// base^-beta; 3/4, the usual one, by roots, some ten times faster than powf.
static float inverse_power(float base, float beta) {
    if (beta == 0.75f)
        return 1 / (sqrtf(base) * sqrtf(sqrtf(base)));
    return powf(base, -beta);
}

enum { block = 512 }; // pixels whose sums stand on the stack

// n <= block pixels, all channels, of one item of the batch.
static void across(const fsk_lrn *l, const float *x, float *y, size_t n) {
    const size_t plane = l->height * l->width, half = (l->size - 1) / 2;
    const float alpha = l->alpha / (float)l->size;
    for (size_t c = 0; c < l->channels; ++c) {
        const size_t first = c < half ? 0 : c - half, last = fsk_least(c + half + 1, l->channels);
        float sum[block];
        for (size_t i = 0; i < n; ++i)
            sum[i] = 0;
        for (size_t k = first; k < last; ++k)
            for (size_t i = 0; i < n; ++i)
                sum[i] += x[k * plane + i] * x[k * plane + i];
        for (size_t i = 0; i < n; ++i)
            y[c * plane + i] = x[c * plane + i] * inverse_power(l->k + alpha * sum[i], l->beta);
    }
}

// y[i]: row `row` of one plane, i < width.
static void within(const fsk_lrn *l, const float *plane, size_t row, float *y) {
    const size_t half = (l->size - 1) / 2, width = l->width;
    const size_t top = row < half ? 0 : row - half, bottom = fsk_least(row + half + 1, l->height);
    const float area = (float)(l->size * l->size);
    for (size_t i = 0; i < width; ++i) {
        const size_t left = i < half ? 0 : i - half, right = fsk_least(i + half + 1, width);
        float sum = 0;
        for (size_t r = top; r < bottom; ++r)
            for (size_t c = left; c < right; ++c)
                sum += plane[r * width + c] * plane[r * width + c];
        y[i] = plane[row * width + i] * inverse_power(1 + l->alpha * (sum / area), l->beta);
    }
}

typedef struct {
    const fsk_lrn *lrn;
    size_t count, a_task; // within: rows of all planes; across: blocks of all items of the batch
} job;

static void some_blocks(void *argument, size_t task) {
    const job *j = argument;
    const fsk_lrn *l = j->lrn;
    const size_t plane = l->height * l->width, blocks = fsk_tasks(plane, block);
    for (size_t b = task * j->a_task; b < fsk_end(j->count, j->a_task, task); ++b) {
        const size_t pixel = b % blocks * block, at = b / blocks * l->channels * plane + pixel;
        across(l, l->x + at, l->y + at, fsk_least(block, plane - pixel));
    }
}

static void some_rows(void *argument, size_t task) {
    const job *j = argument;
    const fsk_lrn *l = j->lrn;
    for (size_t r = task * j->a_task; r < fsk_end(j->count, j->a_task, task); ++r) {
        const float *plane = l->x + r / l->height * l->height * l->width;
        within(l, plane, r % l->height, l->y + r * l->width);
    }
}

void fsk_lrn_run(const fsk_lrn *l, const fsk_pool *pool) {
    const size_t blocks = l->outer * fsk_tasks(l->height * l->width, block);
    const size_t rows = l->outer * l->channels * l->height;
    job j = {l, l->within_channel ? rows : blocks,
             fsk_items(l->within_channel ? l->width * l->size * l->size : block * l->channels * l->size)};
    fsk_pool_run(pool, l->within_channel ? some_rows : some_blocks, &j, fsk_tasks(j.count, j.a_task));
}
