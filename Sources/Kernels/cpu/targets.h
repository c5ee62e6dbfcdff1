// targets: one plain C body compiled for several instruction sets, for loops that the compiler vectorizes
// well by itself. Private to Kernels.
#ifndef FSK_TARGETS_H
#define FSK_TARGETS_H

#include "fsk_cpu.h"

#define FSK_BODY static inline __attribute__((always_inline))

#if defined(__x86_64__)
// Defines name(parameters) that calls name_body(arguments), compiled for the best of `cpu`.
#define FSK_TARGETS(name, parameters, arguments)                                                             \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))) static void name##_avx512 parameters { \
        name##_body arguments;                                                                               \
    }                                                                                                        \
    __attribute__((target("avx2,fma"))) static void name##_avx2 parameters { name##_body arguments; }        \
    static void name##_scalar parameters { name##_body arguments; }
#define FSK_CALL(name, cpu, arguments)                                                                       \
    ((cpu)&FSK_CPU_AVX512 ? name##_avx512 arguments                                                          \
     : (cpu)&FSK_CPU_AVX2 ? name##_avx2 arguments                                                            \
                          : name##_scalar arguments)
#else
#define FSK_TARGETS(name, parameters, arguments)                                                             \
    static void name##_scalar parameters { name##_body arguments; }
#define FSK_CALL(name, cpu, arguments) ((void)(cpu), name##_scalar arguments)
#endif

#endif
