// packing: filters into the order in which the products read them: packed[panel][weight][block][lane]. A
// weight is, in the direct form, a channel under a place of the kernel, block of channels by block, places
// within it; in the others a point of the transformed kernel, then a channel. Missing filters are zeros.
#include "cpu/targets.h"
#include "form.h"

#include <string.h>

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    const fsk_filters *filters;
    size_t first, count;
    float *packed;
    float matrix[8][7]; // G
} job;

// Row i of G holds the powers of point i times a factor, and infinity's the last weight.
static void fill_matrix(size_t points, size_t kernel, float matrix[8][7]) {
    static const float at[] = {0, 1, -1, 2, -2, 0.5f, -0.5f};
    static const float six[] = {1 / 4.0f, -1 / 6.0f, -1 / 6.0f, 1 / 24.0f, 1 / 24.0f};
    static const float eight[] = {1, -2 / 9.0f, -2 / 9.0f, 1 / 90.0f, 1 / 90.0f, 32 / 45.0f, 32 / 45.0f};
    for (size_t i = 0; i < points; ++i) {
        const int is_infinity = i + 1 == points;
        float power = is_infinity ? 0 : points == 8 ? eight[i] : six[i];
        for (size_t k = 0; k < kernel; ++k) {
            matrix[i][k] = is_infinity ? (float)(k + 1 == kernel) : power;
            if (!is_infinity)
                power *= at[i];
        }
    }
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

// u = G g G' of each filter of a panel.
FSK_BODY void transform(const job *j, size_t panel, size_t c, const size_t points, const size_t kernel) {
    const size_t lanes = j->variant->lanes, wide = fsk_panel_size(j->variant, j->a, panel) * lanes;
    float *to = j->packed + fsk_panel_start(j->variant, j->a, panel) + c * wide;
    filters_number g[49], half[7 * 8], u;
    for (size_t lane = 0; lane < wide; lane += side_by_side) {
        const size_t filters = wide - lane < side_by_side ? wide - lane : side_by_side;
        read_kernels(j, panel * fsk_panel_vectors * lanes + lane, c, g);
        for (size_t i = 0; i < kernel; ++i)
            for (size_t p = 0; p < points; ++p)
                combine(j->matrix[p], g + i * kernel, 1, kernel, half[i * points + p]);
        for (size_t q = 0; q < points; ++q)
            for (size_t p = 0; p < points; ++p) {
                combine(j->matrix[q], half + p, points, kernel, u);
                memcpy(to + (q * points + p) * j->a->channels * wide + lane, u, filters * sizeof *u);
            }
    }
}

FSK_BODY void pack_points_body(const job *j, size_t panel, size_t c) {
    if (j->a->form == FSK_POINTS_6 && j->a->kernel_height == 3)
        transform(j, panel, c, 6, 3);
    else if (j->a->form == FSK_POINTS_8 && j->a->kernel_height == 7)
        transform(j, panel, c, 8, 7);
    else
        transform(j, panel, c, (size_t)j->a->form, j->a->kernel_height);
}
FSK_TARGETS(pack_points, (const job *j, size_t panel, size_t c), (j, panel, c))

static void pack_direct(const job *j, size_t panel, size_t c) {
    const fsk_block_convolution *a = j->a;
    const fsk_filters *w = j->filters;
    const size_t lanes = j->variant->lanes, wide = fsk_panel_size(j->variant, a, panel) * lanes;
    const size_t block = c / a->block * a->block, area = a->kernel_height * a->kernel_width;
    const size_t channels = a->channels - block < a->block ? a->channels - block : a->block;
    float *to = j->packed + fsk_panel_start(j->variant, a, panel) + (block * area + c - block) * wide;
    for (size_t lane = 0; lane < wide; ++lane) {
        const size_t f = panel * fsk_panel_vectors * lanes + lane;
        const int is_there = f < j->first + j->count;
        const float gain = is_there && w->gain ? w->gain[f - j->first] : 1;
        const float *at =
            is_there ? w->source + (ptrdiff_t)(f - j->first) * w->filter_step + (ptrdiff_t)c * w->channel_step
                     : NULL;
        for (size_t u = 0; u < a->kernel_height; ++u)
            for (size_t v = 0; v < a->kernel_width; ++v)
                to[(u * a->kernel_width + v) * channels * wide + lane] =
                    is_there ? gain * at[(ptrdiff_t)u * w->row_step + (ptrdiff_t)v * w->column_step] : 0;
    }
}

void fsk_block_pack(const fsk_block_variant *variant, const fsk_block_convolution *sizes,
                    const fsk_filters *filters, size_t first, size_t count, float *packed) {
    const size_t panel = fsk_block_panel(variant);
    job j = {variant, sizes, filters, first, count, packed, {{0}}};
    if (sizes->form != FSK_DIRECT)
        fill_matrix((size_t)sizes->form, sizes->kernel_height, j.matrix);
    for (size_t p = first / panel; p < fsk_ceil(first + count, panel); ++p)
        for (size_t c = 0; c < sizes->channels; ++c)
            if (sizes->form == FSK_DIRECT)
                pack_direct(&j, p, c);
            else
                FSK_CALL(pack_points, variant->needs, (&j, p, c));
}
