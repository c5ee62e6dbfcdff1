// softmax: shares along the channels, a vector of pixels at a time, so that few channels at many pixels are
// fast. The exponential is our own: the same steps, and so the same bits, in every variant.
#include "fsk_softmax.h"
#include "fsk_cpu.h"
#include "cpu/exact.h"
#include "parallel/slices.h"

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// e^x = 2^n e^r, n the integer nearest to x / ln 2, for x <= 0. Below `floor_x` it is 0. ln 2 comes in two
// parts, the first short enough for n times it to be exact. e^r is its series to r^7, 6e-9 off where |r| <=
// ln 2 / 2.
static const float floor_x = -104, per_ln2 = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
static const float nearest = 12582912; // 1.5 * 2^23: adding it rounds to an integer, in the low bits
static const uint32_t nearest_bits = 0x4B400000;
static const float c7 = 1.f / 5040, c6 = 1.f / 720, c5 = 1.f / 120, c4 = 1.f / 24, c3 = 1.f / 6;

// Columns of `channels` numbers, `stride` apart; n columns side by side.
typedef void columns_fn(const float *x, float *y, size_t channels, size_t stride, size_t n);

static float power_of_2(int32_t n) {
    const uint32_t bits = (uint32_t)(n + 127) << 23;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

// The factor 2^n comes in two halves, for results below the normal numbers.
static float scalar_exp(float x) {
    x = floor_x > x ? floor_x : x;
    const float t = x * per_ln2 + nearest, k = t - nearest;
    const float r = (x - k * ln2_high) - k * ln2_low;
    const float p = ((((c7 * r + c6) * r + c5) * r + c4) * r + c3) * r + 0.5f;
    uint32_t bits;
    memcpy(&bits, &t, sizeof bits);
    const int32_t n = (int32_t)(bits - nearest_bits), half = n >> 1;
    return (((p * r) * r + r) + 1) * power_of_2(half) * power_of_2(n - half);
}

static void scalar(const float *x, float *y, size_t channels, size_t stride, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        float largest = x[i], sum = 0;
        for (size_t c = 1; c < channels; ++c)
            largest = largest < x[c * stride + i] ? x[c * stride + i] : largest;
        for (size_t c = 0; c < channels; ++c) {
            const float e = scalar_exp(x[c * stride + i] - largest);
            y[c * stride + i] = e;
            sum += e;
        }
        for (size_t c = 0; c < channels; ++c)
            y[c * stride + i] /= sum;
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline __m256 avx2_power_of_2(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

__attribute__((target("avx2"))) static inline __m256 avx2_step(__m256 p, __m256 r, float next) {
    return _mm256_add_ps(_mm256_mul_ps(p, r), _mm256_set1_ps(next));
}

__attribute__((target("avx2"))) static inline __m256 avx2_exp(__m256 x) {
    x = _mm256_max_ps(_mm256_set1_ps(floor_x), x); // this order keeps NaN
    const __m256 t = avx2_step(x, _mm256_set1_ps(per_ln2), nearest);
    const __m256 k = _mm256_sub_ps(t, _mm256_set1_ps(nearest));
    const __m256 high = _mm256_sub_ps(x, _mm256_mul_ps(k, _mm256_set1_ps(ln2_high)));
    const __m256 r = _mm256_sub_ps(high, _mm256_mul_ps(k, _mm256_set1_ps(ln2_low)));
    __m256 p = avx2_step(_mm256_set1_ps(c7), r, c6);
    p = avx2_step(avx2_step(p, r, c5), r, c4);
    p = avx2_step(avx2_step(p, r, c3), r, 0.5f);
    p = _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(_mm256_mul_ps(p, r), r), r), _mm256_set1_ps(1));
    const __m256i n = _mm256_sub_epi32(_mm256_castps_si256(t), _mm256_set1_epi32((int32_t)nearest_bits));
    const __m256i half = _mm256_srai_epi32(n, 1);
    return _mm256_mul_ps(_mm256_mul_ps(p, avx2_power_of_2(half)), avx2_power_of_2(_mm256_sub_epi32(n, half)));
}

__attribute__((target("avx2"))) static void avx2(const float *x, float *y, size_t channels, size_t stride,
                                                 size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 largest = _mm256_loadu_ps(x + i), sum = _mm256_setzero_ps();
        for (size_t c = 1; c < channels; ++c)
            largest = _mm256_max_ps(_mm256_loadu_ps(x + c * stride + i), largest);
        for (size_t c = 0; c < channels; ++c) {
            const __m256 e = avx2_exp(_mm256_sub_ps(_mm256_loadu_ps(x + c * stride + i), largest));
            _mm256_storeu_ps(y + c * stride + i, e);
            sum = _mm256_add_ps(sum, e);
        }
        for (size_t c = 0; c < channels; ++c) {
            float *at = y + c * stride + i;
            _mm256_storeu_ps(at, _mm256_div_ps(_mm256_loadu_ps(at), sum));
        }
    }
    scalar(x + i, y + i, channels, stride, n - i);
}

