// fsk_yuv against the equations of BT.601 and BT.709 in double, and the colours of their test bars;
// fsk_frame_resampling against sums of those colours in double.
#include "photo.h"

#include <stdlib.h>

static double held(double x) { return fmax(0, fmin(x, 255)); }

// Not held within 0...255.
static void free_colors(const fsk_frame *a, size_t x, size_t y, double rgb[3]) {
    const double red = a->is_bt709 ? 0.2126 : 0.299, blue = a->is_bt709 ? 0.0722 : 0.114;
    double luma = a->luma[(ptrdiff_t)y * a->luma_row_bytes + (ptrdiff_t)x], chroma[2];
    for (size_t k = 0; k < 2; ++k)
        chroma[k] =
            a->chroma[k][(ptrdiff_t)(y / 2) * a->chroma_row_bytes[k] + (ptrdiff_t)(x / 2 * a->chroma_step)] -
            128.0;
    luma = a->is_full_range ? luma : (luma - 16) * 255 / 219;
    for (size_t k = 0; k < 2; ++k)
        chroma[k] *= a->is_full_range ? 1 : 255.0 / 224;
    // Cb = (B - Y) / 2 (1 - Kb), Cr = (R - Y) / 2 (1 - Kr), Y = Kr R + Kg G + Kb B
    rgb[0] = luma + 2 * (1 - red) * chroma[1];
    rgb[2] = luma + 2 * (1 - blue) * chroma[0];
    rgb[1] = (luma - red * rgb[0] - blue * rgb[2]) / (1 - red - blue);
}

static void wanted(const fsk_frame *a, size_t x, size_t y, double rgb[3]) {
    free_colors(a, x, y, rgb);
    for (size_t k = 0; k < 3; ++k)
        rgb[k] = held(rgb[k]);
}

static const uint8_t *any_bytes(size_t n) {
    uint8_t *bytes = memory(n);
    for (size_t i = 0; i < n; ++i)
        bytes[i] = (uint8_t)any_below(256);
    return bytes;
}

// Random planes; the last row of each ends with its last sample: nothing behind it may be read.
static fsk_frame frame(size_t width, size_t height, bool is_bt709, bool is_full_range, bool is_interleaved) {
    const size_t half = (width + 1) / 2, rows = (height + 1) / 2, step = is_interleaved ? 2 : 1;
    const size_t chroma_row = half * step + 3, chroma_bytes = (rows - 1) * chroma_row + half * step;
    const uint8_t *blue = any_bytes(chroma_bytes), *red = is_interleaved ? blue + 1 : any_bytes(chroma_bytes);
    return (fsk_frame){.luma = any_bytes((height - 1) * (width + 2) + width),
                       .chroma = {blue, red},
                       .luma_row_bytes = (ptrdiff_t)width + 2,
                       .chroma_row_bytes = {(ptrdiff_t)chroma_row, (ptrdiff_t)chroma_row},
                       .chroma_step = step,
                       .width = width,
                       .height = height,
                       .is_bt709 = is_bt709,
                       .is_full_range = is_full_range};
}

static void frames(size_t number) {
    const bool is_bt709 = choice(&number, 2), is_full_range = choice(&number, 2),
               is_interleaved = choice(&number, 2);
    const size_t width = lengths[number] ? lengths[number] : 600, height = 1 + number % 5;
    describe("%zu x %zu, bt709 %d, full range %d, interleaved %d", height, width, is_bt709, is_full_range,
             is_interleaved);
    fsk_yuv a = {frame(width, height, is_bt709, is_full_range, is_interleaved), NULL};
    uint8_t *first = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        a.rgb = memory(3 * width * height);
        fsk_yuv_run(&a, &s->pool);
        for (size_t i = 0; i < width * height; ++i) {
            double want[3];
            wanted(&a.frame, i % width, i / width, want);
            for (size_t k = 0; k < 3; ++k)
                if (fabs(a.rgb[3 * i + k] - want[k]) > 0.51)
                    fail(s, "channel %zu of pixel %zu is %d, not %.3f", k, i, a.rgb[3 * i + k], want[k]);
        }
        if (first)
            expect_bytes(s, a.rgb, first, 3 * width * height);
        else
            first = a.rgb;
    }
}

