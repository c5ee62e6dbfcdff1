// fsk_matting: alpha against the matting Laplacian as it is published, a dense matrix solved by elimination;
// colours against the published step in double precision; trimaps pixel by pixel.
#include "photo.h"

#include <string.h>

enum { most_fronts = 400, most_lists = 20000 };

// --- Alpha.

// Solves the n x n system in place: matrix [n, n], right side [n].
static void eliminate(double *m, double *y, size_t n) {
    for (size_t i = 0; i < n; ++i)
        for (size_t j = i + 1; j < n; ++j) {
            const double factor = m[j * n + i] / m[i * n + i];
            for (size_t k = i; factor != 0 && k < n; ++k)
                m[j * n + k] -= factor * m[i * n + k];
            y[j] -= factor * y[i];
        }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; ++k)
            y[i] -= m[i * n + k] * y[k];
        y[i] /= m[i * n + i];
    }
}

// (covariance + epsilon / 9)^-1 (color - mean) of a window's pixel.
static void scaled_color(double v[9][3], double epsilon, const double y[3], double x[3]) {
    double m[9];
    for (size_t c = 0; c < 3; ++c) {
        x[c] = y[c];
        for (size_t d = 0; d < 3; ++d) {
            m[3 * c + d] = c == d ? epsilon / 9 : 0;
            for (size_t i = 0; i < 9; ++i)
                m[3 * c + d] += v[i][c] * v[i][d] / 9;
        }
    }
    eliminate(m, x, 3);
}

// Equation 12 of Levin, Lischinski and Weiss: L, [pixels, pixels].
static double *laplacian(const float *colors, size_t height, size_t width, double epsilon) {
    const size_t n = height * width;
    double *l = memory(n * n * sizeof *l);
    for (size_t i = 0; i < n * n; ++i)
        l[i] = 0;
    for (size_t y = 1; y + 1 < height; ++y)
        for (size_t x = 1; x + 1 < width; ++x) {
            double v[9][3], mean[3] = {0}, scaled[9][3];
            size_t at[9];
            for (size_t i = 0; i < 9; ++i) {
                at[i] = (y - 1 + i / 3) * width + x - 1 + i % 3;
                for (size_t c = 0; c < 3; ++c)
                    mean[c] += (v[i][c] = (double)colors[c * n + at[i]] / 255) / 9;
            }
            for (size_t i = 0; i < 9; ++i)
                for (size_t c = 0; c < 3; ++c)
                    v[i][c] -= mean[c];
            for (size_t i = 0; i < 9; ++i)
                scaled_color(v, epsilon, v[i], scaled[i]);
            for (size_t i = 0; i < 9; ++i)
                for (size_t j = 0; j < 9; ++j) {
                    const double product =
                        v[i][0] * scaled[j][0] + v[i][1] * scaled[j][1] + v[i][2] * scaled[j][2];
                    l[at[i] * n + at[j]] += (i == j) - (1 + product) / 9;
                }
        }
    return l;
}

// (L_uu + weight) x_u = weight prior - L_uf 1, known pixels as they are. prior: 0 ... 255, or NULL.
static double *wanted_alpha(const float *colors, const uint8_t *trimap, size_t height, size_t width,
                            double epsilon, const float *prior, double weight) {
    const size_t n = height * width, m = fsk_matting_unknown(trimap, n);
    double *l = laplacian(colors, height, width, epsilon);
    double *alpha = memory(n * sizeof *alpha), *matrix = memory((m * m + 1) * sizeof *matrix),
           *right = memory((m + 1) * sizeof *right);
    size_t row = 0;
    for (size_t i = 0; i < n; ++i) {
        alpha[i] = trimap[i] == 255;
        if (trimap[i] == 0 || trimap[i] == 255)
            continue;
        size_t column = 0;
        right[row] = prior ? weight * (double)prior[i] / 255 : 0;
        l[i * n + i] += prior ? weight : 0;
        for (size_t j = 0; j < n; ++j)
            if (trimap[j] == 255)
                right[row] -= l[i * n + j];
            else if (trimap[j] != 0)
                matrix[row * m + column++] = l[i * n + j];
        ++row;
    }
    eliminate(matrix, right, m);
    for (size_t i = 0, k = 0; i < n; ++i)
        if (trimap[i] != 0 && trimap[i] != 255)
            alpha[i] = fmin(fmax(right[k++], 0), 1);
    return alpha;
}

