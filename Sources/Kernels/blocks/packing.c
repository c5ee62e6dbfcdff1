// packing: filters into the order in which the products read them: packed[panel][weight][block][lane]. A
// weight is, in the direct form, a channel under a place of the kernel, block of channels by block, places
// within it; in the others a point of the transformed kernel, then a channel. Numbers of 16 bits lie two
// channels to a weight. Missing filters are zeros.
#include "cpu/targets.h"
#include "form.h"

#include <math.h>
#include <string.h>

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    const fsk_filters *filters;
    size_t first, count;
    float *packed;
    float matrix[8][7]; // G
} job;

// Row i of G holds the powers of point i over the product of its distances from the other points, and
// infinity's the last weight.
static void fill_matrix(size_t points, size_t kernel, float matrix[8][7]) {
    static const double six_at[] = {0, 0.75, -0.75, 1.5, -1.5};
    static const double six[] = {1.265625, -1.8984375, -1.8984375, 7.59375, 7.59375};
    static const double eight_at[] = {0, 1, -1, 2, -2, 0.5, -0.5};
    static const double eight[] = {1, -4.5, -4.5, 90, 90, 1.40625, 1.40625};
    const double *at = points == 8 ? eight_at : six_at, *distances = points == 8 ? eight : six;
    for (size_t i = 0; i < points; ++i) {
        const int is_infinity = i + 1 == points;
        double power = is_infinity ? 0 : 1 / distances[i];
        for (size_t k = 0; k < kernel; ++k) {
            matrix[i][k] = is_infinity ? (float)(k + 1 == kernel) : (float)power;
            if (!is_infinity)
                power *= at[i];
        }
    }
}

static ptrdiff_t offset(const fsk_filters *w, size_t c, size_t u, size_t v) {
    return (ptrdiff_t)c * w->channel_step + (ptrdiff_t)u * w->row_step + (ptrdiff_t)v * w->column_step;
}

// As many filters at once as the widest vector has lanes.
enum { side_by_side = 16 };
typedef float filters_number[side_by_side];

// to = sum of row[k] * from[k * step], k < count.
FSK_BODY void combine(const float *row, const filters_number *from, size_t step, size_t count,
                      filters_number to) {
    filters_number sum = {0};
    for (size_t k = 0; k < count; ++k)
        for (size_t lane = 0; lane < side_by_side; ++lane)
            sum[lane] += row[k] * from[k * step][lane];
    memcpy(to, sum, sizeof sum);
}

// One channel's weights of some filters, zeros for those that are not there: g[place][filter].
FSK_BODY void read_kernels(const job *j, size_t first, size_t c, filters_number *g) {
    const fsk_filters *w = j->filters;
    const size_t end = j->first + j->count;
    for (size_t lane = 0; lane < side_by_side; ++lane) {
        const size_t f = first + lane;
        const float gain = f < end ? w->gain ? w->gain[f - j->first] : 1 : 0;
        const size_t there = f < end ? f - j->first : 0;
        const float *at = w->source + (ptrdiff_t)there * w->filter_step + (ptrdiff_t)c * w->channel_step;
        for (size_t u = 0; u < w->height; ++u)
            for (size_t v = 0; v < w->width; ++v) {
                const float weight = at[(ptrdiff_t)u * w->row_step + (ptrdiff_t)v * w->column_step];
                g[u * w->width + v][lane] = f < end ? gain * weight : 0;
            }
    }
}

enum { most_products = fsk_most_points * fsk_most_points };

// u = G g G' of side_by_side filters of a panel, from filter `lane` on.
FSK_BODY void transform(const job *j, size_t panel, size_t lane, size_t c, const size_t points,
                        const size_t kernel, filters_number *u) {
    filters_number g[49], half[7 * 8];
    read_kernels(j, panel * fsk_panel_vectors * j->variant->lanes + lane, c, g);
    for (size_t i = 0; i < kernel; ++i)
        for (size_t p = 0; p < points; ++p)
            combine(j->matrix[p], g + i * kernel, 1, kernel, half[i * points + p]);
    for (size_t q = 0; q < points; ++q)
        for (size_t p = 0; p < points; ++p)
            combine(j->matrix[q], half + p, points, kernel, u[q * points + p]);
}

FSK_BODY void transform_body(const job *j, size_t panel, size_t lane, size_t c, filters_number *u) {
    if (j->a->form == FSK_POINTS_6 && j->a->kernel_height == 3)
        transform(j, panel, lane, c, 6, 3, u);
    else if (j->a->form == FSK_POINTS_8 && j->a->kernel_height == 7)
        transform(j, panel, lane, c, 8, 7, u);
    else
        transform(j, panel, lane, c, (size_t)j->a->form, j->a->kernel_height, u);
}
FSK_TARGETS(transform, (const job *j, size_t panel, size_t lane, size_t c, filters_number *u),
            (j, panel, lane, c, u))

