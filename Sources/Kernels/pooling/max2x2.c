// max2x2: the pooling of VGG and its kin. A window that hangs over the far side is one number wide or high.
#include "fsk_cpu.h"
#include "pooling/pooling.h"

#include <float.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// max_ps(v, best) is this too, NaN included.
static float above(float v, float best) { return v > best ? v : best; }

static void scalar(const float *top, const float *bottom, float *y, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        const float left = above(top[2 * i + 1], above(top[2 * i], -FLT_MAX));
        y[i] = above(bottom[2 * i + 1], above(bottom[2 * i], left));
    }
}

#if defined(__x86_64__)
// Even and odd numbers come apart within 128-bit lanes, so the result has its
// quarters as 0, 2, 1, 3.
__attribute__((target("avx2"))) static inline __m256 avx2_pairs(const float *row, __m256 best) {
    const __m256 a = _mm256_loadu_ps(row), b = _mm256_loadu_ps(row + 8);
    const __m256 even = _mm256_shuffle_ps(a, b, 0x88), odd = _mm256_shuffle_ps(a, b, 0xDD);
    return _mm256_max_ps(odd, _mm256_max_ps(even, best));
}

__attribute__((target("avx2"))) static void avx2(const float *top, const float *bottom, float *y, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 best = avx2_pairs(top + 2 * i, _mm256_set1_ps(-FLT_MAX));
        const __m256d mixed = _mm256_castps_pd(avx2_pairs(bottom + 2 * i, best));
        _mm256_storeu_ps(y + i, _mm256_castpd_ps(_mm256_permute4x64_pd(mixed, 0xD8)));
    }
    scalar(top + 2 * i, bottom + 2 * i, y + i, n - i);
}

__attribute__((target("avx512f"))) static inline __m512 avx512_pairs(const float *row, __m512 best) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    const __m512 a = _mm512_loadu_ps(row), b = _mm512_loadu_ps(row + 16);
    best = _mm512_max_ps(_mm512_permutex2var_ps(a, even, b), best);
    return _mm512_max_ps(_mm512_permutex2var_ps(a, odd, b), best);
}

__attribute__((target("avx512f"))) static void avx512(const float *top, const float *bottom, float *y,
                                                      size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m512 best = avx512_pairs(top + 2 * i, _mm512_set1_ps(-FLT_MAX));
        _mm512_storeu_ps(y + i, avx512_pairs(bottom + 2 * i, best));
    }
    scalar(top + 2 * i, bottom + 2 * i, y + i, n - i);
}
#endif

static const struct {
    const char *name;
    uint32_t needs;
    fsk_pooling_row_fn *run;
} variants[] = {
#if defined(__x86_64__)
    {"avx512", FSK_CPU_AVX512, avx512},
    {"avx2", FSK_CPU_AVX2, avx2},
#endif
    {"scalar", 0, scalar}, // needs nothing, so a row always fits
};

fsk_pooling_row_fn *fsk_pooling_row2x2(uint32_t cpu) {
    size_t v = 0;
    while ((variants[v].needs & cpu) != variants[v].needs)
        ++v;
    return variants[v].run;
}

// Output row r of all planes. Below the last row stands the row itself: it adds nothing to the largest.
static void one_row(const fsk_pooling *p, size_t r, fsk_pooling_row_fn *row) {
    const size_t top = 2 * (r % p->out_height), whole = p->width / 2;
    const float *x = p->x + (r / p->out_height * p->height + top) * p->width;
    const float *below = top + 1 < p->height ? x + p->width : x;
    float *y = p->y + r * p->out_width;
    size_t c = whole < p->out_width ? whole : p->out_width;
    row(x, below, y, c);
    if (c < p->out_width && p->width % 2)
        y[c] = above(below[2 * c], above(x[2 * c], -FLT_MAX)), ++c;
    for (; c < p->out_width; ++c)
        y[c] = -FLT_MAX;
}

void fsk_pooling_max2x2_rows(const fsk_pooling *p, size_t first, size_t last, fsk_pooling_row_fn *row) {
    for (size_t r = first; r < last; ++r)
        if (2 * (r % p->out_height) < p->height)
            one_row(p, r, row);
        else
            fsk_pooling_max_rows(p, r, r + 1);
}
