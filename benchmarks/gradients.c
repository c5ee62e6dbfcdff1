// gradients: how fast each variant of the blocked gradients that this processor runs is, by shape, on one
// thread: of what trains FCN-8s at 512 x 512, a picture at once, and of light nets, eight. Not a test: values
// are any numbers, and Tests/kernels says whether results are right.
//
//     bench-gradients VARIANT=PEAK_OF_ONE_CORE,PEAK_OF_TWO ...    (as bench-kernels)
//
// Speeds in GFLOP/s, a multiply-add being two, of the definition's products; where memory is the bound, in
// GB/s of what is read and written, once where a pass does so twice.
#include "Gradients.h"
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The instruction sets that variants are chosen for, fastest first.
static const uint32_t processors[] = {FSK_CPU_AVX2 | FSK_CPU_AVX512 | FSK_CPU_PAIRS,
                                      FSK_CPU_AVX2 | FSK_CPU_AVX512, FSK_CPU_AVX2, FSK_CPU_NEON, 0};

typedef struct {
    const char *name;
    size_t batch, channels, filters, kernel, stride, side; // side: of the output, a square
} shape;

static const shape shapes[] = {
    {"conv1_1", 1, 3, 64, 3, 1, 512},    {"conv1_2", 1, 64, 64, 3, 1, 512},
    {"conv2_1", 1, 64, 128, 3, 1, 256},  {"conv3_2", 1, 256, 256, 3, 1, 128},
    {"conv4_2", 1, 512, 512, 3, 1, 88},  {"conv5_1", 1, 512, 512, 3, 1, 44},
    {"fc6", 1, 512, 4096, 7, 1, 17},     {"fc7", 1, 4096, 4096, 1, 1, 17},
    {"score", 1, 4096, 3, 1, 1, 17},     {"stem", 8, 3, 16, 3, 2, 128},
    {"m0", 8, 16, 16, 3, 1, 128},        {"l0", 8, 16, 16, 1, 1, 128},
    {"s4_1_a", 8, 32, 32, 3, 1, 64},     {"s8_0", 8, 32, 64, 3, 2, 32},
    {"s8_1_a", 8, 64, 64, 3, 1, 32},     {"s16_1", 8, 128, 128, 3, 1, 16},
    {"s32_1", 8, 256, 256, 3, 1, 8},     {"l2", 8, 64, 64, 1, 1, 32},
    {"s16_1_in", 8, 128, 384, 1, 1, 16}, {"s16_1_out", 8, 384, 128, 1, 1, 16},
    {"s32_1_in", 8, 160, 480, 1, 1, 8},
};

// One plane at a time.
static const shape planewise[] = {
    {"dw3", 8, 64, 64, 3, 1, 64},  {"dw3 /2", 8, 64, 64, 3, 2, 32}, {"dw3", 8, 384, 384, 3, 1, 16},
    {"dw3", 8, 480, 480, 3, 1, 8}, {"dw5", 8, 64, 64, 5, 1, 32},    {"dw5 /2", 8, 64, 64, 5, 2, 16},
};

// The least seconds of a run in a quarter of a second, or of three runs.
static double fastest(void (*run)(void *), void *work) {
    double least = 1e9, spent = 0;
    for (int runs = 0; spent < 0.25 || (runs < 3 && spent < 1); ++runs) {
        const double start = seconds();
        run(work);
        const double took = seconds() - start;
        least = took < least ? took : least;
        spent += took;
    }
    return least;
}

// A peak of one core among the arguments.
static double peak(const char *name, char **arguments) {
    const size_t length = strcspn(name, " ");
    double found;
    for (char **at = arguments + 1; *at; ++at)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=' &&
            sscanf(*at + length + 1, "%lf", &found) == 1)
            return found;
    return 0;
}

// filters: that slide over a plane, of all pictures.
static void report(const shape *s, size_t filters, double took, double most) {
    const double speed = 2e-9 * (double)(filters * s->kernel * s->kernel * s->side * s->side) / took;
    char channels[32];
    snprintf(channels, sizeof channels, "%zu -> %zu", s->channels, s->filters);
    printf("%-10s %zu x %12s  %zux%zu /%zu  %4zu  %9.3f  %8.1f  %5.0f %%\n", s->name, s->batch, channels,
           s->kernel, s->kernel, s->stride, s->side, took * 1e3, speed, 100 * speed / most);
    fflush(stdout);
}

