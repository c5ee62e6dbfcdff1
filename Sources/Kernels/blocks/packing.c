// packing: filters into the order in which the products read them: packed[panel][weight][block][lane]. A
// weight is, in the direct form, a channel under a place of the kernel, block of channels by block, places
// within it; in the others a point of the transformed kernel, then a channel. Missing filters are zeros.
#include "cpu/targets.h"
#include "form.h"

enum { channels_a_task = 32 };

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    const fsk_filters *filters;
    size_t first, count;
    float *packed;
    size_t first_panel, channel_tasks;
    uint32_t cpu;
} job;

// u = G g G', where row i of G holds the powers of point i times a factor, and infinity's the last weight.
FSK_BODY void transform_body(const float *g, size_t kernel, size_t points, float *u) {
    static const float at[] = {0, 1, -1, 2, -2, 0.5f, -0.5f};
    static const float six[] = {1 / 4.0f, -1 / 6.0f, -1 / 6.0f, 1 / 24.0f, 1 / 24.0f};
    static const float eight[] = {1, -2 / 9.0f, -2 / 9.0f, 1 / 90.0f, 1 / 90.0f, 32 / 45.0f, 32 / 45.0f};
    float matrix[8][8] = {{0}}, half[8][8] = {{0}}; // matrix: the transpose of G
    for (size_t i = 0; i + 1 < points; ++i) {
        float power = points == 8 ? eight[i] : six[i];
        for (size_t k = 0; k < kernel; ++k, power *= at[i])
            matrix[k][i] = power;
    }
    matrix[kernel - 1][points - 1] = 1;
    for (size_t i = 0; i < kernel; ++i)
        for (size_t k = 0; k < kernel; ++k)
            for (size_t j = 0; j < 8; ++j)
                half[i][j] += g[i * kernel + k] * matrix[k][j];
    for (size_t i = 0; i < points; ++i) {
        float row[8] = {0};
        for (size_t k = 0; k < kernel; ++k)
            for (size_t j = 0; j < 8; ++j)
                row[j] += matrix[k][i] * half[k][j];
        for (size_t j = 0; j < points; ++j)
            u[i * points + j] = row[j];
    }
}

// Filter f's weights of channel c.
FSK_BODY void read_kernel(const job *j, size_t f, size_t c, float *g) {
    const fsk_filters *w = j->filters;
    const float gain = w->gain ? w->gain[f - j->first] : 1;
    const float *at = w->source + (ptrdiff_t)(f - j->first) * w->filter_step + (ptrdiff_t)c * w->channel_step;
    for (size_t u = 0; u < w->height; ++u)
        for (size_t v = 0; v < w->width; ++v)
            g[u * w->width + v] = gain * at[(ptrdiff_t)u * w->row_step + (ptrdiff_t)v * w->column_step];
}

FSK_BODY void pack_points_body(const job *j, size_t panel, size_t c) {
    const size_t points = (size_t)j->a->form, kernel = j->a->kernel_height, lanes = j->variant->lanes;
    const size_t wide = fsk_panel_size(j->variant, j->a, panel) * lanes;
    float *to = j->packed + fsk_panel_start(j->variant, j->a, panel) + c * wide;
    for (size_t lane = 0; lane < wide; ++lane) {
        const size_t f = panel * fsk_panel_vectors * lanes + lane;
        float g[49], u[64] = {0};
        if (f < j->first + j->count) {
            read_kernel(j, f, c, g);
            if (points == 8)
                transform_body(g, kernel, 8, u);
            else
                transform_body(g, kernel, 6, u);
        }
        for (size_t p = 0; p < points * points; ++p)
            to[p * j->a->channels * wide + lane] = u[p];
    }
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

static void task(void *argument, size_t index) {
    const job *j = argument;
    const size_t panel = j->first_panel + index / j->channel_tasks;
    const size_t from = index % j->channel_tasks * channels_a_task, to = from + channels_a_task;
    for (size_t c = from; c < to && c < j->a->channels; ++c)
        if (j->a->form == FSK_DIRECT)
            pack_direct(j, panel, c);
        else
            FSK_CALL(pack_points, j->cpu, (j, panel, c));
}

void fsk_block_pack(const fsk_block_variant *variant, const fsk_block_convolution *sizes,
                    const fsk_filters *filters, size_t first, size_t count, float *packed,
                    const fsk_pool *pool) {
    const size_t panel = fsk_block_panel(variant), channel_tasks = fsk_ceil(sizes->channels, channels_a_task);
    job j = {variant, sizes, filters, first, count, packed, first / panel, channel_tasks, pool->cpu};
    fsk_pool_run(pool, task, &j, fsk_ceil(count, panel) * channel_tasks);
}
