// update: Caffe's solvers, number by number. What bounds them is memory, so the compiler's vectors will do.
// Source: Caffe `sgd_solver.cpp` and the other solvers beside it.
#include "fsg_update.h"
#include "summing/summing.h"
#include "parallel/slices.h"

#include <math.h>

// By value, so that the compiler knows that no number is stored over it.
typedef void rule(fsg_update u, size_t begin, size_t end);

static inline float gradient(const fsg_update *u, size_t i) {
    const float w = u->weights[i], g = u->gradients ? u->gradients[i] * u->factor : 0;
    if (u->decays_by_sign)
        return g + u->decay * (float)((w > 0) - (w < 0));
    return g + u->decay * w;
}

static void sgd(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        u.history[i] = u.momentum * u.history[i] + u.rate * gradient(&u, i);
        u.weights[i] -= u.history[i];
    }
}

static void nesterov(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float before = u.history[i], after = u.momentum * before + u.rate * gradient(&u, i);
        u.history[i] = after;
        u.weights[i] -= (1 + u.momentum) * after - u.momentum * before;
    }
}

static void adagrad(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(&u, i);
        u.history[i] += g * g;
        u.weights[i] -= u.rate * (g / (sqrtf(u.history[i]) + u.delta));
    }
}

static void rmsprop(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(&u, i);
        u.history[i] = u.second * u.history[i] + (1 - u.second) * g * g;
        u.weights[i] -= u.rate * (g / (sqrtf(u.history[i]) + u.delta));
    }
}

static void adadelta(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(&u, i);
        u.history[i] = u.momentum * u.history[i] + (1 - u.momentum) * g * g;
        const float change = g * sqrtf((u.history2[i] + u.delta) / (u.history[i] + u.delta));
        u.history2[i] = u.momentum * u.history2[i] + (1 - u.momentum) * change * change;
        u.weights[i] -= u.rate * change;
    }
}

static void adam(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = gradient(&u, i);
        u.history[i] = u.momentum * u.history[i] + (1 - u.momentum) * g;
        u.history2[i] = u.second * u.history2[i] + (1 - u.second) * g * g;
        u.weights[i] -= u.rate * (u.history[i] / (sqrtf(u.history2[i]) + u.delta));
    }
}

static void adamw(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = u.gradients ? u.gradients[i] * u.factor : 0;
        u.history[i] = u.momentum * u.history[i] + (1 - u.momentum) * g;
        u.history2[i] = u.second * u.history2[i] + (1 - u.second) * g * g;
        u.weights[i] -= u.decay * u.weights[i] + u.rate * (u.history[i] / (sqrtf(u.history2[i]) + u.delta));
    }
}

static void muon(fsg_update u, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const float g = u.gradients[i] * u.factor;
        u.history[i] = u.momentum * u.history[i] + g;
        u.history2[i] = g + u.momentum * u.history[i];
    }
}

static void update_slice(void *argument, size_t index) {
    static rule *const rules[] = {sgd, nesterov, adagrad, rmsprop, adadelta, adam, adamw, muon};
    const fsg_update *u = argument;
    rules[u->kind](*u, index * FSK_SLICE, fsk_end(u->count, FSK_SLICE, index));
}

void fsg_update_run(const fsg_update *arguments, const fsk_pool *pool) {
    fsg_update copy = *arguments;
    fsk_pool_run(pool, update_slice, &copy, fsk_tasks(copy.count, FSK_SLICE));
}

static double squares(const void *context, size_t begin, size_t end) {
    const float *x = context;
    double sum = 0;
    for (size_t i = begin; i < end; ++i)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

double fsg_sum_of_squares(const float *x, size_t count, const fsk_pool *pool) {
    return fsg_sum(x, squares, count, FSK_SLICE, pool);
}
