// eltwise: Caffe's Eltwise over flat arrays. Each vector of the result is finished in registers before the
// next, so y may be any of the inputs.
#include "fsk_eltwise.h"
#include "fsk_cpu.h"
#include "cpu/exact.h"
#include "parallel/slices.h"
#include "unary/relu.h"

static float coefficient(const fsk_eltwise *e, size_t input) {
    return e->coefficients ? e->coefficients[input] : 1;
}

static float slope_of(const fsk_eltwise *e) { return e->relu ? e->negative_slope : 1; }

// y[i] for from <= i < to.
typedef void run_fn(const fsk_eltwise *e, size_t from, size_t to);

static float scalar_at(const fsk_eltwise *e, size_t i) {
    const float *const *x = e->x;
    float v = e->kind == FSK_ELTWISE_SUM ? coefficient(e, 0) * x[0][i] : x[0][i];
    for (size_t j = 1; j < e->inputs; ++j) {
        const float w = x[j][i];
        if (e->kind == FSK_ELTWISE_SUM)
            v += coefficient(e, j) * w;
        else if (e->kind == FSK_ELTWISE_PROD)
            v *= w;
        else if (j == 1)
            v = v > w ? v : w;
        else
            v = w > v ? w : v;
    }
    return v;
}

static void scalar(const fsk_eltwise *e, size_t from, size_t to) {
    const float slope = slope_of(e);
    for (size_t i = from; i < to; ++i)
        e->y[i] = relu_scalar(scalar_at(e, i), slope);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline __m256 avx2_at(const fsk_eltwise *e, size_t i) {
    const float *const *x = e->x;
    const int kind = e->kind;
    __m256 v = _mm256_loadu_ps(x[0] + i);
    if (kind == FSK_ELTWISE_SUM)
        v = _mm256_mul_ps(v, _mm256_set1_ps(coefficient(e, 0)));
    for (size_t j = 1; j < e->inputs; ++j) {
        const __m256 w = _mm256_loadu_ps(x[j] + i);
        if (kind == FSK_ELTWISE_SUM)
            v = _mm256_add_ps(v, _mm256_mul_ps(w, _mm256_set1_ps(coefficient(e, j))));
        else if (kind == FSK_ELTWISE_PROD)
            v = _mm256_mul_ps(v, w);
        else // the second operand wins where one is NaN
            v = j == 1 ? _mm256_max_ps(v, w) : _mm256_max_ps(w, v);
    }
    return v;
}

__attribute__((target("avx2"))) static void avx2(const fsk_eltwise *e, size_t from, size_t to) {
    const __m256 slope = _mm256_set1_ps(slope_of(e)), keep = relu_keep_avx2(slope_of(e));
    size_t i = from;
    for (; i + 8 <= to; i += 8)
        _mm256_storeu_ps(e->y + i, relu_avx2(avx2_at(e, i), slope, keep));
    scalar(e, i, to);
}

__attribute__((target("avx512f"))) static inline __m512 avx512_at(const fsk_eltwise *e, size_t i,
                                                                  __mmask16 live) {
    const float *const *x = e->x;
    const int kind = e->kind;
    __m512 v = _mm512_maskz_loadu_ps(live, x[0] + i);
    if (kind == FSK_ELTWISE_SUM)
        v = _mm512_mul_ps(v, _mm512_set1_ps(coefficient(e, 0)));
    for (size_t j = 1; j < e->inputs; ++j) {
        const __m512 w = _mm512_maskz_loadu_ps(live, x[j] + i);
        if (kind == FSK_ELTWISE_SUM)
            v = _mm512_add_ps(v, _mm512_mul_ps(w, _mm512_set1_ps(coefficient(e, j))));
        else if (kind == FSK_ELTWISE_PROD)
            v = _mm512_mul_ps(v, w);
        else
            v = j == 1 ? _mm512_max_ps(v, w) : _mm512_max_ps(w, v);
    }
    return v;
}

__attribute__((target("avx512f"))) static void avx512(const fsk_eltwise *e, size_t from, size_t to) {
    const __m512 slope = _mm512_set1_ps(slope_of(e));
    const __mmask16 keep = relu_keep_avx512(slope_of(e));
    for (size_t i = from; i < to; i += 16) {
        const __mmask16 live = to - i < 16 ? (__mmask16)((1u << (to - i)) - 1) : 0xFFFF;
        _mm512_mask_storeu_ps(e->y + i, live, relu_avx512(avx512_at(e, i, live), slope, keep));
    }
}
#elif defined(__aarch64__)
static inline float32x4_t neon_at(const fsk_eltwise *e, size_t i) {
    const float *const *x = e->x;
    const int kind = e->kind;
    float32x4_t v = vld1q_f32(x[0] + i);
    if (kind == FSK_ELTWISE_SUM)
        v = vmulq_n_f32(v, coefficient(e, 0));
    for (size_t j = 1; j < e->inputs; ++j) {
        const float32x4_t w = vld1q_f32(x[j] + i);
        if (kind == FSK_ELTWISE_SUM)
            v = vaddq_f32(v, vmulq_n_f32(w, coefficient(e, j)));
        else if (kind == FSK_ELTWISE_PROD)
            v = vmulq_f32(v, w);
        else if (j == 1) // comparisons: a maximum would be NaN wherever one is
            v = vbslq_f32(vcgtq_f32(v, w), v, w);
        else
            v = vbslq_f32(vcgtq_f32(w, v), w, v);
    }
    return v;
}

static void neon(const fsk_eltwise *e, size_t from, size_t to) {
    const float32x4_t slope = vdupq_n_f32(slope_of(e));
    const uint32x4_t keep = relu_keep_neon(slope_of(e));
    size_t i = from;
    for (; i + 4 <= to; i += 4)
        vst1q_f32(e->y + i, relu_neon(neon_at(e, i), slope, keep));
    scalar(e, i, to);
}
#endif

static const struct {
    const char *name;
    uint32_t needs;
    run_fn *run;
} variants[] = {
#if defined(__x86_64__)
    {"avx512", FSK_CPU_AVX512, avx512},
    {"avx2", FSK_CPU_AVX2, avx2},
#elif defined(__aarch64__)
    {"neon", FSK_CPU_NEON, neon},
#endif
    {"scalar", 0, scalar}, // needs nothing, so a row always fits
};

static run_fn *choose(uint32_t cpu) {
    size_t v = 0;
    while ((variants[v].needs & cpu) != variants[v].needs)
        ++v;
    return variants[v].run;
}

typedef struct {
    const fsk_eltwise *eltwise;
    run_fn *run;
} job;

static void slice(void *argument, size_t task) {
    const job *j = argument;
    j->run(j->eltwise, task * FSK_SLICE, fsk_end(j->eltwise->count, FSK_SLICE, task));
}

void fsk_eltwise_run(const fsk_eltwise *arguments, const fsk_pool *pool) {
    job j = {arguments, choose(pool->cpu)};
    fsk_pool_run(pool, slice, &j, fsk_tasks(arguments->count, FSK_SLICE));
}
