// depthwise_weights_body: the sums that one row of dy adds to a plane's filters. Included by each variant's
// file.

// P pixels and H x W places of the kernel, steps in floats. Constants where this is inlined, so that pixels
// share what they load of x.
BODY void depthwise_products(const float *dy, const float *x, vec *sum, const size_t P, const size_t H,
                             const size_t W, const size_t right, const size_t down, const size_t stride) {
#pragma GCC unroll 4
    for (size_t p = 0; p < P; ++p) {
        const vec gradient = v_load(dy + p * LANES);
#pragma GCC unroll 3
        for (size_t u = 0; u < H; ++u)
#pragma GCC unroll 7
            for (size_t v = 0; v < W; ++v)
                sum[u * W + v] =
                    v_fma(gradient, v_load(x + p * stride + u * down + v * right), sum[u * W + v]);
    }
}

BODY void depthwise_places(const float *dy, const float *x, size_t pixels, float *sums, const size_t H,
                           const size_t W, const size_t right, const size_t down, const size_t stride) {
    vec sum[9];
#pragma GCC unroll 9
    for (size_t i = 0; i < H * W; ++i)
        sum[i] = v_set(0);
    size_t p = 0;
    for (; p + 4 <= pixels; p += 4)
        depthwise_products(dy + p * LANES, x + p * stride, sum, 4, H, W, right, down, stride);
    for (; p < pixels; ++p)
        depthwise_products(dy + p * LANES, x + p * stride, sum, 1, H, W, right, down, stride);
#pragma GCC unroll 9
    for (size_t i = 0; i < H * W; ++i)
        v_store(sums + i * LANES, v_add(v_load(sums + i * LANES), sum[i]));
}

TARGET static void depthwise_weights(const fsg_depthwise_row *r) {
    const float *dy = r->dy, *x = r->x;
    float *sums = r->sums;
    const size_t down = r->down, width = r->kernel_width;
    if (r->kernel_height == 3 && width == 3 && r->right == LANES && r->stride == LANES) {
        depthwise_places(dy, x, r->pixels, sums, 3, 3, LANES, down, LANES);
        return;
    }
    if (r->kernel_height == 3 && width == 3 && r->right == LANES && r->stride == 2 * LANES) {
        depthwise_places(dy, x, r->pixels, sums, 3, 3, LANES, down, 2 * LANES);
        return;
    }
    for (size_t u = 0; u < r->kernel_height; ++u, x += down, sums += width * LANES)
        if (width == 5 && r->right == LANES && r->stride == LANES)
            depthwise_places(dy, x, r->pixels, sums, 1, 5, LANES, 0, LANES);
        else if (width == 5)
            depthwise_places(dy, x, r->pixels, sums, 1, 5, r->right, 0, r->stride);
        else if (width == 7)
            depthwise_places(dy, x, r->pixels, sums, 1, 7, r->right, 0, r->stride);
        else if (width == 3)
            depthwise_places(dy, x, r->pixels, sums, 1, 3, r->right, 0, r->stride);
        else
            for (size_t v = 0; v < width; ++v)
                depthwise_places(dy, x + v * r->right, r->pixels, sums + v * LANES, 1, 1, 0, 0, r->stride);
}
