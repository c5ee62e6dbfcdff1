// interp: bilinear with aligned corners: the first and last pixels of both pictures coincide. Weights in
// float, as the layer of DeepLab and PSPNet computes them.
#include "fsk_interp.h"
#include "cpu/exact.h"
#include "parallel/slices.h"

#include <string.h>

// One axis: output i lies between input `low` and `low + step`.
typedef struct {
    size_t low, step; // step is 0 at the last input, else 1
    float far, near;  // weights of the two
} position;

static float ratio(size_t in, size_t out) { return out > 1 ? (float)(in - 1) / (float)(out - 1) : 0; }

static position position_of(size_t i, float ratio, size_t in) {
    const float exact = ratio * (float)i;
    const size_t low = fsk_least((size_t)exact, in - 1);
    const float far = exact - (float)low;
    return (position){low, low + 1 < in, far, 1 - far};
}

// What is left of x after cropping, [height, width] of a plane.
static size_t cropped(size_t size, const fsk_interp *p) {
    return (size_t)((ptrdiff_t)size + p->pad_begin + p->pad_end);
}

// One output row from two input rows; [width] to [out_width].
static void row(const float *above, const float *below, position v, float *y, size_t width,
                size_t out_width) {
    const float across = ratio(width, out_width);
    for (size_t i = 0; i < out_width; ++i) {
        const position h = position_of(i, across, width);
        const float upper = h.near * above[h.low] + h.far * above[h.low + h.step];
        const float lower = h.near * below[h.low] + h.far * below[h.low + h.step];
        y[i] = v.near * upper + v.far * lower;
    }
}

static void some_rows(void *argument, size_t task) {
    const fsk_interp *p = argument;
    const size_t height = cropped(p->height, p), width = cropped(p->width, p), begin = (size_t)-p->pad_begin;
    const size_t items = fsk_items(p->out_width), end = fsk_end(p->planes * p->out_height, items, task);
    const bool same = height == p->out_height && width == p->out_width;
    for (size_t r = task * items; r < end; ++r) {
        const size_t plane = r / p->out_height, out_row = r % p->out_height;
        const position v = position_of(out_row, ratio(height, p->out_height), height);
        const float *above = p->x + (plane * p->height + begin + v.low) * p->width + begin;
        float *y = p->y + r * p->out_width;
        if (same) // no 0 times infinity
            memcpy(y, above, width * sizeof *y);
        else
            row(above, above + v.step * p->width, v, y, width, p->out_width);
    }
}

void fsk_interp_run(const fsk_interp *arguments, const fsk_pool *pool) {
    fsk_interp p = *arguments;
    const size_t rows = p.planes * p.out_height;
    fsk_pool_run(pool, some_rows, &p, fsk_tasks(rows, fsk_items(p.out_width)));
}
