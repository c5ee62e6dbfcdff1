// gradients_avx512: gradients for blocks of 16 channels, with and without products of 16 bits.
#include "gradient_variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#define WIDE   8
#include "blocks/avx512_vectors.h"

#include "gradient_body.h"
GRADIENTS(fsg_block_avx512, FSK_CPU_AVX512, NULL, NULL)
GRADIENTS(fsg_block_avx512_pairs, FSK_CPU_AVX512 | FSK_CPU_PAIRS, fsg_block_pair_tile, fsg_block_to_pairs)
#endif
