// tiles_body: the transforms of Winograd's convolutions, a vector a pixel; packing.c has the same for
// filters. The points are 0, 3/4, -3/4, 3/2, -3/2, infinity: half the rounding of the usual 0, 1, -1, 2, -2
// (compare Barabasz et al. 2020, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep
// Neural Networks"); or, of eight, 0, 1, -1, 2, -2, 1/2, -1/2, infinity. Included by each variant's file.

// b = B' a along one side of a tile: vectors that are `step` and `b_step` apart. Point p's row holds the
// coefficients of the product of (x - point) over the other points.
BODY void in_six(const vec *a, vec *b, const size_t step, const size_t b_step) {
    const vec a0 = a[0], a1 = a[step], a2 = a[2 * step], a3 = a[3 * step], a4 = a[4 * step], a5 = a[5 * step];
    const vec even = v_fma(v_set(-2.25f), a2, a4);
    const vec odd = v_mul(v_set(0.75f), v_fma(v_set(-2.25f), a1, a3));
    const vec even2 = v_fma(v_set(-0.5625f), a2, a4);
    const vec odd2 = v_mul(v_set(1.5f), v_fma(v_set(-0.5625f), a1, a3));
    b[0] = v_fma(v_set(1.265625f), a0, v_fma(v_set(-2.8125f), a2, a4));
    b[b_step] = v_add(even, odd);
    b[2 * b_step] = v_sub(even, odd);
    b[3 * b_step] = v_add(even2, odd2);
    b[4 * b_step] = v_sub(even2, odd2);
    b[5 * b_step] = v_fma(v_set(1.265625f), a1, v_fma(v_set(-2.8125f), a3, a5));
}

BODY void in_eight(const vec *a, vec *b, const size_t step, const size_t b_step) {
    const vec a0 = a[0], a1 = a[step], a2 = a[2 * step], a3 = a[3 * step], a4 = a[4 * step], a5 = a[5 * step],
              a6 = a[6 * step], a7 = a[7 * step];
    b[0] = v_fma(v_set(5.25f), v_sub(a4, a2), v_sub(a0, a6));
    b[7 * b_step] = v_fma(v_set(5.25f), v_sub(a3, a5), v_sub(a7, a1));
    const vec even1 = v_fma(v_set(-4.25f), a4, v_add(a2, a6)), odd1 = v_fma(v_set(-4.25f), a3, v_add(a1, a5));
    b[b_step] = v_add(even1, odd1);
    b[2 * b_step] = v_sub(even1, odd1);
    const vec even2 = v_fma(v_set(0.25f), a2, v_fma(v_set(-1.25f), a4, a6));
    const vec odd2 = v_fma(v_set(0.5f), a1, v_fma(v_set(-2.5f), a3, v_mul(v_set(2), a5)));
    b[3 * b_step] = v_add(even2, odd2);
    b[4 * b_step] = v_sub(even2, odd2);
    const vec even3 = v_fma(v_set(4), a2, v_fma(v_set(-5), a4, a6));
    const vec odd3 = v_fma(v_set(2), a1, v_fma(v_set(-2.5f), a3, v_mul(v_set(0.5f), a5)));
    b[5 * b_step] = v_add(even3, odd3);
    b[6 * b_step] = v_sub(even3, odd3);
}

// y = A' m along one side: row i of A' holds the i-th power of each point, but for infinity's, which is 1 in
// the last row.
BODY void out_side(const vec *m, vec *y, const size_t step, const size_t y_step, const int points,
                   const int side) {
    const vec sum1 = v_add(m[step], m[2 * step]), difference1 = v_sub(m[step], m[2 * step]);
    const vec sum2 = v_add(m[3 * step], m[4 * step]), difference2 = v_sub(m[3 * step], m[4 * step]);
    vec sum3 = v_set(0), difference3 = v_set(0);
    if (points == 8) {
        sum3 = v_add(m[5 * step], m[6 * step]);
        difference3 = v_sub(m[5 * step], m[6 * step]);
    }
    float power1 = 1, power2 = 1, power3 = 1;
#pragma GCC unroll 6
    for (int i = 0; i < side; ++i) {
        vec sum = i % 2 ? difference1 : sum1;
        if (points == 6 && i > 0)
            sum = v_mul(v_set(power1), sum);
        sum = v_fma(v_set(power2), i % 2 ? difference2 : sum2, sum);
        if (points == 8)
            sum = v_fma(v_set(power3), i % 2 ? difference3 : sum3, sum);
        if (i == 0)
            sum = v_add(sum, m[0]);
        if (i == side - 1)
            sum = v_add(sum, m[(size_t)(points - 1) * step]);
        y[(size_t)i * y_step] = sum;
        power1 *= 0.75f;
        power2 *= points == 8 ? 2 : 1.5f;
        power3 *= 0.5f;
    }
}