// 75 % bars as broadcast (BT.601, 8 bits): Y, Cb, Cr and what they show.
static void bars(void) {
    static const struct {
        uint8_t luma, blue, red, rgb[3];
    } known[] = {
        {235, 128, 128, {255, 255, 255}}, {16, 128, 128, {0, 0, 0}},     {180, 128, 128, {191, 191, 191}},
        {162, 44, 142, {191, 191, 0}},    {131, 156, 44, {0, 191, 191}}, {112, 72, 58, {0, 191, 0}},
        {84, 184, 198, {191, 0, 191}},    {65, 100, 212, {191, 0, 0}},   {35, 212, 114, {0, 0, 191}},
    };
    describe("colour bars");
    for (size_t i = 0; i < COUNT(known); ++i) {
        uint8_t rgb[3];
        const fsk_frame one = {.luma = &known[i].luma,
                               .chroma = {&known[i].blue, &known[i].red},
                               .chroma_step = 1,
                               .width = 1,
                               .height = 1};
        const fsk_yuv a = {one, rgb};
        fsk_yuv_run(&a, &settings()->pool);
        for (size_t k = 0; k < 3; ++k)
            if (abs(rgb[k] - known[i].rgb[k]) > 2) // the bars' own numbers are rounded
                fail(NULL, "bar %zu, channel %zu is %d, not %d", i, k, rgb[k], known[i].rgb[k]);
    }
}

// Channel (blue first) of a pixel: rows summed, colours held within 0...255, columns summed.
static double resampled(const fsk_frame_resampling *a, size_t channel, size_t row, size_t column) {
    const fsk_table *v = &a->vertical, *h = &a->horizontal;
    double sum = 0;
    for (size_t i = 0; i < h->taps; ++i) {
        double along = 0, rgb[3];
        for (size_t j = 0; j < v->taps; ++j) {
            free_colors(&a->frame, (size_t)h->first[column] + i, (size_t)v->first[row] + j, rgb);
            along += (double)v->weights[row * v->taps + j] * rgb[2 - channel];
        }
        sum += (double)h->weights[column * h->taps + i] * held(along);
    }
    return sum;
}

static void resampling(size_t number) {
    static const size_t sizes[][2] = {{37, 23}, {7, 5}, {8, 6}, {509, 9}},
                        taps[][2] = {{1, 1}, {2, 2}, {5, 4}};
    const bool is_bt709 = choice(&number, 2), is_full_range = choice(&number, 2),
               is_interleaved = choice(&number, 2);
    const size_t width = sizes[number % 4][0], height = sizes[number % 4][1], *t = taps[number / 4];
    const size_t rows = 9, columns = 14, count = 3 * rows * columns;
    describe("%zu x %zu resampled, bt709 %d, full range %d, interleaved %d, %zu and %zu taps", height, width,
             is_bt709, is_full_range, is_interleaved, t[0], t[1]);
    fsk_frame_resampling a = {frame(width, height, is_bt709, is_full_range, is_interleaved),
                              table(height, t[0], rows), table(width, t[1], columns), NULL, NULL};
    double *want = memory(count * sizeof *want);
    for (size_t i = 0; i < count; ++i)
        want[i] = resampled(&a, i / columns / rows, i / columns % rows, i % columns);
    for (const setting *s = settings(); s->way; ++s) {
        a.planes = floats(count);
        a.scratch = floats((size_t)s->pool.threads * fsk_frame_scratch(width));
        fsk_frame_resampling_run(&a, &s->pool);
        expect_close(s, a.planes, want, count, 1e-5, 1e-3);
    }
}

enum { frame_count = 8 * length_count, resampling_count = 8 * 4 * 3 };

static void run(size_t number) {
    if (!number)
        bars();
    else if (number <= frame_count)
        frames(number - 1);
    else
        resampling(number - 1 - frame_count);
}

const operation yuv_tests = {"yuv", 1 + frame_count + resampling_count, run};
