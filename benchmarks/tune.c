// tune: whether this processor computes each layer in the fastest way. Every form and precision is timed for
// layers of nets and for a grid of small ones, where the choice is near; what the kernels would choose
// (blocks/form.c) is held against the fastest. Proposes thresholds (thresholds.c) and changes nothing.
//
//     tune [THREADS]
//
// Milliseconds, the least of several runs, in turn with the other ways of the same layer.
#include "tune.h"

#include <stdio.h>
#include <stdlib.h>

const way ways[way_count] = {
    {"direct", FSK_DIRECT, FSK_EXACT},       {"6 points", FSK_POINTS_6, FSK_EXACT},
    {"8 points", FSK_POINTS_8, FSK_EXACT},   {"direct/16", FSK_DIRECT, FSK_FAST},
    {"6 points/16", FSK_POINTS_6, FSK_FAST}, {"8 points/16", FSK_POINTS_8, FSK_FAST},
    {"direct/8", FSK_DIRECT, FSK_BYTES},
};

// The grid: channels and filters of these, with larger kernels as many of one as of the other.
static const size_t widths[] = {8, 16, 24, 32, 48, 64}, sides[] = {16, 32, 64, 128}, kernels[] = {1, 3, 5, 7};
enum { width_count = 6, side_count = 4, kernel_count = 4, largest_of_all_pairs = 3 };
enum { most_timings = layer_count + kernel_count * width_count * width_count * side_count };

enum { least_rounds = 5, most_rounds = 200 };
static const double enough_seconds = 0.3; // for all ways of a layer

size_t way_of(fsk_block_form form, fsk_block_precision precision) {
    size_t way = 0;
    while (ways[way].form != form || ways[way].precision != precision)
        ++way;
    return way;
}

// Whether a session of this precision may compute a layer so, for all that it rounds: one that is exact does
// not take eight points for 3 x 3, and no time alone is a reason for 8 bits.
static int may_choose(fsk_block_precision asked, const way *w, const layer *l) {
    if (w->precision == FSK_EXACT)
        return w->form != FSK_POINTS_8 || l->kernel != 3;
    return w->precision == FSK_FAST && asked == FSK_FAST;
}

double loss(const timing *t, fsk_block_precision asked, size_t way) {
    return t->time[way] / t->time[t->least[asked]] - 1;
}

// Whether a layer can be computed so at all.
static int has_way(const fsk_block_variant *variant, const layer *l, const way *w) {
    const int is_narrow = l->channels <= FSK_NARROW;
    if (w->precision != FSK_EXACT && !fsk_block_is_fast(variant))
        return 0;
    if (w->form == FSK_DIRECT)
        return w->precision != FSK_BYTES || !is_narrow;
    return !is_narrow && l->stride == 1 && l->kernel > 1 && l->kernel < (size_t)w->form;
}

// All ways of one layer, on a pool.
typedef struct {
    const fsk_block_variant *variant;
    fsk_pool pool;
    fsk_block_convolution convolution;
    const int *has;
    float *scratch;
    double *least;
} work;

static void measure(void *context, fsk_team *team) {
    work *w = context;
    w->pool.team = team;
    double spent = 0;
    for (int round = 0; round < least_rounds || (round < most_rounds && spent < enough_seconds); ++round)
        for (size_t i = 0; i < way_count; ++i) {
            if (!w->has[i])
                continue;
            w->convolution.form = ways[i].form;
            w->convolution.precision = ways[i].precision;
            const double start = seconds();
            fsk_block_convolution_run(w->variant, &w->convolution, w->scratch, &w->pool);
            const double took = seconds() - start;
            w->least[i] = round == 0 || took < w->least[i] ? took : w->least[i];
            spent += took;
        }
}

