// fsk_crf: mean field on the lattice against mean field by the sums of the paper over all pairs of pixels, in
// double. The lattice is an approximation: labels agree on 99.5 % of the pixels, probabilities within 0.01 in
// the mean. With the smoothness alone there is none.
#include "check.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    size_t height, width, classes;
    float noise; // of the colours, 0 ... 255
} pictures[] = {{48, 48, 3, 8},  {48, 48, 3, 25}, {30, 44, 5, 15}, {40, 37, 2, 15},
                {31, 17, 4, 10}, {1, 1, 3, 0},    {1, 19, 2, 5},   {23, 1, 1, 5}};
enum { weight_pairs = 3, rounds = 10 };
static const float weights[weight_pairs][2] = {{10, 3}, {0, 3}, {4, 0}}; // appearance, smoothness
static const double position = 80, color = 13, distance = 3;

typedef struct {
    size_t height, width, classes, points;
    float *guide, *maps;
    float appearance, smoothness;
} problem;

// A disc over a slope, in colours with noise, and probabilities that hardly tell one from the other.
static problem make_problem(size_t i, size_t pair) {
    problem p = {pictures[i].height, pictures[i].width, pictures[i].classes, 0, NULL, NULL,
                 weights[pair][0],   weights[pair][1]};
    p.points = p.height * p.width;
    p.guide = numbers(3 * p.points, -pictures[i].noise, pictures[i].noise);
    p.maps = numbers(p.classes * p.points, 0, 1);
    for (size_t y = 0; y < p.height; ++y)
        for (size_t x = 0; x < p.width; ++x) {
            const double dx = (double)x - (double)p.width / 2, dy = (double)y - (double)p.height / 2.4;
            const size_t shape = dx * dx + dy * dy < 150 ? 1 : x + y > 60 ? 2 : 0, at = y * p.width + x;
            static const float colors[3][3] = {{60, 80, 40}, {120, 150, 200}, {30, 40, 60}};
            for (size_t c = 0; c < 3; ++c) {
                float *value = p.guide + c * p.points + at;
                *value = fminf(fmaxf(*value + colors[shape][c] + (float)x / 4, 0), 255);
            }
            p.maps[shape % p.classes * p.points + at] += 0.5f;
        }
    return p;
}

// --- The truth.

static double squared(double x) { return x * x; }

// weight * D^-1/2 K D^-1/2 is added to all[points, points].
static void add_kernel(const problem *p, double weight, bool with_colors, double *all) {
    const size_t n = p->points;
    double *k = malloc(n * n * sizeof *k), *norm = calloc(n, sizeof *norm);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < n; ++j) {
            const double dx = (double)(i % p->width) - (double)(j % p->width);
            const double dy = (double)(i / p->width) - (double)(j / p->width);
            double exponent = (dx * dx + dy * dy) / (2 * squared(with_colors ? position : distance));
            for (size_t c = 0; with_colors && c < 3; ++c)
                exponent +=
                    squared((double)p->guide[c * n + i] - (double)p->guide[c * n + j]) / (2 * squared(color));
            k[i * n + j] = exp(-exponent);
            norm[i] += k[i * n + j];
        }
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < n; ++j)
            all[i * n + j] += weight * k[i * n + j] / sqrt(norm[i] * norm[j]);
    free(k);
    free(norm);
}

static void softmax(const problem *p, const double *energy, double *q) {
    for (size_t i = 0; i < p->points; ++i) {
        double most = -INFINITY, sum = 0;
        for (size_t c = 0; c < p->classes; ++c)
            most = fmax(most, energy[c * p->points + i]);
        for (size_t c = 0; c < p->classes; ++c)
            sum += q[c * p->points + i] = exp(energy[c * p->points + i] - most);
        for (size_t c = 0; c < p->classes; ++c)
            q[c * p->points + i] /= sum;
    }
}

// Algorithm 1 of Kraehenbuehl and Koltun. The caller's to free.
static double *mean_field(const problem *p) {
    const size_t n = p->points, all = p->classes * n;
    double *kernels = calloc(n * n, sizeof *kernels), *q = malloc(2 * all * sizeof *q), *energy = q + all;
    add_kernel(p, (double)p->appearance, true, kernels);
    add_kernel(p, (double)p->smoothness, false, kernels);
    for (size_t i = 0; i < all; ++i)
        energy[i] = log(fmax((double)p->maps[i], 1e-5));
    softmax(p, energy, q);
    for (size_t round = 0; round < rounds; ++round) {
        for (size_t i = 0; i < all; ++i) {
            energy[i] = log(fmax((double)p->maps[i], 1e-5));
            for (size_t j = 0; j < n; ++j)
                energy[i] += kernels[i % n * n + j] * q[i - i % n + j];
        }
        softmax(p, energy, q);
    }
    free(kernels);
    return q;
}

