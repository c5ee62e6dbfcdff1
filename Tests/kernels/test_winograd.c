// fsk_winograd: 3 x 3 by transforms, against the definition; whoever runs the tasks, the same bits.
#include "sliding.h"

#define THREE                                                                                                \
    .batch = 1, .groups = 1, .kernel_h = 3, .kernel_w = 3, .dilation_h = 1, .dilation_w = 1, .stride_h = 1,  \
    .stride_w = 1, .spread = 1

static const sliding listed[] = {
    {THREE, .channels = 16, .height = 9, .width = 11, .filters = 16, .pad_h = 1, .pad_w = 1},
    {THREE, .channels = 17, .height = 1, .width = 1, .filters = 19, .pad_h = 1, .pad_w = 1},
    {THREE, .channels = 20, .height = 7, .width = 70, .filters = 24, .pad_w = 2, .relu = true},
    {THREE, .channels = 16, .height = 33, .width = 5, .filters = 130, .pad_h = 100, .pad_w = 3, .relu = true,
     .slope = 0.25f},
    {THREE, .channels = 100, .height = 40, .width = 40, .filters = 17, .pad_h = 1, .pad_w = 1,
     .no_bias = true},
};
enum { any_shapes = 60 };

static sliding any_shape(void) {
    const sliding any = any_sliding();
    return (sliding){THREE,
                     .channels = any.channels * 5 + 1,
                     .height = any.height,
                     .width = any.width,
                     .filters = any.filters,
                     .pad_h = any.pad_h,
                     .pad_w = any.pad_w,
                     .relu = any.relu,
                     .slope = any.slope,
                     .no_bias = any.no_bias};
}

// In two parts, whose gain of 2 or 1/2 is undone in the source.
static const float *pack(const fsk_convolution_variant *variant, const sliding *s, const slid *n) {
    const size_t panel = fsk_convolution_panel(variant), depth = depth_of(s);
    float *packed = floats(fsk_winograd_packed_size(variant, s->filters, s->channels));
    float *source = floats(s->filters * depth), *gain = floats(s->filters);
    for (size_t f = 0; f < s->filters; ++f)
        gain[f] = f % 2 ? 2 : 0.5f;
    for (size_t i = 0; i < s->filters * depth; ++i)
        source[i] = n->weights[i] / gain[i / depth];
    for (size_t first = 0; first < s->filters;) {
        const size_t left = s->filters - first, count = first == 0 && left > panel ? panel : left;
        const fsk_filters filters = {
            source + first * depth, s->channels, 3, 3, (ptrdiff_t)depth, 9, 3, 1, gain + first};
        fsk_winograd_pack(variant, &filters, first, count, packed);
        first += count;
    }
    return packed;
}

static float *convolve(const setting *setting, const sliding *s, const slid *n, const float *packed) {
    const fsk_convolution_variant *variant = fsk_convolution_choose(setting->pool.cpu);
    float *y = floats(n->count);
    const fsk_winograd w = {n->x,         y,         packed,   n->bias,    s->batch,
                            s->channels,  s->height, s->width, s->filters, out_height(s),
                            out_width(s), s->pad_h,  s->pad_w, s->relu,    s->slope};
    float *scratch = floats(fsk_winograd_scratch_size(variant, s->channels) * (size_t)setting->pool.threads);
    fsk_winograd_run(variant, &w, scratch, &setting->pool);
    return y;
}

static void run(size_t number) {
    const sliding s = number < COUNT(listed) ? listed[number] : any_shape();
    describe_sliding(&s);
    const slid n = slide(&s);
    const float *packed = NULL, *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        if (is_first_of_variant(at))
            packed = pack(fsk_convolution_choose(at->pool.cpu), &s, &n);
        const float *y = convolve(at, &s, &n, packed);
        expect_sums(at, &s, &n, y, 16 * sqrt((double)depth_of(&s))); // the transforms' own sums
        if (is_first_of_variant(at))
            first = y;
        expect_bits(at, y, first, n.count);
    }
}

const operation winograd_tests = {"winograd", COUNT(listed) + any_shapes, run};
