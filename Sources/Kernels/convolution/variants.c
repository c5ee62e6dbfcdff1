// variants: the list of convolutions, fastest first, and the choice from it.
#include "tile.h"

// The last row needs nothing, so that one always fits.
static const fsk_convolution_variant variants[] = {
#if defined(__x86_64__)
    {"avx512 8x32", FSK_CPU_AVX512, 8, 32, fsk_tile_avx512, fsk_gather_avx512},
    {"avx2 6x16", FSK_CPU_AVX2, 6, 16, fsk_tile_avx2, fsk_gather_avx2},
#elif defined(__aarch64__)
    {"neon 8x12", FSK_CPU_NEON, 8, 12, fsk_tile_neon, fsk_gather_neon},
#endif
    {"scalar 4x8", 0, 4, 8, fsk_tile_scalar, fsk_gather_scalar},
};

const fsk_convolution_variant *fsk_convolution_choose(uint32_t cpu) {
    const fsk_convolution_variant *v = variants;
    while ((v->needs & cpu) != v->needs)
        ++v;
    return v;
}

const char *fsk_convolution_name(const fsk_convolution_variant *variant) { return variant->name; }

size_t fsk_convolution_panel(const fsk_convolution_variant *variant) { return variant->rows; }