enum { noise, smooth, flat, grey, picture_kinds };

static float *picture(size_t kind, size_t height, size_t width) {
    float *colors = floats(3 * height * width);
    for (size_t i = 0; i < 3 * height * width; ++i) {
        const size_t c = i / (height * width), y = i / width % height, x = i % width;
        colors[i] = kind == noise       ? (float)any_below(256)
                    : kind == smooth    ? roundf(20 + 5 * (float)x + (float)(c * y) + (float)any_below(3))
                    : kind == flat      ? 90
                    : 2 * x > width + y ? 230
                                        : 20;
    }
    return colors;
}

// Background on the left, foreground on the right, between them unknown pixels of any number but 0 and 255.
static uint8_t *any_trimap(size_t height, size_t width, bool is_scattered) {
    uint8_t *trimap = memory(height * width);
    for (size_t i = 0; i < height * width; ++i) {
        const size_t x = i % width;
        const bool is_known = x == 0 || x + 1 == width || (is_scattered && any_below(3) == 0);
        trimap[i] = !is_known ? (uint8_t)(1 + any_below(254)) : x < width / 2 ? 0 : 255;
    }
    return trimap;
}

static fsk_matting_order order_of(const uint8_t *trimap, size_t height, size_t width) {
    fsk_matting_order o = {.trimap = trimap, .height = height, .width = width};
    o.unknown = fsk_matting_unknown(trimap, height * width);
    o.places = memory((height + 4) * (width + 4) * sizeof *o.places);
    o.pixels = memory((o.unknown + 1) * sizeof *o.pixels);
    o.scratch = memory((o.unknown + height + width + 4) * sizeof *o.scratch);
    o.fronts = memory(most_fronts * sizeof *o.fronts);
    o.front_capacity = most_fronts;
    o.lists = memory(most_lists * sizeof *o.lists);
    o.list_capacity = most_lists;
    return o;
}

static void alpha(size_t number) {
    static const size_t sizes[][2] = {{3, 3}, {3, 9}, {10, 3}, {12, 10}, {7, 31}, {24, 26}};
    const size_t *size = sizes[choice(&number, COUNT(sizes))], kind = choice(&number, picture_kinds);
    const bool is_scattered = choice(&number, 2);
    static const double epsilons[] = {1e-7, 1e-4};
    const double epsilon = epsilons[choice(&number, 2)];
    describe("%zu x %zu, kind %zu, scattered %d, epsilon %g", size[0], size[1], kind, is_scattered, epsilon);
    const size_t n = size[0] * size[1];
    const float *colors = picture(kind, size[0], size[1]), *before = NULL;
    const uint8_t *trimap = any_trimap(size[0], size[1], is_scattered);
    const float *prior = choice(&number, 2) ? numbers(n, 0, 255) : NULL;
    const double weight = 0.01,
                 *want = wanted_alpha(colors, trimap, size[0], size[1], epsilon, prior, weight);
    fsk_matting_order order = order_of(trimap, size[0], size[1]);
    if (!fsk_matting_dissect(&order))
        fail(NULL, "the memory is too small");
    for (const setting *s = settings(); s->way; ++s) {
        fsk_matting a = {.order = &order, .colors = colors, .epsilon = epsilon, .tolerance = 1e-9};
        a.prior = prior;
        a.prior_weight = weight;
        a.matrix = memory((order.unknown * FSK_MATTING_STENCIL + 1) * sizeof *a.matrix);
        a.vectors = memory(fsk_matting_vectors(&order) * sizeof *a.vectors);
        a.panels = floats(order.panel_floats + 1);
        for (size_t k = 0; k < 2; ++k)
            a.updates[k] = floats(order.update_floats[k] + 1);
        a.alpha = floats(n);
        if (!fsk_matting_run(&a, &s->pool))
            fail(s, "nothing was found");
        if (a.iterations > 4) // the factor is complete
            fail(s, "%zu iterations", a.iterations);
        expect_close(s, a.alpha, want, n, 0, 2e-5);
        if (!is_first_of_variant(s)) // whoever runs the tasks, the bits are the same
            expect_bits(s, a.alpha, before, n);
        before = a.alpha;
    }
}

