// fsk_block_convolution: every form and precision against the definition; whoever runs the tasks, the same
// bits.
#include "blocked.h"
#include "sliding.h"

#include <float.h>
#include <string.h>

#define ONE                                                                                                  \
    .batch = 1, .groups = 1, .dilation_h = 1, .dilation_w = 1, .stride_h = 1, .stride_w = 1, .spread = 1
#define SQUARE(n) .kernel_h = n, .kernel_w = n

static const sliding listed[] = {
    {ONE, SQUARE(3), .channels = 16, .height = 9, .width = 11, .filters = 16, .pad_h = 1, .pad_w = 1},
    {ONE, SQUARE(3), .channels = 3, .height = 20, .width = 31, .filters = 64, .pad_h = 1, .pad_w = 1},
    {ONE, SQUARE(3), .channels = 17, .height = 1, .width = 1, .filters = 19, .pad_h = 1, .pad_w = 1},
    {ONE, SQUARE(3), .channels = 20, .height = 7, .width = 70, .filters = 24, .pad_w = 2, .relu = true},
    {ONE, SQUARE(3), .channels = 16, .height = 33, .width = 5, .filters = 130, .pad_h = 30, .pad_w = 3,
     .relu = true, .slope = 0.25f},
    {ONE, SQUARE(3), .channels = 100, .height = 40, .width = 40, .filters = 17, .pad_h = 1, .pad_w = 1,
     .no_bias = true},
    {ONE, SQUARE(3), .channels = 33, .height = 60, .width = 90, .filters = 40, .pad_h = 1, .pad_w = 1},
    {ONE, SQUARE(5), .channels = 18, .height = 12, .width = 14, .filters = 20, .pad_h = 2, .pad_w = 2},
    {ONE, SQUARE(7), .channels = 18, .height = 13, .width = 9, .filters = 70},
    {ONE, SQUARE(1), .channels = 300, .height = 11, .width = 13, .filters = 90, .relu = true},
    {ONE, SQUARE(7), .channels = 150, .height = 20, .width = 17, .filters = 50, .is_positive = true},
    {ONE, SQUARE(1), .channels = 1030, .height = 17, .width = 17, .filters = 515, .relu = true,
     .slope = 0.5f},
};
enum { any_shapes = 120 };

static sliding any_shape(void) {
    sliding s = any_sliding();
    s.groups = s.spread = 1;
    s.is_positive = any_below(3) == 0;
    s.channels = s.channels * (any_below(2) ? 5 : 1) + 1;
    s.kernel_h = any_below(4) == 0 ? 3 : s.kernel_h + 1;
    s.kernel_w = any_below(2) == 0 ? s.kernel_h : s.kernel_w + 1;
    if (any_below(2) == 0)
        s.stride_h = s.stride_w = s.dilation_h = s.dilation_w = 1;
    return s;
}

static bool is_square(const sliding *s) {
    return s->kernel_h == s->kernel_w && s->stride_h == 1 && s->stride_w == 1 && s->dilation_h == 1 &&
           s->dilation_w == 1;
}

// What the definition gives with a residual, which comes before the ReLU.
static void add(slid *n, const sliding *s, const float *residual) {
    for (size_t i = 0; i < n->count; ++i) {
        n->want[i] += (double)residual[i];
        n->size[i] += fabs((double)residual[i]);
        if (s->relu && n->want[i] < 0)
            n->want[i] = s->slope == 0 ? 0 : n->want[i] * (double)s->slope;
    }
}

// A tile's transforms round by what is in all of the tile: by the largest sum, to be simple.
static void spread_size(slid *n) {
    double largest = 0;
    for (size_t i = 0; i < n->count; ++i)
        largest = fmax(largest, n->size[i]);
    for (size_t i = 0; i < n->count; ++i)
        n->size[i] = largest;
}

