// gaussian: rows and columns of pictures summed with a Gaussian's weights; nothing lies beyond the edges.
// Private to crf.
#ifndef FSK_CRF_GAUSSIAN_H
#define FSK_CRF_GAUSSIAN_H

#include <stddef.h>
#include <stdint.h>

// Weights reach this far.
size_t gaussian_radius(float deviation);
// weights[2 radius + 1].
void gaussian_weights(float deviation, float *weights);
// norm[i] = 1 / sqrt(the sum of the weights about i that lie within 0 ..< n).
void gaussian_norm(const float *weights, size_t radius, size_t n, float *norm);

// out[x] = the sum over t of weights[t] * line[x + t]; line: n + 2 radius floats.
void gaussian_row(const float *line, const float *weights, size_t radius, size_t n, float *out, uint32_t cpu);

// out[x] += scale * norm[x] * the sum over t < taps of weights[t] * rows[t * step + x].
void gaussian_column(const float *rows, size_t step, const float *weights, size_t taps, size_t n,
                     const float *norm, float scale, float *out, uint32_t cpu);

#endif