static void pack_points(const job *j, size_t panel) {
    const fsk_block_convolution *a = j->a;
    const size_t wide = fsk_panel_size(j->variant, a, panel) * j->variant->lanes;
    float *packed = j->packed + fsk_panel_start(j->variant, a, panel);
    filters_number u[most_products];
    for (size_t c = 0; c < a->channels; ++c)
        for (size_t lane = 0; lane < wide; lane += side_by_side) {
            const size_t filters = wide - lane < side_by_side ? wide - lane : side_by_side;
            FSK_CALL(transform, j->variant->needs, (j, panel, lane, c, u));
            for (size_t product = 0; product < fsk_form_products(a->form); ++product)
                memcpy(packed + (product * a->channels + c) * wide + lane, u[product],
                       filters * sizeof(float));
        }
}

// Scales with which each filter's numbers at each point fit 16 bits, and those of fsk_whole_blocks blocks
// fsk_whole_sum.
static void find_scales(const job *j, size_t panel, size_t lane, filters_number *scales) {
    const size_t products = fsk_form_products(j->a->form), together = fsk_whole_blocks * j->variant->lanes;
    filters_number u[most_products], sum[most_products];
    memset(scales, 0, products * sizeof *scales);
    for (size_t c = 0; c < j->a->channels; ++c) {
        if (c % together == 0)
            memset(sum, 0, sizeof sum);
        FSK_CALL(transform, j->variant->needs, (j, panel, lane, c, u));
        for (size_t product = 0; product < products; ++product)
            for (size_t i = 0; i < side_by_side; ++i) {
                const float size = fabsf(u[product][i]);
                sum[product][i] += size;
                // Less what rounding may add.
                const float alone = size / INT16_MAX;
                const float all = sum[product][i] / (float)(fsk_whole_sum - (int)together);
                const float wanted = alone > all ? alone : all;                    // NaN is in both
                if (!isnan(scales[product][i]) && !(scales[product][i] >= wanted)) // and stays
                    scales[product][i] = wanted;
            }
    }
}

static void pack_whole(const job *j, size_t panel) {
    const fsk_block_convolution *a = j->a;
    const size_t wide = fsk_panel_size(j->variant, a, panel) * j->variant->lanes, rows = fsk_form_rows(a);
    const size_t products = fsk_form_products(a->form);
    float *packed = j->packed + fsk_panel_start(j->variant, a, panel);
    int16_t *whole = (int16_t *)(void *)packed;
    filters_number u[most_products], scales[most_products];
    for (size_t lane = 0; lane < wide; lane += side_by_side) {
        find_scales(j, panel, lane, scales);
        for (size_t product = 0; product < products; ++product) {
            float *row = packed + (product * rows + rows - 1) * wide + lane;
            memcpy(row, scales[product], sizeof scales[product]);
        }
        for (size_t c = 0; c < fsk_elements(a, a->channels) * 2; ++c) {
            if (c < a->channels)
                FSK_CALL(transform, j->variant->needs, (j, panel, lane, c, u));
            else
                memset(u, 0, sizeof u);
            for (size_t product = 0; product < products; ++product)
                for (size_t i = 0; i < side_by_side; ++i) {
                    const float scale = scales[product][i], number = scale > 0 ? u[product][i] / scale : 0;
                    whole[((product * rows + c / 2) * wide + lane + i) * 2 + c % 2] =
                        (int16_t)(isfinite(number) ? lrintf(number) : 0);
                }
        }
    }
}

// To the nearest bfloat16, the even one of two; NaN stays one.
FSK_BODY uint32_t half(float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    const uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return number != number ? bits >> 16 | 0x40 : nearest;
}

FSK_BODY void pair_row_body(const float *low, const float *high, size_t count, uint32_t *pairs) {
    for (size_t i = 0; i < count; ++i)
        pairs[i] = half(low[i]) | half(high[i]) << 16;
}
FSK_TARGETS(pair_row, (const float *low, const float *high, size_t count, uint32_t *pairs),
            (low, high, count, pairs))

