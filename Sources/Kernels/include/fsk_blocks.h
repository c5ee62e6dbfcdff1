// fsk_blocks: pictures whose channels come in blocks. A pixel holds `width` channels side by side, a plane of
// such pixels one block of channels, so that one vector is one pixel and no kernel shuffles lanes. A picture
// lies in memory with a frame of pixels around it that its readers may touch: kernels here know no edges.
// Here too: what a processor's variant of these kernels is, and moving pictures in and out of blocks.
#ifndef FSK_BLOCKS_H
#define FSK_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "fsk_pool.h"

typedef struct fsk_block_variant fsk_block_variant;

// The variant for a processor: never NULL. Packed weights belong to the variant that packed them.
const fsk_block_variant *fsk_block_choose(uint32_t cpu);
const char *fsk_block_name(const fsk_block_variant *variant);

// Channels of a block. Pictures of at most FSK_NARROW channels that only convolutions read may have blocks of
// FSK_NARROW channels instead.
size_t fsk_block_width(const fsk_block_variant *variant);
enum { FSK_NARROW = 4 };

// Where the pixels of a picture lie. Pixels of a row are `width` floats apart, all steps are in floats.
typedef struct fsk_blocks {
    float *pixels;                           // channel 0 of pixel (0, 0) of picture 0
    size_t row_step, plane_step, batch_step; // from row to row, block to block, picture to picture
} fsk_blocks;

// What ends a kernel: nothing, a ReLU, or a ReLU's gradient: v times 1 where what that ReLU made is above 0,
// times its slope elsewhere.
enum { FSK_NO_RELU = 0, FSK_RELU = 1, FSK_RELU_GRADIENT = 2 };

// Planes into blocks and back. Missing channels of the last block become zeros.
typedef struct fsk_block_copy {
    const float *planes; // [batch, channels], each [height, width]; written by fsk_block_to_planes
    fsk_blocks blocks;
    size_t batch, channels, height, width;
    size_t block;      // channels of a block
    size_t plane_step; // floats from plane to plane of `planes`: height * width or more
} fsk_block_copy;

void fsk_block_from_planes(const fsk_block_copy *arguments, const fsk_pool *pool);
void fsk_block_to_planes(const fsk_block_copy *arguments, const fsk_pool *pool);

// Fills what frames a picture, all of its memory but a box of rows and columns. Pixel (i, j) of the frame is
// table[block, rows[i], columns[j]], or zero where either index is negative or there is no table.
typedef struct fsk_block_frame {
    fsk_blocks y;                                          // pixel (0, 0) is the memory's first
    size_t batch, planes, height, width;                   // of the memory; planes: blocks of channels
    size_t block;                                          // channels of a block
    size_t first_row, last_row, first_column, last_column; // the box: from first on, before last
    const float *table; // [planes, table_height, table_width, block], or NULL
    const int32_t *rows, *columns;
    size_t table_height, table_width;
} fsk_block_frame;

void fsk_block_frame_run(const fsk_block_frame *arguments, const fsk_pool *pool);

// Copies `channels` channels of [height, width] pixels from x, where the first is a block's first, to y,
// where it is channel `shift` of its block. The rest of the last block of y is then undefined if shift is 0,
// else 0.
typedef struct fsk_block_move {
    fsk_blocks x, y;
    size_t batch, channels, height, width;
    size_t block, shift; // channels of a block; less than that
} fsk_block_move;

void fsk_block_move_run(const fsk_block_move *arguments, const fsk_pool *pool);

#endif
