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
    most_near = 192 << 10, // floats of a chunk that such a cache still holds when they are read
    blocks_a_task = 2,     // of channels, where all chunks are transformed first,
    tiles_a_task = 2,      // or tiles with all their channels
    far_more = 8,          // times the transforms' numbers are so many weights that they are better read once
};

typedef struct {
    const fsk_block_variant *variant;
    const fsk_block_convolution *a;
    size_t points, side, products;
    size_t wide, tiles;           // tiles a row, tiles of a picture
    size_t chunk, chunks;         // tiles a chunk, chunks of a picture
    size_t blocks;                // of channels
    size_t panels, group, groups; // panels of filters; panels a group
    int shared;                   // all chunks are transformed first,
    int by_chunk;                 // and tasks that are neighbours have one chunk, not one group
    size_t picture;               // of the products, if shared
    ptrdiff_t *segments;
    size_t bundle;                  // tiles
    size_t bundle_step, point_step; // of v, in floats
    float *v;                       // all chunks', if shared
    float *own;                     // each worker's: v if not shared, m, a tile
    size_t v_size, m_size, own_size;
    // Whole numbers: floats that hold a pixel's block, a worker's transform of one tile, and of a chunk the
    // numbers before the scales.
    int is_fast;
    size_t pixel, tile_size, numbers;
} job;

// Panels a group, as many as fit; fewer where that would leave too few tasks.
static void group(job *j, size_t panel) {
    const size_t fits = most_sums / (panel * j->chunk), most = fits < j->panels ? fits : j->panels;
    j->chunks = fsk_ceil(j->tiles, j->chunk);
    j->group = most < 1 ? 1 : most;
    j->groups = fsk_ceil(j->panels, j->group);
}

// What one panel takes for a chunk of so many tiles, of which the product takes variant->tile, 8, 4, 2 or one
// at a time; in tiles.
static size_t chunk_cost(const fsk_block_variant *variant, size_t tiles) {
    const size_t whole = tiles / variant->tile, rest = tiles % variant->tile;
    const size_t pieces = rest / 8 + rest % 8 / 4 + rest % 4 / 2 + rest % 2;
    return tiles + whole + pieces;
}

// Where tasks are few: groups of few panels, and the chunks that two cores are done with first.
static void divide(job *j, size_t tasks) {
    const size_t split = fsk_ceil(tasks, j->chunks), most = j->variant->tile + j->variant->tile / 2;
    j->group = fsk_ceil(j->panels, split < j->panels ? split : j->panels);
    j->groups = fsk_ceil(j->panels, j->group);
    size_t least = SIZE_MAX;
    for (size_t chunk = most < j->tiles ? most : j->tiles; chunk >= 1; --chunk) {
        const size_t each = fsk_ceil(fsk_ceil(j->tiles, chunk) * j->groups, 2);
        const size_t cost = each * chunk_cost(j->variant, chunk);
        if (cost < least)
            least = cost, j->chunk = chunk;
    }
    j->chunks = fsk_ceil(j->tiles, j->chunk);
    j->by_chunk = j->a->filters <= far_more * j->tiles;
}

static float *own_memory(const job *j, size_t worker) { return j->own + worker * j->own_size; }

