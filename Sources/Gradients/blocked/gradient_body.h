// gradient_body: one variant of the gradients out of its parts. Included at the end of each variant's file,
// which has defined TARGET, WIDE and the operations on vectors.
#define BODY TARGET static inline __attribute__((always_inline))

#define v_multiply(a, b, c) v_fma(a, b, c)
#include "depthwise_weights_body.h"
#include "weight_tile_body.h"

TARGET static void sum_pixels(const float *x, size_t pixels, float *sum) {
    vec total = v_set(0);
    for (size_t p = 0; p < pixels; ++p)
        total = v_add(total, v_load(x + p * LANES));
    v_store(sum, v_add(v_load(sum), total));
}

#define GRADIENTS(symbol, bits, of_pairs, pairs)                                                             \
    const fsg_block_variant symbol = {.needs = bits,                                                         \
                                      .weight_tile = weight_tile,                                            \
                                      .pair_tile = of_pairs,                                                 \
                                      .to_pairs = pairs,                                                     \
                                      .depthwise_weights = depthwise_weights,                                \
                                      .sum_pixels = sum_pixels};
