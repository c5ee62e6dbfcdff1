// fsk_cpu: bits, their names, and that each family of instructions has a convolution of its own.
#include "check.h"

#include <string.h>

static void run(size_t number) {
    static const uint32_t bits[] = {0, FSK_CPU_AVX2, FSK_CPU_AVX2 | FSK_CPU_AVX512, FSK_CPU_NEON};
    static const char *const names[] = {"scalar", "avx2", "avx512", "neon"};
    describe("%s", names[number]);
    if (strcmp(fsk_cpu_name(bits[number]), names[number]) != 0)
        fail(NULL, "is called %s", fsk_cpu_name(bits[number]));
    if (fsk_cpu() != fsk_cpu() || fsk_processor_count() < 1)
        fail(NULL, "no processor, or another one each time");
    if ((fsk_cpu() & bits[number]) != bits[number])
        return;
    const char *convolution = fsk_convolution_name(fsk_convolution_choose(bits[number]));
    if (strncmp(convolution, names[number], strlen(names[number])) != 0)
        fail(NULL, "convolves by %s", convolution);
#if defined(__aarch64__)
    if (fsk_cpu() != FSK_CPU_NEON)
        fail(NULL, "arm64 without NEON");
#endif
}

const operation cpu_tests = {"cpu", 4, run};