__attribute__((target("avx512f"))) static inline __m512 avx512_power_of_2(__m512i n) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(n, _mm512_set1_epi32(127)), 23));
}

__attribute__((target("avx512f"))) static inline __m512 avx512_step(__m512 p, __m512 r, float next) {
    return _mm512_add_ps(_mm512_mul_ps(p, r), _mm512_set1_ps(next));
}

__attribute__((target("avx512f"))) static inline __m512 avx512_exp(__m512 x) {
    x = _mm512_max_ps(_mm512_set1_ps(floor_x), x);
    const __m512 t = avx512_step(x, _mm512_set1_ps(per_ln2), nearest);
    const __m512 k = _mm512_sub_ps(t, _mm512_set1_ps(nearest));
    const __m512 high = _mm512_sub_ps(x, _mm512_mul_ps(k, _mm512_set1_ps(ln2_high)));
    const __m512 r = _mm512_sub_ps(high, _mm512_mul_ps(k, _mm512_set1_ps(ln2_low)));
    __m512 p = avx512_step(_mm512_set1_ps(c7), r, c6);
    p = avx512_step(avx512_step(p, r, c5), r, c4);
    p = avx512_step(avx512_step(p, r, c3), r, 0.5f);
    p = _mm512_add_ps(_mm512_add_ps(_mm512_mul_ps(_mm512_mul_ps(p, r), r), r), _mm512_set1_ps(1));
    const __m512i n = _mm512_sub_epi32(_mm512_castps_si512(t), _mm512_set1_epi32((int32_t)nearest_bits));
    const __m512i half = _mm512_srai_epi32(n, 1);
    return _mm512_mul_ps(_mm512_mul_ps(p, avx512_power_of_2(half)),
                         avx512_power_of_2(_mm512_sub_epi32(n, half)));
}

__attribute__((target("avx512f"))) static void avx512(const float *x, float *y, size_t channels,
                                                      size_t stride, size_t n) {
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 live = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xFFFF;
        __m512 largest = _mm512_maskz_loadu_ps(live, x + i), sum = _mm512_setzero_ps();
        for (size_t c = 1; c < channels; ++c)
            largest = _mm512_max_ps(_mm512_maskz_loadu_ps(live, x + c * stride + i), largest);
        for (size_t c = 0; c < channels; ++c) {
            const __m512 v = _mm512_maskz_loadu_ps(live, x + c * stride + i);
            const __m512 e = avx512_exp(_mm512_sub_ps(v, largest));
            _mm512_mask_storeu_ps(y + c * stride + i, live, e);
            sum = _mm512_add_ps(sum, e);
        }
        for (size_t c = 0; c < channels; ++c) {
            float *at = y + c * stride + i;
            _mm512_mask_storeu_ps(at, live, _mm512_div_ps(_mm512_maskz_loadu_ps(live, at), sum));
        }
    }
}
#elif defined(__aarch64__)
static inline float32x4_t neon_power_of_2(int32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
}