// In two parts, whose gain of 2 or 1/2 is undone in the source.
static const float *pack(const fsk_block_variant *variant, const fsk_block_convolution *a, const sliding *s,
                         const slid *n) {
    const size_t panel = fsk_block_panel(variant), depth = depth_of(s), area = s->kernel_h * s->kernel_w;
    float *packed = floats(fsk_block_packed_size(variant, a));
    float *source = floats(s->filters * depth), *gain = floats(s->filters);
    for (size_t f = 0; f < s->filters; ++f)
        gain[f] = f % 2 ? 2 : 0.5f;
    for (size_t i = 0; i < s->filters * depth; ++i)
        source[i] = n->weights[i] / gain[i / depth];
    for (size_t first = 0; first < s->filters;) {
        const size_t left = s->filters - first, count = first == 0 && left > panel ? panel : left;
        const fsk_filters filters = {
            source + first * depth, s->channels, s->kernel_h, s->kernel_w, (ptrdiff_t)depth, (ptrdiff_t)area,
            (ptrdiff_t)s->kernel_w, 1,           gain + first};
        fsk_block_pack(variant, a, &filters, first, count, packed);
        first += count;
    }
    return packed;
}

static const float *padded_bias(const sliding *s, const slid *n, size_t width) {
    if (!n->bias)
        return NULL;
    float *bias = floats((s->filters + width - 1) / width * width);
    for (size_t f = 0; f < (s->filters + width - 1) / width * width; ++f)
        bias[f] = f < s->filters ? n->bias[f] : 0;
    return bias;
}

// Rows or columns that the outputs read.
static ptrdiff_t end(size_t out, ptrdiff_t stride, ptrdiff_t pad, size_t kernel, ptrdiff_t dilation) {
    return ((ptrdiff_t)out - 1) * stride - pad + ((ptrdiff_t)kernel - 1) * dilation + 1;
}

// Roundings of a sum, as parts of FLT_EPSILON * size. Floats: of each product, and of the transforms, by
// their largest numbers. bfloat16: 2^-8 of either factor. Whole numbers: 2^-14 of the largest number of a
// tile at a point, and of a filter's, again by the transforms' numbers; bytes: 2^-8 of that of a row, and of
// a filter's.
static double roundings(const sliding *s, fsk_block_form form, fsk_block_precision precision) {
    const double sums = form == FSK_DIRECT ? 1 : form == FSK_POINTS_6 ? 16 : 64;
    const double exact = sums * sqrt((double)depth_of(s) + 4);
    if (precision == FSK_EXACT)
        return exact;
    if (precision == FSK_BYTES)
        return exact + 0x1p-7 / (double)FLT_EPSILON;
    return exact + (form == FSK_DIRECT     ? 0x1p-7
                    : form == FSK_POINTS_6 ? 0x1p-11
                                           : 0x1p-9) /
                       (double)FLT_EPSILON;
}

typedef struct {
    fsk_block_form form;
    fsk_block_precision precision;
    bool in_place; // the residual is y
    bool by_rows;  // each row of the output by itself
} manner;

// Packs anew where `packed` is NULL.
static const float *convolve(const setting *at, const sliding *s, const slid *n, manner how,
                             const float *residual, const float **packed) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t height = out_height(s), width = out_width(s), lanes = fsk_block_width(variant);
    const size_t block = s->channels <= FSK_NARROW ? FSK_NARROW : lanes;
    const blocked in = {s->batch,  s->channels,
                        s->height, s->width,
                        -s->pad_h, end(height, s->stride_h, s->pad_h, s->kernel_h, s->dilation_h),
                        -s->pad_w, end(width, s->stride_w, s->pad_w, s->kernel_w, s->dilation_w),
                        block};
    const blocked out = {s->batch,          s->filters, height,           width, 0,
                         (ptrdiff_t)height, 0,          (ptrdiff_t)width, lanes};
    const float *x = blocked_picture(&in, n->x), *added = residual ? blocked_picture(&out, residual) : NULL;
    float *y = floats(blocked_count(&out));
    if (added && how.in_place)
        memcpy(y, added, blocked_count(&out) * sizeof *y);
    fsk_block_convolution a = {.form = how.form,
                               .precision = how.precision,
                               .bias = padded_bias(s, n, lanes),
                               .batch = s->batch,
                               .channels = s->channels,
                               .filters = s->filters,
                               .out_height = how.by_rows ? 1 : height,
                               .out_width = width,
                               .block = block,
                               .kernel_height = s->kernel_h,
                               .kernel_width = s->kernel_w,
                               .stride_height = (size_t)s->stride_h,
                               .stride_width = (size_t)s->stride_w,
                               .dilation_height = (size_t)s->dilation_h,
                               .dilation_width = (size_t)s->dilation_w,
                               .relu = s->relu,
                               .slope = s->slope};
    a.weights = *packed = *packed ? *packed : pack(variant, &a, s, n);
    float *scratch = floats(fsk_block_scratch_size(variant, &a, (size_t)at->pool.threads));
    for (ptrdiff_t row = 0; row < (ptrdiff_t)height; row += (ptrdiff_t)a.out_height) {
        a.x = blocked_from(&in, x, row * s->stride_h - s->pad_h, -s->pad_w);
        a.y = blocked_from(&out, y, row, 0);
        if (added)
            a.residual = blocked_from(&out, how.in_place ? y : added, row, 0);
        fsk_block_convolution_run(variant, &a, scratch, &at->pool);
    }
    return blocked_planes_of(&out, y);
}

