// recolor: photos to OKLab and back, a few hundred pixels of a row at a time.
#include "fsk_recolor.h"
#include "cpu/targets.h"

#include <math.h>
#include <string.h>

enum { span = 256, most_bands = 32 };

// Of span pixels.
typedef struct {
    float alpha[span];
    float light[3][span]; // red, green, blue, 0 ... 1
    float lab[3][span];
} colors;

// x above 1e-18 or so: a guess by the exponent, and Halley's steps, each of which triples the digits.
FSK_BODY float cube_root(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (uint32_t)((float)bits * (1.0f / 3)) + 709958130u;
    float t;
    memcpy(&t, &bits, sizeof t);
    for (int step = 0; step < 2; ++step) {
        const float cube = t * t * t;
        t *= (2 * x + cube) / (x + 2 * cube);
    }
    return t;
}

// x^(5/4), x above 1e-30 or so: by x^(-1/4), a guess and Newton's steps.
FSK_BODY float five_fourths(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = 1331083506u - bits / 4;
    float q;
    memcpy(&q, &bits, sizeof q);
    for (int step = 0; step < 3; ++step) {
        const float square = q * q;
        q *= 1.25f - 0.25f * x * square * square;
    }
    return x * x * (q * q * q);
}

static const float least_light = 1e-15f; // has a root

FSK_BODY float held(float value) { return value > 0 ? value < 1 ? value : 1 : 0; } // 0 for NaN

// Ottosson's matrices for linear sRGB.
FSK_BODY void lab_body(const float (*light)[span], size_t n, float (*restrict lab)[span]) {
    for (size_t i = 0; i < n; ++i) {
        const float r = light[0][i], g = light[1][i], b = light[2][i];
        const float l = cube_root(0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b + least_light);
        const float m = cube_root(0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b + least_light);
        const float s = cube_root(0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b + least_light);
        lab[0][i] = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
        lab[1][i] = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
        lab[2][i] = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
    }
}
FSK_TARGETS(lab, (const float (*light)[span], size_t n, float (*lab)[span]), (light, n, lab))

typedef struct {
    const float *tint; // as of fsk_recolor
    float usual[2], kept, strength;
} rule;

// lab becomes the new colour's light.
FSK_BODY void tinted_body(const rule *r, size_t n, float (*restrict lab)[span]) {
    const float *l_tint = r->tint, *a_tint = l_tint + FSK_TINTS + 1, *b_tint = a_tint + FSK_TINTS + 1;
    const float a_usual = r->usual[0], b_usual = r->usual[1], kept = r->kept;
    for (size_t i = 0; i < n; ++i) {
        const float at = held(lab[0][i]) * FSK_TINTS;
        const int32_t cut = (int32_t)at, low = cut < FSK_TINTS ? cut : FSK_TINTS - 1;
        const float t = at - (float)low;
        const float lightness = l_tint[low] + t * (l_tint[low + 1] - l_tint[low]);
        const float a = a_tint[low] + t * (a_tint[low + 1] - a_tint[low]) + kept * (lab[1][i] - a_usual);
        const float b = b_tint[low] + t * (b_tint[low + 1] - b_tint[low]) + kept * (lab[2][i] - b_usual);
        const float l = lightness + 0.3963377774f * a + 0.2158037573f * b;
        const float m = lightness - 0.1055613458f * a - 0.0638541728f * b;
        const float s = lightness - 0.0894841775f * a - 1.2914855480f * b;
        const float l3 = l * l * l, m3 = m * m * m, s3 = s * s * s;
        lab[0][i] = held(4.0767416621f * l3 - 3.3077115913f * m3 + 0.2309699292f * s3);
        lab[1][i] = held(-1.2684380046f * l3 + 2.6097574011f * m3 - 0.3413193965f * s3);
        lab[2][i] = held(-0.0041960863f * l3 - 0.7034186147f * m3 + 1.7076147010f * s3);
    }
}
FSK_TARGETS(tinted, (const rule *r, size_t n, float (*lab)[span]), (r, n, lab))

// sRGB's transfer function (IEC 61966-2-1): x^(1/2.4) is the cube root's 5/4th power.
FSK_BODY void bytes_body(const float *from, const float *to, const float *share, float strength, size_t n,
                         uint8_t *restrict out) {
    for (size_t i = 0; i < n; ++i) {
        const float x = from[i] + strength * share[i] * (to[i] - from[i]);
        const float curved = 1.055f * five_fourths(cube_root(x + least_light)) - 0.055f;
        out[i] = (uint8_t)(255 * held(x <= 0.0031308f ? 12.92f * x : curved) + 0.5f);
    }
}
FSK_TARGETS(bytes,
            (const float *from, const float *to, const float *share, float strength, size_t n, uint8_t *out),
            (from, to, share, strength, n, out))

static const uint8_t *photo_at(const fsk_photo *p, size_t y, size_t x) {
    return p->pixels + (ptrdiff_t)y * p->row_bytes + x * p->pixel_bytes;
}

// Alpha of n pixels; whether there is any.
static bool read_alpha(const fsk_masked *a, size_t y, size_t x, size_t n, float *alpha) {
    const char *row = (const char *)a->alpha + (ptrdiff_t)y * a->alpha_row_bytes;
    bool any = false;
    for (size_t i = 0; i < n; ++i) {
        alpha[i] = a->alpha_is_float ? held(((const float *)(const void *)row)[x + i])
                                     : (float)((const uint8_t *)row)[x + i] / 255;
        any |= alpha[i] > 0;
    }
    return any;
}

