// fsk_argmax: the order of a column, against sorting its pairs as Caffe does: NaN last, and of equal values
// the larger index first.
#include "check.h"

#include <stdlib.h>

static void run_argmax(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_argmax a = *(const fsk_argmax *)arguments;
    a.y = y;
    fsk_argmax_run(&a, pool);
}

typedef struct {
    float value;
    size_t index;
} pair;

static int in_order(const void *left, const void *right) {
    const pair *a = left, *b = right;
    const bool a_nan = isnan(a->value), b_nan = isnan(b->value);
    if (a_nan != b_nan)
        return a_nan ? 1 : -1;
    if (!a_nan && a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return a->index > b->index ? -1 : 1;
}

static void wanted(const fsk_argmax *a, const float *x, float *y) {
    pair pairs[64];
    for (size_t c = 0; c < a->channels; ++c)
        pairs[c] = (pair){x[c * a->inner], c};
    qsort(pairs, a->channels, sizeof *pairs, in_order);
    for (size_t k = 0; k < a->top_k; ++k) {
        y[k * a->inner] = a->output == FSK_ARGMAX_VALUE ? pairs[k].value : (float)pairs[k].index;
        if (a->output == FSK_ARGMAX_BOTH)
            y[(a->top_k + k) * a->inner] = pairs[k].value;
    }
}

static const channel_shape shapes[] = {{2, 5, 7}, {3, 21, 1}, {1, 3, 70001},
                                       {0, 3, 1}, {5, 4, 1},  {2, 64, 33}};

static void run(size_t number) {
    const size_t top = choice(&number, 3) + 1, odd = choice(&number, 2);
    const channel_shape s = shapes[choice(&number, COUNT(shapes))];
    const int output = s.inner == 1 ? (int)number : (int)number % 2;
    describe("%zu x %zu x %zu, top %zu, output %d, odd %zu", s.outer, s.channels, s.inner, top, output, odd);
    const size_t n = s.outer * s.channels * s.inner, results = output == FSK_ARGMAX_BOTH ? 2 * top : top;
    float *x = odd ? odd_numbers(n) : numbers(n, -4, 4), *want = floats(s.outer * results * s.inner);
    for (size_t i = 0; i < n; ++i)
        x[i] = rintf(x[i]); // many are equal
    const fsk_argmax a = {x, NULL, s.outer, s.channels, s.inner, top, output};
    for (size_t i = 0; i < s.outer * s.inner; ++i) {
        const size_t o = i / s.inner, j = i % s.inner;
        wanted(&a, x + o * s.channels * s.inner + j, want + o * results * s.inner + j);
    }
    const size_t count = s.outer * results * s.inner;
    const float *y = same_everywhere(count, NULL, run_argmax, &a);
    expect_bits(NULL, y, want, count);
}

const operation argmax_tests = {"argmax", 3 * 2 * COUNT(shapes) * 3, run};
