// fsk_map_row: rows of maps at another size, against the plain sum in double, and the same whatever was kept.
#include "photo.h"

enum { channels = 3, height = 11, rows = 14, step_more = 2 };

static double wanted(const fsk_map_rows *a, size_t channel, size_t row, size_t column) {
    double sum = 0;
    for (size_t j = 0; j < a->vertical.taps; ++j)
        for (size_t i = 0; i < a->horizontal.taps; ++i) {
            const size_t y = (size_t)a->vertical.first[row] + j, x = (size_t)a->horizontal.first[column] + i;
            sum += (double)a->vertical.weights[row * a->vertical.taps + j] *
                   (double)a->horizontal.weights[column * a->horizontal.taps + i] *
                   (double)a->maps[(channel * a->height + y) * a->width + x];
        }
    return sum;
}

static fsk_map_lines nothing(const fsk_map_rows *a) {
    return (fsk_map_lines){{-1, -1}, floats(2 * channels * a->horizontal.count), floats(a->width)};
}

static void check_row(const fsk_map_rows *a, const setting *s, size_t row, fsk_map_lines *kept) {
    const size_t count = a->horizontal.count;
    float *out = floats(channels * a->step), *fresh = floats(channels * a->step);
    double *want = memory(count * sizeof *want);
    fsk_map_lines none = nothing(a);
    fsk_map_row(a, row, kept, out, s->pool.cpu);
    fsk_map_row(a, row, &none, fresh, s->pool.cpu);
    for (size_t c = 0; c < channels; ++c) {
        for (size_t i = 0; i < count; ++i)
            want[i] = wanted(a, c, row, i);
        expect_close(s, out + c * a->step, want, count, 1e-5, 1e-5);
        expect_bits(s, out + c * a->step, fresh + c * a->step, count);
    }
}

static void run(size_t number) {
    static const size_t taps[] = {1, 2, 3}, widths[] = {6, 17, 33};
    const size_t across = taps[choice(&number, 3)], down = taps[choice(&number, 3)];
    const size_t width = widths[choice(&number, 3)], count = lengths[number];
    describe("width %zu -> %zu, %zu and %zu taps", width, count, down, across);
    if (count == 0)
        return;
    const fsk_map_rows a = {.maps = numbers(channels * height * width, -4, 4),
                            .channels = channels,
                            .height = height,
                            .width = width,
                            .vertical = table(height, down, rows),
                            .horizontal = table(width, across, count),
                            .step = count + step_more};
    for (const setting *s = settings(); s->way; ++s) {
        if (!is_first_of_variant(s))
            continue; // serial
        fsk_map_lines kept = nothing(&a);
        for (size_t row = 0; row < rows; ++row)
            check_row(&a, s, row, &kept);
    }
}

const operation map_row_tests = {"map_row", 3 * 3 * 3 * length_count, run};