// Too little memory is told, not written past.
static void capacity(size_t number) {
    describe("capacity %zu", number);
    fsk_matting_order order = order_of(any_trimap(24, 26, false), 24, 26);
    order.fronts = memory((number ? 4 : most_fronts) * sizeof *order.fronts);
    order.front_capacity = number ? 4 : most_fronts;
    order.lists = memory((number ? most_lists : 9) * sizeof *order.lists);
    order.list_capacity = number ? most_lists : 9;
    if (fsk_matting_dissect(&order))
        fail(NULL, "it cannot have fitted");
}

// --- The foreground's colours.

typedef struct {
    size_t height, width;
    double *alpha, *values; // values: [height, width, 6]
} level;

static double clipped(double x) { return x > 0 ? fmin(x, 1) : 0; }

// The minimum of (alpha F + (1 - alpha) B - I)^2 + sum over neighbours of
// (1e-5 + |alpha - alpha_n|) ((F - F_n)^2 + (B - B_n)^2), which has two equations a channel.
static void step(const fsk_foreground *a, const level *l, size_t y, size_t x) {
    const fsk_photo *p = &a->photo;
    static const ptrdiff_t moves[4][2] = {{0, -1}, {0, 1}, {-1, 0}, {1, 0}};
    const double here = l->alpha[y * l->width + x];
    for (size_t c = 0; c < 3; ++c) {
        const double color =
            photo_value(p, x * p->width / l->width, y * p->height / l->height, 2 - c) / 255.0;
        double m[4] = {here * here, here * (1 - here), here * (1 - here), (1 - here) * (1 - here)};
        double v[2] = {here * color, (1 - here) * color};
        for (size_t k = 0; k < 4; ++k) {
            const size_t v_ =
                (size_t)fmin(fmax((double)((ptrdiff_t)y + moves[k][0]), 0), (double)l->height - 1);
            const size_t u =
                (size_t)fmin(fmax((double)((ptrdiff_t)x + moves[k][1]), 0), (double)l->width - 1);
            const double weight = 1e-5 + fabs(here - l->alpha[v_ * l->width + u]);
            m[0] += weight;
            m[3] += weight;
            v[0] += weight * l->values[(v_ * l->width + u) * 6 + c];
            v[1] += weight * l->values[(v_ * l->width + u) * 6 + 3 + c];
        }
        eliminate(m, v, 2);
        l->values[(y * l->width + x) * 6 + c] = clipped(v[0]);
        l->values[(y * l->width + x) * 6 + 3 + c] = clipped(v[1]);
    }
}

static level next_level(const fsk_foreground *a, const level *from, const double *alpha, size_t index,
                        size_t count) {
    const fsk_photo *p = &a->photo;
    level to = {p->height, p->width, NULL, NULL};
    if (count > 0) {
        to.height = (size_t)lround(pow((double)p->height, (double)index / (double)count));
        to.width = (size_t)lround(pow((double)p->width, (double)index / (double)count));
    }
    to.alpha = memory(to.height * to.width * sizeof(double));
    to.values = memory(to.height * to.width * 6 * sizeof(double));
    for (size_t y = 0; y < to.height; ++y)
        for (size_t x = 0; x < to.width; ++x) {
            const size_t below = y * from->height / to.height * from->width + x * from->width / to.width;
            to.alpha[y * to.width + x] =
                alpha[y * p->height / to.height * p->width + x * p->width / to.width];
            for (size_t c = 0; c < 6; ++c)
                to.values[(y * to.width + x) * 6 + c] = from->values[below * 6 + c];
        }
    const size_t rounds = to.height <= 32 && to.width <= 32 ? 10 : 2;
    for (size_t i = 0; i < 2 * rounds; ++i)
        for (size_t y = 0; y < to.height; ++y)
            for (size_t x = (y + i) % 2; x < to.width; x += 2)
                step(a, &to, y, x);
    return to;
}

