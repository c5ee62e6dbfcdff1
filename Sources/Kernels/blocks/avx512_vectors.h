// avx512_vectors: vectors of 16 floats, as the bodies of kernels name them. Of 32 registers 24 hold sums, of
// 12 pixels and 32 filters. Included by the files for AVX-512.
#include "unary/relu.h"

#define LANES 16
#define TILE1 12
#define TILE2 12
typedef __m512 vec;
#define v_load(at)       _mm512_loadu_ps(at)
#define v_store(at, v)   _mm512_storeu_ps(at, v)
#define v_set(number)    _mm512_set1_ps(number)
#define v_add(a, b)      _mm512_add_ps(a, b)
#define v_sub(a, b)      _mm512_sub_ps(a, b)
#define v_mul(a, b)      _mm512_mul_ps(a, b)
#define v_div(a, b)      _mm512_div_ps(a, b)
#define v_fma(a, b, c)   _mm512_fmadd_ps(a, b, c)
#define v_above(v, best) _mm512_max_ps(v, best)
// The larger of 0 and v is v where v is NaN or -0.
#define v_relu(v, slope)                                                                                     \
    ((slope) == 0 ? v_above(v_set(0), v) : relu_avx512(v, v_set(slope), relu_keep_avx512(slope)))
// v times the slope of a ReLU that made y.
#define v_relu_gradient(v, y, slope)                                                                         \
    _mm512_mask_mul_ps(v, _mm512_cmp_ps_mask(y, v_set(0), _CMP_NGT_UQ), v, v_set(slope))
