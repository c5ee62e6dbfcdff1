// weight_points_body: the transforms of F(3 x 3, 2 x 2) (Lavin and Gray 2015, section 4) with the points 0,
// 1, -1 and infinity: what 2 x 2 pixels of dy and 4 x 4 of x become so that 16 products give what they add to
// 3 x 3 weights. Included by each variant's file, which has defined v_put(to, first, second, tiles): where
// the numbers of one tile, or of two side by side, go.

// Number i of each of four columns, or of two, of each tile, into points i ... i + 3.
BODY void put_x(const fsg_point_row *r, float *to, const vec *column, const int i, const int tiles) {
    const vec *a = column + i, *b = a + (tiles - 1) * 8; // the first tile, the last
    to += (size_t)i * 4 * r->point_step;
    v_put(to, v_sub(a[0], a[8]), v_sub(b[0], b[8]), tiles);
    v_put(to + r->point_step, v_add(a[4], a[8]), v_add(b[4], b[8]), tiles);
    v_put(to + 2 * r->point_step, v_sub(a[8], a[4]), v_sub(b[8], b[4]), tiles);
    v_put(to + 3 * r->point_step, v_sub(a[12], a[4]), v_sub(b[12], b[4]), tiles);
}

BODY void x_tiles(const fsg_point_row *r, const float *x, float *to, const int tiles) {
    vec column[6 * 4];
    const size_t row = r->row_step;
#pragma GCC unroll 6
    for (int k = 0; k < 2 * tiles + 2; ++k, x += LANES) {
        const vec a = v_load(x), b = v_load(x + row), c = v_load(x + 2 * row), d = v_load(x + 3 * row);
        column[4 * k] = v_sub(a, c);
        column[4 * k + 1] = v_add(b, c);
        column[4 * k + 2] = v_sub(c, b);
        column[4 * k + 3] = v_sub(d, b);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
        put_x(r, to, column, i, tiles);
}

BODY void put_dy(const fsg_point_row *r, float *to, const vec *column, const int i, const int tiles) {
    const vec *a = column + i, *b = a + (tiles - 1) * 8;
    to += (size_t)i * 4 * r->point_step;
    v_put(to, a[0], b[0], tiles);
    v_put(to + r->point_step, v_add(a[0], a[4]), v_add(b[0], b[4]), tiles);
    v_put(to + 2 * r->point_step, v_sub(a[0], a[4]), v_sub(b[0], b[4]), tiles);
    v_put(to + 3 * r->point_step, a[4], b[4], tiles);
}

// Without the halves of points 1 and -1, which the sums get at their end. Returns the sum of all pixels.
BODY vec dy_tiles(const fsg_point_row *r, const float *dy, float *to, const int tiles) {
    vec column[4 * 4], sum = v_set(0);
    const size_t row = r->row_step;
#pragma GCC unroll 4
    for (int k = 0; k < 2 * tiles; ++k, dy += LANES) {
        const vec a = v_load(dy), b = v_load(dy + row);
        column[4 * k] = a;
        column[4 * k + 1] = v_add(a, b);
        column[4 * k + 2] = v_sub(a, b);
        column[4 * k + 3] = b;
        sum = v_add(sum, column[4 * k + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
        put_dy(r, to, column, i, tiles);
    return sum;
}

TARGET static void x_points(const fsg_point_row *r) {
    const float *x = r->pixels;
    float *to = r->to;
    size_t t = 0;
    for (; t + 2 <= r->tiles; t += 2, x += 4 * LANES, to += PAIR)
        x_tiles(r, x, to, 2);
    if (t < r->tiles)
        x_tiles(r, x, to, 1);
}

TARGET static void dy_points(const fsg_point_row *r) {
    const float *dy = r->pixels;
    float *to = r->to;
    vec sum = v_set(0);
    size_t t = 0;
    for (; t + 2 <= r->tiles; t += 2, dy += 4 * LANES, to += PAIR)
        sum = v_add(sum, dy_tiles(r, dy, to, 2));
    if (t < r->tiles)
        sum = v_add(sum, dy_tiles(r, dy, to, 1));
    if (r->sum)
        v_store(r->sum, v_add(v_load(r->sum), sum));
}
