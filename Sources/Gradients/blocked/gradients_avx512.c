// gradients_avx512: gradients for blocks of 16 channels, with and without products of 16 bits.
#include "gradient_variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#define WIDE   8
#include "blocks/avx512_vectors.h"

typedef __mmask16 v_mask;
#define v_greater(a, b)      _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ)
#define v_equal(a, b)        _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ)
#define v_but(mask, not )    ((v_mask)((mask) & ~(not )))
#define v_either(a, b)       ((v_mask)((a) | (b)))
#define v_select(mask, a, b) _mm512_mask_blend_ps(mask, b, a)
#define v_none               ((v_mask)0)

#include "gradient_body.h"
GRADIENTS(fsg_block_avx512, FSK_CPU_AVX512, NULL)
GRADIENTS(fsg_block_avx512_pairs, FSK_CPU_AVX512 | FSK_CPU_PAIRS, &fsg_block_pairs)
#endif
