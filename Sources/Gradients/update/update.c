// update: Caffe's solvers, number by number. What bounds them is memory, so the compiler's vectors will do.
// Source: Caffe `sgd_solver.cpp` and the other solvers beside it.
#include "fsg_update.h"
#include "parallel/slices.h"

#include <math.h>
#include <stdlib.h>

typedef void rule(const fsg_update *u, size_t begin, size_t end);

static inline float gradient(const fsg_update *u, size_t i) {
    const float w = u->weights[i], g = u->gradients[i] * u->factor;
    if (u->decays_by_sign)
        return g + u->decay * (float)((w > 0) - (w < 0));
    return g + u->decay * w;
}

static void sgd(const fsg_update *u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        u->history[i] = u->momentum * u->history[i] + u->rate * gradient(u, i);
        u->weights[i] -= u->history[i];
    }
}

static void nesterov(const fsg_update *u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float before = u->history[i], after = u->momentum * before + u->rate * gradient(u, i);
        u->history[i] = after;
        u->weights[i] -= (1 + u->momentum) * after - u->momentum * before;
    }
}

static void adagrad(const fsg_update *u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(u, i);
        u->history[i] += g * g;
        u->weights[i] -= u->rate * (g / (sqrtf(u->history[i]) + u->delta));
    }
}

static void rmsprop(const fsg_update *u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(u, i);
        u->history[i] = u->second * u->history[i] + (1 - u->second) * g * g;
        u->weights[i] -= u->rate * (g / (sqrtf(u->history[i]) + u->delta));
    }
}

static void adadelta(const fsg_update *u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(u, i);
        u->history[i] = u->momentum * u->history[i] + (1 - u->momentum) * g * g;
        const float change = g * sqrtf((u->history2[i] + u->delta) / (u->history[i] + u->delta));
        u->history2[i] = u->momentum * u->history2[i] + (1 - u->momentum) * change * change;
        u->weights[i] -= u->rate * change;
    }
}

static void adam(const fsg_update *u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(u, i);
        u->history[i] = u->momentum * u->history[i] + (1 - u->momentum) * g;
        u->history2[i] = u->second * u->history2[i] + (1 - u->second) * g * g;
        u->weights[i] -= u->rate * (u->history[i] / (sqrtf(u->history2[i]) + u->delta));
    }
}

static void update_slice(void *argument, size_t index) {
    static rule *const rules[] = {sgd, nesterov, adagrad, rmsprop, adadelta, adam};
    const fsg_update *u = argument;
    rules[u->kind](u, index * FSK_SLICE, fsk_end(u->count, FSK_SLICE, index));
}

void fsg_update_run(const fsg_update *arguments, const fsk_pool *pool) {
    fsg_update copy = *arguments;
    fsk_pool_run(pool, update_slice, &copy, fsk_tasks(copy.count, FSK_SLICE));
}

typedef struct {
    const float *x;
    size_t count;
    double *sums;
} squares;

static void square_slice(void *argument, size_t index) {
    const squares *s = argument;
    double sum = 0;
    for (size_t i = index * FSK_SLICE, end = fsk_end(s->count, FSK_SLICE, index); i < end; ++i)
        sum += (double)s->x[i] * (double)s->x[i];
    s->sums[index] = sum;
}

double fsg_sum_of_squares(const float *x, size_t count, const fsk_pool *pool) {
    // Piece by piece, so that no memory has to be had; each piece's slices add up in their order.
    enum { slices = 256 };
    double sum = 0, sums[slices];
    for (size_t begin = 0; begin < count; begin += slices * FSK_SLICE) {
        squares piece = {x + begin, fsk_least(count - begin, slices * FSK_SLICE), sums};
        const size_t tasks = fsk_tasks(piece.count, FSK_SLICE);
        fsk_pool_run(pool, square_slice, &piece, tasks);
        for (size_t i = 0; i < tasks; ++i)
            sum += sums[i];
    }
    return sum;
}
