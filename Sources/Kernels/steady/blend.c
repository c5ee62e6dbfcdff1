// blend: a frame's probabilities held by the past's, a row of blocks a task: the past is read where it was,
// what comes of it is written elsewhere.
#include "fsk_steady.h"
#include "cpu/targets.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
    const fsk_steady_blend *arguments;
    uint32_t cpu;
    size_t across, down; // blocks
} job;

enum { lines = 4 }; // of a worker beside one a channel: agreement, largest, second, keep

size_t fsk_steady_scratch(size_t channels, size_t width, size_t threads) {
    return threads * (channels + lines) * width;
}

FSK_BODY void moved_body(const float *above, const float *below, size_t n, const float *w,
                         float *restrict out) {
    for (size_t i = 0; i < n; ++i)
        out[i] = w[0] * above[i] + w[1] * above[i + 1] + w[2] * below[i] + w[3] * below[i + 1];
}
FSK_TARGETS(moved, (const float *above, const float *below, size_t n, const float *w, float *out),
            (above, below, n, w, out))

static size_t clamped(ptrdiff_t at, size_t n) { return at < 0 ? 0 : (size_t)at < n ? (size_t)at : n - 1; }

// Rounded down, without the library.
static ptrdiff_t whole(float x) {
    const ptrdiff_t cut = (ptrdiff_t)x;
    return cut - ((float)cut > x);
}

