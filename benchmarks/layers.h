// layers: what is timed. Convolutions as layers of nets have them, over weights and pictures of any numbers:
// shapes of layers that matter, and what it takes to run one. Shared by kernels.c and tune.c; says nothing of
// which results are right, which Tests/kernels does.
#ifndef FSK_BENCHMARK_LAYERS_H
#define FSK_BENCHMARK_LAYERS_H

#include "Kernels.h"

typedef struct {
    const char *name;
    size_t channels, filters, kernel, stride, side; // side: of the output, a square
    int depthwise;
} layer;

// FCN-8s at 512 x 512, whose first layer adds 99 pixels on each side; then typical layers of the built-in
// network, at 256 x 256.
enum { layer_count = 22 };
extern const layer layers[layer_count];

double seconds(void);
size_t ceiling(size_t n, size_t of);

// Small enough that no sum of them is large. To be freed; ends the program where there is no memory.
float *numbers(size_t count);

// The pictures that a layer reads and writes; their pixels are to be freed.
typedef struct {
    fsk_blocks x, y;
    size_t block; // channels of a block of x
} layer_pictures;

layer_pictures layer_makes(const fsk_block_variant *variant, const layer *l);

// The layer over the pictures, directly and exact, with no weights yet.
fsk_block_convolution layer_convolution(const layer *l, const layer_pictures *pictures);

// Its precision and form are those that are chosen for a session of this precision.
void layer_choose(const fsk_block_variant *variant, fsk_block_precision asked, fsk_block_convolution *a);

#endif
