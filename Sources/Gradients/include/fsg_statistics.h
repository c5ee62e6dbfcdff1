// fsg_statistics: gradients of layers that look at many numbers to make each of theirs, without weights:
// Softmax, LRN, MVN, Reduction. Each takes the forward pass's arguments.
#ifndef FSG_STATISTICS_H
#define FSG_STATISTICS_H

#include "fsk_lrn.h"
#include "fsk_mvn.h"
#include "fsk_reduction.h"
#include "fsk_softmax.h"

// y: what came out. dx may be dy.
void fsg_softmax_run(const fsk_softmax *forward, const float *dy, float *dx, const fsk_pool *pool);

// bases: [outer, channels, height, width], scratch for what is raised to -beta.
void fsg_lrn_run(const fsk_lrn *forward, const float *dy, float *bases, float *dx, const fsk_pool *pool);

void fsg_mvn_run(const fsk_mvn *forward, const float *dy, float *dx, const fsk_pool *pool);

// dy: [outer], dx: [outer, tail].
void fsg_reduction_run(const fsk_reduction *forward, const float *dy, float *dx, const fsk_pool *pool);

#endif
