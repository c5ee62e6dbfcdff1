// fsk_depthwise: a filter a plane, against the definition; whoever runs the tasks, the same bits.
#include "sliding.h"

// Planes, rows, columns; a kernel, its stride and its pad, the same in rows and columns.
#define PLANES(n, h, w, kernel, stride, pad)                                                                 \
    .groups = n, .height = h, .width = w, .kernel_h = kernel, .kernel_w = kernel, .stride_h = stride,        \
    .stride_w = stride, .pad_h = pad, .pad_w = pad, .batch = 1, .spread = 1, .dilation_h = 1,                \
    .dilation_w = 1

static const sliding listed[] = {
    {PLANES(5, 9, 11, 3, 1, 1)},
    {PLANES(1, 1, 1, 3, 1, 1)},
    {PLANES(2, 300, 70, 3, 1, 1), .relu = true}, // several tasks a plane
    {PLANES(2, 9, 700, 3, 2, 1)},                // several stretches a row
    {PLANES(2, 3, 509, 3, 1, 1), .relu = true, .odd = true},
    {PLANES(3, 8, 8, 1, 1, 4), .no_bias = true},
};
enum { any_shapes = 150 };

static float *convolve(const setting *setting, const sliding *s, const slid *n) {
    float *y = floats(s->batch * s->groups * plane_of(s));
    const fsk_depthwise d = {.x = n->x,
                             .y = y,
                             .weights = n->weights,
                             .bias = n->bias,
                             .batch = s->batch,
                             .channels = s->groups,
                             .height = s->height,
                             .width = s->width,
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
                             .plane_step = plane_of(s),
                             .row_step = out_width(s) * s->spread * s->spread,
                             .column_step = s->spread,
                             .relu = s->relu,
                             .slope = s->slope};
    fsk_depthwise_run(&d, 1, &setting->pool);
    return y;
}

static void run(size_t number) {
    sliding s = number < COUNT(listed) ? listed[number] : any_sliding();
    s.groups = number < COUNT(listed) ? s.groups : s.groups * s.channels; // now and then none
    s.channels = s.filters = 1;
    describe_sliding(&s);
    const slid n = slide(&s);
    const float *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        const float *y = convolve(at, &s, &n);
        expect_sums(at, &s, &n, y, 8);
        if (is_first_of_variant(at))
            first = y;
        expect_bits(at, y, first, s.batch * s.groups * plane_of(&s));
    }
}

const operation depthwise_tests = {"depthwise", COUNT(listed) + any_shapes, run};
