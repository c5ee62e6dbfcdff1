// fsk_prelu: a slope for each channel, or one for all; the same to the bit everywhere.
#include "check.h"

static void run_prelu(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_prelu p = *(const fsk_prelu *)arguments;
    p.y = y;
    p.x = p.x ? p.x : y;
    fsk_prelu_run(&p, pool);
}

static void run(size_t number) {
    const size_t stride = choice(&number, 2), in_place = choice(&number, 2);
    const channel_shape s = channel_shape_at(number);
    const size_t n = s.outer * s.channels * s.inner;
    describe("%zu x %zu x %zu, slope stride %zu, in place %zu", s.outer, s.channels, s.inner, stride,
             in_place);
    const float *x = odd_numbers(n);
    float *slope = numbers(s.channels, -1, 1), *want = floats(n);
    slope[s.channels - 1] = stride ? 0 : slope[s.channels - 1];
    for (size_t i = 0; i < n; ++i) {
        const float a = slope[i / s.inner % s.channels * stride];
        want[i] = !(x[i] < 0) ? x[i] : a == 0 ? 0 : (float)((double)a * (double)x[i]);
    }
    const fsk_prelu p = {in_place ? NULL : x, NULL, s.outer, s.channels, s.inner, slope, stride};
    expect_bits(NULL, same_everywhere(n, in_place ? x : NULL, run_prelu, &p), want, n);
}

const operation prelu_tests = {"prelu", 2 * 2 * channel_shape_count, run};
