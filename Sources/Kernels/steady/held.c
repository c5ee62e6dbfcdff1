// held: what guides edges, held by its own past where it stays as it was, so that a camera's noise moves
// none.
#include "fsk_steady.h"
#include "cpu/targets.h"
#include "parallel/slices.h"

#include <string.h>

// --- Planes of floats.

FSK_BODY void planes_body(const float *now, float *restrict held, size_t plane, size_t n, float least,
                          float near, float per_level) {
    for (size_t i = 0; i < n; ++i) {
        const float b = now[i] - held[i], g = now[plane + i] - held[plane + i];
        const float r = now[2 * plane + i] - held[2 * plane + i];
        const float bb = b < 0 ? -b : b, gg = g < 0 ? -g : g, rr = r < 0 ? -r : r;
        const float bg = bb > gg ? bb : gg, apart = bg > rr ? bg : rr;
        const float more = (apart - near) * per_level, part = more > 0 ? more < 1 ? more : 1 : 0;
        const float gain = least + (1 - least) * part;
        held[i] = part < 1 ? held[i] + gain * b : now[i];
        held[plane + i] = part < 1 ? held[plane + i] + gain * g : now[plane + i];
        held[2 * plane + i] = part < 1 ? held[2 * plane + i] + gain * r : now[2 * plane + i];
    }
}
FSK_TARGETS(planes,
            (const float *now, float *held, size_t plane, size_t n, float least, float near, float per_level),
            (now, held, plane, n, least, near, per_level))

typedef struct {
    const fsk_held_planes *arguments;
    uint32_t cpu;
    size_t items;
} planes_job;

static void planes_task(void *argument, size_t index) {
    const planes_job *j = argument;
    const fsk_held_planes *a = j->arguments;
    const size_t at = index * j->items, n = fsk_end(a->count, j->items, index) - at;
    FSK_CALL(planes, j->cpu,
             (a->now + at, a->held + at, a->count, n, a->least, a->near, 1 / (a->far - a->near)));
}

void fsk_held_planes_run(const fsk_held_planes *arguments, const fsk_pool *pool) {
    planes_job j = {arguments, pool->cpu, fsk_items(6)};
    fsk_pool_run(pool, planes_task, &j, fsk_tasks(arguments->count, j.items));
}

// --- A photo's bytes, 128 times as large, so that 16 bits hold them and their changes; all variants round
// alike.

enum { fine = 128, whole_gain = 1 << 15 };

typedef struct {
    int16_t least, near, far; // a gain of 2^15, and levels of 1 / fine
    int16_t slope, rest;      // of the gain a level of 1 / fine: the whole part, and 2^13 times what is left
} photo_rule;

FSK_BODY void bytes_body(const uint8_t *restrict now, int16_t *restrict held, size_t n, photo_rule r) {
    for (size_t i = 0; i < n; ++i) {
        const int16_t wanted = (int16_t)(now[i] * fine), change = (int16_t)(wanted - held[i]);
        const int16_t apart = (int16_t)(change < 0 ? -change : change);
        const int16_t below = apart < r.far ? apart : r.far,
                      more = (int16_t)(below > r.near ? below - r.near : 0);
        const int16_t rest = (int16_t)(((int16_t)(more * 8) * r.rest) >> 16);
        const int16_t gain = (int16_t)(r.least + more * r.slope + rest);
        const int16_t half = (int16_t)((change * gain) >> 16);
        held[i] = apart >= r.far ? wanted : (int16_t)(held[i] + 2 * half);
    }
}
FSK_TARGETS(bytes, (const uint8_t *now, int16_t *held, size_t n, photo_rule r), (now, held, n, r))

FSK_BODY void begin_body(const uint8_t *restrict now, int16_t *restrict held, size_t n) {
    for (size_t i = 0; i < n; ++i)
        held[i] = (int16_t)(now[i] * fine);
}
FSK_TARGETS(begin, (const uint8_t *now, int16_t *held, size_t n), (now, held, n))

FSK_BODY void shown_body(const int16_t *restrict held, size_t n, uint8_t *restrict out) {
    for (size_t i = 0; i < n; ++i)
        out[i] = (uint8_t)((uint16_t)(held[i] + fine / 2) / fine);
}
FSK_TARGETS(shown, (const int16_t *held, size_t n, uint8_t *out), (held, n, out))

typedef struct {
    const fsk_held_photo *arguments;
    uint32_t cpu;
    photo_rule rule;
} photo_job;

static size_t tiles(size_t side) { return (side + FSK_HELD_TILE - 1) / FSK_HELD_TILE; }

// Tiles from `first` on that are as it is; x: where they begin, n: how many bytes of a row they are.
static size_t run_of_tiles(const fsk_held_photo *a, const uint8_t *wanted, const uint8_t *has, size_t first,
                           size_t *x, size_t *n) {
    const size_t across = tiles(a->width);
    size_t end = first + 1;
    while (end < across && wanted[end] == wanted[first] && has[end] == has[first])
        ++end;
    const size_t right = end * FSK_HELD_TILE < a->width ? end * FSK_HELD_TILE : a->width;
    *x = first * FSK_HELD_TILE * a->pixel_bytes;
    *n = right * a->pixel_bytes - *x;
    return end;
}

static void tile_row(void *argument, size_t row) {
    const photo_job *j = argument;
    const fsk_held_photo *a = j->arguments;
    const size_t across = tiles(a->width), first = row * FSK_HELD_TILE, length = a->width * a->pixel_bytes;
    const size_t end = first + FSK_HELD_TILE < a->height ? first + FSK_HELD_TILE : a->height;
    const uint8_t *wanted = a->wanted + row * across;
    uint8_t *has = a->has + row * across;
    for (size_t y = first; y < end; ++y)
        for (size_t i = 0, x, n; i < across;) {
            const size_t tile = i;
            i = run_of_tiles(a, wanted, has, tile, &x, &n);
            const uint8_t *now = a->pixels + (ptrdiff_t)y * a->row_bytes + x;
            if (wanted[tile] && has[tile])
                FSK_CALL(bytes, j->cpu, (now, a->held + y * length + x, n, j->rule));
            else if (wanted[tile])
                FSK_CALL(begin, j->cpu, (now, a->held + y * length + x, n));
        }
    memcpy(has, wanted, across);
}

void fsk_held_photo_run(const fsk_held_photo *arguments, const fsk_pool *pool) {
    const fsk_held_photo *a = arguments;
    const float least = a->least * whole_gain;
    const float slope = (whole_gain - 1 - least) / ((a->far - a->near) * fine), whole = (float)(int16_t)slope;
    photo_job j = {.arguments = a, .cpu = pool->cpu};
    j.rule = (photo_rule){(int16_t)least, (int16_t)(a->near * fine), (int16_t)(a->far * fine), (int16_t)whole,
                          (int16_t)((slope - whole) * 8192)};
    fsk_pool_run(pool, tile_row, &j, tiles(a->height));
}

void fsk_held_row(const fsk_held_photo *photo, size_t row, uint8_t *out, uint32_t cpu) {
    const fsk_held_photo *a = photo;
    const size_t across = tiles(a->width), length = a->width * a->pixel_bytes;
    const uint8_t *has = a->has + row / FSK_HELD_TILE * across;
    for (size_t i = 0, x, n; i < across;) {
        const size_t tile = i;
        i = run_of_tiles(a, has, has, tile, &x, &n);
        if (has[tile])
            FSK_CALL(shown, cpu, (a->held + row * length + x, n, out + x));
        else
            memcpy(out + x, a->pixels + (ptrdiff_t)row * a->row_bytes + x, n);
    }
}