// n pixels of a row, all moved alike, of a plane [height, width]: linear between pixels, the edge repeated.
static void move_span(const job *j, const float *plane, size_t y, size_t x, size_t n, float u, float v,
                      float *out) {
    const fsk_steady_blend *a = j->arguments;
    const ptrdiff_t du = whole(u), dv = whole(v), left = (ptrdiff_t)x + du;
    const float fx = u - (float)du, fy = v - (float)dv;
    const float w[4] = {(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy};
    const float *above = plane + clamped((ptrdiff_t)y + dv, a->height) * a->width;
    const float *below = plane + clamped((ptrdiff_t)y + dv + 1, a->height) * a->width;
    if (left >= 0 && (size_t)left + n < a->width) {
        FSK_CALL(moved, j->cpu, (above + left, below + left, n, w, out));
        return;
    }
    for (size_t i = 0; i < n; ++i) {
        const size_t p = clamped(left + (ptrdiff_t)i, a->width);
        const size_t q = clamped(left + (ptrdiff_t)i + 1, a->width);
        out[i] = w[0] * above[p] + w[1] * above[q] + w[2] * below[p] + w[3] * below[q];
    }
}

// The two likeliest of the channels.
FSK_BODY void rank_body(const float *x, size_t n, float *restrict first, float *restrict second) {
    for (size_t i = 0; i < n; ++i) {
        const float p = x[i], most = first[i], rest = p < most ? p : most;
        first[i] = p < most ? most : p;
        second[i] = second[i] > rest ? second[i] : rest;
    }
}
FSK_TARGETS(rank, (const float *x, size_t n, float *first, float *second), (x, n, first, second))

FSK_BODY void keep_body(const float *first, const float *second, const float *agreement, size_t n, float hold,
                        float closed, float per_apart, float *restrict keep) {
    for (size_t i = 0; i < n; ++i) {
        const float u = (closed - (first[i] - second[i])) * per_apart;
        keep[i] = hold * agreement[i] * (u > 0 ? u < 1 ? u : 1 : 0); // NaN keeps nothing
    }
}
FSK_TARGETS(keep,
            (const float *first, const float *second, const float *agreement, size_t n, float hold,
             float closed, float per_apart, float *keep),
            (first, second, agreement, n, hold, closed, per_apart, keep))

FSK_BODY void blend_body(const float *past, const float *keep, size_t n, float *restrict p) {
    for (size_t i = 0; i < n; ++i) {
        const float change = keep[i] * (past[i] - p[i]);
        p[i] = change == change ? p[i] + change : p[i];
    }
}
FSK_TARGETS(blend, (const float *past, const float *keep, size_t n, float *p), (past, keep, n, p))

FSK_BODY void settled_body(const float *first, const float *second, size_t n, float certain,
                           uint32_t *unsettled) {
    uint32_t found = 0;
    for (size_t i = 0; i < n; ++i)
        found |= !(first[i] - second[i] >= certain);
    *unsettled |= found;
}
FSK_TARGETS(settled, (const float *first, const float *second, size_t n, float certain, uint32_t *unsettled),
            (first, second, n, certain, unsettled))

// Ranks a row of maps: [first, second] into `ranks`.
static void rank_row(const job *j, size_t y, float *ranks) {
    const fsk_steady_blend *a = j->arguments;
    const float *maps = a->maps + y * a->row;
    memcpy(ranks, maps, a->width * sizeof *ranks);
    for (size_t x = 0; x < a->width; ++x)
        ranks[a->width + x] = -1;
    for (size_t c = 1; c < a->channels; ++c)
        FSK_CALL(rank, j->cpu, (maps + c * a->plane, a->width, ranks, ranks + a->width));
}

static bool any(const float *keep, size_t n) {
    float sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += keep[i];
    return sum > 0;
}

// The spans of a row that are in one block and keep something.
static void blend_spans(const job *j, size_t y, const float *keep, float *moved) {
    const fsk_steady_blend *a = j->arguments;
    const size_t side = FSK_MOTION_BLOCK * a->scale, plane = a->height * a->width;
    const float *u = a->flow + y / side * j->across, *v = u + j->down * j->across;
    const float scale = (float)a->scale;
    float *maps = a->maps + y * a->row;
    for (size_t i = 0; i < j->across; ++i) {
        const size_t x = i * side, n = x + side < a->width ? side : a->width - x;
        if (!any(keep + x, n))
            continue;
        for (size_t c = 0; c < a->channels; ++c) {
            move_span(j, a->past + c * plane, y, x, n, u[i] * scale, v[i] * scale, moved);
            FSK_CALL(blend, j->cpu, (moved, keep + x, n, maps + c * a->plane + x));
        }
    }
}

static const float *agreement_row(const fsk_steady_blend *a, size_t y, float *line) {
    const size_t width = (a->width + a->scale - 1) / a->scale;
    const float *agreement = a->agreement + y / a->scale * width;
    if (a->scale == 1)
        return agreement;
    for (size_t x = 0; x < a->width; ++x)
        line[x] = agreement[x / a->scale];
    return line;
}

static void blend_row(const job *j, size_t y, float *scratch) {
    const fsk_steady_blend *a = j->arguments;
    const size_t n = a->width;
    float *ranks = scratch, *line = ranks + 2 * n, *keep = line + n, *moved = keep + n;
    const float *agreement = agreement_row(a, y, line);
    FSK_CALL(keep, j->cpu,
             (ranks, ranks + n, agreement, n, a->hold, a->closed, 1 / (a->closed - a->open), keep));
    blend_spans(j, y, keep, moved);
}

static void block_row(void *argument, size_t row, size_t worker) {
    const job *j = argument;
    const fsk_steady_blend *a = j->arguments;
    const size_t side = FSK_MOTION_BLOCK * a->scale, n = a->width;
    const size_t end = (row + 1) * side < a->height ? (row + 1) * side : a->height;
    float *scratch = a->scratch + worker * (a->channels + lines) * n;
    uint8_t *unsettled = a->unsettled + row * j->across;
    memset(unsettled, 0, j->across);
    for (size_t y = row * side; y < end; ++y) {
        rank_row(j, y, scratch);
        for (size_t i = 0; i < j->across; ++i) {
            const size_t x = i * side, length = x + side < n ? side : n - x;
            uint32_t found = 0;
            FSK_CALL(settled, j->cpu, (scratch + x, scratch + n + x, length, a->certain, &found));
            unsettled[i] |= (uint8_t)found;
        }
        if (a->past)
            blend_row(j, y, scratch);
        for (size_t c = 0; c < a->channels; ++c)
            memcpy(a->kept + (c * a->height + y) * n, a->maps + c * a->plane + y * a->row,
                   n * sizeof *a->kept);
    }
}

void fsk_steady_blend_run(const fsk_steady_blend *arguments, const fsk_pool *pool) {
    const fsk_steady_blend *a = arguments;
    const size_t side = FSK_MOTION_BLOCK * a->scale;
    job j = {a, pool->cpu, (a->width + side - 1) / side, (a->height + side - 1) / side};
    fsk_pool_run_workers(pool, block_row, &j, j.down);
}
