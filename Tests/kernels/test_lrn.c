// fsk_lrn: both regions against their formulas in double.
#include "check.h"

static void run_lrn(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_lrn l = *(const fsk_lrn *)arguments;
    l.y = y;
    fsk_lrn_run(&l, pool);
}

static const struct {
    size_t outer, channels, height, width, size;
    float beta;
} shapes[] = {
    {2, 7, 3, 5, 5, 0.75f}, {2, 2, 4, 3, 5, 0.75f}, {2, 4, 6, 7, 3, 0.5f},     {1, 3, 1, 1, 1, 0.75f},
    {1, 3, 9, 8, 7, 1.25f}, {1, 6, 1, 509, 3, 1},   {1, 32, 41, 50, 5, 0.75f}, {2, 0, 3, 3, 3, 0.75f},
};

static bool is_near(size_t i, size_t j, size_t size) { return (i > j ? i - j : j - i) <= (size - 1) / 2; }

static double wanted(const fsk_lrn *l, size_t i) {
    const size_t plane = l->height * l->width, c = i / plane % l->channels, n = i / plane / l->channels;
    const size_t row = i / l->width % l->height, column = i % l->width;
    double sum = 0;
    for (size_t j = 0; j < (l->within_channel ? plane : l->channels); ++j) {
        const bool counts =
            l->within_channel ? is_near(j / l->width, row, l->size) && is_near(j % l->width, column, l->size)
                              : is_near(j, c, l->size);
        const size_t at =
            l->within_channel ? (n * l->channels + c) * plane + j : (n * l->channels + j) * plane + i % plane;
        sum += counts ? (double)l->x[at] * (double)l->x[at] : 0;
    }
    const double area = (double)(l->within_channel ? l->size * l->size : l->size);
    const double base = (l->within_channel ? 1 : (double)l->k) + (double)l->alpha / area * sum;
    return (double)l->x[i] * pow(base, -(double)l->beta);
}

static void run(size_t number) {
    const bool within = choice(&number, 2);
    const size_t n =
        shapes[number].outer * shapes[number].channels * shapes[number].height * shapes[number].width;
    describe("%zu x %zu x %zu x %zu, size %zu, beta %g, within %d", shapes[number].outer,
             shapes[number].channels, shapes[number].height, shapes[number].width, shapes[number].size,
             (double)shapes[number].beta, within);
    const fsk_lrn l = {.x = numbers(n, -4, 4),
                       .outer = shapes[number].outer,
                       .channels = shapes[number].channels,
                       .height = shapes[number].height,
                       .width = shapes[number].width,
                       .size = shapes[number].size,
                       .alpha = 0.3f,
                       .beta = shapes[number].beta,
                       .k = 1.5f,
                       .within_channel = within};
    const float *y = same_everywhere(n, NULL, run_lrn, &l);
    for (size_t i = 0; i<n; i += n> 8000 ? 17 : 1) {
        const double want = wanted(&l, i);
        expect_close(NULL, y + i, &want, 1, 2e-6, 0);
    }
}

const operation lrn_tests = {"lrn", 2 * COUNT(shapes), run};
