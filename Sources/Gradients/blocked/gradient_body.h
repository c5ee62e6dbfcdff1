// gradient_body: one variant of the gradients out of its parts. Included at the end of each variant's file,
// which has defined TARGET, WIDE and the operations on vectors.
#define BODY TARGET static inline __attribute__((always_inline))

#define v_multiply(a, b, c) v_fma(a, b, c)
#include "depthwise_weights_body.h"
#include "normalization_body.h"
#include "planewise_gradient_body.h"

#define PAIR (2 * LANES) // floats that two tiles' numbers take
#define v_put(to, first, second, tiles)                                                                      \
    do {                                                                                                     \
        v_store(to, first);                                                                                  \
        if ((tiles) == 2)                                                                                    \
            v_store((to) + LANES, second);                                                                   \
    } while (0)
#include "weight_points_body.h"
#include "weight_tile_body.h"

TARGET static void sum_pixels(const float *x, size_t pixels, float *sum) {
    vec total = v_set(0);
    for (size_t p = 0; p < pixels; ++p)
        total = v_add(total, v_load(x + p * LANES));
    v_store(sum, v_add(v_load(sum), total));
}

#define GRADIENTS(symbol, bits, of_pairs)                                                                    \
    const fsg_block_variant symbol = {.needs = bits,                                                         \
                                      .weight_tile = weight_tile,                                            \
                                      .x_points = x_points,                                                  \
                                      .dy_points = dy_points,                                                \
                                      .pairs = of_pairs,                                                     \
                                      .depthwise_weights = depthwise_weights,                                \
                                      .norm_statistics = norm_statistics,                                    \
                                      .norm_forward = norm_forward,                                          \
                                      .norm_gradient_sums = norm_gradient_sums,                              \
                                      .norm_gradient = norm_gradient,                                        \
                                      .pooling_gradient = pooling_gradient,                                  \
                                      .sum_pixels = sum_pixels};
