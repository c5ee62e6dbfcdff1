// product_body: rows of pixels times panels of filters. Each weight vector that is loaded meets as many
// pixels as the registers hold sums for; pixels are broadcast from memory. Included by each variant's file,
// which has defined PIXEL and, if it has them, NARROW (floats of a pixel that hold a block of channels, and a
// narrow one) and v_multiply; and v_total(a, sum, v), what a sum of block v stands for.

#ifndef HALVES
typedef vec half;
#define h_load(at)          v_load(at)
#define h_low(v)            (v)
#define h_whole(h)          (h)
#define h_multiply(a, b, c) v_multiply(a, b, c)
#define v_settle(v)         (void)(v)
#endif

BODY void fetch(const fsk_block_soon *soon, size_t piece) {
    const float *at = soon->at + piece * soon->lines * fsk_line;
    for (size_t line = 0; line < soon->lines; ++line)
        __builtin_prefetch(at + line * fsk_line, 0, 2);
}

// The sums of P pixels and V blocks of filters, of which `whole` are whole and another one half. All of these
// and step are constants wherever this is inlined.
BODY void product_tile(const fsk_block_product *a, size_t at, const int P, const int V, const int whole,
                       const size_t step) {
    const float *x = a->x + at / TILE1 * a->bundle_step + at % TILE1 * step, *w = a->weights;
    vec sum[TILE1][2];
    half rest[TILE1];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
        for (int v = 0; v < whole; ++v)
            sum[p][v] = v_set(0);
        rest[p] = h_low(v_set(0));
    }
    for (size_t s = 0; s < a->count; ++s) {
        const float *from = x + a->segments[s];
        if (a->soon) {
            const size_t piece = at / (size_t)P * a->count + s;
            fetch(&a->soon[0], piece);
            fetch(&a->soon[1], piece);
        }
        for (size_t c = s < a->full ? a->run : a->last; c > 0; --c, ++from, w += V * LANES) {
            vec weight[2];
#pragma GCC unroll 2
            for (int v = 0; v < whole; ++v)
                weight[v] = v_load(w + v * LANES);
#pragma GCC unroll 16
            for (int p = 0; p < P; ++p) {
                vec pixel = v_set(from[(size_t)p * step]);
                if (whole == 1 && V == 2)
                    v_settle(pixel);
#pragma GCC unroll 2
                for (int v = 0; v < whole; ++v)
                    sum[p][v] = v_multiply(pixel, weight[v], sum[p][v]);
                if (whole < V)
                    rest[p] = h_multiply(h_low(pixel), h_load(w + whole * LANES), rest[p]);
            }
        }
    }
    const int relu = a->relu;
    const float slope = a->slope;
    const size_t y_step = a->y_step ? a->y_step : LANES;
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
        const vec bias = a->bias ? v_load(a->bias + v * LANES) : v_set(0);
        float *y = a->y + (size_t)v * a->y_plane + at * y_step;
        const float *residual =
            a->residual ? a->residual + (size_t)v * a->residual_plane + at * y_step : NULL;
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            vec result = v_add(v_total(a, v < whole ? sum[p][v] : h_whole(rest[p]), v), bias);
            if (relu == FSK_RELU_GRADIENT)
                result = v_relu_gradient(result, v_load(residual + (size_t)p * y_step), slope);
            else if (residual)
                result = v_add(result, v_load(residual + (size_t)p * y_step));
            if (relu == FSK_RELU)
                result = v_relu(result, slope);
            v_store(y + (size_t)p * y_step, result);
        }
    }
}

BODY void product_row(const fsk_block_product *a, const int most, const int V, const int whole,
                      const size_t step) {
    size_t at = 0;
    for (; at + (size_t)most <= a->pixels; at += (size_t)most)
        product_tile(a, at, most, V, whole, step);
    if (most > 8)
        for (; at + 8 <= a->pixels; at += 8)
            product_tile(a, at, 8, V, whole, step);
    if (most > 4)
        for (; at + 4 <= a->pixels; at += 4)
            product_tile(a, at, 4, V, whole, step);
    for (; at + 2 <= a->pixels; at += 2)
        product_tile(a, at, 2, V, whole, step);
    for (; at < a->pixels; ++at)
        product_tile(a, at, 1, V, whole, step);
}

// A step that the compiler knows goes into the instructions; others cost a register a pixel.
#define PRODUCT_STEP(name, most, vectors, step)                                                              \
    TARGET static void name(const fsk_block_product *a) { product_row(a, most, vectors, vectors, step); }
PRODUCT_STEP(product_1_lanes, TILE1, 1, PIXEL)
PRODUCT_STEP(product_2_lanes, TILE2, 2, PIXEL)
PRODUCT_STEP(product_1_twice, TILE1, 1, 2 * PIXEL)
PRODUCT_STEP(product_2_twice, TILE2, 2, 2 * PIXEL)
#if defined(NARROW) && LANES != FSK_NARROW
PRODUCT_STEP(product_1_narrow, TILE1, 1, NARROW)
PRODUCT_STEP(product_2_narrow, TILE2, 2, NARROW)
PRODUCT_STEP(product_1_narrow_twice, TILE1, 1, 2 * NARROW)
PRODUCT_STEP(product_2_narrow_twice, TILE2, 2, 2 * NARROW)
#endif
PRODUCT_STEP(product_1_any, 4, 1, a->step)
PRODUCT_STEP(product_2_any, 4, 2, a->step)
#undef PRODUCT_STEP
#ifdef HALVES
TARGET static void product_1_half(const fsk_block_product *a) { product_row(a, TILE1, 1, 0, PIXEL); }
TARGET static void product_2_half(const fsk_block_product *a) { product_row(a, TILE2, 2, 1, PIXEL); }
#endif

TARGET static void product(const fsk_block_product *a) {
    const int one = a->vectors == 1;
#ifdef HALVES
    if (a->step == PIXEL && a->filters + LANES / 2 <= a->vectors * LANES) {
        (one ? product_1_half : product_2_half)(a);
        return;
    }
#endif
    if (a->step == PIXEL)
        (one ? product_1_lanes : product_2_lanes)(a);
    else if (a->step == 2 * PIXEL)
        (one ? product_1_twice : product_2_twice)(a);
#if defined(NARROW) && LANES != FSK_NARROW
    else if (a->step == NARROW)
        (one ? product_1_narrow : product_2_narrow)(a);
    else if (a->step == 2 * NARROW)
        (one ? product_1_narrow_twice : product_2_narrow_twice)(a);
#endif
    else
        (one ? product_1_any : product_2_any)(a);
}
