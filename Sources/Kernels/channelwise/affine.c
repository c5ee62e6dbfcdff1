// affine: v = x gain + shift for each channel, and a rectifier that shares the pass over memory.
#include "fsk_affine.h"
#include "fsk_cpu.h"
#include "cpu/exact.h"
#include "parallel/slices.h"
#include "unary/relu.h"

// What one channel needs. A gain of 1, a shift of -0 and a slope of 1 change no bit of any number.
typedef struct {
    float gain, shift, slope;
} channel;

// y[i] = relu(x[i] gain + shift), i < n. Any alignment, may be one buffer.
typedef void row_fn(const float *x, channel c, float *y, size_t n);

static void scalar(const float *x, channel c, float *y, size_t n) {
    for (size_t i = 0; i < n; ++i)
        y[i] = relu_scalar(x[i] * c.gain + c.shift, c.slope);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void avx2(const float *x, channel c, float *y, size_t n) {
    const __m256 gain = _mm256_set1_ps(c.gain), shift = _mm256_set1_ps(c.shift);
    const __m256 slope = _mm256_set1_ps(c.slope), keep = relu_keep_avx2(c.slope);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 v = _mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(x + i), gain), shift);
        _mm256_storeu_ps(y + i, relu_avx2(v, slope, keep));
    }
    scalar(x + i, c, y + i, n - i);
}

__attribute__((target("avx512f"))) static void avx512(const float *x, channel c, float *y, size_t n) {
    const __m512 gain = _mm512_set1_ps(c.gain), shift = _mm512_set1_ps(c.shift);
    const __m512 slope = _mm512_set1_ps(c.slope);
    const __mmask16 keep = relu_keep_avx512(c.slope);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 live = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xFFFF;
        const __m512 v = _mm512_add_ps(_mm512_mul_ps(_mm512_maskz_loadu_ps(live, x + i), gain), shift);
        _mm512_mask_storeu_ps(y + i, live, relu_avx512(v, slope, keep));
    }
}
#endif

static const struct {
    const char *name;
    uint32_t needs;
    row_fn *run;
} variants[] = {
#if defined(__x86_64__)
    {"avx512", FSK_CPU_AVX512, avx512},
    {"avx2", FSK_CPU_AVX2, avx2},
#endif
    {"scalar", 0, scalar}, // needs nothing, so a row always fits
};

static row_fn *choose(uint32_t cpu) {
    size_t v = 0;
    while ((variants[v].needs & cpu) != variants[v].needs)
        ++v;
    return variants[v].run;
}

typedef struct {
    const fsk_affine *affine;
    row_fn *row;
    size_t count;
} job;

static channel channel_of(const fsk_affine *a, size_t c) {
    return (channel){a->gain ? a->gain[c] : 1, a->shift ? a->shift[c] : -0.0f,
                     a->relu ? a->negative_slope : 1};
}

static void slice(void *argument, size_t task) {
    const job *j = argument;
    const fsk_affine *a = j->affine;
    const size_t end = fsk_end(j->count, FSK_SLICE, task);
    for (size_t n, at = task * FSK_SLICE; at < end; at += n) {
        n = fsk_piece(at, end, a->inner);
        j->row(a->x + at, channel_of(a, at / a->inner % a->channels), a->y + at, n);
    }
}

void fsk_affine_run(const fsk_affine *arguments, const fsk_pool *pool) {
    const size_t count = arguments->outer * arguments->channels * arguments->inner;
    job j = {arguments, choose(pool->cpu), count};
    fsk_pool_run(pool, slice, &j, fsk_tasks(count, FSK_SLICE));
}
