// write_weights: sums that lie filters side by side, into an array of filters. Private to this folder.
#ifndef FSG_WRITE_WEIGHTS_H
#define FSG_WRITE_WEIGHTS_H

#include <stddef.h>

typedef struct fsg_written_weights {
    const float *sums; // [depth][lanes]
    size_t lanes;      // a multiple of 4
    size_t depth, filters;
    float *weights; // [filters][depth], `filter_step` floats from filter to filter
    size_t filter_step;
    int adds; // to what is there
} fsg_written_weights;

void fsg_write_weights(const fsg_written_weights *written);

#endif
