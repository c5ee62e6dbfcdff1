// kernels: how fast each variant of the blocked convolutions that this processor runs is, by shape, on one
// and two threads. Not a test: weights and pictures are any numbers, and Tests/kernels says whether results
// are right.
//
//     bench-kernels VARIANT=PEAK_OF_ONE_CORE,PEAK_OF_TWO ...    (scripts beside this file measure them by
//     peak.c)
//
// Two speeds in GFLOP/s, a multiply-add being two: of the products that the form does (a tile's, where there
// are transforms, whose own sums do not count), and of those that the definition asks for.
#include "Kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    const char *name;
    size_t channels, filters, kernel, stride, side; // side: of the output, a square
    int depthwise;
} shape;

// FCN-8s at 512 x 512, whose first layer adds 99 pixels on each side; then typical layers of the built-in
// network, at 256 x 256.
static const shape shapes[] = {
    {"conv1_2", 64, 64, 3, 1, 710, 0},    {"conv2_1", 64, 128, 3, 1, 355, 0},
    {"conv2_2", 128, 128, 3, 1, 355, 0},  {"conv3_1", 128, 256, 3, 1, 178, 0},
    {"conv3_2", 256, 256, 3, 1, 178, 0},  {"conv4_1", 256, 512, 3, 1, 89, 0},
    {"conv4_2", 512, 512, 3, 1, 89, 0},   {"conv5_1", 512, 512, 3, 1, 45, 0},
    {"fc6", 512, 4096, 7, 1, 17, 0},      {"fc7", 4096, 4096, 1, 1, 17, 0},
    {"stem", 3, 16, 3, 2, 128, 0},        {"s4_1_a", 32, 32, 3, 1, 64, 0},
    {"s8_0", 32, 64, 3, 2, 32, 0},        {"s8_1_a", 64, 64, 3, 1, 32, 0},
    {"m0", 16, 16, 3, 1, 128, 0},         {"l0", 16, 16, 1, 1, 128, 0},
    {"l2", 64, 64, 1, 1, 32, 0},          {"s16_1_in", 128, 384, 1, 1, 16, 0},
    {"s16_1_out", 384, 128, 1, 1, 16, 0}, {"s32_1_in", 160, 480, 1, 1, 8, 0},
    {"s16_1_dw", 384, 384, 3, 1, 16, 1},  {"s32_1_dw", 480, 480, 3, 1, 8, 1},
};

// The instruction sets that variants are chosen for, fastest first; several may have the same one.
static const uint32_t processors[] = {FSK_CPU_AVX2 | FSK_CPU_AVX512 | FSK_CPU_PAIRS,
                                      FSK_CPU_AVX2 | FSK_CPU_AVX512, FSK_CPU_AVX2, FSK_CPU_NEON, 0};

static double seconds(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t ceiling(size_t n, size_t of) { return (n + of - 1) / of; }

// Small enough that no sum of them is large.
static float *numbers(size_t count) {
    float *x = aligned_alloc(64, ceiling(count * sizeof *x, 64) * 64);
    if (!x) {
        fprintf(stderr, "bench-kernels: no memory for %zu numbers\n", count);
        exit(1);
    }
    uint32_t state = 1;
    for (size_t i = 0; i < count; ++i) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(state >> 8) * 0x1p-28f - 0x1p-5f;
    }
    return x;
}

static fsk_blocks picture(size_t planes, size_t side, size_t block) {
    const size_t row = side * block, plane = side * row;
    return (fsk_blocks){numbers(planes * plane), row, plane, planes * plane};
}

// What is timed: one of the two, on a pool.
typedef struct {
    const fsk_block_variant *variant;
    fsk_pool pool;
    fsk_block_convolution convolution;
    fsk_block_depthwise depthwise;
    int is_depthwise;
    float *scratch;
    double least; // seconds of the fastest run
} work;

static void run(work *w) {
    if (w->is_depthwise)
        fsk_block_depthwise_run(w->variant, &w->depthwise, 1, &w->pool);
    else
        fsk_block_convolution_run(w->variant, &w->convolution, w->scratch, &w->pool);
}

// Runs for a quarter of a second, at least three times; slow ones for a second, at least once.
static void repeat(void *context, fsk_team *team) {
    work *w = context;
    w->pool.team = team;
    w->least = 1e9;
    double spent = 0;
    for (int runs = 0; spent < 0.25 || (runs < 3 && spent < 1); ++runs) {
        const double start = seconds();
        run(w);
        const double took = seconds() - start;
        w->least = took < w->least ? took : w->least;
        spent += took;
    }
}

static void prepare_depthwise(work *w, const shape *s, fsk_blocks x, fsk_blocks y) {
    const size_t lanes = fsk_block_width(w->variant), planes = ceiling(s->channels, lanes);
    w->depthwise = (fsk_block_depthwise){.x = x,
                                         .y = y,
                                         .y_step = lanes,
                                         .weights = numbers(planes * s->kernel * s->kernel * lanes),
                                         .batch = 1,
                                         .planes = planes,
                                         .out_height = s->side,
                                         .out_width = s->side,
                                         .kernel_height = s->kernel,
                                         .kernel_width = s->kernel,
                                         .stride_height = s->stride,
                                         .stride_width = s->stride,
                                         .dilation_height = 1,
                                         .dilation_width = 1,
                                         .relu = 1};
}

