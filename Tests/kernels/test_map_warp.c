// fsk_map_warp: a row of maps seen through an affine map, against bilinear reading in double.
#include "check.h"

static double held(const fsk_map_warp *a, size_t channel, double x, double y) {
    const double column = fmin(fmax(x, 0), (double)a->width - 1),
                 row = fmin(fmax(y, 0), (double)a->height - 1);
    return (double)a->maps[(channel * a->height + (size_t)row) * a->width + (size_t)column];
}

static double at_x(const fsk_affine_map *m, double u, double v) { return m->xx * u + m->xy * v + m->x0; }
static double at_y(const fsk_affine_map *m, double u, double v) { return m->yx * u + m->yy * v + m->y0; }

static double wanted(const fsk_map_warp *a, size_t channel, size_t row, size_t column) {
    const double u = (double)column + 0.5, v = (double)row + 0.5;
    const double s = at_x(&a->inside, u, v), t = at_y(&a->inside, u, v);
    if (!(s >= 0 && s < 1 && t >= 0 && t < 1))
        return channel == 0 ? (double)a->outside : 0;
    const double x = at_x(&a->map, u, v) - 0.5, y = at_y(&a->map, u, v) - 0.5, left = floor(x),
                 top = floor(y);
    const double fx = x - left, fy = y - top;
    return (1 - fy) * ((1 - fx) * held(a, channel, left, top) + fx * held(a, channel, left + 1, top)) +
           fy * ((1 - fx) * held(a, channel, left, top + 1) + fx * held(a, channel, left + 1, top + 1));
}

// As they lie, enlarged and turned, far outside of maps whose edges then reach; seen whole or in part.
static const fsk_affine_map maps[] = {{1, 0, 0, 0, 1, 0},
                                      {0.4, 0.3, -1.1, -0.3, 0.4, 3.7},
                                      {1, 0, -50, 0, 1, 90}},
                            insides[] = {{0, 0, 0.5, 0, 0, 0.5}, {0.03125, 0, -0.25, 0, 0.0625, 0.125}};

static void run(size_t number) {
    const fsk_affine_map map = maps[choice(&number, 3)], inside = insides[choice(&number, 2)];
    const size_t channels = choice(&number, 3) + 1, rows = 16;
    const fsk_map_warp a = {
        numbers(channels * 7 * 9, 0, 1), channels, 7, 9, map, inside, 0.75f, lengths[number]};
    const size_t count = channels * a.count;
    describe("%zu maps, x0 %g, inside x0 %g, %zu columns", channels, map.x0, inside.x0, a.count);
    double *want = memory(count * sizeof *want);
    for (size_t row = 0; row < rows; ++row) {
        for (size_t i = 0; i < count; ++i)
            want[i] = wanted(&a, i / a.count, row, i % a.count);
        float *out = floats(count);
        fsk_map_warp_row(&a, row, out);
        expect_close(NULL, out, want, count, 0, 1e-5);
    }
}

const operation map_warp_tests = {"map_warp", 3 * 2 * 3 * length_count, run};
