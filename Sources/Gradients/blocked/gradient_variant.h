// gradient_variant: what the files of blocked/ share: the parts of which a processor's variant of the
// gradients consists, each compiled from one body (*_body.h). Private to this folder.
#ifndef FSG_GRADIENT_VARIANT_H
#define FSG_GRADIENT_VARIANT_H

#include "blocks/variant.h"

// Some pixels side by side of a row of dy, and what they meet: floats from a tile's dy and x.
typedef struct fsg_piece {
    ptrdiff_t dy, x;
    size_t pixels; // or pairs of them
} fsg_piece;

// Blocks of filters, and numbers that lie side by side in x: the sums of their products over all pieces.
typedef struct fsg_weight_tile {
    const float *dy; // a vector a pixel
    size_t dy_plane; // floats from block to block
    const float *x;
    size_t x_step; // floats from pixel to pixel
    const fsg_piece *pieces;
    size_t piece_count;
    size_t vectors; // 1 or 2: blocks of filters
    size_t count;   // numbers of x, a multiple of 4
    float *sums;    // are added to: of number n at n % 4 * sum_step + n / 4 * quad_step
    size_t sum_step, quad_step, sum_plane;
} fsg_weight_tile;

typedef void fsg_weight_tile_fn(const fsg_weight_tile *tile);

// A row's pixels into pairs of bfloat16: y[i] holds those of x at i * step and `apart` later, or zero where
// the row has ended.
typedef struct fsg_row_pairs {
    const float *x;
    size_t pixels, block, step, apart, count; // block: floats of a pixel; count: of pairs
    float *y;                                 // [count][block]
} fsg_row_pairs;

// A row of tiles of one block, 2 x 2 pixels of dy or the 4 x 4 of x that they meet, into numbers at 16
// points.
typedef struct fsg_point_row {
    const float *pixels;
    size_t row_step; // floats from row to row
    size_t tiles;
    float *to;         // a vector a tile, or a pair of them,
    size_t point_step; // floats from point to point
    float *sum;        // the sum of dy is added to this vector; or NULL
} fsg_point_row;

typedef void fsg_point_fn(const fsg_point_row *row);

// The same with pairs of bfloat16: of two pixels, or two tiles.
typedef struct fsg_pair_kernels {
    fsg_weight_tile_fn *weight_tile;
    void (*to_pairs)(const fsg_row_pairs *row);
    fsg_point_fn *x_points, *dy_points;
} fsg_pair_kernels;

// A row of dy of one plane, and what its first pixel's first weight meets. Steps in floats: from place to
// place of the kernel, and of x from pixel to pixel.
typedef struct fsg_depthwise_row {
    const float *dy, *x;
    size_t pixels;
    float *sums; // are added to: [kernel_height][kernel_width][lanes]
    size_t kernel_height, kernel_width, right, down, stride;
} fsg_depthwise_row;

// Rows of pixels of one plane, and its channels' numbers: of fsg_block_normalization, with gain /
// sqrt(variance
// + epsilon) for `gain`.
typedef struct fsg_norm_pixels {
    const float *x, *dy;
    float *y;                    // or dx = gain * dy + along * (x - mean) + constant
    size_t x_row, dy_row, y_row; // floats from row to row
    size_t rows, pixels;
    const float *mean, *gain, *shift, *along, *constant; // [lanes]
    int relu;
    float slope;
    float
        *sums; // [2][lanes], written: the mean, and the squares of what is off it; or of dy and (x - mean) dy
} fsg_norm_pixels;

typedef void fsg_norm_fn(const fsg_norm_pixels *pixels);

// A row of windows of one plane: their gradients, and of the largest number also x and that number.
typedef struct fsg_pooling_row {
    const float *x, *y, *dy; // x: row 0 of the plane; y and dy: the windows' row; y NULL: the mean
    float *dx;               // is added to; row 0 of the plane, of which only rows first ..< end are written
    ptrdiff_t x_row, dx_row, first, end;
    size_t row, out_width;
    int is_pairs; // the first whole_width windows are 2 x 2, and dx is written
    size_t whole_width;
    const fsk_block_windows *vertical, *horizontal;
} fsg_pooling_row;

typedef struct fsg_block_variant {
    uint32_t needs; // as the variant of fsk_block_variant that it goes with
    fsg_weight_tile_fn *weight_tile;
    fsg_point_fn *x_points, *dy_points;
    const fsg_pair_kernels *pairs; // or NULL
    void (*depthwise_weights)(const fsg_depthwise_row *row);
    fsg_norm_fn *norm_statistics, *norm_forward, *norm_gradient_sums, *norm_gradient;
    void (*pooling_gradient)(const fsg_pooling_row *row);
    void (*sum_pixels)(const float *x, size_t pixels, float *sum); // adds them to a vector
} fsg_block_variant;

extern const fsg_block_variant fsg_block_avx512_pairs, fsg_block_avx512, fsg_block_avx2, fsg_block_plain;
extern const fsg_pair_kernels fsg_block_pairs;

// The gradients for a variant of the blocks.
const fsg_block_variant *fsg_block_gradients(const fsk_block_variant *variant);

#endif
