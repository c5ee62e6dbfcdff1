// relu: v < 0 ? slope v : v on one vector, for kernels that end with it. A slope of 0 gives +0 (and so does
// -inf), a slope of 1 leaves v as it is, NaN stays NaN. `keep` is 0 for a slope of 0, else all ones.
#ifndef FSK_RELU_H
#define FSK_RELU_H

static inline float relu_scalar(float v, float slope) {
    const float below = slope == 0 ? 0 : slope * v;
    return v < 0 ? below : v;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline __m256 relu_keep_avx2(float slope) {
    return _mm256_cmp_ps(_mm256_set1_ps(slope), _mm256_setzero_ps(), _CMP_NEQ_UQ);
}

__attribute__((target("avx2"))) static inline __m256 relu_avx2(__m256 v, __m256 slope, __m256 keep) {
    const __m256 below = _mm256_and_ps(keep, _mm256_mul_ps(slope, v));
    return _mm256_blendv_ps(v, below, _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_LT_OQ));
}

__attribute__((target("avx512f"))) static inline __mmask16 relu_keep_avx512(float slope) {
    return slope == 0 ? 0 : 0xFFFF;
}

__attribute__((target("avx512f"))) static inline __m512 relu_avx512(__m512 v, __m512 slope, __mmask16 keep) {
    const __m512 below = _mm512_maskz_mul_ps(keep, slope, v);
    return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LT_OQ), below);
}
#elif defined(__aarch64__)
#include <arm_neon.h>

static inline uint32x4_t relu_keep_neon(float slope) { return vdupq_n_u32(slope == 0 ? 0 : UINT32_MAX); }

static inline float32x4_t relu_neon(float32x4_t v, float32x4_t slope, uint32x4_t keep) {
    const uint32x4_t below = vandq_u32(keep, vreinterpretq_u32_f32(vmulq_f32(slope, v)));
    return vbslq_f32(vcltzq_f32(v), vreinterpretq_f32_u32(below), v);
}
#endif

#endif
