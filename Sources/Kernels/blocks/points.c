// points: convolutions by Winograd's transforms. Tiles come in chunks: a chunk's tiles are transformed for
// all channels, each point's product with a group of filters fits the second-level cache, and is transformed
// back at once. With many chunks a task does all of that for one; with few all are transformed first, and a
// task is one group of filters for one chunk, so that large weights are read once. Cut by the shape alone.
#include "form.h"

enum {
    wanted_tasks = 16,
    most_tiles = 96,       // of a chunk, if that is all there are,
    usual_tiles = 48,      // else
    most_sums = 128 << 10, // floats of a group's products: half of a 1 MiB cache
    blocks_a_task = 4      // of channels, where all chunks are transformed first
};

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    size_t points, side, products;
    size_t wide, tiles;           // tiles a row, tiles of a picture
    size_t chunk, chunks;         // tiles a chunk, chunks of a picture
    size_t blocks;                // of channels
    size_t panels, group, groups; // panels of filters; panels a group
    int shared;                   // all chunks are transformed first
    size_t picture;               // of the products, if shared
    ptrdiff_t *segments;
    float *v, *m;          // all chunks' or each worker's; each worker's
    size_t v_size, m_size; // of a chunk, of a worker
} job;

static job plan(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    job j = {.variant = variant, .a = a, .points = (size_t)a->form, .products = fsk_form_products(a->form)};
    j.side = fsk_form_side(a->form, a->kernel_height);
    j.wide = fsk_ceil(a->out_width, j.side);
    j.tiles = j.wide * fsk_ceil(a->out_height, j.side);
    j.blocks = fsk_ceil(a->channels, variant->lanes);
    j.panels = fsk_panel_count(variant, a);
    j.chunk = j.tiles <= most_tiles ? j.tiles : usual_tiles;
    const size_t panel = fsk_panel_vectors * variant->lanes * j.products;
    for (;;) {
        const size_t fits = most_sums / (panel * j.chunk);
        j.group = fits < 1 ? 1 : fits < j.panels ? fits : j.panels;
        j.groups = fsk_ceil(j.panels, j.group);
        j.chunks = fsk_ceil(j.tiles, j.chunk);
        if (j.chunks * j.groups * a->batch >= wanted_tasks || j.chunk <= variant->tile)
            break;
        j.chunk = fsk_ceil(j.chunk / 2, variant->tile) * variant->tile;
    }
    // Chunks of one size, where that leaves whole tiles of the product.
    const size_t even = fsk_ceil(fsk_ceil(j.tiles, j.chunks), 4) * 4;
    if (j.chunks > 1 && even < j.chunk) {
        j.chunk = even;
        j.chunks = fsk_ceil(j.tiles, j.chunk);
    }
    j.shared = j.chunks * a->batch < wanted_tasks;
    j.v_size = j.products * j.blocks * j.chunk * variant->lanes;
    j.m_size = panel * j.group * j.chunk;
    return j;
}

static void transform(const job *j, size_t picture, size_t chunk, size_t block0, size_t block1, float *v) {
    const fsk_block_convolution *a = j->a;
    const size_t lanes = j->variant->lanes, kernel = a->kernel_height;
    const size_t height = a->out_height + kernel - 1, width = a->out_width + kernel - 1;
    const size_t first = chunk * j->chunk, last = first + j->chunk < j->tiles ? first + j->chunk : j->tiles;
    for (size_t block = block0; block < block1; ++block)
        for (size_t tile = first; tile < last; ++tile) {
            const size_t row = tile / j->wide * j->side, column = tile % j->wide * j->side;
            const fsk_block_tile_in in = {
                .x = a->x.pixels + picture * a->x.batch_step + block * a->x.plane_step + row * a->x.row_step +
                     column * lanes,
                .row_step = a->x.row_step,
                .rows = height - row < j->points ? height - row : j->points,
                .columns = width - column < j->points ? width - column : j->points,
                .v = v + (block * j->chunk + tile - first) * lanes,
                .step = j->blocks * j->chunk * lanes,
            };
            (j->points == 8 ? j->variant->in8 : j->variant->in6)(&in);
        }
}

static fsk_block_tile_out_fn *transform_back(const job *j) {
    const fsk_block_variant *v = j->variant;
    if (j->points == 6)
        return j->side == 4 ? v->out6_4 : v->out6_2;
    return j->side == 6 ? v->out8_6 : j->side == 4 ? v->out8_4 : v->out8_2;
}