static job plan(const fsk_block_variant *variant, const fsk_block_convolution *a) {
    job j = {.variant = variant, .a = a, .points = (size_t)a->form, .products = fsk_form_products(a->form)};
    j.side = fsk_form_side(a->form, a->kernel_height);
    j.wide = fsk_ceil(a->out_width, j.side);
    j.tiles = j.wide * fsk_ceil(a->out_height, j.side);
    j.blocks = fsk_ceil(a->channels, variant->lanes);
    j.panels = fsk_panel_count(variant, a);
    j.chunk = j.tiles <= most_tiles ? j.tiles : usual_tiles;
    const size_t panel = fsk_panel_vectors * variant->lanes * j.products;
    for (group(&j, panel); j.chunks * j.groups * a->batch < wanted_tasks && j.chunk > variant->tile;
         group(&j, panel))
        j.chunk = fsk_ceil(j.chunk / 2, variant->tile) * variant->tile;
    // Chunks of one size, where that leaves whole tiles of the product.
    const size_t even = fsk_ceil(fsk_ceil(j.tiles, j.chunks), 4) * 4;
    if (j.chunks > 1 && even < j.chunk) {
        j.chunk = even;
        j.chunks = fsk_ceil(j.tiles, j.chunk);
    }
    j.shared = j.chunks * a->batch < wanted_tasks;
    if (j.chunks * j.groups * a->batch < wanted_tasks)
        divide(&j, fsk_ceil(wanted_tasks, a->batch));
    j.is_fast = a->precision == FSK_FAST;
    j.pixel = fsk_elements(a, variant->lanes);
    j.bundle = j.chunk < variant->bundle ? j.chunk : variant->bundle;
    j.bundle_step = j.blocks * j.bundle * variant->lanes;
    // A line of the cache more, for points a power of two fsk_apart would share a few of its sets.
    j.point_step = fsk_ceil(j.chunk, j.bundle) * j.bundle_step + fsk_line;
    j.numbers = j.products * (j.is_fast ? j.blocks * j.chunk * j.pixel : j.point_step);
    j.tile_size = j.is_fast ? j.products * j.blocks * variant->lanes : 0;
    j.v_size = fsk_ceil(j.numbers + (j.is_fast ? j.products * j.chunk : 0), 16) * 16;
    j.m_size = panel * j.group * j.chunk;
    j.own_size = (j.shared ? 0 : j.v_size) + j.m_size + j.tile_size + fsk_apart;
    return j;
}

// One tile of one block of channels: v[point], `step` floats fsk_apart.
static void transform_tile(const job *j, size_t picture, size_t block, size_t tile, float *v, size_t step) {
    const fsk_block_convolution *a = j->a;
    const size_t kernel = a->kernel_height, row = tile / j->wide * j->side, column = tile % j->wide * j->side;
    const size_t height = a->out_height + kernel - 1 - row, width = a->out_width + kernel - 1 - column;
    const fsk_block_tile_in in = {
        .x = a->x.pixels + picture * a->x.batch_step + block * a->x.plane_step + row * a->x.row_step +
             column * j->variant->lanes,
        .row_step = a->x.row_step,
        .rows = height < j->points ? height : j->points,
        .columns = width < j->points ? width : j->points,
        .v = v,
        .step = step,
    };
    (j->points == 8 ? j->variant->in8 : j->variant->in6)(&in);
}

static size_t first_tile(const job *j, size_t chunk) { return chunk * j->chunk; }

static size_t last_tile(const job *j, size_t chunk) {
    return first_tile(j, chunk) + j->chunk < j->tiles ? first_tile(j, chunk) + j->chunk : j->tiles;
}

// v[point][bundle][block][tile][lane]: what a tile of the product reads lies in one piece.
static void transform(const job *j, size_t picture, size_t chunk, size_t block0, size_t block1, float *v) {
    const size_t lanes = j->variant->lanes, bundle = j->bundle;
    const size_t first = first_tile(j, chunk), tiles = last_tile(j, chunk) - first;
    for (size_t block = block0; block < block1; ++block)
        for (size_t tile = 0; tile < tiles; ++tile)
            transform_tile(j, picture, block, first + tile,
                           v + tile / bundle * j->bundle_step + (block * bundle + tile % bundle) * lanes,
                           j->point_step);
}