// --- The kernel.

static void build(fsk_lattice *l, const problem *p, const fsk_pool *pool) {
    const size_t n = p->points;
    *l = (fsk_lattice){.points = n,
                       .corner = memory(24 * n),
                       .weight = floats(6 * n),
                       .keys = memory(48 * n),
                       .slots = memory(24 * fsk_lattice_slots(n))};
    fsk_lattice_place(l, p->guide, p->height, p->width, (float)position, (float)color, pool);
    l->vertex_keys = memory(8 * fsk_lattice_bound(l));
    l->vertex_slots = memory(4 * fsk_lattice_bound_slots(l));
    fsk_lattice_grow(l, pool);
    l->starts = memory(4 * (l->first[FSK_LATTICE_KINDS] + 1));
    l->neighbours = memory(48 * l->first[FSK_LATTICE_KINDS]);
    l->order = (uint32_t *)l->keys;
    l->share = (float *)(l->order + 6 * n);
    fsk_lattice_connect(l, pool);
}

static float *run(const problem *p, const fsk_pool *pool) {
    fsk_lattice lattice;
    build(&lattice, p, pool);
    float *maps = floats(p->classes * p->points);
    memcpy(maps, p->maps, p->classes * p->points * sizeof *maps);
    fsk_crf a = {&lattice,      maps,          p->classes,      p->height, p->width,
                 p->appearance, p->smoothness, (float)distance, NULL};
    a.scratch = floats(fsk_crf_scratch(&a, (size_t)pool->threads));
    fsk_crf_begin(&a, pool);
    for (size_t round = 0; round < rounds; ++round)
        fsk_crf_round(&a, pool);
    return maps;
}

static size_t label(const problem *p, const double *q, size_t i) {
    size_t best = 0;
    for (size_t c = 1; c < p->classes; ++c)
        if (q[c * p->points + i] > q[best * p->points + i])
            best = c;
    return best;
}

static void compare(const setting *s, const problem *p, const float *maps, const double *want) {
    const size_t all = p->classes * p->points;
    double *got = malloc(all * sizeof *got), difference = 0;
    for (size_t i = 0; i < all; ++i) {
        got[i] = (double)maps[i];
        difference += fabs(got[i] - want[i]) / (double)all;
    }
    size_t other = 0;
    for (size_t i = 0; i < p->points; ++i)
        other += label(p, got, i) != label(p, want, i);
    if (!(difference <= (p->appearance == 0 ? 1e-4 : 0.01)))
        fail(s, "probabilities are %g from exact ones in the mean", difference);
    if (other > p->points / 200)
        fail(s, "%zu of %zu labels are other than exact ones", other, p->points);
    free(got);
}

static void run_case(size_t number) {
    const size_t i = choice(&number, COUNT(pictures));
    const problem p = make_problem(i, choice(&number, weight_pairs));
    describe("%zu x %zu, %zu classes, noise %g, weights %g and %g", p.height, p.width, p.classes,
             (double)pictures[i].noise, (double)p.appearance, (double)p.smoothness);
    double *want = mean_field(&p);
    float *first = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        float *got = run(&p, &s->pool);
        if (is_first_of_variant(s))
            compare(s, &p, first = got, want);
        else
            expect_bits(s, got, first, p.classes * p.points);
    }
    free(want);
}

// Any numbers come out as probabilities.
static void run_odd_numbers(void) {
    problem p = make_problem(3, 0);
    describe("maps of odd numbers");
    p.maps = odd_numbers(p.classes * p.points);
    for (const setting *s = settings(); s->way; ++s) {
        const float *got = run(&p, &s->pool);
        for (size_t i = 0; i < p.points; ++i)
            if (!(fabsf(got[i] + got[p.points + i] - 1) < 1e-5f && got[i] >= 0 && got[i] <= 1))
                fail(s, "pixel %zu is %g and %g", i, (double)got[i], (double)got[p.points + i]);
    }
}

enum { compared = COUNT(pictures) * weight_pairs };

static void run_number(size_t number) {
    if (number < compared)
        run_case(number);
    else
        run_odd_numbers();
}

const operation crf_tests = {"crf", compared + 1, run_number};
