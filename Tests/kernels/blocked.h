// blocked: pictures in blocks for the tests of the kernels that take them. Not a kernel's test.
#ifndef BLOCKED_H
#define BLOCKED_H

#include "check.h"

// A picture with a frame: memory for rows row0 ..< row1 and columns column0 ..< column1, of which 0 ..<
// height and 0 ..< width are the picture's.
typedef struct {
    size_t batch, channels, height, width;
    ptrdiff_t row0, row1, column0, column1;
    size_t block; // channels of a block
} blocked;

size_t blocked_count(const blocked *b); // floats of memory
size_t blocked_planes(const blocked *b);

// Where a channel of a pixel lies.
size_t blocked_place(const blocked *b, size_t n, size_t channel, ptrdiff_t row, ptrdiff_t column);

// Memory with the picture's planes, zeros around it, and NaN in the channels that a last block has too many.
float *blocked_picture(const blocked *b, const float *planes);

// The picture's planes out of memory.
float *blocked_planes_of(const blocked *b, const float *memory);

// The kernels' form of it, seen from a pixel.
fsk_blocks blocked_from(const blocked *b, const float *memory, ptrdiff_t row, ptrdiff_t column);

#endif
