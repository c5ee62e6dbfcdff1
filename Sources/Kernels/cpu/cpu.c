// cpu: reads the processor's bits and its maker by the compiler's own builtins. Nothing else lives here.
#include "fsk_cpu.h"

uint32_t fsk_cpu(void) {
#if defined(__x86_64__)
    uint32_t bits = 0;
    __builtin_cpu_init();
    const int fma = __builtin_cpu_supports("fma");
    if (fma && __builtin_cpu_supports("avx2"))
        bits |= FSK_CPU_AVX2;
    if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        bits |= FSK_CPU_AVX512;
    if (bits & FSK_CPU_AVX512 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16"))
        bits |= FSK_CPU_PAIRS;
    if (bits & FSK_CPU_PAIRS && __builtin_cpu_is("amd"))
        bits |= FSK_CPU_QUICK_BFLOAT;
    return bits;
#elif defined(__aarch64__)
    return FSK_CPU_NEON;
#else
    return 0;
#endif
}

const char *fsk_cpu_name(uint32_t cpu) {
    if (cpu & FSK_CPU_AVX512)
        return "avx512";
    if (cpu & FSK_CPU_AVX2)
        return "avx2";
    if (cpu & FSK_CPU_NEON)
        return "neon";
    return "scalar";
}