static void read_colors(const fsk_masked *a, size_t y, size_t x, size_t n, uint32_t cpu, colors *c) {
    const fsk_photo *p = &a->photo;
    const uint8_t *pixel = photo_at(p, y, x);
    for (size_t i = 0; i < n; ++i, pixel += p->pixel_bytes) {
        c->light[0][i] = a->linear[pixel[p->red]];
        c->light[1][i] = a->linear[pixel[p->green]];
        c->light[2][i] = a->linear[pixel[p->blue]];
    }
    FSK_CALL(lab, cpu, ((const float(*)[span])c->light, n, c->lab));
}

static size_t span_at(size_t width, size_t x) { return width - x < span ? width - x : span; }

// --- Sums.

typedef struct {
    const fsk_lab_sums *arguments;
    uint32_t cpu;
} sums_job;

size_t fsk_lab_bands(size_t height) { return height < most_bands ? height : most_bands; }

static int64_t whole(float value) { return (int64_t)lrintf(value * FSK_LAB_UNIT); }

static void count(const colors *c, size_t n, int64_t *sums) {
    for (size_t i = 0; i < n; ++i) {
        const int64_t alpha = lrintf(c->alpha[i] * 255), weight = alpha * alpha;
        const size_t bin = (size_t)(held(c->lab[0][i]) * (FSK_LIGHTNESSES - 1) + 0.5f);
        int64_t *sum = sums + bin * FSK_LAB_SUMS;
        sum[0] += weight;
        for (size_t k = 0; k < 3; ++k)
            sum[1 + k] += weight * whole(c->lab[k][i]);
    }
}

static void sum_band(void *argument, size_t band) {
    const sums_job *j = argument;
    const fsk_masked *a = &j->arguments->masked;
    const size_t height = a->photo.height, width = a->photo.width, bands = fsk_lab_bands(height);
    int64_t *sums = j->arguments->sums + band * FSK_LIGHTNESSES * FSK_LAB_SUMS;
    memset(sums, 0, FSK_LIGHTNESSES * FSK_LAB_SUMS * sizeof *sums);
    colors c;
    for (size_t y = band * height / bands; y < (band + 1) * height / bands; ++y)
        for (size_t x = 0; x < width; x += span) {
            const size_t n = span_at(width, x);
            if (!read_alpha(a, y, x, n, c.alpha))
                continue;
            read_colors(a, y, x, n, j->cpu, &c);
            count(&c, n, sums);
        }
}

void fsk_lab_sums_run(const fsk_lab_sums *arguments, const fsk_pool *pool) {
    sums_job j = {arguments, pool->cpu};
    const size_t bands = fsk_lab_bands(arguments->masked.photo.height), n = FSK_LIGHTNESSES * FSK_LAB_SUMS;
    fsk_pool_run(pool, sum_band, &j, bands);
    for (size_t band = 1; band < bands; ++band)
        for (size_t i = 0; i < n; ++i)
            arguments->sums[i] += arguments->sums[band * n + i];
}

// --- New colours.

typedef struct {
    const fsk_recolor *arguments;
    rule rule;
    uint32_t cpu;
} recolor_job;

static void copy(const fsk_photo *p, size_t y, size_t x, size_t n, uint8_t *out) {
    const uint8_t *pixel = photo_at(p, y, x);
    for (size_t i = 0; i < n; ++i, pixel += p->pixel_bytes, out += 3) {
        const uint8_t rgb[3] = {pixel[p->red], pixel[p->green], pixel[p->blue]}; // out may be the photo's
        memcpy(out, rgb, sizeof rgb);
    }
}

static void recolor_row(void *argument, size_t y) {
    const recolor_job *j = argument;
    const fsk_recolor *a = j->arguments;
    const fsk_photo *p = &a->masked.photo;
    uint8_t *out = a->out + (ptrdiff_t)y * a->out_row_bytes, bytes[3][span];
    colors c;
    for (size_t x = 0; x < p->width; x += span) {
        const size_t n = span_at(p->width, x);
        const bool any = read_alpha(&a->masked, y, x, n, c.alpha);
        if (any)
            read_colors(&a->masked, y, x, n, j->cpu, &c);
        copy(p, y, x, n, out + 3 * x);
        if (!any)
            continue;
        FSK_CALL(tinted, j->cpu, (&j->rule, n, c.lab));
        for (size_t k = 0; k < 3; ++k)
            FSK_CALL(bytes, j->cpu, (c.light[k], c.lab[k], c.alpha, j->rule.strength, n, bytes[k]));
        for (size_t i = 0; i < n; ++i)
            for (size_t k = 0; k < 3 && c.alpha[i] > 0; ++k)
                out[3 * (x + i) + k] = bytes[k][i];
    }
}

void fsk_recolor_run(const fsk_recolor *arguments, const fsk_pool *pool) {
    const fsk_recolor *a = arguments;
    recolor_job j = {a, {a->tint, {a->usual[0], a->usual[1]}, a->kept, a->strength}, pool->cpu};
    fsk_pool_run(pool, recolor_row, &j, a->masked.photo.height);
}
