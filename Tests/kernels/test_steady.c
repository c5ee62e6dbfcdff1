// fsk_steady: motion found where it is known by construction, and the rest against its definitions in double.
#include "check.h"

#include <string.h>

enum { border = FSK_MOTION_BORDER, block = FSK_MOTION_BLOCK };

static size_t held_at(ptrdiff_t at, size_t n) { return at < 0 ? 0 : (size_t)at < n ? (size_t)at : n - 1; }

// A picture with its border: value(x, y) of the pixels, the edge repeated.
typedef uint8_t value_fn(ptrdiff_t x, ptrdiff_t y);

static uint8_t *bordered(size_t height, size_t width, value_fn *value) {
    uint8_t *picture = memory(fsk_luminance_bytes(height, width)), *p = picture;
    for (ptrdiff_t y = -border; y < (ptrdiff_t)height + border; ++y)
        for (ptrdiff_t x = -border; x < (ptrdiff_t)width + border; ++x)
            *p++ = value((ptrdiff_t)held_at(x, width), (ptrdiff_t)held_at(y, height));
    return picture;
}

// --- Luminance.

static void luminance(size_t number) {
    static const size_t sides[] = {1, 2, 3, 9, 33};
    const size_t height = sides[choice(&number, COUNT(sides))], width = sides[choice(&number, COUNT(sides))];
    describe("luminance of %zu x %zu", height, width);
    const size_t plane = height * width, bytes = fsk_luminance_bytes(height, width);
    fsk_luminance a = {numbers(3 * plane, 0, 255), height, width, NULL};
    static const double share[] = {0.114, 0.587, 0.299}, tap[] = {0.25, 0.5, 0.25};
    for (const setting *s = settings(); s->way; ++s) {
        a.out = memory(bytes);
        fsk_luminance_run(&a, &s->pool);
        for (ptrdiff_t y = -border; y < (ptrdiff_t)height + border; ++y)
            for (ptrdiff_t x = -border; x < (ptrdiff_t)width + border; ++x) {
                const ptrdiff_t row = (ptrdiff_t)held_at(y, height), column = (ptrdiff_t)held_at(x, width);
                double want = 0;
                for (ptrdiff_t k = 0; k < 9; ++k) {
                    const size_t at =
                        held_at(row + k / 3 - 1, height) * width + held_at(column + k % 3 - 1, width);
                    for (size_t c = 0; c < 3; ++c)
                        want += tap[k / 3] * tap[k % 3] * share[c] * (double)a.planes[c * plane + at];
                }
                const double got = a.out[(size_t)(y + border) * (width + 2 * border) + (size_t)(x + border)];
                if (fabs(got - want) > 0.501)
                    fail(s, "(%td, %td) is %g, not %g", x, y, got, want);
            }
    }
}

// --- Motion.

static uint8_t texture[160][192];

static void paint(void) {
    uint8_t coarse[42][50];
    for (size_t i = 0; i < sizeof coarse; ++i)
        ((uint8_t *)coarse)[i] = (uint8_t)any_below(256);
    for (size_t y = 0; y < 160; ++y)
        for (size_t x = 0; x < 192; ++x) {
            const size_t u = x / 4, v = y / 4, fx = x % 4, fy = y % 4;
            texture[y][x] = (uint8_t)((coarse[v][u] * (4 - fx) * (4 - fy) + coarse[v][u + 1] * fx * (4 - fy) +
                                       coarse[v + 1][u] * (4 - fx) * fy + coarse[v + 1][u + 1] * fx * fy) /
                                      16);
        }
}

static ptrdiff_t shift_x, shift_y, split; // from column `split` on nothing moves

static uint8_t now_at(ptrdiff_t x, ptrdiff_t y) { return texture[y + 40][x + 40]; }
static uint8_t before_at(ptrdiff_t x, ptrdiff_t y) {
    return x < split ? texture[y + 40 - shift_y][x + 40 - shift_x] : now_at(x, y);
}
static uint8_t other_at(ptrdiff_t x, ptrdiff_t y) { return texture[159 - y][191 - x]; }
static uint8_t brighter_at(ptrdiff_t x, ptrdiff_t y) { return (uint8_t)(now_at(x, y) / 2 + shift_x); }
static uint8_t half_at(ptrdiff_t x, ptrdiff_t y) { return now_at(x, y) / 2; }

