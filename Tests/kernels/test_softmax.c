// fsk_softmax: shares along the channels against e^x in double; the exponential by itself; NaN and infinity.
#include "check.h"

static void run_softmax(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_softmax s = *(const fsk_softmax *)arguments;
    s.y = y;
    s.x = s.x ? s.x : y;
    fsk_softmax_run(&s, pool);
}

// One column. The difference is rounded to float first, as in Caffe; the rest is in double.
static void shares(const float *x, double *y, size_t channels, size_t stride) {
    float largest = x[0];
    double sum = 0;
    for (size_t c = 1; c < channels; ++c)
        largest = x[c * stride] > largest ? x[c * stride] : largest;
    for (size_t c = 0; c < channels; ++c)
        sum += y[c * stride] = exp((double)(x[c * stride] - largest));
    for (size_t c = 0; c < channels; ++c)
        y[c * stride] /= sum;
}

static void as_the_formula(channel_shape s, bool in_place, bool odd) {
    const size_t n = s.outer * s.channels * s.inner;
    describe("%zu x %zu x %zu, in place %d, odd %d", s.outer, s.channels, s.inner, in_place, odd);
    const float *x = odd ? odd_numbers(n) : numbers(n, -40, 40);
    double *want = memory(n * sizeof *want);
    for (size_t o = 0; o < s.outer && s.channels; ++o)
        for (size_t i = 0; i < s.inner; ++i)
            shares(x + o * s.channels * s.inner + i, want + o * s.channels * s.inner + i, s.channels,
                   s.inner);
    const fsk_softmax a = {in_place ? NULL : x, NULL, s.outer, s.channels, s.inner};
    const float *y = same_everywhere(n, in_place ? x : NULL, run_softmax, &a);
    expect_close(NULL, y, want, n, 1e-6, 0x1p-149);
}

// Beside a 0 the sum is 1 in float from e^-17 on, so what stands there is e^x itself: 2 units in the last
// place, and below the normal numbers one of the smallest.
static void exponential(void) {
    enum { n = 40000 };
    float *x = floats(2 * n);
    double *want = memory(n * sizeof *want);
    describe("e^-17.5 to e^-107");
    for (size_t i = 0; i < n; ++i) {
        x[i] = 0;
        x[n + i] = -17.5f - (float)i * (89.5f / n);
        want[i] = exp((double)x[n + i]);
    }
    const fsk_softmax a = {x, NULL, 1, 2, n};
    const float *y = same_everywhere(2 * n, NULL, run_softmax, &a);
    expect_close(NULL, y + n, want, n, 2 * 0x1p-23, 0x1p-149);
}

static const channel_shape others[] = {{1, 1, 40}, {2, 2, 33}, {2, 21, 65}, {30011, 2, 1}, {2, 0, 5}};
enum { shapes = channel_shape_count + COUNT(others) };

static void run(size_t number) {
    if (number == shapes * 4) {
        exponential();
        return;
    }
    const size_t in_place = choice(&number, 2), odd = choice(&number, 2);
    const bool is_listed = number < channel_shape_count;
    as_the_formula(is_listed ? channel_shape_at(number) : others[number - channel_shape_count], in_place,
                   odd);
}

const operation softmax_tests = {"softmax", shapes * 4 + 1, run};
