// weight_tile_body: vectors of dy times numbers of x, summed over pixels. Each vector that is loaded meets as
// many numbers, broadcast from memory, as give sums enough to hide a sum's latency. Included by each
// variant's file, which has defined WIDE, how many those are, a multiple of 4, and v_multiply.

BODY void some_weights(const fsg_weight_tile *t, const float *x_first, float *sums, const int V,
                       const int N) {
    vec sum[2][WIDE];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v)
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n)
            sum[v][n] = v_set(0);
    const size_t x_step = t->x_step, dy_plane = t->dy_plane;
    for (size_t i = 0; i < t->piece_count; ++i) {
        const float *dy = t->dy + t->pieces[i].dy, *x = x_first + t->pieces[i].x;
        for (size_t p = t->pieces[i].pixels; p > 0; --p, dy += LANES, x += x_step) {
            vec filters[2];
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v)
                filters[v] = v_load(dy + (size_t)v * dy_plane);
#pragma GCC unroll 16
            for (int n = 0; n < N; ++n) {
                const vec number = v_set(x[n]);
#pragma GCC unroll 2
                for (int v = 0; v < V; ++v)
                    sum[v][n] = v_multiply(number, filters[v], sum[v][n]);
            }
        }
    }
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v)
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) {
            float *to = sums + (size_t)v * t->sum_plane + (size_t)(n % 4) * t->sum_step +
                        (size_t)(n / 4) * t->quad_step;
            v_store(to, v_add(v_load(to), sum[v][n]));
        }
}

BODY void all_weights(const fsg_weight_tile *t, const int V) {
    size_t n = 0;
    for (; n + WIDE <= t->count; n += WIDE)
        some_weights(t, t->x + n, t->sums + n / 4 * t->quad_step, V, WIDE);
    for (; n < t->count; n += 4)
        some_weights(t, t->x + n, t->sums + n / 4 * t->quad_step, V, 4);
}

TARGET static void weights_1(const fsg_weight_tile *t) { all_weights(t, 1); }
TARGET static void weights_2(const fsg_weight_tile *t) { all_weights(t, 2); }

static void weight_tile(const fsg_weight_tile *t) { (t->vectors == 1 ? weights_1 : weights_2)(t); }
