// fsk_lab_sums and fsk_recolor against Ottosson's formulas and sRGB's (IEC 61966-2-1) in double, a pixel
// after the other.
#include "photo.h"

#include <string.h>

static double light_of(double srgb) {
    return srgb <= 0.04045 ? srgb / 12.92 : pow((srgb + 0.055) / 1.055, 2.4);
}
static double srgb_of(double x) { return x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055; }
static double held(double x) { return x > 0 ? fmin(x, 1) : 0; }

static const float *linear(void) {
    float *table = floats(256);
    for (int i = 0; i < 256; ++i)
        table[i] = (float)light_of(i / 255.0);
    return table;
}

// Red, green and blue of a pixel as light.
static void light_at(const fsk_photo *p, size_t x, size_t y, double light[3]) {
    for (size_t k = 0; k < 3; ++k)
        light[k] = light_of(photo_value(p, x, y, 2 - k) / 255.0);
}

static void to_lab(const double c[3], double lab[3]) {
    const double l = cbrt(0.4122214708 * c[0] + 0.5363325363 * c[1] + 0.0514459929 * c[2]);
    const double m = cbrt(0.2119034982 * c[0] + 0.6806995451 * c[1] + 0.1073969566 * c[2]);
    const double s = cbrt(0.0883024619 * c[0] + 0.2817188376 * c[1] + 0.6299787005 * c[2]);
    lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

static void from_lab(const double lab[3], double c[3]) {
    const double l = pow(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2], 3);
    const double m = pow(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2], 3);
    const double s = pow(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2], 3);
    c[0] = held(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    c[1] = held(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    c[2] = held(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
}

static const size_t widths[] = {1, 7, 64, 255, 257, 600}, heights[] = {1, 3, 40};

// Alpha of all kinds, and long stretches of none.
static fsk_masked masked(size_t width, size_t height, size_t pixel_bytes, bool is_float) {
    const size_t row = width + 3;
    float *numbers = odd_numbers(row * height);
    uint8_t *bytes = memory(row * height);
    for (size_t i = 0; i < row * height; ++i) {
        bytes[i] = any_below(3) ? (uint8_t)any_below(256) : 0;
        if (i / 300 % 2)
            numbers[i] = bytes[i] = 0;
    }
    return (fsk_masked){
        .photo = photo(width, height, pixel_bytes, pixel_bytes == 4),
        .alpha = is_float ? (const void *)numbers : bytes,
        .alpha_row_bytes = (ptrdiff_t)(row * (is_float ? sizeof *numbers : 1)),
        .alpha_is_float = is_float,
        .linear = linear(),
    };
}

static double alpha_at(const fsk_masked *a, size_t x, size_t y) {
    const char *row = (const char *)a->alpha + (ptrdiff_t)y * a->alpha_row_bytes;
    return a->alpha_is_float ? held((double)((const float *)(const void *)row)[x])
                             : ((const uint8_t *)row)[x] / 255.0;
}

static void sums(const fsk_masked *a) {
    const size_t height = a->photo.height, width = a->photo.width;
    double want[FSK_LAB_SUMS] = {0};
    for (size_t y = 0; y < height; ++y)
        for (size_t x = 0; x < width; ++x) {
            double light[3], lab[3];
            light_at(&a->photo, x, y, light);
            to_lab(light, lab);
            const double weight = pow(rint(alpha_at(a, x, y) * 255), 2);
            want[0] += weight;
            for (size_t k = 0; k < 3; ++k)
                want[1 + k] += weight * lab[k];
        }
    const size_t count = fsk_lab_bands(height) * FSK_LIGHTNESSES * FSK_LAB_SUMS;
    int64_t *first = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        fsk_lab_sums sums = {*a, memory(count * sizeof *sums.sums)};
        fsk_lab_sums_run(&sums, &s->pool);
        double got[FSK_LAB_SUMS] = {0};
        for (size_t bin = 0; bin < FSK_LIGHTNESSES; ++bin) {
            const int64_t *sum = sums.sums + bin * FSK_LAB_SUMS;
            for (size_t k = 0; k < FSK_LAB_SUMS; ++k)
                got[k] += (double)sum[k] / (k ? FSK_LAB_UNIT : 1);
            const double usual = (double)sum[1] / FSK_LAB_UNIT / (double)sum[0] * (FSK_LIGHTNESSES - 1);
            if (sum[0] && fabs(usual - (double)bin) > 0.5 + 0.01)
                fail(s, "bin %zu has an L of %g bins", bin, usual);
        }
        for (size_t k = 0; k < FSK_LAB_SUMS; ++k)
            if (fabs(got[k] - want[k]) > (k ? 3e-5 * want[0] : 0.5))
                fail(s, "sum %zu is %.9g, not %.9g", k, got[k], want[k]);
        if (is_first_of_variant(s))
            first = sums.sums;
        else if (memcmp(first, sums.sums, FSK_LIGHTNESSES * FSK_LAB_SUMS * sizeof *first))
            fail(s, "other sums than alone");
    }
}

static double tint_at(const float *tint, size_t channel, double lightness) {
    const double at = held(lightness) * FSK_TINTS, low = fmin(floor(at), FSK_TINTS - 1);
    const float *t = tint + channel * (FSK_TINTS + 1) + (size_t)low;
    return (double)t[0] + (at - low) * ((double)t[1] - (double)t[0]);
}

// R, G, B of a pixel, 0 ... 255, not rounded.
static void wanted(const fsk_recolor *a, size_t x, size_t y, double rgb[3]) {
    double light[3], lab[3], other[3];
    light_at(&a->masked.photo, x, y, light);
    to_lab(light, lab);
    const double lightness = lab[0];
    for (size_t k = 0; k < 3; ++k) {
        const double own = k ? (double)a->kept * (lab[k] - (double)a->usual[k - 1]) : 0;
        lab[k] = tint_at(a->tint, k, lightness) + own;
    }
    from_lab(lab, other);
    const double share = alpha_at(&a->masked, x, y) * (double)a->strength;
    for (size_t k = 0; k < 3; ++k)
        rgb[k] = 255 * srgb_of(light[k] + share * (other[k] - light[k]));
}

static void colors(const fsk_masked *masked, bool is_in_place) {
    const fsk_photo *p = &masked->photo;
    const size_t row = 3 * p->width + 2;
    float *tint = floats(3 * (FSK_TINTS + 1)); // smooth, as tints are
    for (int i = 0; i <= FSK_TINTS; ++i) {
        const double t = (double)i / FSK_TINTS;
        tint[i] = (float)sqrt(t);
        tint[FSK_TINTS + 1 + i] = (float)(0.2 * sin(7 * t));
        tint[2 * (FSK_TINTS + 1) + i] = (float)(0.2 * cos(5 * t));
    }
    fsk_recolor a = {
        .masked = *masked, .tint = tint, .usual = {0.02f, -0.01f}, .kept = 0.5f, .strength = 0.8f};
    double *want = memory(3 * p->width * p->height * sizeof *want);
    for (size_t y = 0; y < p->height; ++y)
        for (size_t x = 0; x < p->width; ++x)
            wanted(&a, x, y, want + 3 * (y * p->width + x));
    for (const setting *s = settings(); s->way; ++s) {
        a.out = memory(row * p->height);
        a.out_row_bytes = (ptrdiff_t)row;
        if (is_in_place) {
            for (size_t i = 0; i < p->width * p->height; ++i)
                for (size_t k = 0; k < 3; ++k)
                    a.out[i / p->width * row + i % p->width * 3 + k] =
                        photo_value(p, i % p->width, i / p->width, 2 - k);
            a.masked.photo = (fsk_photo){a.out, (ptrdiff_t)row, p->width, p->height, 3, 2, 1, 0};
        }
        fsk_recolor_run(&a, &s->pool);
        for (size_t i = 0; i < 3 * p->width * p->height; ++i) {
            const size_t x = i / 3 % p->width, y = i / 3 / p->width;
            const uint8_t got = a.out[y * row + 3 * x + i % 3];
            const double allowed = alpha_at(masked, x, y) > 0 ? 0.55 : 1e-9;
            if (fabs(got - want[i]) > allowed)
                fail(s, "channel %zu at %zu, %zu is %d, not %.4f", i % 3, x, y, got, want[i]);
        }
    }
}

static void run(size_t number) {
    static const size_t pixels[] = {1, 3, 4};
    const size_t pixel_bytes = pixels[choice(&number, 3)], height = heights[choice(&number, COUNT(heights))];
    const bool is_float = choice(&number, 2);
    const size_t width = widths[choice(&number, COUNT(widths))];
    describe("%zu x %zu, %zu bytes a pixel, alpha %s", height, width, pixel_bytes,
             is_float ? "floats" : "bytes");
    const fsk_masked a = masked(width, height, pixel_bytes, is_float);
    sums(&a);
    colors(&a, false);
    colors(&a, true);
}

const operation recolor_tests = {"recolor", 3 * COUNT(heights) * 2 * COUNT(widths), run};