static fsk_blocks picture(size_t batch, size_t planes, size_t side, size_t block) {
    const size_t row = side * block, plane = side * row;
    return (fsk_blocks){numbers(batch * planes * plane), row, plane, planes * plane};
}

typedef struct {
    const fsk_block_variant *variant;
    fsk_pool pool;
    fsg_block_weight_gradient gradient;
    float *scratch;
} weight_work;

static void run_weights(void *argument) {
    weight_work *w = argument;
    fsg_block_weight_gradient_run(w->variant, &w->gradient, w->scratch, &w->pool);
}

static void one_shape(const fsk_block_variant *variant, uint32_t cpu, const shape *s, char **arguments) {
    const size_t lanes = fsk_block_width(variant), block = s->channels <= FSK_NARROW ? FSK_NARROW : lanes;
    weight_work w = {.variant = variant, .pool = {.cpu = cpu, .threads = 1}};
    w.gradient = (fsg_block_weight_gradient){
        .x = picture(s->batch, ceiling(s->channels, block), (s->side - 1) * s->stride + s->kernel, block),
        .dy = picture(s->batch, ceiling(s->filters, lanes), s->side, lanes),
        .dw = numbers(s->filters * s->channels * s->kernel * s->kernel),
        .dbias = numbers(s->filters),
        .batch = s->batch,
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
        .dilation_width = 1};
    w.gradient.precision = fsg_block_weight_gradient_best_precision(variant, &w.gradient);
    w.scratch = numbers(fsg_block_weight_gradient_scratch(variant, &w.gradient, 1));
    report(s, s->batch * s->channels * s->filters, fastest(run_weights, &w),
           peak(w.gradient.precision == FSK_FAST ? "bfloat" : fsk_block_name(variant), arguments));
    free(w.gradient.x.pixels);
    free(w.gradient.dy.pixels);
    free(w.gradient.dw);
    free(w.gradient.dbias);
    free(w.scratch);
}

typedef struct {
    const fsk_block_variant *variant;
    fsk_pool pool;
    fsg_block_depthwise_gradient gradient;
    float *scratch;
} depthwise_work;

static void run_depthwise(void *argument) {
    depthwise_work *w = argument;
    fsg_block_depthwise_gradient_run(w->variant, &w->gradient, w->scratch, &w->pool);
}

static void one_depthwise(const fsk_block_variant *variant, uint32_t cpu, const shape *s, char **arguments) {
    const size_t lanes = fsk_block_width(variant), planes = ceiling(s->channels, lanes);
    depthwise_work w = {.variant = variant, .pool = {.cpu = cpu, .threads = 1}};
    w.gradient = (fsg_block_depthwise_gradient){
        .x = picture(s->batch, planes, (s->side - 1) * s->stride + s->kernel, lanes),
        .dy = picture(s->batch, planes, s->side, lanes),
        .dw = numbers(s->channels * s->kernel * s->kernel),
        .dbias = numbers(s->channels),
        .batch = s->batch,
        .channels = s->channels,
        .out_height = s->side,
        .out_width = s->side,
        .kernel_height = s->kernel,
        .kernel_width = s->kernel,
        .stride_height = s->stride,
        .stride_width = s->stride,
        .dilation_height = 1,
        .dilation_width = 1};
    w.scratch = numbers(fsg_block_depthwise_gradient_scratch(variant, &w.gradient));
    report(s, s->batch * s->channels, fastest(run_depthwise, &w), peak(fsk_block_name(variant), arguments));
    free(w.gradient.x.pixels);
    free(w.gradient.dy.pixels);
    free(w.gradient.dw);
    free(w.gradient.dbias);
    free(w.scratch);
}

// Pictures of which each kernel reads and writes some; y is half as wide and high for a pooling.
typedef struct {
    const fsk_block_variant *variant;
    fsk_pool pool;
    fsg_block_normalization normalization;
    fsg_block_pooling_gradient pooling;
    float *scratch;
} light_work;

static void run_statistics(void *argument) {
    light_work *w = argument;
    fsg_block_statistics_run(w->variant, &w->normalization, w->scratch, &w->pool);
}

