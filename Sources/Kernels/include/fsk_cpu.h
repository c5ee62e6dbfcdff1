// fsk_cpu: which instruction sets this processor and operating system offer. Not a choice of kernels:
// each operation's own list makes that, from these bits.
#ifndef FSK_CPU_H
#define FSK_CPU_H

#include <stdint.h>

enum {
    FSK_CPU_AVX2 = 1u << 0,   // AVX2 and FMA
    FSK_CPU_AVX512 = 1u << 1, // AVX-512 F, BW, VL, DQ, and FMA
    FSK_CPU_NEON = 1u << 2,   // arm64's own
    FSK_CPU_PAIRS = 1u << 3,  // AVX-512's products of pairs of 16 bits: VNNI and BF16
    // Those of bfloat16 are twice as many in a second as floats': AMD's. Intel's, up to the fifth Xeon, are
    // half as many (benchmarks/peak.c), while VNNI's are twice as many with both.
    FSK_CPU_QUICK_BFLOAT = 1u << 4,
};

// The bits of this processor, found once. Any thread.
uint32_t fsk_cpu(void);

// "avx512", "avx2", "neon" or "scalar": the fastest family among the bits. A static string.
const char *fsk_cpu_name(uint32_t cpu);

#endif
