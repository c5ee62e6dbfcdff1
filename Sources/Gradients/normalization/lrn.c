// lrn: y = x base^-beta with base = k + scale * sum of squares in the window, so dx = dy base^-beta -
// 2 scale beta x * sum in the window of dy y / base. Windows are symmetric. Source: Caffe `lrn_layer.cpp`.
#include "fsg_statistics.h"
#include "parallel/slices.h"

#include <math.h>

typedef struct {
    const fsk_lrn *forward;
    const float *dy;
    float *bases, *dx;
} job;

typedef float term(const job *j, size_t at);

static float square(const job *j, size_t at) { return j->forward->x[at] * j->forward->x[at]; }
static float ratio(const job *j, size_t at) { return j->dy[at] * j->forward->y[at] / j->bases[at]; }

static size_t first(size_t i, size_t half) { return i < half ? 0 : i - half; }

// Over the window around a pixel of plane `plane` of all.
static float sum(const job *j, term *of, size_t plane, size_t row, size_t column) {
    const fsk_lrn *l = j->forward;
    const size_t half = (l->size - 1) / 2, size = l->height * l->width;
    float total = 0;
    if (!l->within_channel) {
        const size_t c = plane % l->channels, base = (plane - c) * size + row * l->width + column;
        for (size_t k = first(c, half); k < fsk_least(c + half + 1, l->channels); ++k)
            total += of(j, base + k * size);
        return total;
    }
    for (size_t r = first(row, half); r < fsk_least(row + half + 1, l->height); ++r)
        for (size_t c = first(column, half); c < fsk_least(column + half + 1, l->width); ++c)
            total += of(j, plane * size + r * l->width + c);
    return total;
}

static float scale(const fsk_lrn *l) {
    return l->alpha / (float)(l->within_channel ? l->size * l->size : l->size);
}

static void bases(void *argument, size_t plane) {
    const job *j = argument;
    const fsk_lrn *l = j->forward;
    float *base = j->bases + plane * l->height * l->width;
    for (size_t r = 0; r < l->height; ++r)
        for (size_t c = 0; c < l->width; ++c)
            *base++ = (l->within_channel ? 1 : l->k) + scale(l) * sum(j, square, plane, r, c);
}

static void gradients(void *argument, size_t plane) {
    const job *j = argument;
    const fsk_lrn *l = j->forward;
    size_t at = plane * l->height * l->width;
    for (size_t r = 0; r < l->height; ++r)
        for (size_t c = 0; c < l->width; ++c, ++at)
            j->dx[at] = j->dy[at] * powf(j->bases[at], -l->beta) -
                        2 * scale(l) * l->beta * l->x[at] * sum(j, ratio, plane, r, c);
}

void fsg_lrn_run(const fsk_lrn *forward, const float *dy, float *scratch, float *dx, const fsk_pool *pool) {
    job j = {forward, dy, scratch, dx};
    fsk_pool_run(pool, bases, &j, forward->outer * forward->channels);
    fsk_pool_run(pool, gradients, &j, forward->outer * forward->channels);
}
