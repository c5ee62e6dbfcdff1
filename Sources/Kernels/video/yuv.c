// yuv: rows of luma and chroma to R, G, B, a few hundred pixels at a time, in whole numbers of 1 / 65536.
#include "fsk_yuv.h"
#include "cpu/targets.h"

enum { span = 256, one = 1 << 16 };

typedef struct {
    int32_t luma, black, red, green_of_blue, green_of_red, blue;
} weights;

typedef struct {
    const fsk_yuv *arguments;
    weights weights;
    uint32_t cpu;
} job;

static int32_t whole(double x) { return (int32_t)(x * one + (x < 0 ? -0.5 : 0.5)); }

// From the weights of red and blue in luma (BT.601: 0.299, 0.114; BT.709: 0.2126, 0.0722).
static weights weights_of(const fsk_yuv *a) {
    const double red = a->is_bt709 ? 0.2126 : 0.299, blue = a->is_bt709 ? 0.0722 : 0.114;
    const double green = 1 - red - blue;
    const double luma = a->is_full_range ? 1 : 255.0 / 219, chroma = a->is_full_range ? 1 : 255.0 / 224;
    return (weights){
        .luma = whole(luma),
        .black = a->is_full_range ? 0 : 16,
        .red = whole(2 * (1 - red) * chroma),
        .green_of_blue = whole(-2 * (1 - blue) * blue / green * chroma),
        .green_of_red = whole(-2 * (1 - red) * red / green * chroma),
        .blue = whole(2 * (1 - blue) * chroma),
    };
}

FSK_BODY uint8_t byte(int32_t sum) {
    const int32_t value = (sum + one / 2) >> 16;
    return (uint8_t)(value > 0 ? value < 255 ? value : 255 : 0);
}

// blue, red: differences, one a pixel.
FSK_BODY void pixels_body(const weights *w, const uint8_t *luma, const int32_t *blue, const int32_t *red,
                          size_t n, uint8_t *restrict rgb) {
    for (size_t i = 0; i < n; ++i) {
        const int32_t y = w->luma * (luma[i] - w->black);
        rgb[3 * i] = byte(y + w->red * red[i]);
        rgb[3 * i + 1] = byte(y + w->green_of_blue * blue[i] + w->green_of_red * red[i]);
        rgb[3 * i + 2] = byte(y + w->blue * blue[i]);
    }
}
FSK_TARGETS(pixels,
            (const weights *w, const uint8_t *luma, const int32_t *blue, const int32_t *red, size_t n,
             uint8_t *rgb),
            (w, luma, blue, red, n, rgb))

static void spread(const uint8_t *samples, size_t step, size_t n, int32_t *out) {
    for (size_t i = 0; i < n; ++i)
        out[i] = samples[i / 2 * step] - 128;
}

static void row(void *argument, size_t y) {
    const job *j = argument;
    const fsk_yuv *a = j->arguments;
    const uint8_t *luma = a->luma + (ptrdiff_t)y * a->luma_row_bytes;
    int32_t difference[2][span];
    for (size_t x = 0; x < a->width; x += span) { // span is even
        const size_t n = a->width - x < span ? a->width - x : span;
        for (size_t k = 0; k < 2; ++k) {
            const uint8_t *samples = a->chroma[k] + (ptrdiff_t)(y / 2) * a->chroma_row_bytes[k];
            spread(samples + x / 2 * a->chroma_step, a->chroma_step, n, difference[k]);
        }
        uint8_t *rgb = a->rgb + 3 * (y * a->width + x);
        FSK_CALL(pixels, j->cpu, (&j->weights, luma + x, difference[0], difference[1], n, rgb));
    }
}

void fsk_yuv_run(const fsk_yuv *arguments, const fsk_pool *pool) {
    job j = {arguments, weights_of(arguments), pool->cpu};
    fsk_pool_run(pool, row, &j, arguments->height);
}
