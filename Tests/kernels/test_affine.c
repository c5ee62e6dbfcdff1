// fsk_affine: rounded after the product and after the sum, and so the same to the bit everywhere.
#include "check.h"

static void run_affine(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_affine a = *(const fsk_affine *)arguments;
    a.y = y;
    a.x = a.x ? a.x : y;
    fsk_affine_run(&a, pool);
}

// In double a product of floats is exact, and a sum of two rounds to the same float as their true sum.
static float wanted(const fsk_affine *a, float x, size_t c) {
    const float product = a->gain ? (float)((double)x * (double)a->gain[c]) : x;
    const float v = a->shift ? (float)((double)product + (double)a->shift[c]) : product;
    if (!a->relu || !(v < 0))
        return v;
    return a->negative_slope == 0 ? 0 : (float)((double)v * (double)a->negative_slope);
}

static void run(size_t number) {
    static const float slopes[] = {0, 0.2f, 1, -0.5f};
    const size_t slope = choice(&number, COUNT(slopes) + 1), given = choice(&number, 4);
    const bool in_place = choice(&number, 2);
    const channel_shape s = channel_shape_at(number);
    const size_t n = s.outer * s.channels * s.inner;
    const float *x = odd_numbers(n);
    fsk_affine a = {in_place ? NULL : x,
                    NULL,
                    s.outer,
                    s.channels,
                    s.inner,
                    given & 1 ? numbers(s.channels, -2, 2) : NULL,
                    given & 2 ? numbers(s.channels, -2, 2) : NULL,
                    slope > 0,
                    slope ? slopes[slope - 1] : 7};
    describe("%zu x %zu x %zu, gain and shift %zu, slope %g, in place %d", s.outer, s.channels, s.inner,
             given, slope ? (double)a.negative_slope : NAN, in_place);
    float *want = floats(n);
    for (size_t i = 0; i < n; ++i)
        want[i] = wanted(&a, x[i], i / s.inner % s.channels);
    expect_bits(NULL, same_everywhere(n, in_place ? x : NULL, run_affine, &a), want, n);
}

const operation affine_tests = {"affine", 5 * 4 * 2 * channel_shape_count, run};
