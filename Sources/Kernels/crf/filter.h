// filter: a Gaussian sum over all points of a lattice, of four values a point. Private to crf.
#ifndef FSK_CRF_FILTER_H
#define FSK_CRF_FILTER_H

#include "fsk_crf.h"

// values: two times lattice_values(lattice) floats. Returns the one of the two that has the vertices' values.
const float *lattice_filter(const fsk_lattice *lattice, const float *points, float *values,
                            const fsk_pool *pool);
size_t lattice_values(const fsk_lattice *lattice);

// out[lane][i] += factor[i] * the value at point first + i, for n points and the first `used` lanes. out:
// [used], `step` floats apart.
void lattice_slice(const fsk_lattice *lattice, const float *values, size_t first, size_t n,
                   const float *factor, float *out, size_t step, size_t used, uint32_t cpu);

#endif
