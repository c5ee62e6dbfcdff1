// relu_row: the rectifier over a flat array, for ReLU and PReLU. Not threaded: its callers are.
#include "unary/relu_row.h"
#include "fsk_cpu.h"
#include "unary/relu.h"

static void scalar(const float *x, float slope, float *y, size_t n) {
    for (size_t i = 0; i < n; ++i)
        y[i] = relu_scalar(x[i], slope);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void avx2(const float *x, float slope, float *y, size_t n) {
    const __m256 a = _mm256_set1_ps(slope), keep = relu_keep_avx2(slope);
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(y + i, relu_avx2(_mm256_loadu_ps(x + i), a, keep));
    scalar(x + i, slope, y + i, n - i);
}

__attribute__((target("avx512f"))) static void avx512(const float *x, float slope, float *y, size_t n) {
    const __m512 a = _mm512_set1_ps(slope);
    const __mmask16 keep = relu_keep_avx512(slope);
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm512_storeu_ps(y + i, relu_avx512(_mm512_loadu_ps(x + i), a, keep));
    const __mmask16 live = (__mmask16)((1u << (n - i)) - 1);
    _mm512_mask_storeu_ps(y + i, live, relu_avx512(_mm512_maskz_loadu_ps(live, x + i), a, keep));
}
#endif

static const struct {
    const char *name;
    uint32_t needs;
    fsk_relu_row_fn *run;
} variants[] = {
#if defined(__x86_64__)
    {"avx512", FSK_CPU_AVX512, avx512},
    {"avx2", FSK_CPU_AVX2, avx2},
#endif
    {"scalar", 0, scalar}, // needs nothing, so a row always fits
};

fsk_relu_row_fn *fsk_relu_row(uint32_t cpu) {
    size_t v = 0;
    while ((variants[v].needs & cpu) != variants[v].needs)
        ++v;
    return variants[v].run;
}
