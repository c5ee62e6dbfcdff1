// gradient_variants: finds the gradients that go with a variant of the blocks.
#include "gradient_variant.h"

// As fsk_block_choose's list: the last row fits every processor of its kind.
static const fsg_block_variant *const variants[] = {
#if defined(__x86_64__)
    &fsg_block_avx512_pairs,
    &fsg_block_avx512,
    &fsg_block_avx2,
#endif
    &fsg_block_plain,
};

const fsg_block_variant *fsg_block_gradients(const fsk_block_variant *variant) {
    size_t i = 0;
    while (i + 1 < sizeof variants / sizeof *variants &&
           (variants[i]->needs & variant->needs) != variants[i]->needs)
        ++i;
    return variants[i];
}
