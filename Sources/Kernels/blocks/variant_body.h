// variant_body: one variant out of its parts. Included at the end of each variant's file, which has defined
// LANES, TILE1 and TILE2 (pixels a tile of one block of filters, and of two), TARGET, and the operations on
// vectors.
#define BODY TARGET static inline __attribute__((always_inline))

// What products multiply: floats, one a channel.
#define PIXEL               LANES
#define NARROW              FSK_NARROW
#define v_multiply(a, b, c) v_fma(a, b, c)
#define v_total(a, sum, v)  (sum)

#include "planewise_body.h"
#include "product_body.h"
#include "tiles_body.h"

#define VARIANT(symbol, text, bits, products)                                                                \
    const fsk_block_variant symbol = {.name = text,                                                          \
                                      .fast = products,                                                      \
                                      .needs = bits,                                                         \
                                      .lanes = LANES,                                                        \
                                      .tile = TILE2,                                                         \
                                      .bundle = TILE1,                                                       \
                                      .product = product,                                                    \
                                      .in6 = in6,                                                            \
                                      .in8 = in8,                                                            \
                                      .out6_4 = out6_4,                                                      \
                                      .out6_2 = out6_2,                                                      \
                                      .out8_6 = out8_6,                                                      \
                                      .out8_4 = out8_4,                                                      \
                                      .out8_2 = out8_2,                                                      \
                                      .depthwise_row = depthwise_row,                                        \
                                      .pooling_row = pooling_row};
