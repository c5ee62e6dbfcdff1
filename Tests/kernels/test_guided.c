// fsk_guided: the filter against its published equations, window by window in double; fsk_guided_row against
// the plain sum.
#include "photo.h"

static double guide_at(const fsk_guided *a, size_t color, size_t y, size_t x) {
    return (double)a->guide[(color * a->height + y) * a->width + x];
}

static size_t first_of(size_t at, size_t radius) { return at < radius ? 0 : at - radius; }
static size_t behind(size_t at, size_t radius, size_t n) { return at + radius + 1 < n ? at + radius + 1 : n; }

// The mean over the window about (y, x) of f, or of f g.
typedef double value_fn(const fsk_guided *a, size_t index, size_t y, size_t x);

static double map_at(const fsk_guided *a, size_t channel, size_t y, size_t x) {
    return (double)a->maps[(channel * a->height + y) * a->width + x];
}

static double window_mean(const fsk_guided *a, size_t y, size_t x, value_fn *f, size_t i, value_fn *g,
                          size_t j) {
    double sum = 0, count = 0;
    for (size_t v = first_of(y, a->radius); v < behind(y, a->radius, a->height); ++v)
        for (size_t u = first_of(x, a->radius); u < behind(x, a->radius, a->width); ++u) {
            sum += f(a, i, v, u) * (g ? g(a, j, v, u) : 1);
            count += 1;
        }
    return sum / count;
}

// The mean of the colours' variances times the smoothness.
static double epsilon(const fsk_guided *a) {
    double sum = 0;
    const double pixels = (double)(a->height * a->width);
    for (size_t c = 0; c < 3; ++c) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < a->height * a->width; ++i) {
            const double value = (double)a->guide[c * a->height * a->width + i];
            mean += value / pixels;
            squares += value * value / pixels;
        }
        sum += squares - mean * mean;
    }
    return fmax((double)a->smoothness * sum / 3, 1);
}

// Solves m x = y by elimination; m is symmetric and positive definite.
static void solve(double m[3][3], double y[3]) {
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = i + 1; j < 3; ++j) {
            const double factor = m[j][i] / m[i][i];
            for (size_t k = i; k < 3; ++k)
                m[j][k] -= factor * m[i][k];
            y[j] -= factor * y[i];
        }
    for (size_t i = 3; i-- > 0;) {
        for (size_t k = i + 1; k < 3; ++k)
            y[i] -= m[i][k] * y[k];
        y[i] /= m[i][i];
    }
}

// Equations 16 and 17 of He, Sun and Tang.
static void model(const fsk_guided *a, size_t channel, size_t y, size_t x, double eps, double out[4]) {
    double mean[3], covariance[3][3], with_map[3];
    const double map_mean = window_mean(a, y, x, map_at, channel, NULL, 0);
    for (size_t i = 0; i < 3; ++i)
        mean[i] = window_mean(a, y, x, guide_at, i, NULL, 0);
    for (size_t i = 0; i < 3; ++i) {
        with_map[i] = window_mean(a, y, x, guide_at, i, map_at, channel) - mean[i] * map_mean;
        for (size_t j = 0; j < 3; ++j)
            covariance[i][j] =
                window_mean(a, y, x, guide_at, i, guide_at, j) - mean[i] * mean[j] + (i == j ? eps : 0);
    }
    solve(covariance, with_map);
    out[3] = map_mean;
    for (size_t i = 0; i < 3; ++i) {
        out[i] = with_map[i];
        out[3] -= with_map[i] * mean[i];
    }
}

static const double *models;

static double model_at(const fsk_guided *a, size_t index, size_t y, size_t x) {
    return models[(y * a->width + x) * 4 + index];
}

// Equation 18's means: [4, height, width] of one map.
static double *wanted(const fsk_guided *a, size_t channel) {
    const size_t plane = a->height * a->width;
    double *each = memory(plane * 4 * sizeof *each), *want = memory(4 * plane * sizeof *want);
    const double eps = epsilon(a);
    for (size_t i = 0; i < plane; ++i)
        model(a, channel, i / a->width, i % a->width, eps, each + 4 * i);
    models = each;
    for (size_t k = 0; k < 4; ++k)
        for (size_t i = 0; i < plane; ++i)
            want[k * plane + i] = window_mean(a, i / a->width, i % a->width, model_at, k, NULL, 0);
    return want;
}

// What the coefficients make of the guide is what counts: a . I + b of each pixel, for a of any size.
static void expect_outputs(const setting *s, const fsk_guided *a, size_t channel, const double *want) {
    const size_t plane = a->height * a->width;
    const float *got = a->coefficients + channel * 4 * plane;
    float *mine = floats(plane);
    double *right = memory(plane * sizeof *right);
    for (size_t i = 0; i < plane; ++i) {
        double sum = (double)got[3 * plane + i];
        right[i] = want[3 * plane + i];
        for (size_t c = 0; c < 3; ++c) {
            sum += (double)got[c * plane + i] * (double)a->guide[c * plane + i];
            right[i] += want[c * plane + i] * (double)a->guide[c * plane + i];
        }
        mine[i] = (float)sum;
    }
    expect_close(s, mine, right, plane, 2e-4, 2e-4);
}

