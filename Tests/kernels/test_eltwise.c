// fsk_eltwise: sums, products and the largest of several arrays, the same to the bit everywhere.
#include "check.h"

enum { most_inputs = 5 };

typedef struct {
    fsk_eltwise eltwise;
    size_t in_place; // the input that y is; most_inputs: none
} job;

static void run_eltwise(const void *arguments, float *y, const fsk_pool *pool) {
    const job *j = arguments;
    const float *x[most_inputs];
    fsk_eltwise e = j->eltwise;
    for (size_t i = 0; i < e.inputs; ++i)
        x[i] = i == j->in_place ? y : e.x[i];
    e.x = x;
    e.y = y;
    fsk_eltwise_run(&e, pool);
}

// Each step rounded to float. Caffe asks a > b of the first two, then b > a of each that follows.
static float wanted(const fsk_eltwise *e, size_t i) {
    float v = e->x[0][i];
    if (e->coefficients)
        v = (float)((double)v * (double)e->coefficients[0]);
    for (size_t j = 1; j < e->inputs; ++j) {
        const float w = e->x[j][i];
        const double term = (double)(float)((double)w * (e->coefficients ? (double)e->coefficients[j] : 1));
        if (e->kind == FSK_ELTWISE_SUM)
            v = (float)((double)v + term);
        else if (e->kind == FSK_ELTWISE_PROD)
            v = (float)((double)v * (double)w);
        else
            v = j == 1 ? (v > w ? v : w) : (w > v ? w : v);
    }
    if (!e->relu || !(v < 0))
        return v;
    return e->negative_slope == 0 ? 0 : (float)((double)v * (double)e->negative_slope);
}

static void run(size_t number) {
    static const size_t counts[] = {1, 2, 3, most_inputs};
    static const float slopes[] = {0, 0.1f};
    const int kind = (int)choice(&number, 4); // the fourth: a sum with coefficients
    const size_t inputs = counts[choice(&number, COUNT(counts))], slope = choice(&number, COUNT(slopes) + 1);
    const size_t place = choice(&number, 3), in_place = place < inputs && place < 2 ? place : most_inputs;
    const size_t n = number < length_count ? lengths[number] : several_slices;
    describe("kind %d of %zu arrays of %zu, slope %zu, y is x[%zu]", kind, inputs, n, slope, in_place);
    const float *x[most_inputs];
    for (size_t i = 0; i < inputs; ++i)
        x[i] = odd_numbers(n);
    const job j = {{x, inputs, NULL, n, kind % 3, kind == 3 ? numbers(inputs, -2, 2) : NULL, slope > 0,
                    slope ? slopes[slope - 1] : 7},
                   in_place};
    float *want = floats(n);
    for (size_t i = 0; i < n; ++i)
        want[i] = wanted(&j.eltwise, i);
    const float *start = in_place < inputs ? x[in_place] : NULL;
    expect_bits(NULL, same_everywhere(n, start, run_eltwise, &j), want, n);
}

const operation eltwise_tests = {"eltwise", 4 * 4 * 3 * 3 * (length_count + 1), run};
