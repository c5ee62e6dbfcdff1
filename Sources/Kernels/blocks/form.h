// form: what a convolution's form makes of its sizes. Private to blocks/.
#ifndef FSK_BLOCK_FORM_H
#define FSK_BLOCK_FORM_H

#include "variant.h"

// Products a tile, and pixels a side that they make. Direct: 1 and 1.
static inline size_t fsk_form_products(fsk_block_form form) {
    return form == FSK_DIRECT ? 1 : (size_t)form * form;
}

static inline size_t fsk_form_side(fsk_block_form form, size_t kernel) {
    return form == FSK_DIRECT ? 1 : (size_t)form - kernel + 1;
}

// Numbers of 4 bytes that a channel, or two of 16 bits, go into: of `channels` channels.
static inline size_t fsk_elements(const fsk_block_convolution *a, size_t channels) {
    return a->precision == FSK_FAST ? fsk_ceil(channels, 2) : channels;
}

// Rows of packed weights, a vector a block of filters, for each product of a tile; direct: for each place of
// the kernel. Whole numbers have their scale behind them.
static inline size_t fsk_form_rows(const fsk_block_convolution *a) {
    return fsk_elements(a, a->channels) + (a->precision == FSK_FAST && a->form != FSK_DIRECT ? 1 : 0);
}

// The same for a whole filter.
static inline size_t fsk_form_depth(const fsk_block_convolution *a) {
    return fsk_form_rows(a) *
           (a->form == FSK_DIRECT ? a->kernel_height * a->kernel_width : fsk_form_products(a->form));
}

// Blocks of filters in all, and of panel `panel`.
static inline size_t fsk_filter_blocks(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    return fsk_ceil(a->filters, variant->lanes);
}

static inline size_t fsk_panel_count(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    return fsk_ceil(fsk_filter_blocks(variant, a), fsk_panel_vectors);
}

static inline size_t fsk_panel_size(const fsk_block_variant *variant, const fsk_block_convolution *a,
                                    size_t panel) {
    const size_t left = fsk_filter_blocks(variant, a) - panel * fsk_panel_vectors;
    return left < fsk_panel_vectors ? left : fsk_panel_vectors;
}

// Filters of panel `panel` that are there.
static inline size_t fsk_panel_filters(const fsk_block_variant *variant, const fsk_block_convolution *a,
                                       size_t panel) {
    const size_t most = fsk_panel_vectors * variant->lanes, left = a->filters - panel * most;
    return left < most ? left : most;
}

// Where a panel's weights begin.
static inline size_t fsk_panel_start(const fsk_block_variant *variant, const fsk_block_convolution *a,
                                     size_t panel) {
    return panel * fsk_panel_vectors * variant->lanes * fsk_form_depth(a);
}

// The two drivers and their scratch memory.
size_t fsk_direct_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads);
void fsk_direct_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool);
size_t fsk_points_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads);
void fsk_points_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool);

#endif
