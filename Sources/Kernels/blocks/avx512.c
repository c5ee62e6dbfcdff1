// avx512: blocks of 16 channels, with and without products of 16 bits.
#include "variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#include "avx512_vectors.h"

#include "variant_body.h"
VARIANT(fsk_block_avx512, "avx512 blocks of 16", FSK_CPU_AVX512, NULL)
VARIANT(fsk_block_avx512_pairs, "avx512 blocks of 16, pairs of 16 bits", FSK_CPU_AVX512 | FSK_CPU_PAIRS,
        &fsk_block_pairs)
#endif
