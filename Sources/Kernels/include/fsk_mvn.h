// fsk_mvn: takes the mean off and divides by the deviation, group by group. Caffe's MVN.
#ifndef FSK_MVN_H
#define FSK_MVN_H

#include "fsk_pool.h"

typedef struct fsk_mvn {
    const float *x; // [outer, inner]
    float *y;       // likewise; may be x
    size_t outer;   // groups: batch times channels, or batch alone with across_channels
    size_t inner;   // numbers a group: height times width, or channels times that
    bool normalize_variance;
    float eps; // added to the deviation, not to the variance
} fsk_mvn;

// (x - mean) / (sqrt(mean of (x - mean)^2) + eps). Sums in double. One variant.
void fsk_mvn_run(const fsk_mvn *arguments, const fsk_pool *pool);

#endif