static void run_normalize(void *argument) {
    light_work *w = argument;
    fsg_block_normalize_run(w->variant, &w->normalization, w->scratch, &w->pool);
}

static void run_normalization_gradient(void *argument) {
    light_work *w = argument;
    fsg_block_normalization_gradient_run(w->variant, &w->normalization, w->scratch, &w->pool);
}

static void run_pooling(void *argument) {
    light_work *w = argument;
    fsg_block_pooling_gradient_run(w->variant, &w->pooling, &w->pool);
}

static const struct {
    const char *name;
    void (*run)(void *);
    double pictures; // that are read and written
    ptrdiff_t kernel, stride;
} light[] = {{"statistics", run_statistics, 1, 1, 1},
             {"normalize", run_normalize, 2, 1, 1},
             {"back", run_normalization_gradient, 3, 1, 1},
             {"max 2x2", run_pooling, 2.5, 2, 2},
             {"max 3x3 /2", run_pooling, 2.5, 3, 2}};

static void one_light(const fsk_block_variant *variant, uint32_t cpu, size_t channels, size_t side) {
    enum { batch = 8 };
    const size_t lanes = fsk_block_width(variant), planes = ceiling(channels, lanes);
    light_work w = {.variant = variant, .pool = {.cpu = cpu, .threads = 1}};
    fsg_block_normalization *n = &w.normalization;
    *n = (fsg_block_normalization){.x = picture(batch, planes, side, lanes),
                                   .y = picture(batch, planes, side, lanes),
                                   .batch = batch,
                                   .channels = channels,
                                   .height = side,
                                   .width = side,
                                   .mean = numbers(channels),
                                   .variance = numbers(channels),
                                   .epsilon = 1,
                                   .relu = 1,
                                   .dy = picture(batch, planes, side, lanes),
                                   .dx = picture(batch, planes, side, lanes),
                                   .dgain = numbers(channels),
                                   .dshift = numbers(channels)};
    w.scratch = numbers(fsg_block_normalization_scratch(variant, n));
    for (size_t i = 0; i < sizeof light / sizeof *light; ++i) {
        const fsk_block_windows windows = {0, light[i].kernel, light[i].stride,
                                           0, (ptrdiff_t)side, (ptrdiff_t)side};
        const size_t out = side / (size_t)light[i].stride;
        w.pooling = (fsg_block_pooling_gradient){
            {n->x, n->y, batch, planes, out, out, windows, windows, 0}, n->dy, n->dx, 0};
        const double took = fastest(light[i].run, &w);
        printf("%-10s %d x %12zu  %zux%zu  %9.3f  %8.1f GB/s\n", light[i].name, batch, channels, side, side,
               took * 1e3, light[i].pictures * (double)(batch * planes * lanes * side * side) * 4e-9 / took);
    }
    fflush(stdout);
    float *all[] = {n->x.pixels, n->y.pixels, n->dy.pixels, n->dx.pixels, n->mean,
                    n->variance, n->dgain,    n->dshift,    w.scratch};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
        free(all[i]);
}

static void one_variant(const fsk_block_variant *variant, uint32_t cpu, char **arguments) {
    printf("\n%s: gradients of weights\n%-10s %16s  kernel  side  %9s  %8s  %7s\n", fsk_block_name(variant),
           "layer", "channels", "ms", "GFLOP/s", "of peak");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i)
        one_shape(variant, cpu, &shapes[i], arguments);
    for (size_t i = 0; i < sizeof planewise / sizeof *planewise; ++i)
        one_depthwise(variant, cpu, &planewise[i], arguments);
    one_light(variant, cpu, 16, 128);
    one_light(variant, cpu, 128, 16);
}

int main(int count, char **arguments) {
    const fsk_block_variant *before = NULL;
    printf("Peaks of one core and two:");
    for (int i = 1; i < count; ++i)
        printf(" %s", arguments[i]);
    printf("\n");
    for (size_t i = 0; i < sizeof processors / sizeof *processors; ++i) {
        const fsk_block_variant *variant = fsk_block_choose(processors[i]);
        if ((processors[i] & fsk_cpu()) == processors[i] && variant != before)
            one_variant(before = variant, processors[i], arguments);
    }
}