// Weights and scratch memory are as large as the largest way wants them, and shared by all.
static timing time_layer(const fsk_block_variant *variant, uint32_t cpu, int32_t threads, const layer *l) {
    const layer_pictures pictures = layer_makes(variant, l);
    fsk_block_convolution a = layer_convolution(l, &pictures);
    timing t = {.layer = *l};
    int has[way_count];
    size_t weights = 0, scratch = 0;
    for (size_t i = 0; i < way_count; ++i) {
        if (!(has[i] = has_way(variant, l, &ways[i])))
            continue;
        a.form = ways[i].form;
        a.precision = ways[i].precision;
        const size_t packed = fsk_block_packed_size(variant, &a);
        const size_t needed = fsk_block_scratch_size(variant, &a, (size_t)threads);
        weights = packed > weights ? packed : weights;
        scratch = needed > scratch ? needed : scratch;
    }
    float *packed = numbers(weights);
    a.weights = packed;
    work w = {variant, {.cpu = cpu, .threads = threads}, a, has, numbers(scratch), t.time};
    fsk_pool_lead(&w.pool, measure, &w);
    free(packed);
    free(w.scratch);
    free(pictures.x.pixels);
    free(pictures.y.pixels);
    for (fsk_block_precision asked = FSK_EXACT; asked <= FSK_FAST; ++asked) {
        layer_choose(variant, asked, &a);
        t.chosen[asked] = t.least[asked] = way_of(a.form, a.precision);
        for (size_t i = 0; i < way_count; ++i)
            if (has[i] && may_choose(asked, &ways[i], l) && t.time[i] < t.time[t.least[asked]])
                t.least[asked] = i;
    }
    return t;
}

static void print_head(const fsk_block_variant *variant, int32_t threads) {
    const int is_fast = fsk_block_is_fast(variant);
    printf("%s, threads: %d. Milliseconds of each way%s; then what a session chooses,\n"
           "and, where it may choose a faster way, which and how much longer the chosen one takes.\n\n",
           fsk_block_name(variant), threads, is_fast ? ", /16 and /8 by products of so many bits" : "");
    printf("%-10s %12s  kernel  side", "layer", "channels");
    for (size_t i = 0; i < (is_fast ? way_count : exact_count); ++i)
        printf("  %11s", ways[i].name);
    printf("  %-11s %-21s", "exact", "faster");
    printf(is_fast ? "  %-11s %s\n" : "\n", "fast", "faster");
}

static void print_choice(const timing *t, fsk_block_precision asked) {
    const size_t chosen = t->chosen[asked], least = t->least[asked];
    char text[32] = "";
    if (loss(t, asked, chosen) >= 0.005)
        snprintf(text, sizeof text, "%s, +%.0f %%", ways[least].name, 100 * loss(t, asked, chosen));
    printf("  %-11s %-21s", ways[chosen].name, text);
}

static void print(const fsk_block_variant *variant, const timing *t) {
    const layer *l = &t->layer;
    const int is_fast = fsk_block_is_fast(variant);
    char size[32];
    snprintf(size, sizeof size, "%zu -> %zu", l->channels, l->filters);
    printf("%-10s %12s  %zux%zu /%zu  %4zu", l->name, size, l->kernel, l->kernel, l->stride, l->side);
    for (size_t i = 0; i < (is_fast ? way_count : exact_count); ++i)
        if (t->time[i] > 0)
            printf("  %11.3f", t->time[i] * 1e3);
        else
            printf("  %11s", "");
    print_choice(t, FSK_EXACT);
    if (is_fast)
        print_choice(t, FSK_FAST);
    printf("\n");
    fflush(stdout);
}

static size_t all_layers(layer *all) {
    size_t count = 0;
    for (size_t i = 0; i < layer_count; ++i)
        if (!layers[i].depthwise)
            all[count++] = layers[i];
    for (size_t k = 0; k < kernel_count; ++k)
        for (size_t c = 0; c < width_count; ++c)
            for (size_t f = 0; f < width_count; ++f)
                for (size_t i = 0; i < side_count && (c == f || kernels[k] <= largest_of_all_pairs); ++i)
                    all[count++] = (layer){"", widths[c], widths[f], kernels[k], 1, sides[i], 0};
    return count;
}

int main(int count, char **arguments) {
    const int threads = count > 1 ? atoi(arguments[1]) : 1;
    if (count > 2 || threads < 1 || threads > 1024) {
        fprintf(stderr, "usage: tune [THREADS], 1 to 1024\n");
        return 1;
    }
    const fsk_block_variant *variant = fsk_block_choose(fsk_cpu());
    static layer all[most_timings];
    static timing timings[most_timings];
    const size_t layers_timed = all_layers(all);
    print_head(variant, threads);
    for (size_t i = 0; i < layers_timed; ++i) {
        timings[i] = time_layer(variant, fsk_cpu(), threads, &all[i]);
        print(variant, &timings[i]);
    }
    propose_thresholds(variant, timings, layers_timed);
}
