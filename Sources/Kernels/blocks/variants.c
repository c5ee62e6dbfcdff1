// variants: the list of blocked kernels, fastest first, and the choice from it.
#include "variant.h"

// The last row needs nothing but what every processor of its kind has, so that one always fits.
static const fsk_block_variant *const variants[] = {
#if defined(__x86_64__)
    &fsk_block_avx512_pairs, &fsk_block_avx512_whole, &fsk_block_avx512, &fsk_block_avx2,
#endif
    &fsk_block_plain,
};

const fsk_block_variant *fsk_block_choose(uint32_t cpu) {
    size_t i = 0;
    while (i + 1 < sizeof variants / sizeof *variants && (variants[i]->needs & cpu) != variants[i]->needs)
        ++i;
    return variants[i];
}

const char *fsk_block_name(const fsk_block_variant *variant) { return variant->name; }

size_t fsk_block_width(const fsk_block_variant *variant) { return variant->lanes; }

size_t fsk_block_panel(const fsk_block_variant *variant) { return fsk_panel_vectors * variant->lanes; }
