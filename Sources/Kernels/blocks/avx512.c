// avx512: blocks of 16 channels, with and without products of 16 bits.
#include "variant.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#include "avx512_vectors.h"

// Half a vector, for the last filters of few.
typedef __m256 half;
#define HALVES
#define h_load(at)          _mm256_loadu_ps(at)
#define h_low(v)            _mm512_castps512_ps256(v)
#define h_whole(h)          _mm512_zextps256_ps512(h)
#define h_multiply(a, b, c) _mm256_fmadd_ps(a, b, c)
// Keeps compilers from loading the half, and shuffling it into the whole.
#define v_settle(v) __asm__("" : "+v"(v))

#include "variant_body.h"
VARIANT(fsk_block_avx512, "avx512 blocks of 16", FSK_CPU_AVX512, NULL)
VARIANT(fsk_block_avx512_whole, "avx512 blocks of 16, whole numbers of 16 bits",
        FSK_CPU_AVX512 | FSK_CPU_PAIRS, &fsk_block_whole)
VARIANT(fsk_block_avx512_pairs, "avx512 blocks of 16, pairs of 16 bits",
        FSK_CPU_AVX512 | FSK_CPU_PAIRS | FSK_CPU_QUICK_BFLOAT, &fsk_block_pairs)
#endif
