// motion: whole shifts of blocks of 16, then, for each block of 8, the best of those about it and a part of a
// pixel; then how far the moved picture agrees with the new one. Sums are whole numbers, so all variants see
// the same shifts.
#include "fsk_steady.h"
#include "cpu/targets.h"

#include <stdlib.h>

enum { block = FSK_MOTION_BLOCK, window = 16, reach = FSK_MOTION_REACH, border = FSK_MOTION_BORDER };

// What a shift costs beside its differences, so that none is taken for nothing: of each pixel of it; and what
// it must be better by than no shift, as a share and beyond it.
enum { per_pixel = 8, zero_share = 10, zero_more = 77 };

typedef struct {
    const fsk_motion *arguments;
    uint32_t cpu;
    size_t stride;
} job;

// Sum over the window, or over its upper half where that alone is `most` or more.
FSK_BODY void difference_body(const uint8_t *a, const uint8_t *b, size_t stride, uint32_t most,
                              uint32_t *sum) {
    uint32_t total = 0;
    for (size_t half = 0; half < window && total < most; half += window / 2)
        for (size_t y = half; y < half + window / 2; ++y)
            for (size_t x = 0; x < window; ++x)
                total += (uint32_t)abs((int)a[y * stride + x] - (int)b[y * stride + x]);
    *sum = total;
}
FSK_TARGETS(difference, (const uint8_t *a, const uint8_t *b, size_t stride, uint32_t most, uint32_t *sum),
            (a, b, stride, most, sum))

// The pixel (x, y) of a bordered picture; they may lie in the border.
static const uint8_t *pixel(const uint8_t *picture, size_t stride, ptrdiff_t x, ptrdiff_t y) {
    return picture + (y + border) * (ptrdiff_t)stride + x + border;
}

typedef struct {
    int32_t x, y;
    uint32_t cost;
} shift;

// most: a cost that is of no use; what is not below it may be told too small, but not below it.
static shift tried(const job *j, const uint8_t *now, const uint8_t *before, int32_t x, int32_t y,
                   uint32_t most) {
    shift s = {x, y, 0};
    FSK_CALL(difference, j->cpu, (now, before + y * (ptrdiff_t)j->stride + x, j->stride, most, &s.cost));
    s.cost += (uint32_t)(per_pixel * (abs(x) + abs(y)));
    return s;
}

// No shift, with what it has for being none.
static shift unmoved(const job *j, const uint8_t *now, const uint8_t *before) {
    shift s = tried(j, now, before, 0, 0, UINT32_MAX);
    s.cost -= s.cost / zero_share;
    s.cost = s.cost > zero_more ? s.cost - zero_more : 0;
    return s;
}

// The best of `best` and the shifts about (x, y), `step` apart, within `far` and the reach.
static shift best_about(const job *j, const uint8_t *now, const uint8_t *before, shift best, int32_t x,
                        int32_t y, int32_t step, int32_t far) {
    for (int32_t v = y - far; v <= y + far; v += step)
        for (int32_t u = x - far; u <= x + far; u += step) {
            if (abs(u) > reach || abs(v) > reach || (u == 0 && v == 0))
                continue;
            const shift s = tried(j, now, before, u, v, best.cost);
            if (s.cost < best.cost)
                best = s;
        }
    return best;
}

static void search_row(void *argument, size_t row) {
    const job *j = argument;
    const fsk_motion *a = j->arguments;
    const size_t across = (a->width + window - 1) / window;
    for (size_t i = 0; i < across; ++i) {
        const ptrdiff_t x = (ptrdiff_t)(i * window), y = (ptrdiff_t)(row * window);
        const uint8_t *now = pixel(a->now, j->stride, x, y), *before = pixel(a->before, j->stride, x, y);
        shift best = unmoved(j, now, before);
        if (best.cost > 0) // the picture is smooth: every other shift shows where the best one is
            best = best_about(j, now, before, best, 0, 0, 2, reach);
        if (best.cost > 0)
            best = best_about(j, now, before, best, best.x, best.y, 1, 1);
        a->search[2 * (row * across + i)] = best.x;
        a->search[2 * (row * across + i) + 1] = best.y;
    }
}

// The best of the shifts found about a block of 8.
static shift chosen(const job *j, ptrdiff_t column, ptrdiff_t row, const uint8_t *now,
                    const uint8_t *before) {
    const fsk_motion *a = j->arguments;
    const ptrdiff_t across = (ptrdiff_t)(a->width + window - 1) / window;
    const ptrdiff_t down = (ptrdiff_t)(a->height + window - 1) / window;
    shift best = unmoved(j, now, before);
    for (ptrdiff_t v = row / 2 - 1; v <= row / 2 + 1; ++v)
        for (ptrdiff_t u = column / 2 - 1; u <= column / 2 + 1; ++u) {
            if (u < 0 || v < 0 || u >= across || v >= down)
                continue;
            const int32_t *found = a->search + 2 * (v * across + u);
            if ((found[0] == 0 && found[1] == 0) || (found[0] == best.x && found[1] == best.y))
                continue;
            const shift s = tried(j, now, before, found[0], found[1], best.cost);
            if (s.cost < best.cost)
                best = s;
        }
    return best;
}

