// row: the guided filter's models at the photo's own pixels, a strip of them at a time, so that its colours
// stay in the cache.
#include "fsk_guided.h"
#include "cpu/targets.h"

#include <string.h>

enum { strip = 256 };

// colors[3, strip] of n pixels from `begin` on.
FSK_BODY void split_body(const uint8_t *restrict pixels, size_t step, const size_t *restrict places,
                         size_t begin, size_t n, float *restrict colors) {
    for (size_t c = 0; c < 3; ++c)
        for (size_t i = begin; i < n; ++i)
            colors[c * strip + i] = pixels[i * step + places[c]];
}

static void split_scalar(const uint8_t *pixels, size_t step, const size_t *places, size_t n, float *colors) {
    split_body(pixels, step, places, 0, n, colors);
}

#if defined(__x86_64__)
#include <immintrin.h>

// Where bytes of 16 pixels of three bytes are found: of each third of them, for each of a pixel's bytes.
static const int8_t thirds[3][3][16] = {
    {{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
    {{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
    {{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}},
};

// A byte of each of the 16 pixels at p.
__attribute__((target("ssse3"))) static inline __m128i byte_of_16(const uint8_t *p, size_t place) {
    const __m128i *at = (const __m128i *)(const void *)p,
                  *where = (const __m128i *)(const void *)thirds[place];
    const __m128i low = _mm_shuffle_epi8(_mm_loadu_si128(at), _mm_loadu_si128(where));
    const __m128i middle = _mm_shuffle_epi8(_mm_loadu_si128(at + 1), _mm_loadu_si128(where + 1));
    return _mm_or_si128(_mm_or_si128(low, middle),
                        _mm_shuffle_epi8(_mm_loadu_si128(at + 2), _mm_loadu_si128(where + 2)));
}

__attribute__((target("avx512f,avx512bw"))) static void
split_avx512(const uint8_t *pixels, size_t step, const size_t *places, size_t n, float *colors) {
    const size_t whole = step == 3 ? n / 16 * 16 : 0;
    for (size_t i = 0; i < whole; i += 16)
        for (size_t c = 0; c < 3; ++c) {
            const __m512i bytes = _mm512_cvtepu8_epi32(byte_of_16(pixels + 3 * i, places[c]));
            _mm512_storeu_ps(colors + c * strip + i, _mm512_cvtepi32_ps(bytes));
        }
    split_body(pixels, step, places, whole, n, colors);
}

__attribute__((target("avx2"))) static void split_avx2(const uint8_t *pixels, size_t step,
                                                       const size_t *places, size_t n, float *colors) {
    const size_t whole = step == 3 ? n / 16 * 16 : 0;
    for (size_t i = 0; i < whole; i += 16)
        for (size_t c = 0; c < 3; ++c) {
            const __m128i bytes = byte_of_16(pixels + 3 * i, places[c]);
            const __m256i low = _mm256_cvtepu8_epi32(bytes);
            const __m256i high = _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8));
            _mm256_storeu_ps(colors + c * strip + i, _mm256_cvtepi32_ps(low));
            _mm256_storeu_ps(colors + c * strip + i + 8, _mm256_cvtepi32_ps(high));
        }
    split_body(pixels, step, places, whole, n, colors);
}
#endif

// One map: out = a . colors + b within 0 ... 1, added to total. first, second: [4, step].
FSK_BODY void apply_body(const float *restrict first, const float *restrict second, float of_first,
                         float of_second, size_t step, const float *restrict colors, size_t n,
                         float *restrict out, float *restrict total) {
    for (size_t i = 0; i < n; ++i) {
        const float *a = first + i, *b = second + i;
        const float blue = colors[i], green = colors[strip + i], red = colors[2 * strip + i];
        const float above = a[0] * blue + a[step] * green + a[2 * step] * red + a[3 * step];
        const float below = b[0] * blue + b[step] * green + b[2 * step] * red + b[3 * step];
        const float q = of_first * above + of_second * below, held = q < 0 ? 0 : q > 1 ? 1 : q;
        out[i] = held;
        total[i] += held;
    }
}
FSK_TARGETS(apply,
            (const float *first, const float *second, float of_first, float of_second, size_t step,
             const float *colors, size_t n, float *out, float *total),
            (first, second, of_first, of_second, step, colors, n, out, total))

// total becomes the first map, part what the others are multiplied by, so that no sum is above 1.
FSK_BODY void leave_body(float *restrict total, float *restrict part, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        const float sum = total[i];
        part[i] = sum > 1 ? 1 / sum : 1;
        total[i] = sum > 1 ? 0 : 1 - sum;
    }
}
FSK_TARGETS(leave, (float *total, float *part, size_t n), (total, part, n))

FSK_BODY void scale_body(const float *restrict part, size_t n, float *restrict out) {
    for (size_t i = 0; i < n; ++i)
        out[i] *= part[i];
}
FSK_TARGETS(scale, (const float *part, size_t n, float *out), (part, n, out))

void fsk_guided_row(const fsk_photo *photo, size_t row, size_t column, size_t count,
                    const fsk_line_pair *coefficients, size_t channels, float *out, size_t step,
                    uint32_t cpu) {
    const uint8_t *pixels = photo->pixels + (ptrdiff_t)row * photo->row_bytes + column * photo->pixel_bytes;
    const size_t places[3] = {photo->blue, photo->green, photo->red};
    const fsk_line_pair *p = coefficients;
    float colors[3 * strip], part[strip];
    for (size_t begin = 0; begin < count; begin += strip) {
        const size_t n = count - begin < strip ? count - begin : strip;
        float *total = out + begin;
        FSK_CALL(split, cpu, (pixels + begin * photo->pixel_bytes, photo->pixel_bytes, places, n, colors));
        memset(total, 0, n * sizeof *total);
        for (size_t c = 0; c < channels; ++c) {
            const size_t at = 4 * c * p->step + begin;
            FSK_CALL(apply, cpu,
                     (p->first + at, p->second + at, p->of_first, p->of_second, p->step, colors, n,
                      total + (c + 1) * step, total));
        }
        FSK_CALL(leave, cpu, (total, part, n));
        for (size_t c = 0; c < channels; ++c)
            FSK_CALL(scale, cpu, (part, n, total + (c + 1) * step));
    }
}