// Tiles of a chunk in whole numbers, which take all of a tile's channels at once.
static void transform_whole(const job *j, size_t picture, size_t chunk, size_t from, size_t to, size_t worker,
                            float *v) {
    const size_t lanes = j->variant->lanes, first = first_tile(j, chunk), last = last_tile(j, chunk);
    float *numbers = own_memory(j, worker) + j->own_size - fsk_apart - j->tile_size;
    for (size_t tile = first + from; tile < last && tile < first + to; ++tile) {
        for (size_t block = 0; block < j->blocks; ++block)
            transform_tile(j, picture, block, tile, numbers + block * lanes, j->blocks * lanes);
        const fsk_block_whole_tile whole = {
            .v = numbers,
            .products = j->products,
            .blocks = j->blocks,
            .last = j->a->channels - (j->blocks - 1) * lanes,
            .pairs = v + (tile - first) * j->pixel,
            .point_step = j->blocks * j->chunk * j->pixel,
            .block_step = j->chunk * j->pixel,
            .scales = v + j->numbers + tile - first,
            .scale_step = j->chunk,
        };
        j->variant->fast->to_whole(&whole);
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
    const size_t lanes = j->variant->lanes, first = first_tile(j, chunk), last = last_tile(j, chunk);
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

static const float *weights_at(const job *j, size_t point, size_t panel) {
    const size_t wide = fsk_panel_size(j->variant, j->a, panel) * j->variant->lanes;
    return j->a->weights + fsk_panel_start(j->variant, j->a, panel) + point * j->a->channels * wide;
}

// What follows the product of a point and a panel of a group: the next panel's weights, and a part of the
// next point's tiles, which all panels of the group bring in together.
static void find_next(const job *j, size_t point, size_t panel, size_t tiles, const float *v,
                      fsk_block_soon next[2]) {
    const size_t first = panel / j->group * j->group, left = j->panels - first;
    const size_t panels = left < j->group ? left : j->group, part = fsk_ceil(j->point_step, panels);
    const size_t pieces = j->blocks * fsk_ceil(tiles, j->variant->tile) * fsk_line;
    const size_t weights = j->a->channels * fsk_panel_vectors * j->variant->lanes;
    const int is_last = panel + 1 == first + panels;
    next[0] = (fsk_block_soon){is_last ? weights_at(j, point + 1, first) : weights_at(j, point, panel + 1),
                               fsk_ceil(weights, pieces)};
    next[1] =
        (fsk_block_soon){v + (point + 1) * j->point_step + (panel - first) * part, fsk_ceil(part, pieces)};
}

// One point of some tiles times one panel of filters, into m[block of the panel][point][tile][lane].
static void multiply_floats(const job *j, size_t point, size_t panel, size_t tiles, const float *v, float *m,
                            size_t plane) {
    const fsk_block_convolution *a = j->a;
    const size_t lanes = j->variant->lanes, vectors = fsk_panel_size(j->variant, a, panel);
    const int is_far = j->v_size > most_near;
    fsk_block_soon next[2];
    if (is_far)
        find_next(j, point, panel, tiles, v, next);
    const fsk_block_product product = {
        .x = v + point * j->point_step,
        .step = lanes,
        .bundle_step = j->bundle_step,
        .pixels = tiles,
        .segments = j->segments,
        .count = j->blocks,
        .full = a->channels / lanes,
        .run = lanes,
        .last = a->channels % lanes,
        .weights = weights_at(j, point, panel),
        .soon = is_far ? next : NULL,
        .vectors = vectors,
        .filters = fsk_panel_filters(j->variant, a, panel),
        .y = m + point * j->chunk * lanes,
        .y_plane = plane,
    };
    j->variant->product(&product);
}

static void multiply_whole(const job *j, size_t point, size_t panel, size_t tiles, const float *v, float *m,
                           size_t plane) {
    const fsk_block_convolution *a = j->a;
    const size_t lanes = j->variant->lanes, vectors = fsk_panel_size(j->variant, a, panel);
    const fsk_block_whole_product product = {
        .x = v + point * j->blocks * j->chunk * j->pixel,
        .x_scales = v + j->numbers + point * j->chunk,
        .pixels = tiles,
        .blocks = j->blocks,
        .block_step = j->chunk * j->pixel,
        .last = fsk_elements(a, a->channels - (j->blocks - 1) * lanes),
        .weights =
            a->weights + fsk_panel_start(j->variant, a, panel) + point * fsk_form_rows(a) * vectors * lanes,
        .vectors = vectors,
        .y = m + point * j->chunk * lanes,
        .y_plane = plane,
    };
    j->variant->fast->whole_product(&product);
}

// One group of filters for one chunk.
static void multiply(const job *j, size_t picture, size_t chunk, size_t group, const float *v, float *m) {
    const size_t tiles = last_tile(j, chunk) - first_tile(j, chunk);
    const size_t plane = j->products * j->chunk * j->variant->lanes;
    const size_t first = group * j->group, last = first + j->group < j->panels ? first + j->group : j->panels;
    for (size_t point = 0; point < j->products; ++point)
        for (size_t panel = first; panel < last; ++panel)
            (j->is_fast ? multiply_whole : multiply_floats)(
                j, point, panel, tiles, v, m + (panel - first) * fsk_panel_vectors * plane, plane);
    const size_t blocks = fsk_filter_blocks(j->variant, j->a);
    for (size_t block = first * fsk_panel_vectors; block < last * fsk_panel_vectors && block < blocks;
         ++block)
        store(j, picture, chunk, block, m + (block - first * fsk_panel_vectors) * plane);
}

static void whole_chunk(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    float *v = own_memory(j, worker), *m = v + j->v_size;
    const size_t picture = index / j->chunks, chunk = index % j->chunks;
    if (j->is_fast)
        transform_whole(j, picture, chunk, 0, j->chunk, worker, v);
    else
        transform(j, picture, chunk, 0, j->blocks, v);
    for (size_t group = 0; group < j->groups; ++group)
        multiply(j, picture, chunk, group, v, m);
}

static size_t transform_parts(const job *j) {
    return j->is_fast ? fsk_ceil(j->chunk, tiles_a_task) : fsk_ceil(j->blocks, blocks_a_task);
}

// Of a chunk some blocks of channels, or some tiles.
static void transform_some(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const size_t parts = transform_parts(j), chunk = index / parts, part = index % parts;
    float *v = j->v + chunk * j->v_size;
    if (j->is_fast) {
        transform_whole(j, j->picture, chunk, part * tiles_a_task, (part + 1) * tiles_a_task, worker, v);
        return;
    }
    const size_t first = part * blocks_a_task;
    const size_t last = first + blocks_a_task < j->blocks ? first + blocks_a_task : j->blocks;
    transform(j, j->picture, chunk, first, last, v);
}

// Neighbours share a chunk's transforms, which this core made, or a group's weights if these are more.
static void multiply_group(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    const size_t chunk = j->by_chunk ? index / j->groups : index % j->chunks;
    const size_t group = j->by_chunk ? index % j->groups : index / j->chunks;
    multiply(j, j->picture, chunk, group, j->v + chunk * j->v_size, own_memory(j, worker));
}

static size_t shared_size(const job *j) { return j->shared ? j->chunks * j->v_size + fsk_apart : 0; }

size_t fsk_points_scratch(const fsk_block_variant *variant, const fsk_block_convolution *a, size_t threads) {
    const job j = plan(variant, a);
    return fsk_segments_size(j.blocks) + shared_size(&j) + threads * j.own_size;
}

void fsk_points_run(const fsk_block_variant *variant, const fsk_block_convolution *a, float *scratch,
                    const fsk_pool *pool) {
    job j = plan(variant, a);
    j.segments = (ptrdiff_t *)(void *)scratch;
    for (size_t block = 0; block < j.blocks; ++block)
        j.segments[block] = (ptrdiff_t)(block * j.bundle * variant->lanes);
    j.v = scratch + fsk_segments_size(j.blocks);
    j.own = j.v + shared_size(&j);
    if (!j.shared) {
        fsk_pool_run_workers(pool, whole_chunk, &j, a->batch * j.chunks);
        return;
    }
    for (j.picture = 0; j.picture < a->batch; ++j.picture) {
        fsk_pool_run_workers(pool, transform_some, &j, transform_parts(&j) * j.chunks);
        fsk_pool_run_workers(pool, multiply_group, &j, j.groups * j.chunks);
    }
}
