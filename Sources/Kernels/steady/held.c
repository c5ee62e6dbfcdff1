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

// --- A photo's bytes: gains are 0 ... 256, so that all variants round alike.

FSK_BODY void bytes_body(const uint8_t *now, uint16_t *restrict held, size_t n, int32_t least, int32_t near,
                         int32_t per_level) {
    for (size_t i = 0; i < n; ++i) {
        const int32_t change = now[i] * 256 - held[i], apart = (change < 0 ? -change : change) >> 4;
        const int32_t more = (apart - near) * per_level; // 16 levels times 4096
        const int32_t above = least + (more > 0 ? more >> 12 : 0), gain = above < 256 ? above : 256;
        held[i] = (uint16_t)(held[i] + ((change * gain + 128) >> 8));
    }
}
FSK_TARGETS(bytes,
            (const uint8_t *now, uint16_t *held, size_t n, int32_t least, int32_t near, int32_t per_level),
            (now, held, n, least, near, per_level))

FSK_BODY void begin_body(const uint8_t *now, uint16_t *restrict held, size_t n) {
    for (size_t i = 0; i < n; ++i)
        held[i] = (uint16_t)(now[i] * 256);
}
FSK_TARGETS(begin, (const uint8_t *now, uint16_t *held, size_t n), (now, held, n))

FSK_BODY void shown_body(const uint16_t *held, size_t n, uint8_t *restrict out) {
    for (size_t i = 0; i < n; ++i)
        out[i] = (uint8_t)((held[i] + 128) >> 8);
}
FSK_TARGETS(shown, (const uint16_t *held, size_t n, uint8_t *out), (held, n, out))

typedef struct {
    const fsk_held_photo *arguments;
    uint32_t cpu;
    int32_t least, near, per_level;
} photo_job;

static size_t tiles(size_t side) { return (side + FSK_HELD_TILE - 1) / FSK_HELD_TILE; }

// Numbers of a row that are in tile i.
static size_t tile_bytes(const fsk_held_photo *a, size_t i) {
    const size_t x = i * FSK_HELD_TILE;
    return (x + FSK_HELD_TILE < a->width ? FSK_HELD_TILE : a->width - x) * a->pixel_bytes;
}

static void tile_row(void *argument, size_t row) {
    const photo_job *j = argument;
    const fsk_held_photo *a = j->arguments;
    const size_t across = tiles(a->width), first = row * FSK_HELD_TILE;
    const size_t end = first + FSK_HELD_TILE < a->height ? first + FSK_HELD_TILE : a->height;
    const uint8_t *wanted = a->wanted + row * across;
    uint8_t *has = a->has + row * across;
    for (size_t y = first; y < end; ++y)
        for (size_t i = 0; i < across; ++i) {
            if (!wanted[i])
                continue;
            const size_t at = i * FSK_HELD_TILE * a->pixel_bytes, n = tile_bytes(a, i);
            const uint8_t *now = a->pixels + (ptrdiff_t)y * a->row_bytes + at;
            uint16_t *held = a->held + y * a->width * a->pixel_bytes + at;
            if (has[i])
                FSK_CALL(bytes, j->cpu, (now, held, n, j->least, j->near, j->per_level));
            else
                FSK_CALL(begin, j->cpu, (now, held, n));
        }
    memcpy(has, wanted, across);
}

void fsk_held_photo_run(const fsk_held_photo *arguments, const fsk_pool *pool) {
    const fsk_held_photo *a = arguments;
    const int32_t least = (int32_t)(a->least * 256 + 0.5f);
    photo_job j = {a, pool->cpu, least, (int32_t)(a->near * 16),
                   (int32_t)((float)(256 - least) * 256 / (a->far - a->near))};
    fsk_pool_run(pool, tile_row, &j, tiles(a->height));
}

void fsk_held_row(const fsk_held_photo *photo, size_t row, uint8_t *out, uint32_t cpu) {
    const fsk_held_photo *a = photo;
    const size_t across = tiles(a->width), length = a->width * a->pixel_bytes;
    const uint8_t *has = a->has + row / FSK_HELD_TILE * across;
    memcpy(out, a->pixels + (ptrdiff_t)row * a->row_bytes, length);
    for (size_t i = 0; i < across; ++i) {
        const size_t at = i * FSK_HELD_TILE * a->pixel_bytes;
        if (has[i])
            FSK_CALL(shown, cpu, (a->held + row * length + at, tile_bytes(a, i), out + at));
    }
}
