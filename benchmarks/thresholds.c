// thresholds: which thresholds of channels and filters lose least over what was timed. Knows the rule of
// blocks/form.c, so that it can try other numbers in it, and says so if that has become another rule.
#include "tune.h"

#include <stdio.h>

typedef struct {
    size_t channels, filters; // the least
} threshold;

typedef struct {
    threshold points, halves; // for transforms; for 16 bits
} rule;

// Between two of these no layer of the grid lies; the last is above them all.
static const size_t tried[] = {8, 16, 24, 32, 48, 64, 65};
enum { tried_count = 7, wide = 1 << 16 };

static int is_above(threshold t, const layer *l) {
    return l->channels > FSK_NARROW && l->channels >= t.channels && l->filters >= t.filters;
}

static size_t choose(const rule *r, const layer *l, fsk_block_precision asked) {
    const fsk_block_precision precision = is_above(r->halves, l) ? asked : FSK_EXACT;
    const int has_points = l->stride == 1 && l->kernel > 1 && is_above(r->points, l);
    const fsk_block_form form = !has_points                                ? FSK_DIRECT
                                : l->kernel == 3 && precision == FSK_EXACT ? FSK_POINTS_6
                                                                           : FSK_POINTS_8;
    return way_of(form, precision);
}

// Whether these thresholds have a say: in 8 bits, which are for the largest weights, they have none.
static int is_judged(const timing *t, fsk_block_precision asked) {
    return ways[t->chosen[asked]].precision != FSK_BYTES;
}

// Whether a layer of 3 x 3 is no longer computed directly, or exactly.
static int is_chosen(const fsk_block_variant *variant, size_t channels, size_t filters,
                     fsk_block_precision asked) {
    fsk_block_convolution a = {.channels = channels,
                               .filters = filters,
                               .block = fsk_block_width(variant),
                               .kernel_height = 3,
                               .kernel_width = 3,
                               .stride_height = 1,
                               .stride_width = 1,
                               .dilation_height = 1,
                               .dilation_width = 1};
    layer_choose(variant, asked, &a);
    return asked == FSK_EXACT ? a.form != FSK_DIRECT : a.precision != FSK_EXACT;
}

static threshold today(const fsk_block_variant *variant, fsk_block_precision asked) {
    threshold t = {1, 1};
    while (t.channels < wide && !is_chosen(variant, t.channels, wide, asked))
        ++t.channels;
    while (t.filters < wide && !is_chosen(variant, wide, t.filters, asked))
        ++t.filters;
    return t;
}

static int is_known(const rule *r, const timing *timings, size_t count, fsk_block_precision most) {
    for (size_t i = 0; i < count; ++i)
        for (fsk_block_precision asked = FSK_EXACT; asked <= most; ++asked)
            if (is_judged(&timings[i], asked) &&
                choose(r, &timings[i].layer, asked) != timings[i].chosen[asked])
                return 0;
    return 1;
}

// The mean over all layers, each of which counts alike: in milliseconds the largest would decide alone.
static double mean_loss(const rule *r, const timing *timings, size_t count, fsk_block_precision asked) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i)
        if (is_judged(&timings[i], asked))
            sum += loss(&timings[i], asked, choose(r, &timings[i].layer, asked));
    return sum / (double)count;
}

static double sum_of_losses(const rule *r, const timing *timings, size_t count, fsk_block_precision most) {
    double sum = 0;
    for (fsk_block_precision asked = FSK_EXACT; asked <= most; ++asked)
        sum += mean_loss(r, timings, count, asked);
    return sum;
}

// The best of the thresholds that are tried, for transforms and 16 bits alike or for each.
static rule best(const timing *timings, size_t count, fsk_block_precision most, int alike) {
    rule found = {0};
    double least = 1e9;
    for (size_t i = 0; i < (size_t)tried_count * tried_count; ++i)
        for (size_t k = 0; k < (size_t)(alike ? 1 : tried_count * tried_count); ++k) {
            const threshold points = {tried[i / tried_count], tried[i % tried_count]};
            const threshold halves = {tried[k / tried_count], tried[k % tried_count]};
            const rule r = {points, alike ? points : halves};
            const double sum = sum_of_losses(&r, timings, count, most);
            if (sum < least) {
                least = sum;
                found = r;
            }
        }
    return found;
}

static void print(const char *name, const rule *r, const timing *timings, size_t count,
                  fsk_block_precision most) {
    printf("%-24s  %8zu %7zu", name, r->points.channels, r->points.filters);
    if (most == FSK_FAST)
        printf("  %8zu %7zu", r->halves.channels, r->halves.filters);
    for (fsk_block_precision asked = FSK_EXACT; asked <= most; ++asked)
        printf("  %6.2f %%", 100 * mean_loss(r, timings, count, asked));
    printf("\n");
}

void propose_thresholds(const fsk_block_variant *variant, const timing *timings, size_t count) {
    const fsk_block_precision most = fsk_block_is_fast(variant) ? FSK_FAST : FSK_EXACT;
    const rule now = {today(variant, FSK_EXACT), today(variant, FSK_FAST)};
    if (!is_known(&now, timings, count, most)) {
        printf("\nblocks/form.c has another rule than benchmarks/thresholds.c knows: nothing is proposed.\n");
        return;
    }
    printf("\nThe least channels and filters (blocks/form.c), and how much longer than the fastest way\n"
           "what they choose takes, in the mean over these %zu layers. %zu: more than the grid has.\n\n",
           count, tried[tried_count - 1]);
    printf("%-24s  %16s%s%10s%s\n", "", "transforms  ", most == FSK_FAST ? "           16 bits" : "", "exact",
           most == FSK_FAST ? "      fast" : "");
    const rule alike = best(timings, count, most, 1), each = best(timings, count, most, 0);
    print("today", &now, timings, count, most);
    print("best", &alike, timings, count, most);
    if (most == FSK_FAST)
        print("best, if they may differ", &each, timings, count, most);
}