static bool can(const setting *at, fsk_block_precision precision) {
    return precision == FSK_EXACT || fsk_block_is_fast(fsk_block_choose(at->pool.cpu));
}

static void one_form(const sliding *s, slid *n, fsk_block_form form, fsk_block_precision precision,
                     const float *residual) {
    const float *packed = NULL, *first = NULL;
    manner how = {form, precision, any_below(2) == 0, false};
    for (const setting *at = settings(); at->way; ++at) {
        if (!can(at, precision))
            continue;
        if (is_first_of_variant(at))
            packed = NULL;
        const float *planes = convolve(at, s, n, how, residual, &packed);
        expect_sums(at, s, n, planes, roundings(s, form, precision));
        if (is_first_of_variant(at))
            first = planes;
        expect_bits(at, planes, first, n->count);
        how.by_rows = form == FSK_DIRECT && is_first_of_variant(at);
        if (how.by_rows)
            expect_bits(at, convolve(at, s, n, how, residual, &packed), first, n->count);
        how.by_rows = false;
    }
}

// A weight that is NaN: so is all that its filter makes, and nothing else.
static void broken_weight(const sliding *s, const slid *n, fsk_block_form form,
                          fsk_block_precision precision) {
    const size_t depth = depth_of(s), broken = any_below(s->filters), area = out_height(s) * out_width(s);
    float *weights = floats(s->filters * depth);
    memcpy(weights, n->weights, s->filters * depth * sizeof *weights);
    weights[broken * depth + any_below(depth)] = NAN;
    slid with = *n;
    with.weights = weights;
    for (const setting *at = settings(); at->way; ++at) {
        if (!can(at, precision) || !is_first_of_variant(at))
            continue;
        const float *packed = NULL,
                    *y = convolve(at, s, &with, (manner){form, precision, false, false}, NULL, &packed);
        for (size_t i = 0; i < n->count; ++i)
            if (isnan(y[i]) != (i / area % s->filters == broken)) {
                fail(at, "weight of filter %zu is NaN, output %zu is %g", broken, i, (double)y[i]);
                break;
            }
    }
}

static void run(size_t number) {
    sliding s = number < COUNT(listed) ? listed[number] : any_shape();
    describe_sliding(&s);
    if (out_height(&s) == 0 || out_width(&s) == 0)
        return;
    const bool adds = number % 3 == 0, transforms = is_square(&s);
    sliding plain = s;
    plain.relu = s.relu && !adds;
    slid n = slide(&plain);
    const float *residual = adds ? numbers(n.count, -4, 4) : NULL;
    if (adds)
        add(&n, &s, residual);
    one_form(&s, &n, FSK_DIRECT, FSK_EXACT, residual);
    if (s.odd)
        return;
    one_form(&s, &n, FSK_DIRECT, FSK_FAST, residual);
    broken_weight(&s, &n, FSK_DIRECT, FSK_EXACT);
    broken_weight(&s, &n, FSK_DIRECT, FSK_FAST);
    spread_size(&n);
    if (s.channels > FSK_NARROW) {
        one_form(&s, &n, FSK_DIRECT, FSK_BYTES, residual);
        broken_weight(&s, &n, FSK_DIRECT, FSK_BYTES);
    }
    if (!transforms || s.channels <= FSK_NARROW || s.kernel_h % 2 == 0 || s.kernel_h == 1)
        return;
    for (fsk_block_precision precision = FSK_EXACT; precision <= FSK_FAST; ++precision) {
        if (s.kernel_h < FSK_POINTS_6)
            one_form(&s, &n, FSK_POINTS_6, precision, residual);
        one_form(&s, &n, FSK_POINTS_8, precision, residual);
        broken_weight(&s, &n, FSK_POINTS_8, precision);
    }
}

const operation block_convolution_tests = {"block_convolution", COUNT(listed) + any_shapes, run};
