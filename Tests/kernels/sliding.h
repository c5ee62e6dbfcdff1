// sliding: filters slid over planes by the definition, in double, for the tests of convolution, depthwise and
// winograd. Not a kernel's test.
#ifndef SLIDING_H
#define SLIDING_H

#include "check.h"

typedef struct sliding {
    size_t batch, groups, channels, height, width, filters; // channels and filters of a group
    size_t kernel_h, kernel_w;
    ptrdiff_t stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    size_t spread; // output rows and columns lie so far apart, as the phases of a deconvolution do
    bool relu;
    float slope;
    bool no_bias, odd; // odd: x has NaN and infinities
    bool is_positive;  // x is, as after a ReLU
} sliding;

// A shape's numbers: x[batch, groups * channels, height, width], weights[groups * filters, channels, kernel],
// bias[groups * filters], and for each output pixel the definition's sum and the size of its terms.
typedef struct {
    const float *x, *weights, *bias; // bias: NULL without one
    double *want, *size;
    size_t count; // of outputs
} slid;

size_t out_height(const sliding *s);
size_t out_width(const sliding *s);
size_t depth_of(const sliding *s);

sliding any_sliding(void); // a small shape, any of what may be asked
void describe_sliding(const sliding *s);
slid slide(const sliding *s);

// Floats of one plane of y, and where output i of slide's lies in y.
size_t plane_of(const sliding *s);
size_t place_of(const sliding *s, size_t i);

// Expects y's outputs within `factor` times the rounding of their terms, and nothing written between them.
void expect_sums(const setting *setting, const sliding *s, const slid *wanted, const float *y, double factor);

#endif