static void store(const job *j, size_t picture, size_t chunk, size_t block, const float *m) {
    const fsk_block_convolution *a = j->a;
    const fsk_blocks *r = &a->residual;
    const size_t lanes = j->variant->lanes, first = chunk * j->chunk;
    const size_t last = first + j->chunk < j->tiles ? first + j->chunk : j->tiles;
    fsk_block_tile_out_fn *back = transform_back(j);
    for (size_t tile = first; tile < last; ++tile) {
        const size_t row = tile / j->wide * j->side, column = tile % j->wide * j->side;
        const fsk_block_tile_out out = {
            .m = m + (tile - first) * lanes,
            .step = j->chunk * lanes,
            .y = a->y.pixels + picture * a->y.batch_step + block * a->y.plane_step + row * a->y.row_step +
                 column * lanes,
            .row_step = a->y.row_step,
            .rows = a->out_height - row,
            .columns = a->out_width - column,
            .bias = a->bias ? a->bias + block * lanes : NULL,
            .residual = r->pixels ? r->pixels + picture * r->batch_step + block * r->plane_step +
                                        row * r->row_step + column * lanes
                                  : NULL,
            .residual_row_step = r->row_step,
            .relu = a->relu,
            .slope = a->slope,
        };
        back(&out);
    }
}

// One group of filters for one chunk. m[block of the group][point][tile][lane].
static void multiply(const job *j, size_t picture, size_t chunk, size_t group, const float *v, float *m) {
    const fsk_block_convolution *a = j->a;
    const size_t lanes = j->variant->lanes, left = j->tiles - chunk * j->chunk;
    const size_t tiles = left < j->chunk ? left : j->chunk, plane = j->products * j->chunk * lanes;
    const size_t first = group * j->group, last = first + j->group < j->panels ? first + j->group : j->panels;
    for (size_t point = 0; point < j->products; ++point)
        for (size_t panel = first; panel < last; ++panel) {
            const size_t vectors = fsk_panel_size(j->variant, a, panel);
            const fsk_block_product product = {
                .x = v + point * j->blocks * j->chunk * lanes,
                .step = lanes,
                .pixels = tiles,
                .segments = j->segments,
                .count = j->blocks,
                .full = a->channels / lanes,
                .run = lanes,
                .last = a->channels % lanes,
                .weights = a->weights + fsk_panel_start(j->variant, a, panel) +
                           point * a->channels * vectors * lanes,
                .vectors = vectors,
                .y = m + (panel - first) * fsk_panel_vectors * plane + point * j->chunk * lanes,
                .y_plane = plane,
            };
            j->variant->product(&product);
        }
    const size_t blocks = fsk_filter_blocks(j->variant, a);
    for (size_t block = first * fsk_panel_vectors; block < last * fsk_panel_vectors && block < blocks;
         ++block)
        store(j, picture, chunk, block, m + (block - first * fsk_panel_vectors) * plane);
}

static void whole_chunk(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    float *v = j->v + worker * j->v_size, *m = j->m + worker * j->m_size;
    const size_t picture = index / j->chunks, chunk = index % j->chunks;
    transform(j, picture, chunk, 0, j->blocks, v);
    for (size_t group = 0; group < j->groups; ++group)
        multiply(j, picture, chunk, group, v, m);
}

static void transform_some(void *argument, size_t index) {
    const job *j = argument;
    const size_t chunk = index % j->chunks, first = index / j->chunks * blocks_a_task;
    const size_t last = first + blocks_a_task < j->blocks ? first + blocks_a_task : j->blocks;
    transform(j, j->picture, chunk, first, last, j->v + chunk * j->v_size);
}

// Chunks change fastest: the tasks of one group share its weights.
static void multiply_group(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const size_t chunk = index % j->chunks, group = index / j->chunks;
    multiply(j, j->picture, chunk, group, j->v + chunk * j->v_size, j->m + worker * j->m_size);
}

static size_t segments_size(const job *j) {
    return fsk_ceil(j->blocks * sizeof(ptrdiff_t), 64) * 64 / sizeof(float);
}

size_t fsk_points_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads) {
    const job j = plan(variant, a);
    return segments_size(&j) + (j.shared ? j.chunks : threads) * j.v_size + threads * j.m_size;
}

void fsk_points_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool) {
    job j = plan(variant, a);
    const size_t threads = pool->threads > 1 ? (size_t)pool->threads : 1;
    j.segments = (ptrdiff_t *)(void *)scratch;
    for (size_t block = 0; block < j.blocks; ++block)
        j.segments[block] = (ptrdiff_t)(block * j.chunk * variant->lanes);
    j.v = scratch + segments_size(&j);
    j.m = j.v + (j.shared ? j.chunks : threads) * j.v_size;
    if (!j.shared) {
        fsk_pool_run_workers(pool, whole_chunk, &j, a->batch * j.chunks);
        return;
    }
    for (j.picture = 0; j.picture < a->batch; ++j.picture) {
        fsk_pool_run(pool, transform_some, &j, fsk_ceil(j.blocks, blocks_a_task) * j.chunks);
        fsk_pool_run_workers(pool, multiply_group, &j, j.groups * j.chunks);
    }
}
