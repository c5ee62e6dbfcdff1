// planewise_gradient_body: what one row of windows gives back. Included by each variant's file.

// The part of window i that lies in the picture, and its length with padding.
BODY ptrdiff_t cut(const fsk_block_windows *w, size_t i, ptrdiff_t *from, ptrdiff_t *to) {
    const ptrdiff_t start = w->first + (ptrdiff_t)i * w->stride, end = start + w->kernel;
    *from = start > w->begin ? start : w->begin;
    *to = end < w->end ? end : w->end;
    return (end < w->far ? end : w->far) - start;
}

// Rows and columns of one window; of the rows only those from `first` on, before `end`, are written.
typedef struct {
    ptrdiff_t row0, row1, column0, column1, first, end;
} pool_window;

// height, width: the window's; constants where all of it is written.
BODY void give_first(const fsg_pooling_row *r, const float *y, vec gradient, const pool_window w,
                     const ptrdiff_t height, const ptrdiff_t width, const int is_whole) {
    const ptrdiff_t x_row = r->x_row, dx_row = r->dx_row;
    const float *x = r->x + w.row0 * x_row + w.column0 * LANES;
    float *dx = r->dx + w.row0 * dx_row + w.column0 * LANES;
    const vec most = v_load(y);
    v_mask taken = v_none;
#pragma GCC unroll 3
    for (ptrdiff_t i = 0; i < height; ++i)
#pragma GCC unroll 3
        for (ptrdiff_t j = 0; j < width; ++j) {
            const v_mask is_most = v_equal(v_load(x + i * x_row + j * LANES), most);
            float *to = dx + i * dx_row + j * LANES;
            if (is_whole || (w.row0 + i >= w.first && w.row0 + i < w.end))
                v_store(to, v_add(v_load(to), v_select(v_but(is_most, taken), gradient, v_set(0))));
            taken = v_either(taken, is_most);
        }
}

BODY void give_largest(const fsg_pooling_row *r, const float *y, vec gradient, const pool_window w) {
    const ptrdiff_t height = w.row1 - w.row0, width = w.column1 - w.column0;
    if (height == 3 && width == 3 && w.row0 >= w.first && w.row1 <= w.end)
        give_first(r, y, gradient, w, 3, 3, 1);
    else
        give_first(r, y, gradient, w, height, width, 0);
}

BODY void give_all(const fsg_pooling_row *r, vec gradient, const pool_window w) {
    for (ptrdiff_t i = w.row0 > w.first ? w.row0 : w.first; i < w.row1 && i < w.end; ++i)
        for (ptrdiff_t j = w.column0; j < w.column1; ++j) {
            float *dx = r->dx + i * r->dx_row + j * LANES;
            v_store(dx, v_add(v_load(dx), gradient));
        }
}

// Windows of 2 x 2 pixels that nobody shares are written at once.
BODY void give_pairs(const fsg_pooling_row *r, const float *dy, const float *y, size_t count,
                     const pool_window w) {
    const float *top = r->x + w.row0 * r->x_row + w.column0 * LANES, *low = top + r->x_row;
    float *dx_top = r->dx + w.row0 * r->dx_row + w.column0 * LANES, *dx_low = dx_top + r->dx_row;
    for (size_t j = 0; j < count; ++j, dy += LANES, y += LANES) {
        const size_t at = 2 * j * LANES, next = at + LANES;
        const vec most = v_load(y), gradient = v_load(dy), zero = v_set(0);
        const v_mask a = v_equal(v_load(top + at), most), b = v_equal(v_load(top + next), most),
                     c = v_equal(v_load(low + at), most), d = v_equal(v_load(low + next), most);
        const v_mask ab = v_either(a, b), abc = v_either(ab, c);
        v_store(dx_top + at, v_select(a, gradient, zero));
        v_store(dx_top + next, v_select(v_but(b, a), gradient, zero));
        v_store(dx_low + at, v_select(v_but(c, ab), gradient, zero));
        v_store(dx_low + next, v_select(v_but(d, abc), gradient, zero));
    }
}

TARGET static void pooling_gradient(const fsg_pooling_row *r) {
    pool_window w = {.first = r->first, .end = r->end};
    const ptrdiff_t height = cut(r->vertical, r->row, &w.row0, &w.row1);
    size_t j = 0;
    if (r->is_pairs) {
        cut(r->horizontal, 0, &w.column0, &w.column1);
        give_pairs(r, r->dy, r->y, j = r->whole_width, w);
    }
    for (; j < r->out_width; ++j) {
        const ptrdiff_t width = cut(r->horizontal, j, &w.column0, &w.column1);
        const vec gradient = v_load(r->dy + j * LANES);
        if (r->y)
            give_largest(r, r->y + j * LANES, gradient, w);
        else
            give_all(r, v_div(gradient, v_set((float)(height * width))), w);
    }
}
