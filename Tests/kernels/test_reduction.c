// fsk_reduction: sums over the tail, in double.
#include "check.h"

static void run_reduction(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_reduction r = *(const fsk_reduction *)arguments;
    r.y = y;
    fsk_reduction_run(&r, pool);
}

static double wanted(const fsk_reduction *r, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < r->tail; ++i) {
        const double v = (double)x[i];
        sum += r->kind == FSK_REDUCTION_ASUM ? fabs(v) : r->kind == FSK_REDUCTION_SUMSQ ? v * v : v;
    }
    return sum * (double)r->coefficient / (r->kind == FSK_REDUCTION_MEAN ? (double)r->tail : 1);
}

static void run(size_t number) {
    static const size_t outers[] = {1, 3, 0};
    const int kind = (int)choice(&number, 4);
    const size_t outer = outers[choice(&number, COUNT(outers))];
    const float coefficient = choice(&number, 2) ? -0.5f : 1;
    const size_t tail = number < length_count ? lengths[number] : several_slices;
    describe("kind %d of %zu x %zu, times %g", kind, outer, tail, (double)coefficient);
    const fsk_reduction r = {numbers(outer * tail, -4, 4), NULL, outer, tail, kind, coefficient};
    double want[3];
    for (size_t i = 0; i < outer; ++i)
        want[i] = wanted(&r, r.x + i * tail);
    expect_close(NULL, same_everywhere(outer, NULL, run_reduction, &r), want, outer, 3e-7, 1e-9);
}

const operation reduction_tests = {"reduction", 4 * 3 * 2 * (length_count + 1), run};
