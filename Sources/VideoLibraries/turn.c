// turn: display matrices and pictures turned upright. Pixels are moved, never blended.
#include "turn.h"

#include <stdlib.h>
#include <string.h>

// A stored pixel (p, q) is shown at (a p + c q + x, b p + d q + y); the matrix is a, b, u, c, d, v, x, y, w.
fsv_walk fsv_walk_of(const int32_t *matrix, int width, int height) {
    fsv_walk walk = {0, 1, width, 0, 0};
    if (!matrix)
        return walk;
    const int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
    walk.swaps_sides = llabs(b) + llabs(c) > llabs(a) + llabs(d);
    // Signs of the stored column's and row's direction on the screen.
    const int column_grows = walk.swaps_sides ? b >= 0 : a >= 0,
              row_grows = walk.swaps_sides ? c >= 0 : d >= 0;
    const int along_row = column_grows ? 1 : -1, along_column = row_grows ? width : -width;
    walk.start = (column_grows ? 0 : width - 1) + (row_grows ? 0 : (height - 1) * width);
    walk.right = walk.swaps_sides ? along_column : along_row;
    walk.down = walk.swaps_sides ? along_row : along_column;
    walk.is_turned = walk.swaps_sides || !column_grows || !row_grows;
    return walk;
}

void fsv_turn(const fsv_walk *walk, const uint8_t *stored, int width, int height, uint8_t *rgb) {
    const int across = walk->swaps_sides ? height : width, rows = walk->swaps_sides ? width : height;
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < across; ++x, rgb += 3)
            memcpy(rgb,
                   stored +
                       3 * ((ptrdiff_t)walk->start + (ptrdiff_t)x * walk->right + (ptrdiff_t)y * walk->down),
                   3);
}
