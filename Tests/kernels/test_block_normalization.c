// fsg_block_normalization: statistics, forward and backward against the definition, in double; whoever runs
// the tasks, the same bits.
#include "Gradients.h"
#include "blocked.h"

#include <float.h>
#include <string.h>

typedef struct {
    size_t batch, channels, height, width;
    float middle, spread; // of x
    bool no_gain, no_shift, relu, is_fixed, adds, in_place;
    float slope;
} shape;

static const shape listed[] = {
    {1, 3, 5, 600, 0, 1, .relu = true},
    {8, 16, 64, 40, 1, 2, .relu = true, .slope = 0.25f},
    {2, 35, 31, 33, 1000, 0.5f, .no_gain = true, .no_shift = true}, // the mean is far from 0
    {9, 20, 1, 1, 0, 1, .adds = true},
};

static shape any_shape(void) {
    return (shape){.batch = any_below(3) + 1,
                   .channels = any_below(40) + 1,
                   .height = any_below(20) + 1,
                   .width = any_below(30) + 2,
                   .middle = any_number(-3, 3),
                   .spread = any_number(1, 3),
                   .no_gain = any_below(3) == 0,
                   .no_shift = any_below(3) == 0,
                   .relu = any_below(3) > 0,
                   .is_fixed = any_below(4) == 0,
                   .adds = any_below(2) == 0,
                   .in_place = any_below(2) == 0,
                   .slope = any_below(2) ? 0 : 0.25f};
}

// A channel's numbers, then a pixel's: what is wanted, and how far off it may be.
typedef struct {
    double *mean, *variance, *dgain, *dshift, *y, *dx;
    double *near_mean, *near_variance, *near_gain, *near_shift, *near_y, *near_dx;
} results;

typedef struct {
    size_t area, count;
    float *x, *dy, *gain, *shift, *before; // before: of dgain and dshift
    results want;
} numbers_of;

static const float epsilon = 1e-5f;

static void define_channel(const shape *s, numbers_of *n, size_t c) {
    const size_t pixels = s->batch * n->area;
    const double gain = s->no_gain ? 1 : (double)n->gain[c], shift = s->no_shift ? 0 : (double)n->shift[c];
    double mean = 0, variance = 0, sum = 0, product = 0, size = 0, product_size = 0;
#define EACH(i)                                                                                              \
    for (size_t p = 0, i = c * n->area; p < pixels;                                                          \
         ++p, i = (p / n->area * s->channels + c) * n->area + p % n->area)
    EACH(i) mean += (double)n->x[i] / (double)pixels;
    EACH(i) variance += ((double)n->x[i] - mean) * ((double)n->x[i] - mean) / (double)pixels;
    const double inverse = 1 / sqrt(variance + (double)epsilon), scale = gain * inverse;
    // The mean is rounded to a float.
    const double near = (double)FLT_EPSILON * (fabs(mean) + (double)s->spread);
    EACH(i) {
        const double away = (double)n->x[i] - mean, before = away * scale + shift;
        const double d = (double)n->dy[i] * (s->relu && !(before > 0) ? (double)s->slope : 1);
        n->want.y[i] = s->relu && before < 0 ? before * (double)s->slope : before;
        n->want.near_y[i] = 4 * (near * fabs(scale) + (double)FLT_EPSILON * (fabs(before) + fabs(shift)));
        n->want.dx[i] = d;
        sum += d;
        product += d * away;
        size += fabs(d);
        product_size += fabs(d * away) + fabs(d) * near / (double)FLT_EPSILON;
    }
    const double power = variance + (double)epsilon, roundings = 16 * (double)FLT_EPSILON;
    EACH(i) {
        const double away = (double)n->x[i] - mean, d = n->want.dx[i], count = (double)pixels;
        n->want.dx[i] = s->is_fixed ? scale * d : scale * (d - sum / count - away * product / power / count);
        n->want.near_dx[i] =
            roundings * fabs(scale) * (fabs(d) + size / count + fabs(away) * product_size / power / count);
    }
    const double before_gain = s->adds ? (double)n->before[c] : 0,
                 before_shift = s->adds ? (double)n->before[s->channels + c] : 0;
    n->want.mean[c] = mean;
    n->want.near_mean[c] = near;
    n->want.variance[c] = variance;
    n->want.near_variance[c] = roundings * variance + near * near;
    n->want.dgain[c] = product * inverse + before_gain;
    n->want.near_gain[c] = roundings * (product_size * inverse + fabs(before_gain));
    n->want.dshift[c] = sum + before_shift;
    n->want.near_shift[c] = roundings * (size + fabs(before_shift));
}

