// tile_avx512: 8 x 32 sums, 16 of the 32 registers; two loads and eight broadcasts feed 16 products.
#include "tile.h"
#include "unary/relu.h"

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
enum { rows = 8, columns = 32, lanes = 16, vectors = columns / lanes };

AVX512 static inline __m512 finish(__m512 sum, const float *c, float bias, const fsk_epilogue *e) {
    if (e->accumulate)
        sum = _mm512_add_ps(_mm512_loadu_ps(c), sum);
    if (e->bias)
        sum = _mm512_add_ps(sum, _mm512_set1_ps(bias));
    if (e->relu)
        sum = relu_avx512(sum, _mm512_set1_ps(e->slope), relu_keep_avx512(e->slope));
    return sum;
}

AVX512 void fsk_tile_avx512(size_t depth, const float *a, const float *b, float *c, size_t step,
                            const fsk_epilogue *e) {
    __m512 sum[rows][vectors];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j)
            sum[i][j] = _mm512_setzero_ps();
    for (size_t k = 0; k < depth; ++k, a += rows, b += columns) {
        const __m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + lanes);
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) {
            const __m512 w = _mm512_set1_ps(a[i]);
            sum[i][0] = _mm512_fmadd_ps(w, b0, sum[i][0]);
            sum[i][1] = _mm512_fmadd_ps(w, b1, sum[i][1]);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j) {
            float *at = c + (size_t)i * step + j * lanes;
            _mm512_storeu_ps(at, finish(sum[i][j], at, e->bias ? e->bias[i] : 0, e));
        }
}
#endif