// A guide of smooth colours with an edge; grey if asked for, when the covariance has rank 1.
static float *guide(size_t height, size_t width, bool is_grey, float contrast) {
    float *colors = floats(3 * height * width), *noise = numbers(3 * height * width, -6, 6);
    for (size_t c = 0; c < 3; ++c)
        for (size_t y = 0; y < height; ++y)
            for (size_t x = 0; x < width; ++x) {
                const size_t i = y * width + x, kind = is_grey ? 0 : c;
                const float edge = x + kind * y > width / 2 + kind ? 150 : 30 + 20 * (float)kind;
                colors[c * height * width + i] = 10 + contrast * (edge + noise[kind * height * width + i]);
            }
    return colors;
}

static void filter(size_t number) {
    static const size_t sizes[][2] = {{1, 1}, {1, 17}, {19, 1}, {9, 33}, {24, 20}},
                        radii[] = {1, 2, 3, 7, 40};
    const size_t *size = sizes[choice(&number, COUNT(sizes))], radius = radii[choice(&number, COUNT(radii))];
    const bool is_grey = choice(&number, 2);
    const float contrast = choice(&number, 2) ? 1 : 0;
    enum { channels = 2 };
    describe("%zu x %zu, radius %zu, grey %d, contrast %g", size[0], size[1], radius, is_grey,
             (double)contrast);
    const size_t plane = size[0] * size[1];
    fsk_guided a = {.guide = guide(size[0], size[1], is_grey, contrast),
                    .maps = numbers(channels * plane, 0, 1),
                    .channels = channels,
                    .height = size[0],
                    .width = size[1],
                    .radius = radius,
                    .smoothness = 0.01f};
    const double *want[channels];
    for (size_t c = 0; c < channels; ++c)
        want[c] = wanted(&a, c);
    const float *before = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        const size_t threads = s->pool.threads > 1 ? (size_t)s->pool.threads : 1;
        a.coefficients = floats(channels * 4 * plane);
        a.scratch = floats(fsk_guided_scratch(a.height, a.width, a.radius, threads));
        fsk_guided_run(&a, &s->pool);
        for (size_t c = 0; c < channels; ++c)
            expect_outputs(s, &a, c, want[c]);
        if (!is_first_of_variant(s)) // whoever runs the tasks, the bits are the same
            expect_bits(s, a.coefficients, before, channels * 4 * plane);
        before = a.coefficients;
    }
}

static void row(size_t number) {
    static const size_t pixel_bytes[] = {1, 3, 4};
    enum { channels = 2, height = 3, most_before = 5 };
    const size_t bytes = pixel_bytes[choice(&number, 3)], before = choice(&number, 2) * most_before;
    const size_t count = lengths[number], step = count + 3;
    describe("row of %zu pixels of %zu bytes, %zu before", count, bytes, before);
    const fsk_photo p = photo(count + before + 1, height, bytes, true);
    const fsk_line_pair pair = {numbers(channels * 4 * step, -0.004f, 0.005f),
                                numbers(channels * 4 * step, -0.004f, 0.005f), 0.3f, 0.7f, step};
    double *want = memory((channels + 1) * count * sizeof *want);
    for (size_t i = 0; i < count; ++i) {
        double sum = 0;
        for (size_t c = 0; c < channels; ++c) {
            double q = 0;
            for (size_t k = 0; k < 4; ++k) {
                const size_t at = (4 * c + k) * step + i;
                const double value = k == 3 ? 1 : (double)photo_value(&p, before + i, 1, k);
                q += value * (0.3 * (double)pair.first[at] + 0.7 * (double)pair.second[at]);
            }
            want[(c + 1) * count + i] = fmin(fmax(q, 0), 1);
            sum += want[(c + 1) * count + i];
        }
        want[i] = fmax(1 - sum, 0);
        for (size_t c = 1; c <= channels; ++c)
            want[c * count + i] /= fmax(sum, 1);
    }
    for (const setting *s = settings(); s->way; ++s)
        if (is_first_of_variant(s)) { // serial
            float *out = floats((channels + 1) * step);
            fsk_guided_row(&p, 1, before, count, &pair, channels, out, step, s->pool.cpu);
            for (size_t c = 0; c <= channels; ++c)
                expect_close(s, out + c * step, want + c * count, count, 1e-5, 1e-5);
        }
}

enum { filters = 5 * 5 * 2 * 2, rows = 3 * 2 * length_count };

static void run(size_t number) {
    if (number < filters)
        filter(number);
    else
        row(number - filters);
}

const operation guided_tests = {"guided", filters + rows, run};