static fsk_motion motion_of(size_t height, size_t width, value_fn *now, value_fn *before) {
    const size_t blocks = fsk_motion_blocks(height) * fsk_motion_blocks(width);
    return (fsk_motion){bordered(height, width, now),
                        bordered(height, width, before),
                        height,
                        width,
                        5,
                        14,
                        floats(2 * blocks),
                        floats(height * width),
                        floats(fsk_motion_blocks(height)),
                        memory(2 * blocks * sizeof(int32_t))};
}

// Blocks whose windows lie within what moves have just its shift; those within what does not, none.
static void shifts(size_t number) {
    static const ptrdiff_t along[] = {0, 1, -3, 8, -8};
    static const ptrdiff_t splits[] = {1000, 45, 56};
    enum { height = 61, width = 99 };
    paint();
    shift_x = along[choice(&number, COUNT(along))];
    shift_y = along[choice(&number, COUNT(along))];
    split = splits[choice(&number, COUNT(splits))];
    describe("shift of %td, %td up to column %td", shift_x, shift_y, split);
    fsk_motion a = motion_of(height, width, now_at, before_at);
    for (const setting *s = settings(); s->way; ++s) {
        fsk_motion_run(&a, &s->pool);
        const size_t across = fsk_motion_blocks(width), down = fsk_motion_blocks(height);
        for (size_t row = 2; row < down - 2; ++row)
            for (size_t column = 2; column < across - 2; ++column) {
                const ptrdiff_t first = (ptrdiff_t)(column * block) - 4, end = first + 16;
                const bool moves = end + (shift_x > 0 ? shift_x : 0) <= split;
                if (!moves && first < split)
                    continue; // some of both
                const float u = a.flow[row * across + column], v = a.flow[(down + row) * across + column];
                if (u != (float)(moves ? shift_x : 0) || v != (float)(moves ? shift_y : 0))
                    fail(s, "block %zu, %zu moved by %g, %g", row, column, (double)u, (double)v);
                if (a.agreement[row * block * width + column * block] != 1)
                    fail(s, "block %zu, %zu does not agree", row, column);
            }
    }
}

static double mean_agreement(const fsk_motion *a) {
    double sum = 0;
    for (size_t row = 0; row < fsk_motion_blocks(a->height); ++row)
        sum += (double)a->sums[row];
    return sum / (double)(a->height * a->width);
}

// Another scene agrees hardly anywhere; a picture that is all brighter agrees by the rule's line.
static void agreements(size_t number) {
    static const ptrdiff_t brighter[] = {0, 5, 9, 14, 60};
    static const double want[] = {1, 1, 5.0 / 9, 0, 0};
    paint();
    const size_t i = choice(&number, COUNT(want) + 1);
    if (i == COUNT(want)) {
        describe("another scene");
        fsk_motion a = motion_of(72, 80, now_at, other_at);
        for (const setting *s = settings(); s->way; ++s) {
            fsk_motion_run(&a, &s->pool);
            if (mean_agreement(&a) > 0.4)
                fail(s, "agreement %g", mean_agreement(&a));
        }
        return;
    }
    describe("%td levels brighter", brighter[i]);
    shift_x = 0;
    memset(texture, 100, sizeof texture);
    fsk_motion a = motion_of(13, 21, half_at, brighter_at);
    shift_x = brighter[i];
    a.before = bordered(13, 21, brighter_at);
    for (const setting *s = settings(); s->way; ++s) {
        fsk_motion_run(&a, &s->pool);
        if (fabs(mean_agreement(&a) - want[i]) > 1e-5)
            fail(s, "agreement %g, not %g", mean_agreement(&a), want[i]);
    }
}

// --- Blending.

// A plane where it was, linear between its pixels.
static double moved(const float *plane, size_t height, size_t width, double y, double x) {
    const ptrdiff_t v = (ptrdiff_t)floor(y), u = (ptrdiff_t)floor(x);
    double sum = 0;
    for (ptrdiff_t k = 0; k < 4; ++k) {
        const double fy = k / 2 ? y - floor(y) : 1 - (y - floor(y)),
                     fx = k % 2 ? x - floor(x) : 1 - (x - floor(x));
        sum += fy * fx * (double)plane[held_at(v + k / 2, height) * width + held_at(u + k % 2, width)];
    }
    return sum;
}

