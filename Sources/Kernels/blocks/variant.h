// variant: what the files of blocks/ share: the parts of which a variant consists, each compiled for its
// processors from one body (*_body.h). Private to this folder.
#ifndef FSK_BLOCK_VARIANT_H
#define FSK_BLOCK_VARIANT_H

#include "fsk_block_convolution.h"
#include "fsk_block_planewise.h"
#include "fsk_cpu.h"

enum { fsk_panel_vectors = 2, fsk_most_points = 8 };

// A row of pixels times one panel of filters.
typedef struct fsk_block_product {
    const float *x; // pixel p at p * step
    size_t step, pixels;
    const ptrdiff_t *segments; // where the channels lie that the weights meet, floats from a pixel's x
    size_t count, full;        // segments; the first `full` have `run` channels, the others `last`
    size_t run, last;
    const float *weights;  // [channels of all segments][vectors][lanes]
    size_t vectors;        // 1 or 2: blocks of filters
    float *y;              // pixels side by side
    size_t y_plane;        // floats from block to block
    const float *bias;     // [vectors][lanes] or NULL
    const float *residual; // as y, or NULL
    size_t residual_plane;
    int relu;
    float slope;
} fsk_block_product;

typedef void fsk_block_product_fn(const fsk_block_product *product);

// One tile of one block of channels. Reads points x points pixels, of which only the first `rows` and
// `columns` are there (the others are zeros); v[point] are `step` floats apart.
typedef struct fsk_block_tile_in {
    const float *x;
    size_t row_step, rows, columns;
    float *v;
    size_t step;
} fsk_block_tile_in;

// Writes at most side x side pixels, `rows` x `columns` of them.
typedef struct fsk_block_tile_out {
    const float *m; // m[point] are `step` floats apart
    size_t step;
    float *y;
    size_t row_step, rows, columns;
    const float *bias;     // [lanes] or NULL
    const float *residual; // as y, or NULL
    size_t residual_row_step;
    int relu;
    float slope;
} fsk_block_tile_out;

typedef void fsk_block_tile_in_fn(const fsk_block_tile_in *tile);
typedef void fsk_block_tile_out_fn(const fsk_block_tile_out *tile);

struct fsk_block_variant {
    const char *name;
    uint32_t needs; // bits of fsk_cpu()
    size_t lanes;
    size_t tile; // pixels that share a load of the weights
    fsk_block_product_fn *product;
    fsk_block_tile_in_fn *in6, *in8;
    fsk_block_tile_out_fn *out6_4, *out6_2, *out8_6, *out8_4, *out8_2; // points, pixels a side
    void (*depthwise_row)(const fsk_block_depthwise *d, size_t picture, size_t plane, size_t row);
    void (*pooling_row)(const fsk_block_pooling *p, size_t picture, size_t plane, size_t row);
};

extern const fsk_block_variant fsk_block_avx512, fsk_block_avx2, fsk_block_plain;

static inline size_t fsk_ceil(size_t n, size_t of) { return (n + of - 1) / of; }

#endif
