// fsk_convolution: packing and product against the definition; whoever runs the tasks, the same bits.
#include "sliding.h"

#include <string.h>

// A kernel, its stride and its pad, each rows by columns.
#define SLID(kh, kw, sh, sw, ph, pw)                                                                         \
    .kernel_h = kh, .kernel_w = kw, .stride_h = sh, .stride_w = sw, .pad_h = ph, .pad_w = pw, .batch = 1,    \
    .groups = 1, .dilation_h = 1, .dilation_w = 1
#define SIZES(c, h, w, f, s) .channels = c, .height = h, .width = w, .filters = f, .spread = s

// Tails of tiles, of panels and of depth blocks; then what a network asks now and then.
static const sliding listed[] = {
    {SLID(3, 3, 1, 1, 1, 1), SIZES(3, 1, 1, 5, 1)},
    {SLID(3, 3, 1, 1, 1, 1), SIZES(3, 9, 11, 1, 1), .odd = true},
    {SLID(3, 3, 1, 1, 1, 1), SIZES(3, 9, 11, 8, 1)},
    {SLID(3, 3, 1, 1, 1, 1), SIZES(3, 9, 11, 9, 1), .odd = true, .relu = true},
    {SLID(1, 1, 1, 1, 0, 0), SIZES(1, 9, 11, 17, 1)},
    {SLID(3, 3, 1, 1, 1, 1), SIZES(40, 13, 17, 33, 1), .relu = true}, // blocks of the depth
    {SLID(1, 1, 1, 1, 0, 0), SIZES(71, 8, 8, 24, 1)},
    {SLID(1, 1, 1, 1, 0, 0), SIZES(400, 3, 5, 4, 1), .odd = true},
    {SLID(3, 3, 1, 1, 100, 100), SIZES(3, 30, 50, 5, 1), .relu = true}, // the border of FCN
    {SLID(2, 2, 1, 1, 0, 0), SIZES(3, 10, 12, 5, 3), .relu = true, .slope = 0.3f},
    {SLID(2, 2, 1, 1, 0, 0), SIZES(100, 6, 7, 11, 2), .no_bias = true},
    {SLID(1, 1, 1, 1, 0, 0), SIZES(0, 4, 5, 3, 1), .relu = true},
    {SLID(1, 1, 1, 1, 0, 0), SIZES(2, 40, 100, 130, 1)},
    {SLID(1, 1, 1, 1, 0, 0), SIZES(6300, 1, 7, 513, 1)}, // above 12 MiB of weights: shared by rows
    {SLID(5, 2, 2, 3, 2, 0), SIZES(3, 33, 65, 4, 1)},
};
enum { any_shapes = 150, layouts = 2 };

// The weights of a group as a layer stores them, or as a deconvolution does: channels outermst, mirrored.
static fsk_filters stored(const sliding *s, const float *weights, size_t layout) {
    const size_t window = s->kernel_h * s->kernel_w, n = s->filters * depth_of(s);
    const ptrdiff_t area = (ptrdiff_t)window, width = (ptrdiff_t)s->kernel_w, filters = (ptrdiff_t)s->filters;
    if (layout == 0)
        return (fsk_filters){weights, s->channels, s->kernel_h, s->kernel_w, (ptrdiff_t)depth_of(s),
                             area,    width,       1,           NULL};
    float *mirrored = floats(n);
    for (size_t f = 0; f < s->filters; ++f)
        for (size_t c = 0; c < s->channels; ++c)
            for (size_t k = 0; k < window; ++k)
                mirrored[(c * s->filters + f) * window + window - 1 - k] =
                    weights[(f * s->channels + c) * window + k];
    return (fsk_filters){n ? mirrored + window - 1 : mirrored,
                         s->channels,
                         s->kernel_h,
                         s->kernel_w,
                         area,
                         area * filters,
                         -width,
                         -1,
                         NULL};
}

// Some panels at a time, as they are read from a file. A gain of 2 or 1/2 is undone in the source.
static void pack(const fsk_convolution_variant *variant, const sliding *s, const fsk_filters *all,
                 float *packed) {
    const size_t most = fsk_convolution_panel(variant) * 2;
    for (size_t first = 0; first < s->filters; first += most) {
        fsk_filters part = *all;
        part.source += (ptrdiff_t)first * part.filter_step;
        part.gain = all->gain ? all->gain + first : NULL;
        const size_t count = s->filters - first < most ? s->filters - first : most;
        fsk_convolution_pack(variant, &part, s->filters, first, count, packed);
    }
}

static const float *pack_groups(const fsk_convolution_variant *variant, const sliding *s, const slid *n,
                                size_t layout) {
    const size_t each = fsk_convolution_packed_size(variant, s->filters, depth_of(s));
    float *packed = floats(each * s->groups);
    for (size_t g = 0; g < s->groups; ++g) {
        const size_t weights = s->filters * depth_of(s);
        float *source = floats(weights), *gain = floats(s->filters);
        for (size_t f = 0; f < s->filters; ++f)
            gain[f] = layout == 0 ? 1 : f % 2 ? 2 : 0.5f;
        for (size_t i = 0; i < weights; ++i)
            source[i] = n->weights[g * weights + i] / gain[i / depth_of(s)];
        fsk_filters filters = stored(s, source, layout);
        filters.gain = layout == 0 ? NULL : gain;
        pack(variant, s, &filters, packed + g * each);
    }
    return packed;
}

static float *convolve(const setting *setting, const sliding *s, const slid *n, const float *packed) {
    const fsk_convolution_variant *variant = fsk_convolution_choose(setting->pool.cpu);
    float *y = floats(s->batch * s->groups * s->filters * plane_of(s));
    const fsk_convolution c = {.x = n->x,
                               .y = y,
                               .weights = packed,
                               .bias = n->bias,
                               .batch = s->batch,
                               .groups = s->groups,
                               .channels = s->channels,
                               .height = s->height,
                               .width = s->width,
                               .filters = s->filters,
                               .out_height = out_height(s),
                               .out_width = out_width(s),
                               .kernel_height = s->kernel_h,
                               .kernel_width = s->kernel_w,
                               .stride_height = s->stride_h,
                               .stride_width = s->stride_w,
                               .pad_height = s->pad_h,
                               .pad_width = s->pad_w,
                               .dilation_height = s->dilation_h,
                               .dilation_width = s->dilation_w,
                               .batch_step = s->groups * s->filters * plane_of(s),
                               .plane_step = plane_of(s),
                               .row_step = out_width(s) * s->spread * s->spread,
                               .column_step = s->spread,
                               .relu = s->relu,
                               .slope = s->slope};
    float *scratch = floats(fsk_convolution_scratch_size(variant) * (size_t)setting->pool.threads);
    fsk_convolution_run(variant, &c, scratch, &setting->pool);
    return y;
}

static void run(size_t number) {
    const size_t layout = choice(&number, layouts);
    const sliding s = number < COUNT(listed) ? listed[number] : any_sliding();
    describe_sliding(&s);
    const slid n = slide(&s);
    const float *packed = NULL, *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        if (is_first_of_variant(at))
            packed = pack_groups(fsk_convolution_choose(at->pool.cpu), &s, &n, layout);
        const float *y = convolve(at, &s, &n, packed);
        expect_sums(at, &s, &n, y, 4 * sqrt((double)depth_of(&s) + 1));
        if (is_first_of_variant(at))
            first = y;
        expect_bits(at, y, first, s.batch * s.groups * s.filters * plane_of(&s));
    }
}

const operation convolution_tests = {"convolution", layouts *(COUNT(listed) + any_shapes), run};
