// form: which form a convolution takes, and the way to the form's driver.
#include "form.h"

// Below these a tile's transforms cost more than the products they save.
enum { least_channels = 16, least_filters = 16 };

// Below this fewer bits gain less than turning the picture into them costs (`make tune`).
enum { least_fast_filters = 24 };

// Weights from which on reading them takes the time; and products of bytes that 32 bits add up: 2^31 / 255 /
// 127 is twice as many.
enum { least_weights = 4 << 20, most_row = 1 << 15 };

fsk_block_form fsk_block_best_form(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    (void)variant;
    const size_t kernel = a->kernel_height;
    if (a->kernel_width != kernel || a->stride_height != 1 || a->stride_width != 1 ||
        a->dilation_height != 1 || a->dilation_width != 1 || a->block == FSK_NARROW)
        return FSK_DIRECT;
    if (a->channels < least_channels || a->filters < least_filters || a->precision == FSK_BYTES)
        return FSK_DIRECT;
    if (kernel != 3 && kernel != 5 && kernel != 7)
        return FSK_DIRECT;
    // Eight points take fewer products than six and round more: FSK_FAST alone does so for 3 x 3.
    return kernel == 3 && a->precision == FSK_EXACT ? FSK_POINTS_6 : FSK_POINTS_8;
}

// Where transforms leave a fourth of the products or less (3 x 3, 5 x 5), bytes, four times as many at once
// as floats, gain nothing.
static int takes_bytes(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    fsk_block_convolution other = *a;
    other.precision = FSK_FAST;
    const int is_transformed = a->kernel_height < 7 && fsk_block_best_form(variant, &other) != FSK_DIRECT;
    const size_t row = a->channels * a->kernel_width;
    return !is_transformed && row <= most_row && row * a->kernel_height * a->filters >= least_weights;
}

static int pays(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    return variant->fast && a->block != FSK_NARROW && a->channels >= least_channels &&
           a->filters >= least_fast_filters;
}

fsk_block_precision fsk_block_best_pairs(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    fsk_block_convolution fast = *a;
    fast.precision = FSK_FAST;
    const int is_direct = a->y_step != 0 || fsk_block_best_form(variant, &fast) == FSK_DIRECT;
    return pays(variant, a) && (!is_direct || fsk_block_bfloat_gains(variant)) ? FSK_FAST : FSK_EXACT;
}

fsk_block_precision fsk_block_best_precision(const fsk_block_variant *variant,
                                             const fsk_block_convolution *a) {
    return pays(variant, a) && takes_bytes(variant, a) ? FSK_BYTES : fsk_block_best_pairs(variant, a);
}

int fsk_block_is_fast(const fsk_block_variant *variant) { return variant->fast != NULL; }

int fsk_block_bfloat_gains(const fsk_block_variant *variant) {
    return variant->fast && variant->fast->bfloat_gains;
}

size_t fsk_block_packed_size(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    return fsk_filter_blocks(variant, a) * variant->lanes * fsk_form_depth(a);
}

size_t fsk_block_scratch_size(const fsk_block_variant *variant, const fsk_block_convolution *a,
                              size_t threads) {
    if (a->precision == FSK_BYTES)
        return fsk_byte_rows_scratch(variant, a);
    return (a->form == FSK_DIRECT ? fsk_direct_scratch : fsk_points_scratch)(variant, a, threads);
}

void fsk_block_convolution_run(const fsk_block_variant *variant, const fsk_block_convolution *a,
                               float *scratch, const fsk_pool *pool) {
    if (a->precision == FSK_BYTES)
        fsk_byte_rows_run(variant, a, scratch, pool);
    else
        (a->form == FSK_DIRECT ? fsk_direct_run : fsk_points_run)(variant, a, scratch, pool);
}
