// fsk_plane_row: a row of a plane at another size, against the plain sum in double.
#include "photo.h"

static double wanted(const float *plane, size_t width, const fsk_table *v, size_t row, const fsk_table *h,
                     size_t column) {
    double sum = 0;
    for (size_t j = 0; j < v->taps; ++j)
        for (size_t i = 0; i < h->taps; ++i)
            sum += (double)v->weights[row * v->taps + j] * (double)h->weights[column * h->taps + i] *
                   (double)plane[((size_t)v->first[row] + j) * width + (size_t)h->first[column] + i];
    return sum;
}

static void run(size_t number) {
    static const size_t taps[] = {1, 2, 3, 6}, widths[] = {6, 8, 17, 31, 33};
    const size_t across = taps[choice(&number, 4)], down = choice(&number, 3) + 1;
    const size_t width = widths[choice(&number, 5)], count = lengths[number], height = 19, rows = 5;
    describe("width %zu -> %zu, %zu and %zu taps", width, count, down, across);
    if (count == 0)
        return;
    const float *plane = numbers(height * width, -4, 4);
    const fsk_table v = table(height, down, rows), h = table(width, across, count);
    double *want = memory(count * sizeof *want);
    for (size_t row = 0; row < rows; ++row) {
        for (size_t i = 0; i < count; ++i)
            want[i] = wanted(plane, width, &v, row, &h, i);
        for (const setting *s = settings(); s->way; ++s) {
            if (!is_first_of_variant(s))
                continue; // serial
            float *out = floats(count);
            fsk_plane_row(plane, width, &v, row, &h, floats(width), out, s->pool.cpu);
            expect_close(s, out, want, count, 1e-5, 1e-5);
        }
    }
}

const operation plane_row_tests = {"plane_row", 4 * 3 * 5 * length_count, run};
