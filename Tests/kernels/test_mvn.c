// fsk_mvn: mean and deviation of each group, in double.
#include "check.h"

static void run_mvn(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_mvn m = *(const fsk_mvn *)arguments;
    m.y = y;
    m.x = m.x ? m.x : y;
    fsk_mvn_run(&m, pool);
}

static void wanted(const float *x, size_t n, bool variance, double eps, double *y) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; ++i)
        sum += (double)x[i];
    for (size_t i = 0; i < n; ++i) {
        y[i] = (double)x[i] - sum / (double)n;
        squares += y[i] * y[i];
    }
    for (size_t i = 0; i < n && variance; ++i)
        y[i] /= sqrt(squares / (double)n) + eps;
}

static void run(size_t number) {
    static const size_t outers[] = {3, 1, 0};
    const bool variance = choice(&number, 2), in_place = choice(&number, 2);
    const size_t outer = outers[choice(&number, COUNT(outers))];
    const size_t inner = number < length_count ? lengths[number] : several_slices, n = outer * inner;
    describe("%zu x %zu, variance %d, in place %d", outer, inner, variance, in_place);
    const float *x = numbers(n, 90, 100), eps = 0.01f;
    double *want = memory(n * sizeof *want);
    for (size_t g = 0; g < outer; ++g)
        wanted(x + g * inner, inner, variance, (double)eps, want + g * inner);
    const fsk_mvn m = {in_place ? NULL : x, NULL, outer, inner, variance, eps};
    expect_close(NULL, same_everywhere(n, in_place ? x : NULL, run_mvn, &m), want, n, 0, 1e-5);
}

const operation mvn_tests = {"mvn", 2 * 2 * 3 * (length_count + 1), run};
