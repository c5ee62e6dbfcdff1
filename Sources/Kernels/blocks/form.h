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

// Channels that a number of 4 bytes holds.
static inline size_t fsk_together(const fsk_block_convolution *a) {
    return a->precision == FSK_BYTES ? 4 : a->precision == FSK_FAST ? 2 : 1;
}

// Numbers of 4 bytes that so many channels go into.
static inline size_t fsk_elements(const fsk_block_convolution *a, size_t channels) {
    return fsk_ceil(channels, fsk_together(a));
}

// Rows of packed weights, a vector a block of filters, for each product of a tile; direct: for each place of
// the kernel. Whole numbers have their scale behind them.
static inline size_t fsk_form_rows(const fsk_block_convolution *a) {
    return fsk_elements(a, a->channels) + (a->precision == FSK_FAST && a->form != FSK_DIRECT ? 1 : 0);
}

// The same for a whole filter. Bytes have more behind them: see fsk_byte_row.
static inline size_t fsk_form_depth(const fsk_block_convolution *a) {
    return fsk_form_rows(a) *
               (a->form == FSK_DIRECT ? a->kernel_height * a->kernel_width : fsk_form_products(a->form)) +
           (a->precision == FSK_BYTES ? 1 + a->kernel_height : 0);
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

// Floats of a row of the kernel in a panel of bytes, [block][column][quad][vectors][lanes]. Behind the rows
// are the filters' scales, and of each row the sums of their whole numbers: [vectors][lanes].
static inline size_t fsk_byte_row(const fsk_block_variant *variant, const fsk_block_convolution *a,
                                  size_t vectors) {
    return a->kernel_width * fsk_elements(a, a->channels) * vectors * variant->lanes;
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

// Pixels of a side that so many of the output read.
static inline size_t fsk_pixels_read(size_t pixels, size_t stride, size_t kernel, size_t dilation) {
    return (pixels - 1) * stride + (kernel - 1) * dilation + 1;
}

// Floats that so many segments take, to the next line of the cache.
static inline size_t fsk_segments_size(size_t count) {
    return fsk_ceil(count * sizeof(ptrdiff_t), 64) * 64 / sizeof(float);
}

// Makes it add to what a product of the same pixels and filters, which had the bias, left in y.
static inline void fsk_go_on(fsk_block_product *product) {
    product->bias = NULL;
    product->residual = product->y;
    product->residual_plane = product->y_plane;
}

// What one panel of filters makes of a row of pixels from (row, column) on, but for what it reads there: x,
// pixels, segments, count and full are to be filled in.
fsk_block_product fsk_direct_product(const fsk_block_variant *variant, const fsk_block_convolution *a,
                                     size_t picture, size_t row, size_t column, size_t panel);

// Floats between what two workers write. A core that reads or writes in steps goes on to fetch some 16 steps
// more, which it takes to follow: if these are another core's, both wait.
enum { fsk_apart = 16 << 10 };

// The three drivers and their scratch memory.
size_t fsk_direct_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads);
void fsk_direct_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool);
size_t fsk_byte_rows_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a);
void fsk_byte_rows_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                       const fsk_pool *pool);
size_t fsk_points_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads);
void fsk_points_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool);

#endif
