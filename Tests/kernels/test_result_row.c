// fsk_label_row, fsk_byte_row, fsk_alpha_row, fsk_overlay_row: rows of results, to the bit.
#include "photo.h"

static void labels(size_t number) {
    static const size_t channel_counts[] = {1, 2, 3, 21, 256};
    const size_t channels = channel_counts[choice(&number, COUNT(channel_counts))];
    const bool odd = choice(&number, 2);
    const size_t n = lengths[number], step = n + 2;
    describe("labels of %zu x %zu, odd %d", channels, n, odd);
    float *rows = odd ? odd_numbers(channels * step) : numbers(channels * step, 0, 1);
    uint8_t *want = memory(n);
    for (size_t i = 0; i < channels * step; ++i)
        rows[i] = rintf(rows[i] * 8) / 8; // ties happen
    for (size_t i = 0; i < n; ++i) {
        float best = rows[i];
        want[i] = 0;
        for (size_t c = 1; c < channels; ++c)
            if (rows[c * step + i] > best) {
                best = rows[c * step + i];
                want[i] = (uint8_t)c;
            }
    }
    for (const setting *s = settings(); s->way; ++s)
        if (is_first_of_variant(s)) { // serial
            uint8_t *got = memory(n);
            fsk_label_row(rows, channels, step, n, got, s->pool.cpu);
            expect_bytes(s, got, want, n);
        }
}

// What lies on an edge between two bytes may become either: the product is rounded, or fused with the sum.
static void bytes(size_t number) {
    static const float edges[] = {0,           1,           0.5f, -3,       7,        1 / 255.f,
                                  1.49f / 255, 1.51f / 255, NAN,  INFINITY, -INFINITY};
    static const uint8_t at_edges[] = {0, 255, 128, 0, 255, 1, 1, 2, 0, 255, 0};
    const size_t n = lengths[number];
    describe("bytes of %zu", n);
    float *x = numbers(n, -0.1f, 1.1f);
    uint8_t *want = memory(n);
    for (size_t i = 0; i < n; ++i) {
        if (i % 3 == 0)
            x[i] = edges[i / 3 % COUNT(edges)];
        const double scaled = (double)x[i] * 255, fraction = scaled - floor(scaled);
        if (i % 3 && fabs(fraction - 0.5) < 1e-4)
            x[i] = 0.25f;
        const double rounded = floor((double)x[i] * 255 + 0.5);
        want[i] = i % 3 == 0 ? at_edges[i / 3 % COUNT(edges)] : (uint8_t)fmax(0, fmin(rounded, 255));
    }
    for (const setting *s = settings(); s->way; ++s)
        if (is_first_of_variant(s)) {
            uint8_t *got = memory(n);
            fsk_byte_row(x, n, got, s->pool.cpu);
            expect_bytes(s, got, want, n);
        }
}

static void alphas(size_t number) {
    const size_t n = lengths[number];
    describe("alpha of %zu", n);
    float *x = odd_numbers(n);
    double *want = memory(n * sizeof *want);
    for (size_t i = 0; i < n; ++i) {
        if (i % 2)
            x[i] = any_number(0.2f, 0.8f);
        want[i] = isnan(x[i]) ? 0 : fmax(0, fmin(2 * (double)x[i] - 0.5, 1));
    }
    for (const setting *s = settings(); s->way; ++s)
        if (is_first_of_variant(s)) {
            float *got = floats(n);
            for (size_t i = 0; i < n; ++i)
                got[i] = x[i];
            fsk_alpha_row(got, n, s->pool.cpu);
            expect_close(s, got, want, n, 0, 1e-6);
        }
}

// VOC's palette: class 1 is (128, 0, 0), class 2 (0, 128, 0), class 15 (192, 128, 128), class 255 white
// but 32.
static void overlay(size_t number) {
    static const uint8_t classes[] = {0, 1, 2, 15, 255},
                         palette[][3] = {
                             {0, 0, 0}, {128, 0, 0}, {0, 128, 0}, {192, 128, 128}, {224, 224, 192}};
    static const size_t pixels[] = {1, 3, 4};
    const size_t pixel = pixels[choice(&number, 3)], width = lengths[number];
    describe("overlay of %zu pixels of %zu bytes", width, pixel);
    if (width == 0)
        return;
    const fsk_photo p = photo(width, 2, pixel, false);
    uint8_t *chosen = memory(width), *got = memory(3 * width), *want = memory(3 * width);
    for (size_t i = 0; i < width; ++i) {
        const size_t k = any_below(COUNT(classes));
        chosen[i] = classes[k];
        for (size_t c = 0; c < 3; ++c) {
            const int value = photo_value(&p, i, 1, 2 - c);
            want[3 * i + c] = (uint8_t)(k ? (value + palette[k][c] + 1) / 2 : value);
        }
    }
    fsk_overlay_row(&p, 1, chosen, got);
    expect_bytes(NULL, got, want, 3 * width);
}

enum {
    label_cases = 5 * 2 * length_count,
    byte_cases = length_count,
    alpha_cases = length_count,
    overlay_cases = 3 * length_count
};

static void run(size_t number) {
    if (number < label_cases)
        labels(number);
    else if (number < label_cases + byte_cases)
        bytes(number - label_cases);
    else if (number < label_cases + byte_cases + alpha_cases)
        alphas(number - label_cases - byte_cases);
    else
        overlay(number - label_cases - byte_cases - alpha_cases);
}

const operation result_row_tests = {"result_row", label_cases + byte_cases + alpha_cases + overlay_cases,
                                    run};
