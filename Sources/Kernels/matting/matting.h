// matting: what the files of this folder tell each other. Private to it.
#ifndef MATTING_H
#define MATTING_H

#include "fsk_matting.h"

// One row of the matrix and of the right side for each unknown pixel. Bands of rows of pixels are tasks.
void matting_matrix(const fsk_matting *arguments, double *right, const fsk_pool *pool);

// The factor of the matrix with `shift` times its diagonal added. False: a pivot was not above 0, or
// cancelled.
bool matting_factor(const fsk_matting *arguments, float shift, const fsk_pool *pool);

// x = factor^-T factor^-1 x, [unknown]; line: [widest] floats. Serial. Not all of it where cancelled.
void matting_substitute(const fsk_matting *arguments, float *x, float *line, const fsk_pool *pool);

// c[i + j * step] -= the sum over k < depth of a[i + k * step_ab] * b[j + k * step_ab], i < rows, j <
// columns; where is_lower, only i >= j is needed.
void matting_subtract(float *c, size_t step, size_t rows, size_t columns, const float *a, const float *b,
                      size_t step_ab, size_t depth, bool is_lower, uint32_t cpu);

#endif
