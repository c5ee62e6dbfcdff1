// yuv: rows of luma and chroma to R, G, B, a few hundred pixels at a time, in whole numbers of 1 / 65536.
#include "fsk_yuv.h"
#include "cpu/targets.h"
#include "video/matrix.h"

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

static weights weights_of(const fsk_frame *f) {
    const matrix m = matrix_of(f);
    return (weights){
        .luma = whole(m.luma),
        .black = (int32_t)m.black,
        .red = whole(m.red),
        .green_of_blue = whole(m.green_of_blue),
        .green_of_red = whole(m.green_of_red),
        .blue = whole(m.blue),
    };
}

FSK_BODY uint8_t byte(int32_t sum) {
    const int32_t value = (sum + one / 2) >> 16;
    return (uint8_t)(value > 0 ? value < 255 ? value : 255 : 0);
}

// Each sample for two pixels side by side.
FSK_BODY void spread_body(const uint8_t *restrict samples, size_t step, size_t n, uint16_t *restrict pairs) {
    if (step == 1)
        for (size_t i = 0; i < n; ++i)
            pairs[i] = (uint16_t)(samples[i] * 0x0101);
    else
        for (size_t i = 0; i < n; ++i)
            pairs[i] = (uint16_t)(samples[2 * i] * 0x0101);
}
FSK_TARGETS(spread, (const uint8_t *samples, size_t step, size_t n, uint16_t *pairs),
            (samples, step, n, pairs))

// n pixels, at most `span`. Planes first: their loops vectorize well, and so does the one that mixes them.
FSK_BODY void pixels_body(const weights *w, const uint8_t *restrict luma, const uint8_t *restrict blue,
                          const uint8_t *restrict red, size_t n, uint8_t *restrict rgb) {
    uint8_t planes[3][span];
    for (size_t i = 0; i < n; ++i) {
        const int32_t y = w->luma * (luma[i] - w->black), b = blue[i] - 128, r = red[i] - 128;
        planes[0][i] = byte(y + w->red * r);
        planes[1][i] = byte(y + w->green_of_blue * b + w->green_of_red * r);
        planes[2][i] = byte(y + w->blue * b);
    }
    for (size_t i = 0; i < n; ++i) {
        rgb[3 * i] = planes[0][i];
        rgb[3 * i + 1] = planes[1][i];
        rgb[3 * i + 2] = planes[2][i];
    }
}
FSK_TARGETS(pixels,
            (const weights *w, const uint8_t *luma, const uint8_t *blue, const uint8_t *red, size_t n,
             uint8_t *rgb),
            (w, luma, blue, red, n, rgb))

static void row(void *argument, size_t y) {
    const job *j = argument;
    const fsk_frame *a = &j->arguments->frame;
    const uint8_t *luma = a->luma + (ptrdiff_t)y * a->luma_row_bytes;
    uint16_t difference[2][span / 2];
    for (size_t x = 0; x < a->width; x += span) { // span is even
        const size_t n = a->width - x < span ? a->width - x : span;
        for (size_t k = 0; k < 2; ++k) {
            const uint8_t *samples = a->chroma[k] + (ptrdiff_t)(y / 2) * a->chroma_row_bytes[k];
            FSK_CALL(spread, j->cpu,
                     (samples + x / 2 * a->chroma_step, a->chroma_step, (n + 1) / 2, difference[k]));
        }
        FSK_CALL(pixels, j->cpu,
                 (&j->weights, luma + x, (const uint8_t *)difference[0], (const uint8_t *)difference[1], n,
                  j->arguments->rgb + 3 * (y * a->width + x)));
    }
}

void fsk_yuv_run(const fsk_yuv *arguments, const fsk_pool *pool) {
    job j = {arguments, weights_of(&arguments->frame), pool->cpu};
    fsk_pool_run(pool, row, &j, arguments->frame.height);
}