// A filter's scale and bytes, and their sums over each row of the kernel.
static void pack_byte_filter(const job *j, size_t panel, size_t lane) {
    const fsk_block_convolution *a = j->a;
    const fsk_filters *w = j->filters;
    const size_t wide = fsk_panel_size(j->variant, a, panel) * j->variant->lanes;
    const size_t f = panel * fsk_panel_vectors * j->variant->lanes + lane, places = a->kernel_width;
    const size_t row = fsk_byte_row(j->variant, a, wide / j->variant->lanes);
    float *packed = j->packed + fsk_panel_start(j->variant, a, panel),
          *scales = packed + a->kernel_height * row;
    int8_t *bytes = (int8_t *)(void *)packed;
    int32_t *sums = (int32_t *)(void *)(scales + wide);
    const float *at = w->source + (ptrdiff_t)(f - j->first) * w->filter_step;
    const float gain = w->gain ? w->gain[f - j->first] : 1;
    float most = 0;
    for (size_t c = 0; c < a->channels; ++c)
        for (size_t u = 0; u < a->kernel_height; ++u)
            for (size_t v = 0; v < places; ++v) {
                const float size = fabsf(gain * at[offset(w, c, u, v)]);
                if (!isnan(most) && !(size <= most)) // NaN stays
                    most = size;
            }
    scales[lane] = most / INT8_MAX;
    for (size_t u = 0; u < a->kernel_height; ++u)
        sums[u * wide + lane] = 0;
    for (size_t c = 0; c < a->channels; ++c) {
        // Blocks of channels, in each the places of a row, at each the block's channels.
        const size_t block = c / a->block * a->block, left = a->channels - block;
        const size_t quads = fsk_elements(a, left < a->block ? left : a->block);
        const size_t first = block / fsk_together(a) * places + (c - block) / fsk_together(a);
        for (size_t u = 0; u < a->kernel_height; ++u)
            for (size_t v = 0; v < places; ++v) {
                const float number = most > 0 ? gain * at[offset(w, c, u, v)] / most * INT8_MAX : 0;
                const int8_t whole = (int8_t)(isfinite(number) ? lrintf(number) : 0);
                bytes[(u * row + (first + v * quads) * wide + lane) * 4 + c % 4] = whole;
                sums[u * wide + lane] += whole;
            }
    }
}

static void pack_bytes(const job *j, size_t panel) {
    const size_t wide = fsk_panel_size(j->variant, j->a, panel) * j->variant->lanes;
    float *packed = j->packed + fsk_panel_start(j->variant, j->a, panel);
    memset(packed, 0, wide * fsk_form_depth(j->a) * sizeof *packed);
    const size_t first = panel * fsk_panel_vectors * j->variant->lanes, end = j->first + j->count;
    for (size_t lane = 0; lane < wide && first + lane < end; ++lane)
        pack_byte_filter(j, panel, lane);
}

// One channel's weight at one place, of all filters of a panel: zeros for those that are not there.
static void read_row(const job *j, size_t panel, size_t wide, size_t c, size_t u, size_t v, float *row) {
    const fsk_filters *w = j->filters;
    const size_t first = panel * fsk_panel_vectors * j->variant->lanes - j->first, left = j->count - first;
    const size_t there = c >= j->a->channels ? 0 : left < wide ? left : wide;
    const float *at = w->source + (ptrdiff_t)first * w->filter_step + (there > 0 ? offset(w, c, u, v) : 0);
    const ptrdiff_t step = w->filter_step;
    for (size_t lane = 0; lane < there; ++lane, at += step)
        row[lane] = w->gain ? w->gain[first + lane] * *at : *at;
    for (size_t lane = there; lane < wide; ++lane)
        row[lane] = 0;
}

// One channel's weights, or those of two that are one number.
static void pack_direct(const job *j, size_t panel, size_t c) {
    const fsk_block_convolution *a = j->a;
    const size_t wide = fsk_panel_size(j->variant, a, panel) * j->variant->lanes;
    const size_t block = c / a->block * a->block, area = a->kernel_height * a->kernel_width;
    const size_t left = a->channels - block, rows = fsk_elements(a, left < a->block ? left : a->block);
    const size_t first = fsk_elements(a, block) * area + (c - block) / fsk_together(a);
    float low[fsk_panel_vectors * side_by_side], high[fsk_panel_vectors * side_by_side];
    for (size_t place = 0; place < area; ++place) {
        const size_t u = place / a->kernel_width, v = place % a->kernel_width;
        float *to = j->packed + fsk_panel_start(j->variant, a, panel) + (first + place * rows) * wide;
        if (a->precision != FSK_FAST) {
            read_row(j, panel, wide, c, u, v, to);
            continue;
        }
        read_row(j, panel, wide, c, u, v, low);
        read_row(j, panel, wide, c + 1, u, v, high);
        FSK_CALL(pair_row, j->variant->needs, (low, high, wide, (uint32_t *)(void *)to));
    }
}

void fsk_block_pack(const fsk_block_variant *variant, const fsk_block_convolution *sizes,
                    const fsk_filters *filters, size_t first, size_t count, float *packed) {
    const size_t panel = fsk_block_panel(variant);
    const int is_fast = sizes->precision == FSK_FAST;
    job j = {variant, sizes, filters, first, count, packed, {{0}}};
    if (sizes->form != FSK_DIRECT)
        fill_matrix((size_t)sizes->form, sizes->kernel_height, j.matrix);
    for (size_t p = first / panel; p < fsk_ceil(first + count, panel); ++p)
        if (sizes->form != FSK_DIRECT)
            (is_fast ? pack_whole : pack_points)(&j, p);
        else if (sizes->precision == FSK_BYTES)
            pack_bytes(&j, p);
        else
            for (size_t c = 0; c < sizes->channels; c += fsk_together(sizes))
                pack_direct(&j, p, c);
}
