// unary: derivatives of Caffe's neuron layers. Source: the Backward_cpu of each layer.
#include "fsg_unary.h"
#include "parallel/slices.h"

#include <math.h>
#include <string.h>

enum {
    piece = 256
}; // numbers that are made before they are put into dx, which may be dy: so there are vectors

typedef void derivative(const fsg_unary *u, size_t at, size_t n, float *slopes);

#define DERIVATIVE(name, expression)                                                                         \
    static void name(const fsg_unary *u, size_t at, size_t n, float *restrict slopes) {                      \
        const float *restrict x = u->x + at, *restrict y = u->y + at;                                        \
        const float a = u->a, b = u->b, c = u->c;                                                            \
        (void)x, (void)y, (void)a, (void)b, (void)c;                                                         \
        for (size_t i = 0; i < n; ++i)                                                                       \
            slopes[i] = expression;                                                                          \
    }
#define X x[i]
#define Y y[i]

static float logistic(float v) { return 1 / (1 + expf(-v)); }

// Of x sigmoid(a x), by what came out: a y + sigmoid(a x) (1 - a y).
static float swish_slope(float x, float y, float a) { return a * y + logistic(a * x) * (1 - a * y); }

DERIVATIVE(relu, Y > 0 ? 1 : a)
DERIVATIVE(elu, Y > 0 ? 1 : Y + a)
DERIVATIVE(sigmoid, Y *(1 - Y))
DERIVATIVE(hyperbolic, 1 - Y * Y)
DERIVATIVE(absolute, (float)((X > 0) - (X < 0)))
DERIVATIVE(bnll, logistic(X < 50 ? X : 50))
DERIVATIVE(clip, X >= a && X <= b ? 1 : 0)
DERIVATIVE(exponential, Y *a)
DERIVATIVE(logarithm, a *b / (b * X + c))
DERIVATIVE(power, a *b *powf(b *X + c, a - 1))
DERIVATIVE(square, 2 * b * (b * X + c))
DERIVATIVE(linear, b)
DERIVATIVE(swish, swish_slope(X, Y, a))

DERIVATIVE(nothing, 0)

static derivative *power_of(const fsg_unary *u) {
    if (u->a * u->b == 0)
        return nothing;
    return u->a == 1 ? linear : u->a == 2 ? square : power;
}

static derivative *derivative_of(const fsg_unary *u) {
    switch (u->kind) {
    case FSK_UNARY_RELU:
        return relu;
    case FSK_UNARY_ELU:
        return elu;
    case FSK_UNARY_SIGMOID:
        return sigmoid;
    case FSK_UNARY_TANH:
        return hyperbolic;
    case FSK_UNARY_ABS:
        return absolute;
    case FSK_UNARY_BNLL:
        return bnll;
    case FSK_UNARY_CLIP:
        return clip;
    case FSK_UNARY_EXP:
        return exponential;
    case FSK_UNARY_LOG:
        return logarithm;
    case FSK_UNARY_POWER:
        return power_of(u);
    case FSK_UNARY_SWISH:
        return swish;
    default:
        return nothing; // a threshold has no slope
    }
}

static void some_numbers(void *argument, size_t task) {
    const fsg_unary *u = argument;
    derivative *of = derivative_of(u);
    float slopes[piece];
    for (size_t at = task * FSK_SLICE, end = fsk_end(u->count, FSK_SLICE, task); at < end; at += piece) {
        const size_t n = fsk_least(piece, end - at);
        of(u, at, n, slopes);
        for (size_t i = 0; i < n; ++i)
            slopes[i] *= u->dy[at + i];
        memcpy(u->dx + at, slopes, n * sizeof *slopes);
    }
}

void fsg_unary_run(const fsg_unary *arguments, const fsk_pool *pool) {
    fsg_unary u = *arguments;
    fsk_pool_run(pool, some_numbers, &u, fsk_tasks(u.count, FSK_SLICE));
}
