// warp: turned photos and maps: points picked through an affine map, bilinearly. Antialiased by taking many
// points a pixel where the photo shrinks.
#include "fsk_resampling.h"

#include <math.h>

static inline double map_x(const fsk_affine_map *m, double u, double v) {
    return m->xx * u + m->xy * v + m->x0;
}
static inline double map_y(const fsk_affine_map *m, double u, double v) {
    return m->yx * u + m->yy * v + m->y0;
}

static inline size_t hold(ptrdiff_t i, size_t n) { return i < 0 ? 0 : (size_t)i >= n ? n - 1 : (size_t)i; }

// Adds the photo's colour at (x, y) to sum (B, G, R).
static void add_point(const fsk_photo *p, double x, double y, const float outside[3], float sum[3]) {
    if (!(x >= 0 && y >= 0 && x < (double)p->width && y < (double)p->height)) {
        for (int c = 0; c < 3; ++c)
            sum[c] += outside[c];
        return;
    }
    const double left = floor(x - 0.5), top = floor(y - 0.5);
    const float fx = (float)(x - 0.5 - left), fy = (float)(y - 0.5 - top);
    const size_t x0 = hold((ptrdiff_t)left, p->width), x1 = hold((ptrdiff_t)left + 1, p->width);
    const uint8_t *row0 = p->pixels + (ptrdiff_t)hold((ptrdiff_t)top, p->height) * p->row_bytes;
    const uint8_t *row1 = p->pixels + (ptrdiff_t)hold((ptrdiff_t)top + 1, p->height) * p->row_bytes;
    const size_t channels[3] = {p->blue, p->green, p->red};
    for (int c = 0; c < 3; ++c) {
        const size_t at0 = x0 * p->pixel_bytes + channels[c], at1 = x1 * p->pixel_bytes + channels[c];
        const float upper = row0[at0] + fx * ((float)row0[at1] - row0[at0]);
        const float lower = row1[at0] + fx * ((float)row1[at1] - row1[at0]);
        sum[c] += upper + fy * (lower - upper);
    }
}

static void warp_row(void *argument, size_t row) {
    const fsk_photo_warp *a = argument;
    const double step = 1.0 / (double)a->samples;
    const float share = (float)(step * step);
    for (size_t u = 0; u < a->width; ++u) {
        float sum[3] = {0};
        for (size_t i = 0; i < a->samples; ++i)
            for (size_t j = 0; j < a->samples; ++j) {
                const double pu = (double)u + ((double)j + 0.5) * step,
                             pv = (double)row + ((double)i + 0.5) * step;
                add_point(&a->photo, map_x(&a->map, pu, pv), map_y(&a->map, pu, pv), a->outside, sum);
            }
        for (size_t c = 0; c < 3; ++c)
            a->planes[(c * a->height + row) * a->width + u] = sum[c] * share;
    }
}

void fsk_photo_warp_run(const fsk_photo_warp *arguments, const fsk_pool *pool) {
    fsk_pool_run(pool, warp_row, (void *)arguments, arguments->height);
}

void fsk_map_warp_row(const fsk_map_warp *a, size_t row, float *out) {
    const double v = (double)row + 0.5;
    const size_t plane = a->height * a->width;
    for (size_t i = 0; i < a->count; ++i) {
        const double u = (double)i + 0.5, s = map_x(&a->inside, u, v), t = map_y(&a->inside, u, v);
        if (!(s >= 0 && s < 1 && t >= 0 && t < 1)) {
            for (size_t c = 0; c < a->channels; ++c)
                out[c * a->count + i] = c == 0 ? a->outside : 0;
            continue;
        }
        const double x = map_x(&a->map, u, v) - 0.5, y = map_y(&a->map, u, v) - 0.5;
        const double left = floor(x), top = floor(y);
        const float fx = (float)(x - left), fy = (float)(y - top);
        const size_t x0 = hold((ptrdiff_t)left, a->width), x1 = hold((ptrdiff_t)left + 1, a->width);
        const size_t y0 = hold((ptrdiff_t)top, a->height), y1 = hold((ptrdiff_t)top + 1, a->height);
        for (size_t c = 0; c < a->channels; ++c) {
            const float *r0 = a->maps + c * plane + y0 * a->width, *r1 = a->maps + c * plane + y1 * a->width;
            const float upper = r0[x0] + fx * (r0[x1] - r0[x0]), lower = r1[x0] + fx * (r1[x1] - r1[x0]);
            out[c * a->count + i] = upper + fy * (lower - upper);
        }
    }
}
