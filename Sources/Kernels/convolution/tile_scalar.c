// tile_scalar: 4 x 8 sums in plain C, which any compiler vectorizes for its baseline.
#include "tile.h"
#include "unary/relu.h"

enum { rows = 4, columns = 8 };

void fsk_tile_scalar(size_t depth, const float *a, const float *b, float *c, size_t step,
                     const fsk_epilogue *e) {
    float sum[rows][columns] = {{0}};
    for (size_t k = 0; k < depth; ++k)
        for (int i = 0; i < rows; ++i)
            for (int j = 0; j < columns; ++j)
                sum[i][j] += a[k * rows + i] * b[k * columns + j];
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j) {
            float s = sum[i][j] + (e->accumulate ? c[i * step + j] : 0);
            if (e->bias)
                s += e->bias[i];
            c[i * step + j] = e->relu ? relu_scalar(s, e->slope) : s;
        }
}
