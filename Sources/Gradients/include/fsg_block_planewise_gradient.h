// fsg_block_planewise_gradient: backward passes that keep each channel to itself, on pictures in blocks: of
// windows reduced to one number.
#ifndef FSG_BLOCK_PLANEWISE_GRADIENT_H
#define FSG_BLOCK_PLANEWISE_GRADIENT_H

#include "fsk_block_planewise.h"

// As fsk_block_pooling, which went before. Of FSK_POOLING_MAX the first in row order of a window's largest
// numbers gets all of dy, as in Caffe; of FSK_POOLING_AVE all get the same.
typedef struct fsg_block_pooling_gradient {
    fsk_block_pooling forward; // of FSK_POOLING_AVE without x and y
    fsk_blocks dy, dx;         // dx: of the same pixels as x, the picture's alone are written
    int adds;                  // to what dx holds; 0: it may hold anything
} fsg_block_pooling_gradient;

void fsg_block_pooling_gradient_run(const fsk_block_variant *variant,
                                    const fsg_block_pooling_gradient *arguments, const fsk_pool *pool);

#endif
