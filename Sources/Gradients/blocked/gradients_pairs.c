// gradients_pairs: products of pairs of bfloat16 for AVX-512: of two pixels of a row, or two tiles.
#include "gradient_variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma")))
#define BODY   TARGET static inline __attribute__((always_inline))
#define WIDE   8
#include "blocks/avx512_vectors.h"

#define v_multiply(a, b, c) _mm512_dpbf16_ps(c, (__m512bh)(a), (__m512bh)(b))
#include "weight_tile_body.h"

// Of each lane the first in the low half, the second in the high one.
BODY __m512i paired(vec first, vec second) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
                                           7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(second, first));
}

#define PAIR LANES
#define v_put(to, first, second, tiles)                                                                      \
    _mm512_storeu_si512(to, paired(first, (tiles) == 2 ? (second) : v_set(0)))
#include "weight_points_body.h"

// So many floats at `at` that are before `end`, up to a vector.
BODY __mmask16 before(size_t at, size_t end) {
    const size_t left = at < end ? end - at : 0;
    return (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffff);
}

// Every pixel, so that blocks of any size go by in whole vectors.
BODY void each_pair(const fsg_row_pairs *r) {
    const size_t end = r->pixels * r->block, apart = r->apart * r->block, count = r->count * r->block;
    const float *x = r->x;
    float *y = r->y;
    size_t i = 0;
    for (; i + apart + LANES <= end && i + LANES <= count; i += LANES)
        _mm512_storeu_si512(y + i, paired(v_load(x + i), v_load(x + i + apart)));
    for (; i < count; i += LANES) {
        const vec first = _mm512_maskz_loadu_ps(before(i, end), x + i),
                  second = _mm512_maskz_loadu_ps(before(i + apart, end), x + i + apart);
        _mm512_mask_storeu_epi32(y + i, before(i, count), paired(first, second));
    }
}

TARGET static void to_pairs(const fsg_row_pairs *r) {
    if (r->step == 1) {
        each_pair(r);
        return;
    }
    const __mmask16 lanes = before(0, r->block);
    const size_t pixels = r->pixels, block = r->block, step = r->step, apart = r->apart, count = r->count;
    const float *x = r->x;
    float *y = r->y;
    size_t i = 0;
    for (; block == LANES && i < count && i * step + apart < pixels; ++i, x += step * LANES, y += LANES)
        _mm512_storeu_si512(y, paired(v_load(x), v_load(x + apart * LANES)));
    for (; i < count; ++i, x += step * block, y += block) {
        const vec first = _mm512_maskz_loadu_ps(i * step < pixels ? lanes : 0, x),
                  second = _mm512_maskz_loadu_ps(i * step + apart < pixels ? lanes : 0, x + apart * block);
        _mm512_mask_storeu_epi32(y, lanes, paired(first, second));
    }
}

const fsg_pair_kernels fsg_block_pairs = {weight_tile, to_pairs, x_points, dy_points};
#endif
