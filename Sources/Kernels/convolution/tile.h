// tile: what the files of convolution/ share. Private to this folder.
#ifndef FSK_TILE_H
#define FSK_TILE_H

#include "fsk_convolution.h"
#include "fsk_cpu.h"

enum {
    fsk_max_depth = 320,  // weights of a block: with 384 columns, half of a 1 MiB second-level cache
    fsk_max_columns = 384 // divisible by every variant's tile width
};

// What happens to a tile's sums before they are stored.
typedef struct fsk_epilogue {
    int accumulate; // add what c holds
    int relu;       // only in the last block of the depth
    float slope;
    const float *bias; // one number a row, or NULL
} fsk_epilogue;

// c[rows of the tile, columns of the tile] = a' b: a is [depth][rows], b is [depth][columns], c's rows are
// `step` floats apart.
typedef void fsk_tile(size_t depth, const float *a, const float *b, float *c, size_t step,
                      const fsk_epilogue *epilogue);

// Gathers columns [first, first + count) of the picture of one group, weights [depth0, depth0 + depth), into
// panels: columns[panel][depth][width of the tile]; missing columns of the last panel are zeros.
typedef void fsk_gather(const fsk_convolution *convolution, const float *x, size_t first, size_t count,
                        size_t depth0, size_t depth, float *columns);

struct fsk_convolution_variant {
    const char *name;
    uint32_t needs; // bits of fsk_cpu()
    size_t rows, columns;
    fsk_tile *tile;
    fsk_gather *gather;
};

extern fsk_tile fsk_tile_scalar;
extern fsk_gather fsk_gather_scalar;
#if defined(__x86_64__)
extern fsk_tile fsk_tile_avx2, fsk_tile_avx512;
extern fsk_gather fsk_gather_avx2, fsk_gather_avx512;
#elif defined(__aarch64__)
extern fsk_tile fsk_tile_neon;
extern fsk_gather fsk_gather_neon;
#endif

// Depth is cut into equal blocks of at most fsk_max_depth; this is the size of each but the last.
static inline size_t fsk_block_depth(size_t depth) {
    const size_t blocks = (depth + fsk_max_depth - 1) / fsk_max_depth;
    return blocks ? (depth + blocks - 1) / blocks : 0;
}

static inline size_t fsk_round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

#endif
