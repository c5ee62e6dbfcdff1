// interpolation: the transposes of the two, a plane a task. Source: DeepLab's `interp_layer.cpp`.
#include "fsg_interpolation.h"

#include <string.h>

typedef struct {
    const fsk_interp *interp;
    const fsk_upsample *upsample;
    const float *dy;
    float *dx;
} job;

// One axis: output i takes `near` of input `low` and `far` of the next.
typedef struct {
    size_t low, step;
    float far, near;
} position;

static position position_of(size_t i, size_t in, size_t out) {
    const float exact = out > 1 ? (float)(in - 1) / (float)(out - 1) * (float)i : 0;
    const size_t low = (size_t)exact < in - 1 ? (size_t)exact : in - 1;
    const float far = exact - (float)low;
    return (position){low, low + 1 < in, far, 1 - far};
}

static void interp_plane(void *argument, size_t plane) {
    const job *j = argument;
    const fsk_interp *p = j->interp;
    const size_t begin = (size_t)-p->pad_begin, cut = (size_t)(-p->pad_begin - p->pad_end);
    const size_t height = p->height - cut, width = p->width - cut;
    float *all = j->dx + plane * p->height * p->width, *dx = all + begin * p->width + begin;
    const float *dy = j->dy + plane * p->out_height * p->out_width;
    memset(all, 0, p->height * p->width * sizeof *all);
    for (size_t r = 0; r < p->out_height; ++r) {
        const position v = position_of(r, height, p->out_height);
        float *above = dx + v.low * p->width, *below = above + v.step * p->width;
        for (size_t c = 0; c < p->out_width; ++c, ++dy) {
            const position h = position_of(c, width, p->out_width);
            above[h.low] += v.near * h.near * *dy;
            above[h.low + h.step] += v.near * h.far * *dy;
            below[h.low] += v.far * h.near * *dy;
            below[h.low + h.step] += v.far * h.far * *dy;
        }
    }
}

void fsg_interp_run(const fsk_interp *forward, const float *dy, float *dx, const fsk_pool *pool) {
    job j = {.interp = forward, .dy = dy, .dx = dx};
    fsk_pool_run(pool, interp_plane, &j, forward->planes);
}

static void upsample_plane(void *argument, size_t plane) {
    const job *j = argument;
    const fsk_upsample *u = j->upsample;
    const size_t wide = u->width * u->factor;
    const float *dy = j->dy + plane * u->height * u->factor * wide;
    float *dx = j->dx + plane * u->height * u->width;
    memset(dx, 0, u->height * u->width * sizeof *dx);
    for (size_t r = 0; r < u->height * u->factor; ++r)
        for (size_t c = 0; c < wide; ++c)
            dx[r / u->factor * u->width + c / u->factor] += dy[r * wide + c];
}

void fsg_upsample_run(const fsk_upsample *forward, const float *dy, float *dx, const fsk_pool *pool) {
    job j = {.upsample = forward, .dy = dy, .dx = dx};
    fsk_pool_run(pool, upsample_plane, &j, forward->planes);
}