static double bounded(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static void blend_by_definition(const fsk_steady_blend *a, const float *maps, double *want) {
    const size_t side = block * a->scale, across = (a->width + side - 1) / side;
    const size_t down = (a->height + side - 1) / side, narrow = (a->width + a->scale - 1) / a->scale;
    for (size_t y = 0; y < a->height; ++y)
        for (size_t x = 0; x < a->width; ++x) {
            double first = -1, second = -1;
            for (size_t c = 0; c < a->channels; ++c) {
                const double p = (double)maps[c * a->plane + y * a->row + x];
                second = p > first ? first : p > second ? p : second;
                first = p > first ? p : first;
            }
            const double apart = ((double)a->closed - (first - second)) / (double)(a->closed - a->open);
            const double keep =
                (double)a->hold * (double)a->agreement[y / a->scale * narrow + x / a->scale] * bounded(apart);
            const size_t b = y / side * across + x / side;
            const double u = (double)a->flow[b] * (double)a->scale;
            const double v = (double)a->flow[down * across + b] * (double)a->scale;
            for (size_t c = 0; c < a->channels; ++c) {
                const size_t at = c * a->plane + y * a->row + x;
                const float *past = a->past + c * a->height * a->width;
                want[at] = (double)maps[at] +
                           keep * (moved(past, a->height, a->width, (double)y + v, (double)x + u) -
                                   (double)maps[at]);
            }
        }
}

static void blend(size_t number) {
    static const size_t sizes[][2] = {{1, 1}, {9, 33}, {24, 20}, {17, 51}}, classes[] = {2, 3, 5};
    const size_t *size = sizes[choice(&number, COUNT(sizes))],
                 channels = classes[choice(&number, COUNT(classes))];
    const size_t scale = 1 + choice(&number, 2), more = 3, row = size[1] + more, plane = (size[0] + 1) * row;
    describe("%zu classes of %zu x %zu, scale %zu", channels, size[0], size[1], scale);
    const size_t side = block * scale, blocks = ((size[0] + side - 1) / side) * ((size[1] + side - 1) / side);
    float *start = numbers(channels * plane, 0, 1);
    double *want = memory(channels * plane * sizeof *want);
    fsk_steady_blend a = {.channels = channels,
                          .height = size[0],
                          .width = size[1],
                          .plane = plane,
                          .row = row,
                          .scale = scale,
                          .past = numbers(channels * size[0] * size[1], 0, 1),
                          .flow = numbers(2 * blocks, -9, 9),
                          .agreement = numbers(size[0] * size[1], 0, 1),
                          .hold = 0.9f,
                          .open = 0.2f,
                          .closed = 0.7f,
                          .certain = 0.5f};
    for (size_t i = 0; i < channels * plane; ++i)
        want[i] = (double)start[i];
    blend_by_definition(&a, start, want);
    for (const setting *s = settings(); s->way; ++s) {
        a.maps = floats(channels * plane);
        memcpy(a.maps, start, channels * plane * sizeof *start);
        a.kept = floats(channels * size[0] * size[1]);
        a.unsettled = memory(blocks);
        a.scratch = floats(fsk_steady_scratch(channels, size[1], (size_t)s->pool.threads));
        fsk_steady_blend_run(&a, &s->pool);
        expect_close(s, a.maps, want, channels * plane, 0, 3e-6);
        for (size_t c = 0; c < channels; ++c)
            for (size_t y = 0; y < size[0]; ++y)
                expect_bits(s, a.kept + (c * size[0] + y) * size[1], a.maps + c * plane + y * row, size[1]);
    }
}

// By hand: two pixels, two classes, no motion. The first is torn between its classes, 0.5 and 0.5, and keeps
// 0.9 of the past's 0.8 and 0.2; the second, 0.99 and 0.01, keeps nothing; a NaN is neither held nor holds.
static void by_hand(size_t number) {
    const bool is_nan = choice(&number, 2);
    describe("by hand, NaN %d", is_nan);
    const float maps[] = {0.5f, 0.99f, 0.5f, is_nan ? NAN : 0.01f};
    float past[] = {0.8f, 0.4f, is_nan ? NAN : 0.2f, 0.6f}, flow[] = {0, 0}, agreement[] = {1, 1};
    const double want[] = {0.77, (double)0.99f, is_nan ? 0.5 : 0.23, (double)maps[3]};
    for (const setting *s = settings(); s->way; ++s) {
        float got[4], kept[4];
        uint8_t unsettled;
        memcpy(got, maps, sizeof got);
        fsk_steady_blend a = {got,
                              2,
                              1,
                              2,
                              2,
                              2,
                              1,
                              past,
                              kept,
                              flow,
                              agreement,
                              0.9f,
                              0.5f,
                              0.95f,
                              0.98f,
                              &unsettled,
                              floats(fsk_steady_scratch(2, 2, (size_t)s->pool.threads))};
        fsk_steady_blend_run(&a, &s->pool);
        expect_close(s, got, want, 4, 0, 1e-6);
        if (unsettled != 1)
            fail(s, "the block is settled");
        a.past = NULL;
        memcpy(got, maps, sizeof got);
        fsk_steady_blend_run(&a, &s->pool);
        expect_bits(s, got, maps, 4);
    }
}

// --- What is held.

static void planes(size_t number) {
    const size_t n = lengths[choice(&number, length_count)];
    describe("%zu held pixels", n);
    const float *now = numbers(3 * n, 100, 120), *start = numbers(3 * n, 100, 120);
    double *want = memory(3 * n * sizeof *want);
    for (size_t i = 0; i < n; ++i) {
        double apart = 0;
        for (size_t c = 0; c < 3; ++c)
            apart = fmax(apart, fabs((double)now[c * n + i] - (double)start[c * n + i]));
        const double gain = 0.1 + 0.9 * bounded((apart - 6) / 8);
        for (size_t c = 0; c < 3; ++c)
            want[c * n + i] =
                (double)start[c * n + i] + gain * ((double)now[c * n + i] - (double)start[c * n + i]);
    }
    for (const setting *s = settings(); s->way; ++s) {
        fsk_held_planes a = {now, floats(3 * n), n, 0.1f, 6, 14};
        memcpy(a.held, start, 3 * n * sizeof *start);
        fsk_held_planes_run(&a, &s->pool);
        expect_close(s, a.held, want, 3 * n, 0, 1e-4);
    }
}

// Three frames: tiles begin with the photo's bytes, follow the rule, and are the photo's where they are not
// wanted.
static void photo_tiles(size_t number) {
    static const size_t bytes[] = {1, 3, 4};
    const size_t pixel_bytes = bytes[choice(&number, 3)];
    enum { height = 35, width = 41, frames = 4, across = 3, down = 3 };
    const size_t length = width * pixel_bytes, row_bytes = length + 5;
    describe("a photo of %zu bytes a pixel", pixel_bytes);
    uint8_t *photos = memory(frames * height * row_bytes), *wanted = memory(frames * across * down);
    for (size_t i = 0; i < frames * height * row_bytes; ++i)
        photos[i] = (uint8_t)(any_below(2) ? 100 + any_below(12) : any_below(256));
    for (size_t i = 0; i < frames * across * down; ++i)
        wanted[i] = (uint8_t)any_below(2);
    for (const setting *s = settings(); s->way; ++s) {
        double *want = memory(height * length * sizeof *want);
        uint8_t *has = memory(across * down), *line = memory(length);
        memset(has, 0, across * down);
        fsk_held_photo a = {NULL,        (ptrdiff_t)row_bytes,
                            height,      width,
                            pixel_bytes, memory(2 * height * length),
                            NULL,        has,
                            0.125f,      15,
                            31};
        for (size_t frame = 0; frame < frames; ++frame) {
            a.pixels = photos + frame * height * row_bytes;
            a.wanted = wanted + frame * across * down;
            fsk_held_photo_run(&a, &s->pool);
            for (size_t y = 0; y < height; ++y) {
                fsk_held_row(&a, y, line, s->pool.cpu);
                for (size_t i = 0; i < length; ++i) {
                    const size_t tile = y / 16 * across + i / pixel_bytes / 16;
                    const double now = a.pixels[y * row_bytes + i];
                    double *held = want + y * length + i;
                    if (!a.wanted[tile] || frame == 0 || !wanted[(frame - 1) * across * down + tile])
                        *held = now;
                    else
                        *held += (0.125 + 0.875 * bounded((fabs(now - *held) - 15) / 16)) * (now - *held);
                    if (fabs(line[i] - *held) > 0.6)
                        fail(s, "frame %zu, row %zu, byte %zu: %d, not %g", frame, y, i, line[i], *held);
                }
            }
        }
    }
}

enum {
    luminances = 25,
    shift_cases = 75,
    agreement_cases = 6,
    blends = 24,
    hands = 2,
    plane_cases = length_count
};

static void run(size_t number) {
    static const struct {
        size_t count;
        void (*run)(size_t);
    } parts[] = {{luminances, luminance}, {shift_cases, shifts}, {agreement_cases, agreements},
                 {blends, blend},         {hands, by_hand},      {plane_cases, planes},
                 {3, photo_tiles}};
    for (size_t i = 0; i < COUNT(parts); number -= parts[i++].count)
        if (number < parts[i].count) {
            parts[i].run(number);
            return;
        }
}

const operation steady_tests = {
    "steady", luminances + shift_cases + agreement_cases + blends + hands + plane_cases + 3, run};
