// avx2: blocks of 8 channels.
#include "variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#include "avx2_vectors.h"

#include "variant_body.h"
VARIANT(fsk_block_avx2, "avx2 blocks of 8", FSK_CPU_AVX2, NULL)
#endif
