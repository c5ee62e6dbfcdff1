// gradients_avx2: gradients for blocks of 8 channels.
#include "gradient_variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define WIDE   4
#include "blocks/avx2_vectors.h"

typedef __m256 v_mask;
#define v_greater(a, b)      _mm256_cmp_ps(a, b, _CMP_GT_OQ)
#define v_equal(a, b)        _mm256_cmp_ps(a, b, _CMP_EQ_OQ)
#define v_but(mask, not )    _mm256_andnot_ps(not, mask)
#define v_either(a, b)       _mm256_or_ps(a, b)
#define v_select(mask, a, b) _mm256_blendv_ps(b, a, mask)
#define v_none               _mm256_setzero_ps()

#include "gradient_body.h"
GRADIENTS(fsg_block_avx2, FSK_CPU_AVX2, NULL)
#endif