static void prepare_convolution(work *w, const shape *s, fsk_blocks x, fsk_blocks y, size_t block) {
    fsk_block_convolution *a = &w->convolution;
    *a = (fsk_block_convolution){.x = x,
                                 .y = y,
                                 .batch = 1,
                                 .channels = s->channels,
                                 .filters = s->filters,
                                 .out_height = s->side,
                                 .out_width = s->side,
                                 .block = block,
                                 .kernel_height = s->kernel,
                                 .kernel_width = s->kernel,
                                 .stride_height = s->stride,
                                 .stride_width = s->stride,
                                 .dilation_height = 1,
                                 .dilation_width = 1,
                                 .relu = 1};
    a->precision = fsk_block_best_precision(w->variant, a);
    a->form = fsk_block_best_form(w->variant, a); // which follows from it
    a->weights = numbers(fsk_block_packed_size(w->variant, a));
    w->scratch = numbers(fsk_block_scratch_size(w->variant, a, 2));
}

static void prepare(work *w, const shape *s) {
    const size_t lanes = fsk_block_width(w->variant), block = s->channels <= FSK_NARROW ? FSK_NARROW : lanes;
    const size_t inside = (s->side - 1) * s->stride + s->kernel;
    const fsk_blocks x = picture(ceiling(s->channels, block), inside, block);
    const fsk_blocks y = picture(ceiling(s->filters, lanes), s->side, lanes);
    w->is_depthwise = s->depthwise;
    if (s->depthwise)
        prepare_depthwise(w, s, x, y);
    else
        prepare_convolution(w, s, x, y, block);
}

static void release(work *w) {
    free(w->is_depthwise ? w->depthwise.x.pixels : w->convolution.x.pixels);
    free(w->is_depthwise ? w->depthwise.y.pixels : w->convolution.y.pixels);
    free((void *)(uintptr_t)(w->is_depthwise ? w->depthwise.weights : w->convolution.weights));
    free(w->scratch);
}

// FLOP by the definition, and by the form.
static double defined(const shape *s) {
    const double pairs = s->depthwise ? (double)s->channels : (double)s->channels * (double)s->filters;
    return 2 * pairs * (double)(s->side * s->side * s->kernel * s->kernel);
}

static double done(const shape *s, fsk_block_form form) {
    if (s->depthwise || form == FSK_DIRECT)
        return defined(s);
    const size_t points = (size_t)form, tiles = ceiling(s->side, points - s->kernel + 1);
    return 2 * (double)s->channels * (double)s->filters * (double)(tiles * tiles * points * points);
}

static void report(const work *w, const shape *s, double peak) {
    char form[16] = "direct", size[32];
    if (w->is_depthwise)
        snprintf(form, sizeof form, "depthwise");
    else if (w->convolution.form != FSK_DIRECT)
        snprintf(form, sizeof form, "%d points", (int)w->convolution.form);
    snprintf(size, sizeof size, "%zu -> %zu", s->channels, s->filters);
    const double does = done(s, w->convolution.form) / w->least / 1e9;
    printf("%-10s %12s  %zux%zu /%zu  %4zu  %-9s  %d  %9.3f  %8.1f  %8.1f  %5.0f %%\n", s->name, size,
           s->kernel, s->kernel, s->stride, s->side, form, w->pool.threads, w->least * 1e3, does,
           defined(s) / w->least / 1e9, 100 * does / peak);
    fflush(stdout);
}

// A peak among the arguments: of one core, or of two.
static double peak(const char *name, int32_t threads, char **arguments) {
    const size_t length = strcspn(name, " ");
    double found[2];
    for (char **at = arguments + 1; *at; ++at)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=' &&
            sscanf(*at + length + 1, "%lf,%lf", &found[0], &found[1]) == 2)
            return found[threads - 1];
    return 0;
}

// Which peak a shape's products have.
static const char *kind(const work *w) {
    if (w->is_depthwise || w->convolution.precision == FSK_EXACT)
        return fsk_block_name(w->variant);
    return w->convolution.form == FSK_DIRECT ? "bfloat" : "whole";
}

// Of a variant with products of 16 bits, these alone: its others are those of the next variant.
static void one_variant(const fsk_block_variant *variant, uint32_t cpu, char **arguments) {
    printf("\n%s\n%-10s %12s  kernel  side  %-9s  T  %9s  %8s  %8s  %7s\n", fsk_block_name(variant), "layer",
           "channels", "form", "ms", "done", "defined", "of peak");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i) {
        work w = {.variant = variant};
        prepare(&w, &shapes[i]);
        const int is_exact = w.is_depthwise || w.convolution.precision == FSK_EXACT;
        for (int32_t threads = 1; threads <= 2 && !(is_exact && fsk_block_is_fast(variant)); ++threads) {
            w.pool = (fsk_pool){.cpu = cpu, .threads = threads};
            fsk_pool_lead(&w.pool, repeat, &w);
            report(&w, &shapes[i], peak(kind(&w), threads, arguments));
        }
        release(&w);
    }
}

int main(int count, char **arguments) {
    const fsk_block_variant *before = NULL;
    printf("GFLOP/s of the products done, and of the definition's. Peaks of one core and two:");
    for (int i = 1; i < count; ++i)
        printf(" %s", arguments[i]);
    printf("\n");
    for (size_t i = 0; i < sizeof processors / sizeof *processors; ++i) {
        const fsk_block_variant *variant = fsk_block_choose(processors[i]);
        if ((processors[i] & fsk_cpu()) == processors[i] && variant != before)
            one_variant(before = variant, processors[i], arguments);
    }
}
