// tile_neon: 8 x 12 sums, 24 of the 32 registers; three loads of columns and two of weights, whose lanes the
// products pick themselves, feed 24 products.
#include "tile.h"
#include "unary/relu.h"

#if defined(__aarch64__)

enum { rows = 8, columns = 12, lanes = 4, vectors = columns / lanes };

static inline float32x4_t finish(float32x4_t sum, const float *c, float bias, const fsk_epilogue *e) {
    if (e->accumulate)
        sum = vaddq_f32(vld1q_f32(c), sum);
    if (e->bias)
        sum = vaddq_f32(sum, vdupq_n_f32(bias));
    if (e->relu)
        sum = relu_neon(sum, vdupq_n_f32(e->slope), relu_keep_neon(e->slope));
    return sum;
}

// One row of the tile; a macro, since a lane must be a constant.
#define ROW(i, w, lane)                                                                                      \
    sum[i][0] = vfmaq_laneq_f32(sum[i][0], b0, w, lane);                                                     \
    sum[i][1] = vfmaq_laneq_f32(sum[i][1], b1, w, lane);                                                     \
    sum[i][2] = vfmaq_laneq_f32(sum[i][2], b2, w, lane)

void fsk_tile_neon(size_t depth, const float *a, const float *b, float *c, size_t step,
                   const fsk_epilogue *e) {
    float32x4_t sum[rows][vectors];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 3
        for (int j = 0; j < vectors; ++j)
            sum[i][j] = vdupq_n_f32(0);
    for (size_t k = 0; k < depth; ++k, a += rows, b += columns) {
        const float32x4_t b0 = vld1q_f32(b), b1 = vld1q_f32(b + lanes), b2 = vld1q_f32(b + 2 * lanes);
        const float32x4_t upper = vld1q_f32(a), lower = vld1q_f32(a + lanes);
        ROW(0, upper, 0);
        ROW(1, upper, 1);
        ROW(2, upper, 2);
        ROW(3, upper, 3);
        ROW(4, lower, 0);
        ROW(5, lower, 1);
        ROW(6, lower, 2);
        ROW(7, lower, 3);
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 3
        for (int j = 0; j < vectors; ++j) {
            float *at = c + (size_t)i * step + j * lanes;
            vst1q_f32(at, finish(sum[i][j], at, e->bias ? e->bias[i] : 0, e));
        }
}
#endif
