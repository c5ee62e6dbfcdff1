// products: the inner loop of the factor: differences of small products of matrices that lie in columns.
#include "cpu/targets.h"
#include "matting.h"

typedef float vector __attribute__((vector_size(64)));
typedef float loose __attribute__((vector_size(64), aligned(4), may_alias)); // a vector anywhere

enum { lanes = 16, vectors = 2, across = 4 }; // a tile: 32 rows of 4 columns

// A whole tile.
FSK_BODY void tile_body(float *c, size_t step, const float *a, const float *b, size_t step_ab, size_t depth) {
    vector sum[across][vectors];
    for (size_t j = 0; j < across; ++j)
        for (size_t i = 0; i < vectors; ++i)
            sum[j][i] = *(const loose *)(c + j * step + i * lanes);
    for (size_t k = 0; k < depth; ++k, a += step_ab, b += step_ab) {
        const vector first = *(const loose *)a, second = *(const loose *)(a + lanes);
        for (size_t j = 0; j < across; ++j) {
            sum[j][0] -= first * b[j];
            sum[j][1] -= second * b[j];
        }
    }
    for (size_t j = 0; j < across; ++j)
        for (size_t i = 0; i < vectors; ++i)
            *(loose *)(c + j * step + i * lanes) = sum[j][i];
}

// Any number of rows and columns: a column after the other.
FSK_BODY void rest_body(float *c, size_t step, size_t rows, size_t columns, const float *a, const float *b,
                        size_t step_ab, size_t depth) {
    for (size_t j = 0; j < columns; ++j)
        for (size_t k = 0; k < depth; ++k) {
            const float factor = b[j + k * step_ab], *restrict column = a + k * step_ab;
            float *restrict out = c + j * step;
            for (size_t i = 0; i < rows; ++i)
                out[i] -= column[i] * factor;
        }
}

FSK_BODY void subtract_body(float *c, size_t step, size_t rows, size_t columns, const float *a,
                            const float *b, size_t step_ab, size_t depth, bool is_lower) {
    size_t j = 0;
    for (; j + across <= columns; j += across) {
        size_t i = is_lower ? j : 0;
        for (; i + vectors * lanes <= rows; i += vectors * lanes)
            tile_body(c + i + j * step, step, a + i, b + j, step_ab, depth);
        rest_body(c + i + j * step, step, rows - i, across, a + i, b + j, step_ab, depth);
    }
    const size_t i = is_lower ? j : 0;
    rest_body(c + i + j * step, step, rows - i, columns - j, a + i, b + j, step_ab, depth);
}
FSK_TARGETS(subtract,
            (float *c, size_t step, size_t rows, size_t columns, const float *a, const float *b,
             size_t step_ab, size_t depth, bool is_lower),
            (c, step, rows, columns, a, b, step_ab, depth, is_lower))

void matting_subtract(float *c, size_t step, size_t rows, size_t columns, const float *a, const float *b,
                      size_t step_ab, size_t depth, bool is_lower, uint32_t cpu) {
    FSK_CALL(subtract, cpu, (c, step, rows, columns, a, b, step_ab, depth, is_lower));
}
