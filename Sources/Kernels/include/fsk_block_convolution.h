// fsk_block_convolution: filters slid over pictures in blocks, in one of several forms. As a sum of products
// for any kernel and stride; or, for stride 1, by the transforms of Winograd (Lavin and Gray 2015, section
// 4): with as many points as FSK_POINTS_6 and _8 say, a tile of points - kernel + 1 pixels a side takes
// points^2 products, where the definition takes its area times the kernel's.
#ifndef FSK_BLOCK_CONVOLUTION_H
#define FSK_BLOCK_CONVOLUTION_H

#include "fsk_blocks.h"
#include "fsk_convolution.h"

typedef enum fsk_block_form {
    FSK_DIRECT = 0,
    FSK_POINTS_6 = 6, // F(4 x 4, 3 x 3), F(2 x 2, 5 x 5)
    FSK_POINTS_8 = 8, // F(6 x 6, 3 x 3), F(4 x 4, 5 x 5), F(2 x 2, 7 x 7)
} fsk_block_form;

// What is multiplied. Sums are floats, and what goes in and comes out is.
typedef enum fsk_block_precision {
    FSK_EXACT = 0, // floats
    // 16 bits. Direct: bfloat16. By points, whose transforms would multiply bfloat16's rounding tenfold:
    // whole numbers with a scale for each point of a tile, and for each point of a filter, found from what is
    // there.
    FSK_FAST = 1,
    // Whole numbers of 8 bits: direct only, not of narrow blocks, and for channels * kernel_width up to 2^15.
    // With a scale for each filter, and for each row of a picture, found from what is there, so that bands of
    // rows give the same; but NaN or infinity spreads over all that its row goes into. For millions of
    // weights, which a run reads from memory.
    FSK_BYTES = 2,
} fsk_block_precision;

// Whether the processor has kernels of its own for FSK_FAST and FSK_BYTES, which must not be asked of others.
int fsk_block_is_fast(const fsk_block_variant *variant);

// Whether FSK_FAST's direct form takes less time than FSK_EXACT's.
int fsk_block_bfloat_gains(const fsk_block_variant *variant);

// y[n, f, i, j] = sum over c, u, v of w[f][c, u, v] * x[n, c, i * stride + u * dilation, ...] + bias[f]
//     + residual[n, f, i, j], then ReLU; or, with a ReLU's gradient, times that for what the residual holds.
typedef struct fsk_block_convolution {
    fsk_block_form form;
    fsk_block_precision precision;
    fsk_blocks x;         // pixel (0, 0) is what weight (0, 0) meets at output (0, 0)
    fsk_blocks y;         // not x
    size_t y_step;        // floats from pixel to pixel of y and of the residual, as a phase of a
                          // deconvolution or of a gradient leaves some out; 0: side by side, as must be but
                          // for the direct form
    fsk_blocks residual;  // may be y; pixels NULL: none
    const float *weights; // packed
    const float *bias;    // one a filter, zeros up to a whole block; or NULL
    size_t batch, channels, filters, out_height, out_width;
    size_t block; // channels of a block of x
    size_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
    int relu; // FSK_NO_RELU and so on; gradients not of FSK_BYTES
    float slope;
} fsk_block_convolution;

// The form that takes the least time, by precision and the sizes of the weights alone, so that pictures of
// all sizes share them. Strides and dilations other than 1 have only the direct form.
fsk_block_form fsk_block_best_form(const fsk_block_variant *variant, const fsk_block_convolution *sizes);

// FSK_FAST or FSK_BYTES where they can be had and gain time, by the sizes of the weights, and y_step, alone.
fsk_block_precision fsk_block_best_precision(const fsk_block_variant *variant,
                                             const fsk_block_convolution *sizes);
// The same without FSK_BYTES.
fsk_block_precision fsk_block_best_pairs(const fsk_block_variant *variant,
                                         const fsk_block_convolution *sizes);

// Floats that the packed weights take, and floats of scratch memory that a run needs on so many threads. Of
// the arguments only form, precision, channels, filters, block, kernel and, for scratch, batch, out_height,
// out_width, stride and dilation are read.
size_t fsk_block_packed_size(const fsk_block_variant *variant, const fsk_block_convolution *sizes);
size_t fsk_block_scratch_size(const fsk_block_variant *variant, const fsk_block_convolution *sizes,
                              size_t threads);

// Filters a panel: packing works on whole panels.
size_t fsk_block_panel(const fsk_block_variant *variant);

// Packs filters first ... first + count - 1 from `filters`, whose filter 0 is filter `first`, which must be a
// multiple of the panel, as must be `count`, unless they are the last. Parts may be packed by several
// threads.
void fsk_block_pack(const fsk_block_variant *variant, const fsk_block_convolution *sizes,
                    const fsk_filters *filters, size_t first, size_t count, float *packed);

// scratch: fsk_block_scratch_size floats for pool->threads, aligned to 64 bytes.
void fsk_block_convolution_run(const fsk_block_variant *variant, const fsk_block_convolution *arguments,
                               float *scratch, const fsk_pool *pool);

#endif
