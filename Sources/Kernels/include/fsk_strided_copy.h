// fsk_strided_copy: moves a box of numbers between two layouts. Concat, Slice, Crop, Tile, Permute and Split
// are calls of it. No arithmetic.
#ifndef FSK_STRIDED_COPY_H
#define FSK_STRIDED_COPY_H

#include "fsk_pool.h"

enum { FSK_STRIDED_COPY_RANK = 8 };

typedef struct fsk_strided_copy {
    const float *source; // of index 0, 0, ...
    float *destination;  // likewise; the two must not overlap
    size_t rank;         // 0 (one number) to FSK_STRIDED_COPY_RANK; the first `rank` entries below count
    size_t extent[FSK_STRIDED_COPY_RANK];                // outermost first; a 0 copies nothing
    ptrdiff_t source_stride[FSK_STRIDED_COPY_RANK];      // in elements; 0 repeats, negative mirrors
    ptrdiff_t destination_stride[FSK_STRIDED_COPY_RANK]; // in elements; no two indices may meet
} fsk_strided_copy;

void fsk_strided_copy_run(const fsk_strided_copy *arguments, const fsk_pool *pool);

#endif
