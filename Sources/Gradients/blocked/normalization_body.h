// normalization_body: a few hundred pixels of one plane: their mean and variance, normalized, and backward.
// Included by each variant's file.

enum { norm_sums = 4 }; // at once, so that none waits for another

TARGET static void norm_statistics(const fsg_norm_pixels *n) {
    vec sum[norm_sums], off[norm_sums], square[norm_sums];
#pragma GCC unroll 4
    for (size_t i = 0; i < norm_sums; ++i)
        sum[i] = off[i] = square[i] = v_set(0);
    for (size_t r = 0; r < n->rows; ++r) {
        const float *x = n->x + r * n->x_row;
        size_t p = 0;
        for (; p + norm_sums <= n->pixels; p += norm_sums)
#pragma GCC unroll 4
            for (size_t i = 0; i < norm_sums; ++i)
                sum[i] = v_add(sum[i], v_load(x + (p + i) * LANES));
        for (; p < n->pixels; ++p)
            sum[0] = v_add(sum[0], v_load(x + p * LANES));
    }
    const vec mean =
        v_div(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])), v_set((float)(n->rows * n->pixels)));
    for (size_t r = 0; r < n->rows; ++r) {
        const float *x = n->x + r * n->x_row;
        size_t p = 0;
        for (; p + norm_sums <= n->pixels; p += norm_sums)
#pragma GCC unroll 4
            for (size_t i = 0; i < norm_sums; ++i) {
                const vec away = v_sub(v_load(x + (p + i) * LANES), mean);
                off[i] = v_add(off[i], away);
                square[i] = v_fma(away, away, square[i]);
            }
        for (; p < n->pixels; ++p) {
            const vec away = v_sub(v_load(x + p * LANES), mean);
            off[0] = v_add(off[0], away);
            square[0] = v_fma(away, away, square[0]);
        }
    }
    v_store(n->sums, mean);
    v_store(n->sums + LANES, v_add(v_add(off[0], off[1]), v_add(off[2], off[3])));
    v_store(n->sums + 2 * LANES, v_add(v_add(square[0], square[1]), v_add(square[2], square[3])));
}

BODY void normalize(const fsg_norm_pixels *n, const int relu) {
    const vec mean = v_load(n->mean), gain = v_load(n->gain), shift = v_load(n->shift);
    const float slope = n->slope;
    for (size_t r = 0; r < n->rows; ++r) {
        const float *x = n->x + r * n->x_row;
        float *y = n->y + r * n->y_row;
        for (size_t p = 0; p < n->pixels; ++p) {
            const vec v = v_fma(v_sub(v_load(x + p * LANES), mean), gain, shift);
            v_store(y + p * LANES, relu ? v_relu(v, slope) : v);
        }
    }
}

TARGET static void norm_forward(const fsg_norm_pixels *n) {
    if (n->relu)
        normalize(n, 1);
    else
        normalize(n, 0);
}

// dy of what the ReLU, if any, had.
BODY vec before_relu(const fsg_norm_pixels *n, vec away, vec dy, vec gain, vec shift, const int relu) {
    if (!relu)
        return dy;
    return v_select(v_greater(v_fma(away, gain, shift), v_set(0)), dy, v_mul(dy, v_set(n->slope)));
}

BODY void norm_sum(const fsg_norm_pixels *n, const int relu) {
    const vec mean = v_load(n->mean), gain = v_load(n->gain), shift = v_load(n->shift);
    vec sum[norm_sums], product[norm_sums];
#pragma GCC unroll 4
    for (size_t i = 0; i < norm_sums; ++i)
        sum[i] = product[i] = v_set(0);
    for (size_t r = 0; r < n->rows; ++r) {
        const float *x = n->x + r * n->x_row, *dy = n->dy + r * n->dy_row;
        size_t p = 0;
        for (; p + norm_sums <= n->pixels; p += norm_sums)
#pragma GCC unroll 4
            for (size_t i = 0; i < norm_sums; ++i) {
                const vec away = v_sub(v_load(x + (p + i) * LANES), mean);
                const vec d = before_relu(n, away, v_load(dy + (p + i) * LANES), gain, shift, relu);
                sum[i] = v_add(sum[i], d);
                product[i] = v_fma(d, away, product[i]);
            }
        for (; p < n->pixels; ++p) {
            const vec away = v_sub(v_load(x + p * LANES), mean);
            const vec d = before_relu(n, away, v_load(dy + p * LANES), gain, shift, relu);
            sum[0] = v_add(sum[0], d);
            product[0] = v_fma(d, away, product[0]);
        }
    }
    v_store(n->sums, v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
    v_store(n->sums + LANES, v_add(v_add(product[0], product[1]), v_add(product[2], product[3])));
}

TARGET static void norm_gradient_sums(const fsg_norm_pixels *n) {
    if (n->relu)
        norm_sum(n, 1);
    else
        norm_sum(n, 0);
}

BODY void norm_back(const fsg_norm_pixels *n, const int relu) {
    const vec mean = v_load(n->mean), gain = v_load(n->gain), shift = v_load(n->shift),
              along = v_load(n->along), constant = v_load(n->constant);
    for (size_t r = 0; r < n->rows; ++r) {
        const float *x = n->x + r * n->x_row, *dy = n->dy + r * n->dy_row;
        float *dx = n->y + r * n->y_row;
        for (size_t p = 0; p < n->pixels; ++p) {
            const vec away = v_sub(v_load(x + p * LANES), mean);
            const vec d = before_relu(n, away, v_load(dy + p * LANES), gain, shift, relu);
            v_store(dx + p * LANES, v_fma(d, gain, v_fma(away, along, constant)));
        }
    }
}

TARGET static void norm_gradient(const fsg_norm_pixels *n) {
    if (n->relu)
        norm_back(n, 1);
    else
        norm_back(n, 0);
}
