// fsk_photo_resampling: photos to planes, against the plain sum in double.
#include "photo.h"

static double wanted(const fsk_photo_resampling *a, size_t channel, size_t row, size_t column) {
    const fsk_table *v = &a->vertical, *h = &a->horizontal;
    double sum = 0;
    for (size_t j = 0; j < v->taps; ++j)
        for (size_t i = 0; i < h->taps; ++i)
            sum += (double)v->weights[row * v->taps + j] * (double)h->weights[column * h->taps + i] *
                   photo_value(&a->photo, (size_t)h->first[column] + i, (size_t)v->first[row] + j, channel);
    return sum;
}

static void run(size_t number) {
    static const size_t pixels[] = {1, 3, 4}, taps[][2] = {{1, 1}, {2, 2}, {5, 7}},
                        sizes[][2] = {{37, 23}, {7, 5}, {8, 6}, {509, 9}};
    const size_t pixel = pixels[choice(&number, 3)], width = sizes[number % 4][0],
                 height = sizes[number % 4][1];
    const bool upside_down = number / 4 % 2;
    const size_t *t = taps[number / 8];
    const size_t rows = 9, columns = 14, count = 3 * rows * columns;
    describe("%zu x %zu of %zu bytes, %zu and %zu taps, upside down %d", width, height, pixel, t[0], t[1],
             upside_down);
    fsk_photo_resampling a = {photo(width, height, pixel, upside_down), table(height, t[0], rows),
                              table(width, t[1], columns), NULL, NULL};
    double *want = memory(count * sizeof *want);
    for (size_t i = 0; i < count; ++i)
        want[i] = wanted(&a, i / columns / rows, i / columns % rows, i % columns);
    for (const setting *s = settings(); s->way; ++s) {
        a.planes = floats(count);
        a.scratch = floats((size_t)s->pool.threads * (width * pixel + 1));
        fsk_photo_resampling_run(&a, &s->pool);
        expect_close(s, a.planes, want, count, 1e-5, 1e-3);
    }
}

const operation photo_resampling_tests = {"photo_resampling", 3 * 4 * 2 * 3, run};
