// tune: what tune.c measures and thresholds.c judges.
#ifndef FSK_BENCHMARK_TUNE_H
#define FSK_BENCHMARK_TUNE_H

#include "layers.h"

// The ways in which a layer can be computed. Layers have those that their kernel and stride allow, and fewer
// bits than 32 where the processor has kernels for them: exact ways come first.
enum { way_count = 7, exact_count = 3 };

typedef struct {
    const char *name;
    fsk_block_form form;
    fsk_block_precision precision;
} way;

extern const way ways[way_count];

typedef struct {
    layer layer;
    double time[way_count]; // seconds, the least; 0 where there is no such way
    size_t chosen[2];       // ways, by the precision that is asked for
    size_t least[2];        // the fastest of those that may be chosen; of 8 bits only what is
} timing;

size_t way_of(fsk_block_form form, fsk_block_precision precision);

// How much longer a way takes than the fastest, as a share of the fastest.
double loss(const timing *t, fsk_block_precision asked, size_t way);

// Prints the thresholds of channels and filters that lose least, beside today's.
void propose_thresholds(const fsk_block_variant *variant, const timing *timings, size_t count);

#endif
