// fsk_yuv against the equations of BT.601 and BT.709 in double, and the colours of their test bars.
#include "check.h"

#include <stdlib.h>

static double held(double x) { return fmax(0, fmin(x, 255)); }

static void wanted(const fsk_yuv *a, size_t x, size_t y, double rgb[3]) {
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
    for (size_t k = 0; k < 3; ++k)
        rgb[k] = held(rgb[k]);
}

static const uint8_t *any_bytes(size_t n) {
    uint8_t *bytes = memory(n);
    for (size_t i = 0; i < n; ++i)
        bytes[i] = (uint8_t)any_below(256);
    return bytes;
}

static void frames(size_t number) {
    const bool is_bt709 = choice(&number, 2), is_full_range = choice(&number, 2),
               is_interleaved = choice(&number, 2);
    const size_t width = lengths[number] ? lengths[number] : 600, height = 1 + number % 5;
    describe("%zu x %zu, bt709 %d, full range %d, interleaved %d", height, width, is_bt709, is_full_range,
             is_interleaved);
    const size_t half = (width + 1) / 2, rows = (height + 1) / 2, step = is_interleaved ? 2 : 1;
    const size_t chroma_row = half * step + 3;
    // The last row ends with its last sample: nothing behind it may be read.
    const uint8_t *luma = any_bytes((height - 1) * (width + 2) + width);
    const size_t chroma_bytes = (rows - 1) * chroma_row + half * step;
    const uint8_t *blue = any_bytes(chroma_bytes), *red = is_interleaved ? blue + 1 : any_bytes(chroma_bytes);
    fsk_yuv a = {.luma = luma,
                 .chroma = {blue, red},
                 .luma_row_bytes = (ptrdiff_t)width + 2,
                 .chroma_row_bytes = {(ptrdiff_t)chroma_row, (ptrdiff_t)chroma_row},
                 .chroma_step = step,
                 .width = width,
                 .height = height,
                 .is_bt709 = is_bt709,
                 .is_full_range = is_full_range};
    uint8_t *first = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        a.rgb = memory(3 * width * height);
        fsk_yuv_run(&a, &s->pool);
        for (size_t i = 0; i < width * height; ++i) {
            double want[3];
            wanted(&a, i % width, i / width, want);
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
        const fsk_yuv a = {.luma = &known[i].luma,
                           .chroma = {&known[i].blue, &known[i].red},
                           .chroma_step = 1,
                           .width = 1,
                           .height = 1,
                           .rgb = rgb};
        fsk_yuv_run(&a, &settings()->pool);
        for (size_t k = 0; k < 3; ++k)
            if (abs(rgb[k] - known[i].rgb[k]) > 2) // the bars' own numbers are rounded
                fail(NULL, "bar %zu, channel %zu is %d, not %d", i, k, rgb[k], known[i].rgb[k]);
    }
}

static void run(size_t number) {
    if (number)
        frames(number - 1);
    else
        bars();
}

const operation yuv_tests = {"yuv", 1 + 8 * length_count, run};
