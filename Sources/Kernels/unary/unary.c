// unary: Caffe's neuron layers. ReLU has its variants in relu_row.c; the others wait for the C library's
// functions and are scalar. Where Caffe computes in double (it mixes in double literals), so does this.
#include "fsk_unary.h"
#include "cpu/exact.h"
#include "parallel/slices.h"
#include "unary/relu_row.h"

#include <math.h>

typedef void unary_fn(const fsk_unary *p, const float *x, float *y, size_t n);

#define UNARY(name, result)                                                                                  \
    static void name(const fsk_unary *p, const float *x, float *y, size_t n) {                               \
        (void)p;                                                                                             \
        for (size_t i = 0; i < n; ++i) {                                                                     \
            const float v = x[i];                                                                            \
            y[i] = result;                                                                                   \
        }                                                                                                    \
    }

// In double: in float it would be 0 from -17 on, where the true value is 4e-8.
static float sigmoid(float v) { return (float)(0.5 * tanh(0.5 * (double)v) + 0.5); }

// A shift of 0 is not added, as it would turn -0 into +0 and the sign of an infinite power.
static float shifted(const fsk_unary *p, float v) { return p->c == 0 ? p->b * v : p->b * v + p->c; }

UNARY(elu, v > 0 ? v : (float)((double)p->a * (exp((double)v) - 1)))
UNARY(sigmoids, sigmoid(v))
UNARY(hyperbolic, tanhf(v))
UNARY(absolute, fabsf(v))
UNARY(bnll, (float)(v > 0 ? (double)v + log(1 + exp(-(double)v)) : log(1 + exp((double)v))))
UNARY(swish, v *sigmoid(v * p->a))
UNARY(threshold, v > p->a ? 1 : 0)
UNARY(exponential, expf(v * p->a) * p->b)
UNARY(logarithm, logf(shifted(p, v)) * p->a)

// min first, then max, each as std::min and std::max compare: what a NaN and a > b give follows from that.
UNARY(clip, p->a < (p->b < v ? p->b : v) ? (p->b < v ? p->b : v) : p->a)

UNARY(linear, shifted(p, v))
UNARY(square, shifted(p, v) * shifted(p, v))
UNARY(power, powf(shifted(p, v), p->a))

static void constant(const fsk_unary *p, const float *x, float *y, size_t n) {
    (void)x;
    const float value = p->a == 0 ? 1 : powf(p->c, p->a);
    for (size_t i = 0; i < n; ++i)
        y[i] = value;
}

// Caffe looks at the product of power and scale first, then at the power.
static unary_fn *power_of(const fsk_unary *p) {
    if (p->a * p->b == 0)
        return constant;
    return p->a == 1 ? linear : p->a == 2 ? square : power;
}

static unary_fn *function_of(const fsk_unary *p) {
    switch (p->kind) {
    case FSK_UNARY_ELU:
        return elu;
    case FSK_UNARY_SIGMOID:
        return sigmoids;
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
        return power_of(p);
    case FSK_UNARY_SWISH:
        return swish;
    case FSK_UNARY_THRESHOLD:
        return threshold;
    default:
        return NULL;
    }
}

typedef struct {
    const fsk_unary *unary;
    unary_fn *function;    // NULL: ReLU
    fsk_relu_row_fn *relu; // used where there is no function
} job;

static void slice(void *argument, size_t task) {
    const job *j = argument;
    const fsk_unary *u = j->unary;
    const size_t from = task * FSK_SLICE, n = fsk_end(u->count, FSK_SLICE, task) - from;
    if (j->function)
        j->function(u, u->x + from, u->y + from, n);
    else
        j->relu(u->x + from, u->a, u->y + from, n);
}

void fsk_unary_run(const fsk_unary *arguments, const fsk_pool *pool) {
    job j = {arguments, function_of(arguments), fsk_relu_row(pool->cpu)};
    fsk_pool_run(pool, slice, &j, fsk_tasks(arguments->count, FSK_SLICE));
}