// A product and a sum, each rounded: never vfmaq.
static inline float32x4_t neon_step(float32x4_t p, float32x4_t r, float next) {
    return vaddq_f32(vmulq_f32(p, r), vdupq_n_f32(next));
}

static inline float32x4_t neon_exp(float32x4_t x) {
    x = vmaxq_f32(vdupq_n_f32(floor_x), x); // NaN stays
    const float32x4_t t = neon_step(x, vdupq_n_f32(per_ln2), nearest);
    const float32x4_t k = vsubq_f32(t, vdupq_n_f32(nearest));
    const float32x4_t high = vsubq_f32(x, vmulq_n_f32(k, ln2_high));
    const float32x4_t r = vsubq_f32(high, vmulq_n_f32(k, ln2_low));
    float32x4_t p = neon_step(vdupq_n_f32(c7), r, c6);
    p = neon_step(neon_step(p, r, c5), r, c4);
    p = neon_step(neon_step(p, r, c3), r, 0.5f);
    p = vaddq_f32(vaddq_f32(vmulq_f32(vmulq_f32(p, r), r), r), vdupq_n_f32(1));
    const int32x4_t n = vsubq_s32(vreinterpretq_s32_f32(t), vdupq_n_s32((int32_t)nearest_bits));
    const int32x4_t half = vshrq_n_s32(n, 1);
    return vmulq_f32(vmulq_f32(p, neon_power_of_2(half)), neon_power_of_2(vsubq_s32(n, half)));
}

static void neon(const float *x, float *y, size_t channels, size_t stride, size_t n) {
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        float32x4_t largest = vld1q_f32(x + i), sum = vdupq_n_f32(0);
        for (size_t c = 1; c < channels; ++c) // a NaN makes its column NaN either way
            largest = vmaxq_f32(vld1q_f32(x + c * stride + i), largest);
        for (size_t c = 0; c < channels; ++c) {
            const float32x4_t e = neon_exp(vsubq_f32(vld1q_f32(x + c * stride + i), largest));
            vst1q_f32(y + c * stride + i, e);
            sum = vaddq_f32(sum, e);
        }
        for (size_t c = 0; c < channels; ++c) {
            float *at = y + c * stride + i;
            vst1q_f32(at, vdivq_f32(vld1q_f32(at), sum));
        }
    }
    scalar(x + i, y + i, channels, stride, n - i);
}
#endif

static const struct {
    const char *name;
    uint32_t needs;
    columns_fn *run;
} variants[] = {
#if defined(__x86_64__)
    {"avx512", FSK_CPU_AVX512, avx512},
    {"avx2", FSK_CPU_AVX2, avx2},
#elif defined(__aarch64__)
    {"neon", FSK_CPU_NEON, neon},
#endif
    {"scalar", 0, scalar}, // needs nothing, so a row always fits
};

static columns_fn *choose(uint32_t cpu) {
    size_t v = 0;
    while ((variants[v].needs & cpu) != variants[v].needs)
        ++v;
    return variants[v].run;
}

typedef struct {
    const fsk_softmax *softmax;
    columns_fn *columns;
    size_t count, a_task; // columns in all, and of one task
} job;

static void some_columns(void *argument, size_t task) {
    const job *j = argument;
    const fsk_softmax *s = j->softmax;
    const size_t end = fsk_end(j->count, j->a_task, task);
    for (size_t n, at = task * j->a_task; at < end; at += n) {
        n = fsk_piece(at, end, s->inner);
        const size_t first = at / s->inner * s->channels * s->inner + at % s->inner;
        j->columns(s->x + first, s->y + first, s->channels, s->inner, n);
    }
}

void fsk_softmax_run(const fsk_softmax *arguments, const fsk_pool *pool) {
    if (arguments->channels == 0)
        return;
    job j = {arguments, choose(pool->cpu), arguments->outer * arguments->inner,
             fsk_items(arguments->channels)};
    fsk_pool_run(pool, some_columns, &j, fsk_tasks(j.count, j.a_task));
}
