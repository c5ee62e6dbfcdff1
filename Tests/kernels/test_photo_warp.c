// fsk_photo_warp: points of a photo picked through an affine map, against bilinear reading in double.
#include "photo.h"

static double held(const fsk_photo *p, double x, double y, size_t channel) {
    const double column = fmin(fmax(x, 0), (double)p->width - 1),
                 row = fmin(fmax(y, 0), (double)p->height - 1);
    return photo_value(p, (size_t)column, (size_t)row, channel);
}

// The photo's colour at a point, its edges reaching outwards for half a pixel.
static double colour(const fsk_photo_warp *a, double x, double y, size_t channel) {
    const fsk_photo *p = &a->photo;
    if (x < 0 || y < 0 || x >= (double)p->width || y >= (double)p->height)
        return (double)a->outside[channel];
    const double left = floor(x - 0.5), top = floor(y - 0.5), fx = x - 0.5 - left, fy = y - 0.5 - top;
    return (1 - fy) * ((1 - fx) * held(p, left, top, channel) + fx * held(p, left + 1, top, channel)) +
           fy * ((1 - fx) * held(p, left, top + 1, channel) + fx * held(p, left + 1, top + 1, channel));
}

static double wanted(const fsk_photo_warp *a, size_t channel, size_t row, size_t column) {
    const fsk_affine_map *m = &a->map;
    const double n = (double)a->samples;
    double sum = 0;
    for (size_t i = 0; i < a->samples; ++i)
        for (size_t j = 0; j < a->samples; ++j) {
            const double u = (double)column + ((double)j + 0.5) / n, v = (double)row + ((double)i + 0.5) / n;
            sum += colour(a, m->xx * u + m->xy * v + m->x0, m->yx * u + m->yy * v + m->y0, channel);
        }
    return sum / (n * n);
}

// Moved by whole pixels, as it is, reduced fourfold, turned by a quarter, turned and enlarged, far outside.
static const fsk_affine_map maps[] = {
    {1, 0, 3, 0, 1, -2},
    {1, 0, 0, 0, 1, 0},
    {4, 0, 0, 0, 4, 0},
    {0, 1, 0, -1, 0, 9},
    {0.4, 0.3, -1.1, -0.3, 0.4, 3.7},
    {1, 0, 1e9, 0, 1, -1e300},
};

static void run(size_t number) {
    static const size_t pixels[] = {1, 3, 4}, samples[] = {1, 2, 4};
    const size_t pixel = pixels[choice(&number, 3)], points = samples[choice(&number, 3)];
    const bool upside_down = choice(&number, 2);
    const size_t height = 10, width = 12, count = 3 * height * width;
    describe("map %zu, %zu bytes a pixel, %zu points a side, upside down %d", number, pixel, points,
             upside_down);
    fsk_photo_warp a = {
        photo(13, 9, pixel, upside_down), maps[number], NULL, height, width, points, {7, 8, 9}};
    double *want = memory(count * sizeof *want);
    for (size_t i = 0; i < count; ++i)
        want[i] = wanted(&a, i / width / height, i / width % height, i % width);
    for (const setting *s = settings(); s->way; ++s) {
        a.planes = floats(count);
        fsk_photo_warp_run(&a, &s->pool);
        expect_close(s, a.planes, want, count, 0, 1e-3);
    }
}

const operation photo_warp_tests = {"photo_warp", 3 * 3 * 2 * COUNT(maps), run};
