// kernels: how fast each variant of the blocked convolutions that this processor runs is, by shape, on one
// and two threads. Not a test: weights and pictures are any numbers, and Tests/kernels says whether results
// are right.
//
//     bench-kernels VARIANT=PEAK_OF_ONE_CORE,PEAK_OF_TWO ...    (scripts beside this file measure them by
//     peak.c)
//
// Two speeds in GFLOP/s, a multiply-add being two: of the products that the form does (a tile's, where there
// are transforms, whose own sums do not count), and of those that the definition asks for.
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The instruction sets that variants are chosen for, fastest first; several may have the same one.
static const uint32_t processors[] = {FSK_CPU_AVX2 | FSK_CPU_AVX512 | FSK_CPU_PAIRS,
                                      FSK_CPU_AVX2 | FSK_CPU_AVX512, FSK_CPU_AVX2, FSK_CPU_NEON, 0};

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

static void prepare_depthwise(work *w, const layer *l, fsk_blocks x, fsk_blocks y) {
    const size_t lanes = fsk_block_width(w->variant), planes = ceiling(l->channels, lanes);
    w->depthwise = (fsk_block_depthwise){.x = x,
                                         .y = y,
                                         .y_step = lanes,
                                         .weights = numbers(planes * l->kernel * l->kernel * lanes),
                                         .batch = 1,
                                         .planes = planes,
                                         .out_height = l->side,
                                         .out_width = l->side,
                                         .kernel_height = l->kernel,
                                         .kernel_width = l->kernel,
                                         .stride_height = l->stride,
                                         .stride_width = l->stride,
                                         .dilation_height = 1,
                                         .dilation_width = 1,
                                         .relu = 1};
}

static void prepare_convolution(work *w, const layer *l, const layer_pictures *pictures) {
    fsk_block_convolution *a = &w->convolution;
    *a = layer_convolution(l, pictures);
    layer_choose(w->variant, FSK_FAST, a);
    a->weights = numbers(fsk_block_packed_size(w->variant, a));
    w->scratch = numbers(fsk_block_scratch_size(w->variant, a, 2));
}

static void prepare(work *w, const layer *l) {
    const layer_pictures pictures = layer_makes(w->variant, l);
    w->is_depthwise = l->depthwise;
    if (l->depthwise)
        prepare_depthwise(w, l, pictures.x, pictures.y);
    else
        prepare_convolution(w, l, &pictures);
}

static void release(work *w) {
    free(w->is_depthwise ? w->depthwise.x.pixels : w->convolution.x.pixels);
    free(w->is_depthwise ? w->depthwise.y.pixels : w->convolution.y.pixels);
    free((void *)(uintptr_t)(w->is_depthwise ? w->depthwise.weights : w->convolution.weights));
    free(w->scratch);
}

// FLOP by the definition, and by the form.
static double defined(const layer *l) {
    const double pairs = l->depthwise ? (double)l->channels : (double)l->channels * (double)l->filters;
    return 2 * pairs * (double)(l->side * l->side * l->kernel * l->kernel);
}

static double done(const layer *l, fsk_block_form form) {
    if (l->depthwise || form == FSK_DIRECT)
        return defined(l);
    const size_t points = (size_t)form, tiles = ceiling(l->side, points - l->kernel + 1);
    return 2 * (double)l->channels * (double)l->filters * (double)(tiles * tiles * points * points);
}

static void report(const work *w, const layer *l, double peak) {
    char form[16] = "direct", size[32];
    if (w->is_depthwise)
        snprintf(form, sizeof form, "depthwise");
    else if (w->convolution.form != FSK_DIRECT)
        snprintf(form, sizeof form, "%d points", (int)w->convolution.form);
    snprintf(size, sizeof size, "%zu -> %zu", l->channels, l->filters);
    const double does = done(l, w->convolution.form) / w->least / 1e9;
    printf("%-10s %12s  %zux%zu /%zu  %4zu  %-9s  %d  %9.3f  %8.1f  %8.1f  %5.0f %%\n", l->name, size,
           l->kernel, l->kernel, l->stride, l->side, form, w->pool.threads, w->least * 1e3, does,
           defined(l) / w->least / 1e9, 100 * does / peak);
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
    for (size_t i = 0; i < layer_count; ++i) {
        work w = {.variant = variant};
        prepare(&w, &layers[i]);
        const int is_exact = w.is_depthwise || w.convolution.precision == FSK_EXACT;
        for (int32_t threads = 1; threads <= 2 && !(is_exact && fsk_block_is_fast(variant)); ++threads) {
            w.pool = (fsk_pool){.cpu = cpu, .threads = threads};
            fsk_pool_lead(&w.pool, repeat, &w);
            report(&w, &layers[i], peak(kind(&w), threads, arguments));
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