// Sums over the window of the gradients' products and of those with the difference.
typedef struct {
    int32_t xx, xy, yy, xt, yt;
} gradients;

FSK_BODY void gradients_body(const uint8_t *now, const uint8_t *before, size_t stride, gradients *sums) {
    int32_t xx = 0, xy = 0, yy = 0, xt = 0, yt = 0;
    for (size_t y = 0; y < window; ++y)
        for (size_t x = 0; x < window; ++x) {
            const uint8_t *p = before + y * stride + x;
            const int32_t gx = p[1] - p[-1], gy = p[stride] - *(p - stride);
            const int32_t t = now[y * stride + x] - p[0];
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
            xt += gx * t;
            yt += gy * t;
        }
    *sums = (gradients){xx, xy, yy, xt, yt};
}
FSK_TARGETS(gradients, (const uint8_t *now, const uint8_t *before, size_t stride, gradients *sums),
            (now, before, stride, sums))

static float within(float x, float most) { return x > most ? most : x < -most ? -most : x; }

// What is left between whole pixels. Gradients are over two pixels, so sums are four times, twice what they
// say.
static void between(const job *j, const uint8_t *now, const uint8_t *before, float *x, float *y) {
    static const float damping = 4 * 4 * window * window, most = 0.75f, least = 1.0f / 16;
    gradients s;
    FSK_CALL(gradients, j->cpu, (now, before, j->stride, &s));
    const double a = (double)s.xx + (double)damping, b = (double)s.xy, c = (double)s.yy + (double)damping;
    const double xt = 2 * (double)s.xt, yt = 2 * (double)s.yt, d = a * c - b * b;
    const float u = within((float)((c * xt - b * yt) / d), most);
    const float v = within((float)((a * yt - b * xt) / d), most);
    const bool moves = u * u + v * v >= least * least;
    *x = moves ? u : 0;
    *y = moves ? v : 0;
}

// A line of a block: agreement of n pixels. before: where its first pixel was, rounded down.
FSK_BODY void agree_body(const uint8_t *now, const uint8_t *before, size_t stride, size_t n, const float *w,
                         float far, float per_level, float *restrict out, float *restrict sum) {
    float total = 0;
    for (size_t i = 0; i < n; ++i) {
        const uint8_t *p = before + i;
        const float was =
            w[0] * (float)p[0] + w[1] * (float)p[1] + w[2] * (float)p[stride] + w[3] * (float)p[stride + 1];
        const float apart = was - (float)now[i], left = (far - (apart < 0 ? -apart : apart)) * per_level;
        const float held = left < 0 ? 0 : left > 1 ? 1 : left;
        out[i] = held;
    }
    for (size_t i = 0; i < n; ++i) // in this order in every variant
        total += out[i];
    *sum += total;
}
FSK_TARGETS(agree,
            (const uint8_t *now, const uint8_t *before, size_t stride, size_t n, const float *w, float far,
             float per_level, float *out, float *sum),
            (now, before, stride, n, w, far, per_level, out, sum))

static void block_row(void *argument, size_t row) {
    const job *j = argument;
    const fsk_motion *a = j->arguments;
    const size_t across = fsk_motion_blocks(a->width), down = fsk_motion_blocks(a->height);
    const size_t end = (row + 1) * block < a->height ? (row + 1) * block : a->height;
    const float per_level = 1 / (a->far - a->near);
    a->sums[row] = 0;
    for (size_t i = 0; i < across; ++i) {
        // The window's middle is the block's.
        const ptrdiff_t x = (ptrdiff_t)(i * block) - (window - block) / 2;
        const ptrdiff_t y = (ptrdiff_t)(row * block) - (window - block) / 2;
        const uint8_t *now = pixel(a->now, j->stride, x, y), *before = pixel(a->before, j->stride, x, y);
        const shift s = chosen(j, (ptrdiff_t)i, (ptrdiff_t)row, now, before);
        float u, v;
        between(j, now, before + s.y * (ptrdiff_t)j->stride + s.x, &u, &v);
        a->flow[row * across + i] = (float)s.x + u;
        a->flow[(down + row) * across + i] = (float)s.y + v;
        const ptrdiff_t left = s.x - (u < 0), top = s.y - (v < 0);
        const float fx = u < 0 ? u + 1 : u, fy = v < 0 ? v + 1 : v;
        const float weights[4] = {(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy};
        const size_t n = (i + 1) * block < a->width ? block : a->width - i * block;
        for (size_t line = row * block; line < end; ++line) {
            const ptrdiff_t first = (ptrdiff_t)(i * block), at = (ptrdiff_t)line;
            FSK_CALL(agree, j->cpu,
                     (pixel(a->now, j->stride, first, at),
                      pixel(a->before, j->stride, first + left, at + top), j->stride, n, weights, a->far,
                      per_level, a->agreement + line * a->width + i * block, a->sums + row));
        }
    }
}

void fsk_motion_run(const fsk_motion *arguments, const fsk_pool *pool) {
    job j = {arguments, pool->cpu, arguments->width + 2 * border};
    fsk_pool_run(pool, search_row, &j, (arguments->height + window - 1) / window);
    fsk_pool_run(pool, block_row, &j, fsk_motion_blocks(arguments->height));
}
