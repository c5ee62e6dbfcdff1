// gradients_avx2: gradients for blocks of 8 channels.
#include "gradient_variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define WIDE   4
#include "blocks/avx2_vectors.h"

#include "gradient_body.h"
GRADIENTS(fsg_block_avx2, FSK_CPU_AVX2, NULL, NULL)
#endif
