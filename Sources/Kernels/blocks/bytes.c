// bytes: products of 8 bits for AVX-512, four channels at a time (vpdpbusd), which a register of 32 bits adds
// up exactly: pictures without a sign, weights with one.
#include "variant.h"

#if defined(__x86_64__)
#include <float.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")))
#define BODY   TARGET static inline __attribute__((always_inline))
#include "avx512_vectors.h"

#define PIXEL (LANES / 4)
#define v_multiply(a, b, c)                                                                                  \
    _mm512_castsi512_ps(                                                                                     \
        _mm512_dpbusd_epi32(_mm512_castps_si512(c), _mm512_castps_si512(a), _mm512_castps_si512(b)))
#define v_total(a, sum, v) total(a, sum, v)

// What the whole numbers stand for, without the picture's zero.
BODY vec total(const fsk_block_product *a, vec sum, int v) {
    const __m512i weights = _mm512_loadu_si512(a->weight_sums + v * LANES);
    const __m512i zeros = _mm512_mullo_epi32(_mm512_set1_epi32(a->x_zero), weights);
    const vec numbers = _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_castps_si512(sum), zeros));
    return v_mul(numbers, v_mul(v_load(a->weight_scales + v * LANES), v_set(a->x_scale)));
}
#include "product_body.h"

BODY vec numbers_of(const fsk_block_byte_row *r, size_t block, size_t pixel) {
    const __mmask16 there = block + 1 < r->blocks ? 0xffff : (__mmask16)((1u << r->last) - 1);
    return _mm512_maskz_loadu_ps(there, r->x + block * r->plane_step + pixel * LANES);
}

// Of the numbers of a row the largest size, NaN above all, and whether one is negative.
BODY float largest(const fsk_block_byte_row *r, int *has_sign) {
    const __m512i sign = _mm512_set1_epi32(INT32_MIN);
    __m512i most = _mm512_setzero_si512();
    __mmask16 below = 0;
    for (size_t block = 0; block < r->blocks; ++block)
        for (size_t p = 0; p < r->pixels; ++p) {
            const vec numbers = numbers_of(r, block, p);
            most = _mm512_max_epi32(most, _mm512_andnot_si512(sign, _mm512_castps_si512(numbers)));
            below |= _mm512_cmp_ps_mask(numbers, _mm512_setzero_ps(), _CMP_LT_OQ);
        }
    *has_sign = below != 0;
    return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(_mm512_reduce_max_epi32(most))));
}

enum { middle = 128 }; // stands for 0 where numbers have signs

TARGET void fsk_block_to_bytes(const fsk_block_byte_row *r) {
    int has_sign;
    float most = largest(r, &has_sign);
    const float limit = has_sign ? INT8_MAX : UINT8_MAX;
    if (most < FLT_MIN * UINT8_MAX) // so little that it has no scale
        most = 0;
    *r->scale = most / limit;
    *r->zero = has_sign ? middle : 0;
    const vec inverse = v_set(most == 0 ? 0 : limit / most);
    const __m512i zero = _mm512_set1_epi32(*r->zero);
    for (size_t block = 0; block < r->blocks; ++block)
        for (size_t p = 0; p < r->pixels; ++p) {
            const vec numbers = v_mul(numbers_of(r, block, p), inverse);
            const __m512i whole = _mm512_add_epi32(_mm512_cvtps_epi32(numbers), zero);
            _mm_storeu_si128((__m128i *)(void *)(r->bytes + (block * r->pixels + p) * PIXEL),
                             _mm512_cvtepi32_epi8(whole));
        }
}

void fsk_block_byte_product(const fsk_block_product *a) { product(a); }
#endif
