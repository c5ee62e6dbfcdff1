// fsk_winograd: 3 x 3 convolutions of stride 1 by F(2 x 2, 3 x 3): 16 products where the definition takes 36.
// For many channels and filters; with few the transforms cost more than they save.
#ifndef FSK_WINOGRAD_H
#define FSK_WINOGRAD_H

#include "fsk_convolution.h"

// Whether a convolution of these sizes is better done this way than as one product.
int fsk_winograd_pays(const fsk_convolution_variant *variant, size_t filters, size_t channels);

// Floats that the transformed filters take, and floats of scratch memory a worker.
size_t fsk_winograd_packed_size(const fsk_convolution_variant *variant, size_t filters, size_t channels);
size_t fsk_winograd_scratch_size(const fsk_convolution_variant *variant, size_t channels);

// As fsk_convolution_pack, for filters of 3 x 3.
void fsk_winograd_pack(const fsk_convolution_variant *variant, const fsk_filters *filters, size_t first,
                       size_t count, float *packed);

// y[n, f, i, j] = sum over c, u, v of w[f][c, u, v] * x[n, c, i - pad + u, j - pad + v] + bias[f], then ReLU.
typedef struct fsk_winograd {
    const float *x; // [batch, channels, height, width]
    float *y;       // [batch, filters, out_height, out_width]
    const float *weights;
    const float *bias; // [filters] or NULL
    size_t batch, channels, height, width, filters, out_height, out_width;
    ptrdiff_t pad_height, pad_width;
    int relu; // 0: none
    float slope;
} fsk_winograd;

// scratch: pool->threads * fsk_winograd_scratch_size floats, aligned to 64 bytes.
void fsk_winograd_run(const fsk_convolution_variant *variant, const fsk_winograd *arguments, float *scratch,
                      const fsk_pool *pool);

#endif
