// filters: weights into panels. packed[block of the depth][panel][depth][rows of the tile], so that the
// product reads them in one stream. The last panel's missing filters are zeros.
#include "tile.h"

size_t fsk_convolution_packed_size(const fsk_convolution_variant *variant, size_t filters, size_t depth) {
    return fsk_round_up(filters, variant->rows) * depth;
}

// Weight k of filter f, k = (c * height + y) * width + x.
static float weight(const fsk_filters *w, size_t f, size_t k) {
    const size_t x = k % w->width, y = k / w->width % w->height, c = k / w->width / w->height;
    const ptrdiff_t at = (ptrdiff_t)f * w->filter_step + (ptrdiff_t)c * w->channel_step +
                         (ptrdiff_t)y * w->row_step + (ptrdiff_t)x * w->column_step;
    float value = w->source[at];
    if (w->gain)
        value *= w->gain[f];
    return value;
}

// The common case, a plain row of weights, without the divisions above.
static const float *plain_row(const fsk_filters *w, size_t f) {
    const ptrdiff_t height = (ptrdiff_t)w->height, width = (ptrdiff_t)w->width;
    const int plain = w->column_step == 1 && w->row_step == width && w->channel_step == height * width;
    return plain ? w->source + (ptrdiff_t)f * w->filter_step : NULL;
}

static void pack_filter(const fsk_filters *w, size_t f, size_t begin, size_t end, size_t rows, float *to) {
    const float *row = plain_row(w, f);
    const float gain = w->gain ? w->gain[f] : 1;
    if (row)
        for (size_t k = begin; k < end; ++k)
            to[(k - begin) * rows] = row[k] * gain;
    else
        for (size_t k = begin; k < end; ++k)
            to[(k - begin) * rows] = weight(w, f, k);
}

void fsk_convolution_pack(const fsk_convolution_variant *variant, const fsk_filters *w, size_t total,
                          size_t first, size_t count, float *packed) {
    const size_t rows = variant->rows, depth = w->channels * w->height * w->width;
    const size_t panels = fsk_round_up(total, rows) / rows, block = fsk_block_depth(depth);
    for (size_t begin = 0; begin < depth; begin += block) {
        const size_t end = begin + block < depth ? begin + block : depth;
        for (size_t f = first; f < fsk_round_up(first + count, rows); ++f) {
            float *to = packed + panels * rows * begin + f / rows * rows * (end - begin) + f % rows;
            if (f < first + count)
                pack_filter(w, f - first, begin, end, rows, to);
            else
                for (size_t k = begin; k < end; ++k)
                    to[(k - begin) * rows] = 0;
        }
    }
}