static level wanted_colors(const fsk_foreground *a, const double *alpha) {
    const fsk_photo *p = &a->photo;
    double sums[8] = {0}, *means = memory(6 * sizeof *means);
    for (size_t i = 0; i < p->height * p->width; ++i)
        for (size_t c = 0; c < 4; ++c) {
            const double value = c == 3 ? 1 : photo_value(p, i % p->width, i / p->width, 2 - c) / 255.0;
            sums[c] += alpha[i] > 0.9 ? value : 0;
            sums[4 + c] += alpha[i] < 0.1 ? value : 0;
        }
    for (size_t c = 0; c < 6; ++c)
        means[c] = sums[c / 3 * 4 + c % 3] / (sums[c / 3 * 4 + 3] + 1e-5);
    level l = {1, 1, NULL, means};
    const size_t longest = p->height > p->width ? p->height : p->width;
    const size_t count = (size_t)ceil(log2((double)longest));
    for (size_t i = 0; i <= count; ++i)
        l = next_level(a, &l, alpha, i, count);
    return l;
}

static void foreground(size_t number) {
    static const size_t sizes[][2] = {{1, 1}, {1, 19}, {40, 1}, {12, 10}, {33, 50}}, bytes[] = {1, 3, 4};
    const size_t *size = sizes[choice(&number, COUNT(sizes))], pixel_bytes = bytes[choice(&number, 3)];
    const bool is_float = choice(&number, 2);
    describe("%zu x %zu of %zu bytes, float %d", size[0], size[1], pixel_bytes, is_float);
    const size_t n = size[0] * size[1];
    fsk_foreground a = {.photo = photo(size[1], size[0], pixel_bytes, true), .alpha_is_float = is_float};
    float *alphas = floats(n);
    uint8_t *alpha_bytes = memory(n);
    double *alpha = memory(n * sizeof *alpha);
    for (size_t i = 0; i < n; ++i) {
        alpha_bytes[i] = (uint8_t)(any_below(3) == 0 ? any_below(256) : i % size[1] * 2 > size[1] ? 255 : 0);
        alphas[i] = (float)alpha_bytes[i] / 255;
        alpha[i] = (double)alphas[i];
    }
    a.alpha = is_float ? (const void *)alphas : alpha_bytes;
    a.alpha_row_bytes = (ptrdiff_t)(size[1] * (is_float ? sizeof(float) : 1));
    a.most = n;
    a.out_row_bytes = (ptrdiff_t)size[1] * 3;
    const level want = wanted_colors(&a, alpha);
    const uint8_t *before = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        a.scratch = floats(fsk_foreground_scratch(size[0], size[1], a.most));
        a.out = memory(3 * n);
        fsk_foreground_run(&a, &s->pool);
        for (size_t i = 0; i < 3 * n; ++i) {
            const double right = 255 * want.values[i / 3 * 6 + i % 3];
            if (fabs(a.out[i] - right) > 0.52)
                fail(s, "pixel %zu, channel %zu: %d in place of %g", i / 3, i % 3, a.out[i], right);
        }
        if (before)
            expect_bytes(s, a.out, before, 3 * n);
        before = a.out;
    }
}

// --- Trimaps.

// The largest of the squares about a pixel that hold only such pixels, clipped at the edges: their radius
// + 1.
static size_t depth(const uint8_t *pixels, const size_t size[2], size_t at, size_t most, bool is_high) {
    size_t nearest = most;
    for (size_t k = 0; k < size[0] * size[1]; ++k) {
        const double down = fabs((double)(k / size[1]) - (double)(at / size[1]));
        const double right = fabs((double)(k % size[1]) - (double)(at % size[1]));
        if ((is_high ? pixels[k] < 250 : pixels[k] > 5) && fmax(down, right) < (double)nearest)
            nearest = (size_t)fmax(down, right);
    }
    return nearest;
}