static numbers_of define(const shape *s) {
    const size_t channels = s->channels;
    numbers_of n = {.area = s->height * s->width};
    n.count = s->batch * channels * n.area;
    n.x = numbers(n.count, s->middle - s->spread, s->middle + s->spread);
    n.dy = numbers(n.count, -2, 3);
    n.gain = numbers(channels, -2, 2);
    n.shift = numbers(channels, -1, 1);
    n.before = numbers(2 * channels, -4, 4);
    double **const of_channels[] = {&n.want.mean,      &n.want.variance,  &n.want.dgain,
                                    &n.want.dshift,    &n.want.near_mean, &n.want.near_variance,
                                    &n.want.near_gain, &n.want.near_shift};
    for (size_t i = 0; i < COUNT(of_channels); ++i)
        *of_channels[i] = memory(channels * sizeof(double));
    double **const of_pixels[] = {&n.want.y, &n.want.dx, &n.want.near_y, &n.want.near_dx};
    for (size_t i = 0; i < COUNT(of_pixels); ++i)
        *of_pixels[i] = memory(n.count * sizeof(double));
    for (size_t c = 0; c < channels; ++c)
        define_channel(s, &n, c);
    return n;
}

// mean, variance, dgain, dshift of all channels, then y and dx.
static const float *normalize(const setting *at, const shape *s, const numbers_of *n) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t lanes = fsk_block_width(variant), channels = s->channels;
    const blocked b = {
        s->batch, channels, s->height, s->width, -1, (ptrdiff_t)s->height + 1, -1, (ptrdiff_t)s->width + 2,
        lanes};
    float *result = floats(4 * channels + 2 * n->count), *y = floats(blocked_count(&b)),
          *dy = blocked_picture(&b, n->dy), *dx = s->in_place ? dy : floats(blocked_count(&b));
    if (s->adds)
        memcpy(result + 2 * channels, n->before, 2 * channels * sizeof *result);
    const fsg_block_normalization a = {.x = blocked_from(&b, blocked_picture(&b, n->x), 0, 0),
                                       .y = blocked_from(&b, y, 0, 0),
                                       .batch = s->batch,
                                       .channels = channels,
                                       .height = s->height,
                                       .width = s->width,
                                       .mean = result,
                                       .variance = result + channels,
                                       .epsilon = epsilon,
                                       .gain = s->no_gain ? NULL : n->gain,
                                       .shift = s->no_shift ? NULL : n->shift,
                                       .relu = s->relu,
                                       .slope = s->slope,
                                       .dy = blocked_from(&b, dy, 0, 0),
                                       .dx = blocked_from(&b, dx, 0, 0),
                                       .is_fixed = s->is_fixed,
                                       .dgain = result + 2 * channels,
                                       .dshift = result + 3 * channels,
                                       .adds = s->adds};
    float *scratch = floats(fsg_block_normalization_scratch(variant, &a));
    fsg_block_statistics_run(variant, &a, scratch, &at->pool);
    fsg_block_normalize_run(variant, &a, scratch, &at->pool);
    fsg_block_normalization_gradient_run(variant, &a, scratch, &at->pool);
    memcpy(result + 4 * channels, blocked_planes_of(&b, y), n->count * sizeof *result);
    memcpy(result + 4 * channels + n->count, blocked_planes_of(&b, dx), n->count * sizeof *result);
    return result;
}

static void run(size_t number) {
    const shape s = number < COUNT(listed) ? listed[number] : any_shape();
    describe("%zu x %zu x %zu x %zu, %g +- %g, gain %d, shift %d, relu %d, slope %g, fixed %d, adds %d, in "
             "place %d",
             s.batch, s.channels, s.height, s.width, (double)s.middle, (double)s.spread, !s.no_gain,
             !s.no_shift, s.relu, (double)s.slope, s.is_fixed, s.adds, s.in_place);
    const size_t channels = s.channels;
    const numbers_of n = define(&s);
    const float *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        const float *got = normalize(at, &s, &n);
        expect_within(at, got, n.want.mean, n.want.near_mean, channels);
        expect_within(at, got + channels, n.want.variance, n.want.near_variance, channels);
        expect_within(at, got + 2 * channels, n.want.dgain, n.want.near_gain, channels);
        expect_within(at, got + 3 * channels, n.want.dshift, n.want.near_shift, channels);
        expect_within(at, got + 4 * channels, n.want.y, n.want.near_y, n.count);
        expect_within(at, got + 4 * channels + n.count, n.want.dx, n.want.near_dx, n.count);
        if (is_first_of_variant(at))
            first = got;
        expect_bits(at, got, first, 4 * channels + 2 * n.count);
    }
}

const operation block_normalization_tests = {"block_normalization", COUNT(listed) + 60, run};
