// tile_avx2: 6 x 16 sums, 12 of the 16 registers; two loads and six broadcasts feed 12 products. One more
// load (4 x 24) would fill all 16, and the compiler then spills.
#include "tile.h"
#include "unary/relu.h"

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
enum { rows = 6, columns = 16, lanes = 8, vectors = columns / lanes };

AVX2 static inline __m256 finish(__m256 sum, const float *c, float bias, const fsk_epilogue *e) {
    if (e->accumulate)
        sum = _mm256_add_ps(_mm256_loadu_ps(c), sum);
    if (e->bias)
        sum = _mm256_add_ps(sum, _mm256_set1_ps(bias));
    if (e->relu)
        sum = relu_avx2(sum, _mm256_set1_ps(e->slope), relu_keep_avx2(e->slope));
    return sum;
}

AVX2 void fsk_tile_avx2(size_t depth, const float *a, const float *b, float *c, size_t step,
                        const fsk_epilogue *e) {
    __m256 sum[rows][vectors];
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j)
            sum[i][j] = _mm256_setzero_ps();
    for (size_t k = 0; k < depth; ++k, a += rows, b += columns) {
        const __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + lanes);
#pragma GCC unroll 6
        for (int i = 0; i < rows; ++i) {
            const __m256 w = _mm256_broadcast_ss(a + i);
            sum[i][0] = _mm256_fmadd_ps(w, b0, sum[i][0]);
            sum[i][1] = _mm256_fmadd_ps(w, b1, sum[i][1]);
        }
    }
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j) {
            float *at = c + (size_t)i * step + j * lanes;
            _mm256_storeu_ps(at, finish(sum[i][j], at, e->bias ? e->bias[i] : 0, e));
        }
}
#endif
