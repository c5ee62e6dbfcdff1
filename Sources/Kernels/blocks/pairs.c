// pairs: products of 16 bits for AVX-512, two channels at a time: bfloat16 (vdpbf16ps), and whole numbers
// (vpdpwssd), whose products a register of 32 bits adds up exactly.
#include "variant.h"

#if defined(__x86_64__)
#include <float.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,fma")))
#define BODY   TARGET static inline __attribute__((always_inline))
#include "avx512_vectors.h"

#define PIXEL               (LANES / 2)
#define NARROW              (FSK_NARROW / 2)
#define v_multiply(a, b, c) _mm512_dpbf16_ps(c, (__m512bh)(a), (__m512bh)(b))
#define v_total(a, sum, v)  (sum)
#include "product_body.h"

// Channels that are there, of each of the pixels that make a vector.
static uint32_t present(size_t block, size_t channels) {
    uint32_t mask = 0;
    for (size_t lane = 0; lane < LANES; ++lane)
        mask |= (uint32_t)(lane % block < channels) << lane;
    return mask;
}

TARGET static void to_halves(const fsk_block_halves *h) {
    const size_t count = h->pixels * h->block;
    const __mmask16 there = (__mmask16)present(h->block, h->channels);
    const float *x = h->x;
    uint16_t *y = (uint16_t *)(void *)h->pairs;
    size_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        const vec low = _mm512_maskz_loadu_ps(there, x + i),
                  high = _mm512_maskz_loadu_ps(there, x + i + LANES);
        _mm512_storeu_si512(y + i, (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
    for (; i < count; i += LANES) {
        const __mmask16 left = (__mmask16)(count - i < LANES ? (1u << (count - i)) - 1 : 0xffff);
        const __m256i halves = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(left & there, x + i));
        _mm256_mask_storeu_epi16(y + i, left, halves);
    }
}

// The largest size among the numbers of one point; NaN is above all. In the last block only those `there`.
BODY float largest(const float *v, size_t blocks, __mmask16 there) {
    const __m512i sign = _mm512_set1_epi32(INT32_MIN);
    __m512i most = _mm512_setzero_si512();
    for (size_t block = 0; block < blocks; ++block) {
        const vec numbers = _mm512_maskz_loadu_ps(block + 1 < blocks ? 0xffff : there, v + block * LANES);
        most = _mm512_max_epi32(most, _mm512_andnot_si512(sign, _mm512_castps_si512(numbers)));
    }
    return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(_mm512_reduce_max_epi32(most))));
}

TARGET static void to_whole(const fsk_block_whole_tile *t) {
    const __mmask16 there = (__mmask16)present(LANES, t->last);
    for (size_t point = 0; point < t->products; ++point) {
        const float *v = t->v + point * t->blocks * LANES;
        float most = largest(v, t->blocks, there);
        if (most < FLT_MIN * fsk_whole_most) // so little that it has no scale
            most = 0;
        const vec inverse = v_set(most == 0 ? 0 : fsk_whole_most / most);
        t->scales[point * t->scale_step] = most / fsk_whole_most;
        float *pairs = t->pairs + point * t->point_step;
        for (size_t block = 0; block < t->blocks; ++block) {
            const vec numbers =
                _mm512_maskz_loadu_ps(block + 1 < t->blocks ? 0xffff : there, v + block * LANES);
            _mm256_storeu_si256((__m256i *)(void *)(pairs + block * t->block_step),
                                _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(v_mul(numbers, inverse))));
        }
    }
}

// The products of P pixels and V blocks of filters. Those of so many blocks of channels are added up as whole
// numbers, then to what y has.
BODY void whole_tile(const fsk_block_whole_product *a, size_t at, const int P, const int V) {
    const float *x = a->x + at * PIXEL, *w = a->weights;
    float *y = a->y + at * LANES;
    for (size_t block = 0; block < a->blocks;) {
        const int is_first = block == 0;
        const size_t end = a->blocks - block < fsk_whole_blocks ? a->blocks : block + fsk_whole_blocks;
        __m512i sum[TILE1][2];
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p)
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v)
                sum[p][v] = _mm512_setzero_si512();
        for (; block < end; ++block) {
            const float *from = x + block * a->block_step;
            for (size_t pair = block + 1 < a->blocks ? PIXEL : a->last; pair > 0;
                 --pair, ++from, w += V * LANES) {
                __m512i weight[2];
#pragma GCC unroll 2
                for (int v = 0; v < V; ++v)
                    weight[v] = _mm512_castps_si512(v_load(w + v * LANES));
#pragma GCC unroll 16
                for (int p = 0; p < P; ++p) {
                    const __m512i pixel = _mm512_castps_si512(v_set(from[(size_t)p * PIXEL]));
#pragma GCC unroll 2
                    for (int v = 0; v < V; ++v)
                        sum[p][v] = _mm512_dpwssd_epi32(sum[p][v], pixel, weight[v]);
                }
            }
        }
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v)
#pragma GCC unroll 16
            for (int p = 0; p < P; ++p) {
                float *to = y + (size_t)v * a->y_plane + p * LANES;
                vec result = _mm512_cvtepi32_ps(sum[p][v]);
                if (!is_first)
                    result = v_add(result, v_load(to));
                if (end == a->blocks) // then w is at the scales
                    result = v_mul(result, v_mul(v_load(w + v * LANES), v_set(a->x_scales[at + (size_t)p])));
                v_store(to, result);
            }
    }
}

BODY void whole_row(const fsk_block_whole_product *a, const int V) {
    size_t at = 0;
    for (; at + 12 <= a->pixels; at += 12)
        whole_tile(a, at, 12, V);
    for (; at + 8 <= a->pixels; at += 8)
        whole_tile(a, at, 8, V);
    for (; at + 4 <= a->pixels; at += 4)
        whole_tile(a, at, 4, V);
    for (; at + 2 <= a->pixels; at += 2)
        whole_tile(a, at, 2, V);
    for (; at < a->pixels; ++at)
        whole_tile(a, at, 1, V);
}

TARGET static void whole_1(const fsk_block_whole_product *a) { whole_row(a, 1); }
TARGET static void whole_2(const fsk_block_whole_product *a) { whole_row(a, 2); }

static void whole_product(const fsk_block_whole_product *a) { (a->vectors == 1 ? whole_1 : whole_2)(a); }

#define FAST(bfloat_gains)                                                                                   \
    { product, to_halves, to_whole, whole_product, fsk_block_byte_product, fsk_block_to_bytes, bfloat_gains }

const fsk_block_fast fsk_block_pairs = FAST(1), fsk_block_whole = FAST(0);
#endif
