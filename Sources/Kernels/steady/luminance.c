// luminance: from a picture's planes to smoothed bytes with a border, row by row.
#include "fsk_steady.h"
#include "cpu/targets.h"

#include <string.h>

enum { border = FSK_MOTION_BORDER };

size_t fsk_luminance_bytes(size_t height, size_t width) {
    return (height + 2 * border) * (width + 2 * border);
}

// b, g, r: three rows each, above, at and below.
typedef struct {
    const float *b[3], *g[3], *r[3];
} rows;

static inline __attribute__((always_inline)) float light(const rows *p, size_t k, size_t x) {
    return 0.114f * p->b[k][x] + 0.587f * p->g[k][x] + 0.299f * p->r[k][x];
}

static inline __attribute__((always_inline)) float column(const rows *p, size_t x) {
    return light(p, 0, x) + 2 * light(p, 1, x) + light(p, 2, x);
}

static inline __attribute__((always_inline)) uint8_t byte_of(float left, float middle, float right) {
    const float level = (left + 2 * middle + right) * (1.0f / 16) + 0.5f;
    return (uint8_t)(level > 0 ? level < 255 ? level : 255 : 0);
}

FSK_BODY void smooth_body(const rows *p, size_t width, uint8_t *restrict out) {
    const size_t last = width - 1;
    for (size_t x = 1; x < last; ++x)
        out[x] = byte_of(column(p, x - 1), column(p, x), column(p, x + 1));
    out[0] = byte_of(column(p, 0), column(p, 0), column(p, width > 1));
    out[last] = byte_of(column(p, last - (last > 0)), column(p, last), column(p, last));
}
FSK_TARGETS(smooth, (const rows *p, size_t width, uint8_t *out), (p, width, out))

typedef struct {
    const fsk_luminance *arguments;
    uint32_t cpu;
} job;

static void luminance_row(void *argument, size_t y) {
    const job *j = argument;
    const fsk_luminance *a = j->arguments;
    const size_t plane = a->height * a->width, stride = a->width + 2 * border;
    rows p;
    for (size_t k = 0; k < 3; ++k) {
        const size_t at = y + k == 0 ? 0 : y + k - 1 < a->height ? y + k - 1 : a->height - 1;
        p.b[k] = a->planes + at * a->width;
        p.g[k] = p.b[k] + plane;
        p.r[k] = p.g[k] + plane;
    }
    uint8_t *out = a->out + (y + border) * stride;
    FSK_CALL(smooth, j->cpu, (&p, a->width, out + border));
    memset(out, out[border], border);
    memset(out + border + a->width, out[border + a->width - 1], border);
    for (size_t k = 0; k < border; ++k) {
        if (y == 0)
            memcpy(a->out + k * stride, out, stride);
        if (y == a->height - 1)
            memcpy(out + (k + 1) * stride, out, stride);
    }
}

void fsk_luminance_run(const fsk_luminance *arguments, const fsk_pool *pool) {
    job j = {arguments, pool->cpu};
    fsk_pool_run(pool, luminance_row, &j, arguments->height);
}
