// two_taps: a row enlarged with two neighbours a pixel. Enlarging, a vector's neighbours lie within one
// vector, which is loaded and permuted; where they do not, and for lack of such an instruction, they are read
// one by one.
#include "two_taps.h"
#include "fsk_cpu.h"

static void one_by_one(const two_taps *t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
        t->out[i] = t->weights[2 * i] * t->x[t->first[i]] + t->weights[2 * i + 1] * t->x[t->first[i] + 1];
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f,fma"))) static void avx512(const two_taps *t) {
    enum { lanes = 16 };
    const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i one = _mm512_set1_epi32(1), most = _mm512_set1_epi32(lanes - 2);
    size_t i = 0;
    for (; i + lanes <= t->count; i += lanes) {
        const int32_t base = t->first[i];
        const __m512i from = _mm512_sub_epi32(_mm512_loadu_si512(t->first + i), _mm512_set1_epi32(base));
        if (_mm512_cmpgt_epu32_mask(from, most)) {
            one_by_one(t, i, i + lanes);
            continue;
        }
        const size_t left = t->width - (size_t)base;
        const __mmask16 there = (__mmask16)(left < lanes ? (1u << left) - 1 : 0xffff);
        const __m512 x = _mm512_maskz_loadu_ps(there, t->x + base);
        const __m512 low = _mm512_loadu_ps(t->weights + 2 * i),
                     high = _mm512_loadu_ps(t->weights + 2 * i + lanes);
        const __m512 first = _mm512_permutex2var_ps(low, even, high);
        const __m512 second = _mm512_permutex2var_ps(low, _mm512_add_epi32(even, one), high);
        const __m512 left_taps = _mm512_mul_ps(first, _mm512_permutexvar_ps(from, x));
        const __m512 right = _mm512_permutexvar_ps(_mm512_add_epi32(from, one), x);
        _mm512_storeu_ps(t->out + i, _mm512_fmadd_ps(second, right, left_taps));
    }
    one_by_one(t, i, t->count);
}

__attribute__((target("avx2,fma"))) static void avx2(const two_taps *t) {
    enum { lanes = 8 };
    const __m256i one = _mm256_set1_epi32(1), most = _mm256_set1_epi32(lanes - 2);
    const __m256i pairs = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7), zero = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + lanes <= t->count; i += lanes) {
        const int32_t base = t->first[i];
        const __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)(t->first + i));
        const __m256i from = _mm256_sub_epi32(first, _mm256_set1_epi32(base));
        const __m256i outside =
            _mm256_or_si256(_mm256_cmpgt_epi32(from, most), _mm256_cmpgt_epi32(zero, from));
        if (t->width - (size_t)base < lanes || !_mm256_testz_si256(outside, outside)) {
            one_by_one(t, i, i + lanes);
            continue;
        }
        const __m256 x = _mm256_loadu_ps(t->x + base);
        const __m256 low = _mm256_loadu_ps(t->weights + 2 * i),
                     high = _mm256_loadu_ps(t->weights + 2 * i + lanes);
        // Of 8 weights of first neighbours, those of pixels 0 1 4 5 2 3 6 7.
        const __m256 firsts = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(low, high, 0x88), pairs);
        const __m256 seconds = _mm256_permutevar8x32_ps(_mm256_shuffle_ps(low, high, 0xdd), pairs);
        const __m256 left_taps = _mm256_mul_ps(firsts, _mm256_permutevar8x32_ps(x, from));
        const __m256 right = _mm256_permutevar8x32_ps(x, _mm256_add_epi32(from, one));
        _mm256_storeu_ps(t->out + i, _mm256_fmadd_ps(seconds, right, left_taps));
    }
    one_by_one(t, i, t->count);
}
#endif

void two_taps_run(const two_taps *t, uint32_t cpu) {
#if defined(__x86_64__)
    if (cpu & FSK_CPU_AVX512) {
        avx512(t);
        return;
    }
    if (cpu & FSK_CPU_AVX2) {
        avx2(t);
        return;
    }
#endif
    (void)cpu;
    one_by_one(t, 0, t->count);
}