BODY void in_side(const vec *a, vec *b, const size_t step, const size_t b_step, const size_t points) {
    if (points == 8)
        in_eight(a, b, step, b_step);
    else
        in_six(a, b, step, b_step);
}

// A column of a tile; what is not there is zero.
BODY void tile_column(const fsk_block_tile_in *t, const size_t points, size_t j, const int is_whole,
                      vec *to) {
#pragma GCC unroll 8
    for (size_t i = 0; i < points; ++i)
        to[i] = is_whole || (i < t->rows && j < t->columns) ? v_load(t->x + i * t->row_step + j * LANES)
                                                            : v_set(0);
}

BODY void tile_in(const fsk_block_tile_in *t, const size_t points) {
    vec column[8], half[64], row[8];
    const int is_whole = t->rows == points && t->columns == points;
    for (size_t j = 0; j < points; ++j) {
        if (is_whole)
            tile_column(t, points, j, 1, column);
        else
            tile_column(t, points, j, 0, column);
        in_side(column, half + j, 1, points, points);
    }
    for (size_t i = 0; i < points; ++i) {
        in_side(half + i * points, row, 1, 1, points);
#pragma GCC unroll 8
        for (size_t j = 0; j < points; ++j)
            v_store(t->v + (i * points + j) * t->step, row[j]);
    }
}

BODY void tile_out(const fsk_block_tile_out *t, const size_t points, const size_t side) {
    vec a[48], m[8], y[6];
    for (size_t j = 0; j < points; ++j) {
#pragma GCC unroll 8
        for (size_t i = 0; i < points; ++i)
            m[i] = v_load(t->m + (i * points + j) * t->step);
        out_side(m, a + j, 1, points, (int)points, (int)side);
    }
    const int relu = t->relu;
    const float slope = t->slope;
    const vec bias = t->bias ? v_load(t->bias) : v_set(0);
    for (size_t i = 0; i < side && i < t->rows; ++i) {
        out_side(a + i * points, y, 1, 1, (int)points, (int)side);
        float *row = t->y + i * t->row_step;
        const float *residual = t->residual ? t->residual + i * t->residual_row_step : NULL;
        for (size_t j = 0; j < side && j < t->columns; ++j) {
            vec result = v_add(y[j], bias);
            if (relu == FSK_RELU_GRADIENT)
                result = v_relu_gradient(result, v_load(residual + j * LANES), slope);
            else if (residual)
                result = v_add(result, v_load(residual + j * LANES));
            if (relu == FSK_RELU)
                result = v_relu(result, slope);
            v_store(row + j * LANES, result);
        }
    }
}

TARGET static void in6(const fsk_block_tile_in *t) { tile_in(t, 6); }
TARGET static void in8(const fsk_block_tile_in *t) { tile_in(t, 8); }
TARGET static void out6_4(const fsk_block_tile_out *t) { tile_out(t, 6, 4); }
TARGET static void out6_2(const fsk_block_tile_out *t) { tile_out(t, 6, 2); }
TARGET static void out8_6(const fsk_block_tile_out *t) { tile_out(t, 8, 6); }
TARGET static void out8_4(const fsk_block_tile_out *t) { tile_out(t, 8, 4); }
TARGET static void out8_2(const fsk_block_tile_out *t) { tile_out(t, 8, 2); }