static void trimap(size_t number) {
    static const size_t sizes[][2] = {{1, 1}, {1, 70}, {9, 3}, {20, 90}, {12, 300}}, radii[] = {0, 1, 4, 30};
    const size_t *size = sizes[choice(&number, COUNT(sizes))], radius = radii[choice(&number, COUNT(radii))];
    describe("trimap of %zu x %zu, radius %zu", size[0], size[1], radius);
    const size_t n = size[0] * size[1];
    uint8_t *pixels = memory(n), *want = memory(n);
    size_t *high = memory(n * sizeof *high);
    for (size_t i = 0; i < n; ++i)
        pixels[i] = (uint8_t)(any_below(40) == 0          ? any_below(256)
                              : i % size[1] * 2 > size[1] ? 250 + any_below(6)
                                                          : any_below(6));
    for (size_t i = 0; i < n; ++i) {
        high[i] = depth(pixels, size, i, radius + 1, true);
        want[i] = depth(pixels, size, i, radius + 1, false) > radius ? 0 : 128;
    }
    for (size_t i = 0; i < n; ++i) {
        bool is_peak = high[i] > 0 && want[i] != 0;
        for (size_t k = 0; k < n && high[i] <= radius; ++k)
            if (fabs((double)(k / size[1]) - (double)(i / size[1])) <= 2 &&
                fabs((double)(k % size[1]) - (double)(i % size[1])) <= 2)
                is_peak &= high[k] <= high[i];
        want[i] = is_peak ? 255 : want[i];
    }
    for (const setting *s = settings(); s->way; ++s) {
        uint8_t *given = memory(n), *got = memory(n);
        memcpy(given, pixels, n);
        const fsk_trimap a = {given, memory(n), got, size[0], size[1], radius, 5, 250};
        fsk_trimap_run(&a, &s->pool);
        expect_bytes(s, got, want, n);
    }
}

static void reduced(size_t number) {
    static const size_t sides[] = {1, 2, 5, 8, 13};
    enum { height = 13, width = 17 };
    const size_t to_height = sides[choice(&number, 5)], to_width = sides[choice(&number, 5)];
    describe("trimap to %zu x %zu", to_height, to_width);
    uint8_t *from = any_trimap(height, width, true), *got = memory(to_width), *want = memory(to_width);
    for (size_t i = 0; i < height * width; ++i)
        from[i] = any_below(9) == 0 ? 128 : i % width < 7 ? 0 : 255;
    for (size_t y = 0; y < to_height; ++y) {
        for (size_t x = 0; x < to_width; ++x) {
            size_t counts[256] = {0}, all = 0;
            for (size_t v = 0; v < height; ++v)
                for (size_t u = 0; u < width; ++u) // pixels that overlap it, in whole numbers
                    if (v * to_height < (y + 1) * height && (v + 1) * to_height > y * height &&
                        u * to_width < (x + 1) * width && (u + 1) * to_width > x * width) {
                        ++counts[from[v * width + u]];
                        ++all;
                    }
            want[x] = counts[0] == all ? 0 : counts[255] == all ? 255 : 128;
        }
        fsk_trimap_reduce_row(from, width, height, width, y, to_height, to_width, got);
        expect_bytes(NULL, got, want, to_width);
    }
}

enum {
    alphas = 6 * picture_kinds * 2 * 2 * 2,
    capacities = 2,
    foregrounds = 5 * 3 * 2,
    trimaps = 5 * 4,
    reductions = 25
};

static void run(size_t number) {
    if (number < alphas)
        alpha(number);
    else if ((number -= alphas) < capacities)
        capacity(number);
    else if ((number -= capacities) < foregrounds)
        foreground(number);
    else if ((number -= foregrounds) < trimaps)
        trimap(number);
    else
        reduced(number - trimaps);
}

const operation matting_tests = {"matting", alphas + capacities + foregrounds + trimaps + reductions, run};
