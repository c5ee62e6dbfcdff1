// avx2_vectors: vectors of 8 floats, as the bodies of kernels name them. Of 16 registers 12 hold sums, of 6
// pixels and 16 filters. Included by the files for AVX2.
#include "unary/relu.h"

#define LANES 8
#define TILE1 12
#define TILE2 6
typedef __m256 vec;
#define v_load(at)       _mm256_loadu_ps(at)
#define v_store(at, v)   _mm256_storeu_ps(at, v)
#define v_set(number)    _mm256_set1_ps(number)
#define v_add(a, b)      _mm256_add_ps(a, b)
#define v_sub(a, b)      _mm256_sub_ps(a, b)
#define v_mul(a, b)      _mm256_mul_ps(a, b)
#define v_div(a, b)      _mm256_div_ps(a, b)
#define v_fma(a, b, c)   _mm256_fmadd_ps(a, b, c)
#define v_above(v, best) _mm256_max_ps(v, best)
// The larger of 0 and v is v where v is NaN or -0.
#define v_relu(v, slope)                                                                                     \
    ((slope) == 0 ? v_above(v_set(0), v) : relu_avx2(v, v_set(slope), relu_keep_avx2(slope)))
// v times the slope of a ReLU that made y.
#define v_relu_gradient(v, y, slope)                                                                         \
    _mm256_blendv_ps(_mm256_mul_ps(v, v_set(slope)), v, _mm256_cmp_ps(y, v_set(0), _CMP_GT_OQ))
