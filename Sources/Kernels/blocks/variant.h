// variant: what the files of blocks/ share: the parts of which a variant consists, each compiled for its
// processors from one body (*_body.h). Private to this folder.
#ifndef FSK_BLOCK_VARIANT_H
#define FSK_BLOCK_VARIANT_H

#include "fsk_block_convolution.h"
#include "fsk_block_planewise.h"
#include "fsk_cpu.h"

enum { fsk_panel_vectors = 2, fsk_most_points = 8, fsk_line = 16 }; // a cache's line, in floats

// What will be read after a product: so many lines are fetched at each segment of each of its tiles.
typedef struct fsk_block_soon {
    const float *at;
    size_t lines;
} fsk_block_soon;

// A row of pixels times one panel of filters.
typedef struct fsk_block_product {
    const float *x; // pixel p of bundle b at b * bundle_step + p * step
    size_t step, bundle_step, pixels;
    const ptrdiff_t *segments; // where the channels lie that the weights meet, floats from a pixel's x
    size_t count, full;        // segments; the first `full` have `run` channels, the others `last`
    size_t run, last;
    const float *weights;       // [channels of all segments][vectors][lanes]
    const fsk_block_soon *soon; // two, or NULL
    size_t vectors;             // 1 or 2: blocks of filters,
    size_t filters;             // of which so many are there
    float *y;
    size_t y_plane;        // floats from block to block
    size_t y_step;         // and from pixel to pixel, of the residual too; 0: side by side
    const float *bias;     // [vectors][lanes] or NULL
    const float *residual; // as y, or NULL
    size_t residual_plane;
    int relu;
    float slope;
    // Of bytes: the number that x's whole ones are multiples of, and which of them is 0; of each filter the
    // same number, and the sum of its whole ones: [vectors][lanes].
    float x_scale;
    int32_t x_zero;
    const float *weight_scales;
    const int32_t *weight_sums;
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

// A tile's transform into whole numbers of 16 bits: at each point those of all channels have one scale.
typedef struct fsk_block_whole_tile {
    const float *v; // [products][blocks][lanes]
    size_t products, blocks;
    size_t last;                   // channels of the last block, whose others may hold anything
    float *pairs;                  // of point and block at point * point_step + block * block_step
    size_t point_step, block_step; // in floats, each of which holds two channels
    float *scales;                 // of point at point * scale_step
    size_t scale_step;
} fsk_block_whole_tile;

// Pixels into bfloat16. Channels that are missing, and may hold anything, become zeros.
typedef struct fsk_block_halves {
    const float *x;
    size_t pixels, block, channels; // channels: of the block, those that are there
    float *pairs;                   // [pixels][block / 2]
} fsk_block_halves;

// A row of pixels into whole numbers of 8 bits with one scale, 0 ... 255 where none is negative, else 1 ...
// 255 with 128 for 0.
typedef struct fsk_block_byte_row {
    const float *x;
    size_t pixels, blocks, plane_step;
    size_t last;  // channels of the last block, whose others may hold anything
    float *bytes; // [blocks][pixels][lanes / 4]
    float *scale;
    int32_t *zero;
} fsk_block_byte_row;

// Tiles times one panel of filters at one point.
typedef struct fsk_block_whole_product {
    const float *x; // pairs of channels: pixel p of block b at b * block_step + p * lanes / 2
    const float *x_scales;
    size_t pixels, blocks, block_step, last; // last: pairs of the last block
    const float *weights;                    // [pairs][vectors][lanes], then the scales [vectors][lanes]
    size_t vectors;
    float *y; // pixels side by side
    size_t y_plane;
} fsk_block_whole_product;

enum {
    fsk_whole_most = (1 << 13) - 1, // of a tile's numbers
    fsk_whole_blocks = 8,           // of 16 channels whose products add up in 32 bits,
    fsk_whole_sum = 1 << 18         // since the sizes of a filter's numbers there add up to less than this
};

// What FSK_FAST and FSK_BYTES multiply with.
typedef struct fsk_block_fast {
    fsk_block_product_fn *product; // of pairs of bfloat16
    void (*to_halves)(const fsk_block_halves *halves);
    void (*to_whole)(const fsk_block_whole_tile *tile);
    void (*whole_product)(const fsk_block_whole_product *product);
    fsk_block_product_fn *byte_product;
    void (*to_bytes)(const fsk_block_byte_row *row);
    int bfloat_gains; // whether product takes less time than the variant's own of floats
} fsk_block_fast;

struct fsk_block_variant {
    const char *name;
    const fsk_block_fast *fast; // NULL: none
    uint32_t needs;             // bits of fsk_cpu()
    size_t lanes;
    size_t tile;   // pixels that share a load of two vectors of the weights,
    size_t bundle; // and of one, a multiple: x of a product comes in bundles of so many
    fsk_block_product_fn *product;
    fsk_block_tile_in_fn *in6, *in8;
    fsk_block_tile_out_fn *out6_4, *out6_2, *out8_6, *out8_4, *out8_2; // points, pixels a side
    void (*depthwise_row)(const fsk_block_depthwise *d, size_t picture, size_t plane, size_t row);
    void (*pooling_row)(const fsk_block_pooling *p, size_t picture, size_t plane, size_t row);
};

extern const fsk_block_variant fsk_block_avx512_pairs, fsk_block_avx512_whole, fsk_block_avx512,
    fsk_block_avx2, fsk_block_plain;
extern const fsk_block_fast fsk_block_pairs, fsk_block_whole;
void fsk_block_byte_product(const fsk_block_product *product);
void fsk_block_to_bytes(const fsk_block_byte_row *row);

static inline size_t fsk_ceil(size_t n, size_t of) { return (n + of - 1) / of; }

#endif
