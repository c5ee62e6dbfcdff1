// trimap: what is known of how much of each pixel is foreground, and smaller trimaps.
#include "cpu/targets.h"
#include "fsk_matting.h"

#include <string.h>

enum { unknown = 128, background = 255, peak = 2 }; // background: in place of a distance

typedef struct {
    const fsk_trimap *arguments;
    uint32_t cpu;
} job;

// y = min(y, max(x, least))
FSK_BODY void nearest_body(const uint8_t *x, size_t n, uint8_t least, uint8_t *y) {
    for (size_t i = 0; i < n; ++i) {
        const uint8_t far = x[i] > least ? x[i] : least;
        y[i] = far < y[i] ? far : y[i];
    }
}
FSK_TARGETS(nearest, (const uint8_t *x, size_t n, uint8_t least, uint8_t *y), (x, n, least, y))

// How far the nearest pixel of the row is that is not at least `high` (or not at most `low`), up to radius
// + 1.
static void row_distances(const fsk_trimap *a, const uint8_t *row, bool is_high, uint8_t *out) {
    const size_t most = a->radius + 1;
    size_t distance = most;
    for (size_t x = 0; x < a->width; ++x) {
        const bool holds = is_high ? row[x] >= a->high : row[x] <= a->low;
        distance = holds ? distance < most ? distance + 1 : most : 0;
        out[x] = (uint8_t)distance;
    }
    distance = most;
    for (size_t x = a->width; x-- > 0;) {
        distance = out[x] == 0 ? 0 : distance < most ? distance + 1 : most;
        out[x] = distance < out[x] ? (uint8_t)distance : out[x];
    }
}

static void along_row(void *argument, size_t index) {
    const fsk_trimap *a = ((const job *)argument)->arguments;
    const size_t at = index * a->width;
    row_distances(a, a->pixels + at, true, a->scratch + at);
    row_distances(a, a->pixels + at, false, a->trimap + at);
}

// The distances of row `index`, of n pixels from `first` on, by those along rows above and below.
static void distances(const job *j, const uint8_t *plane, size_t index, size_t first, size_t n,
                      uint8_t *out) {
    const fsk_trimap *a = j->arguments;
    memcpy(out, plane + index * a->width + first, n);
    for (size_t k = 1; k <= a->radius; ++k) {
        if (index >= k)
            FSK_CALL(nearest, j->cpu, (plane + (index - k) * a->width + first, n, (uint8_t)k, out));
        if (index + k < a->height)
            FSK_CALL(nearest, j->cpu, (plane + (index + k) * a->width + first, n, (uint8_t)k, out));
    }
}

// The pixels become distances from what may not be foreground, or `background`.
static void down_columns(void *argument, size_t index) {
    enum { strip = 256 };
    const job *j = argument;
    const fsk_trimap *a = j->arguments;
    uint8_t high[strip], low[strip], *out = a->pixels + index * a->width;
    for (size_t first = 0; first < a->width; first += strip) {
        const size_t n = a->width - first < strip ? a->width - first : strip;
        distances(j, a->scratch, index, first, n, high);
        distances(j, a->trimap, index, first, n, low);
        for (size_t i = 0; i < n; ++i)
            out[first + i] = low[i] > a->radius ? background : high[i];
    }
}

// Foreground is what is far enough, and what is as far as all about it: the middle of thin strands.
static void choose(void *argument, size_t index) {
    const fsk_trimap *a = ((const job *)argument)->arguments;
    const size_t top = index < peak ? 0 : index - peak;
    const size_t bottom = index + peak < a->height ? index + peak : a->height - 1;
    for (size_t x = 0; x < a->width; ++x) {
        const uint8_t distance = a->pixels[index * a->width + x];
        bool is_peak = distance > 0 && distance != background;
        if (is_peak && distance <= a->radius)
            for (size_t y = top; y <= bottom; ++y)
                for (size_t u = x < peak ? 0 : x - peak; u <= x + peak && u < a->width; ++u) {
                    const uint8_t other = a->pixels[y * a->width + u];
                    is_peak &= other <= distance || other == background;
                }
        a->trimap[index * a->width + x] = distance == background ? 0 : is_peak ? 255 : unknown;
    }
}

void fsk_trimap_run(const fsk_trimap *arguments, const fsk_pool *pool) {
    job j = {arguments, pool->cpu};
    fsk_pool_run(pool, along_row, &j, arguments->height);
    fsk_pool_run(pool, down_columns, &j, arguments->height);
    fsk_pool_run(pool, choose, &j, arguments->height);
}

void fsk_trimap_reduce_row(const uint8_t *trimap, ptrdiff_t row_bytes, size_t height, size_t width,
                           size_t row, size_t to_height, size_t to_width, uint8_t *out) {
    const size_t top = row * height / to_height, bottom = ((row + 1) * height + to_height - 1) / to_height;
    for (size_t x = 0; x < to_width; ++x) {
        const size_t left = x * width / to_width, right = ((x + 1) * width + to_width - 1) / to_width;
        const uint8_t first = trimap[(ptrdiff_t)top * row_bytes + (ptrdiff_t)left];
        bool is_same = first == 0 || first == 255;
        for (size_t y = top; y < bottom && is_same; ++y)
            for (size_t u = left; u < right; ++u)
                is_same &= trimap[(ptrdiff_t)y * row_bytes + (ptrdiff_t)u] == first;
        out[x] = is_same ? first : unknown;
    }
}
