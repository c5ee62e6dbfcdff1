// fsg_block_weight_gradient: both precisions against the definition, in double; whoever runs the tasks, the
// same bits.
#include "Gradients.h"
#include "blocked.h"

#include <float.h>
#include <string.h>

typedef struct {
    size_t batch, channels, filters, out_height, out_width, kernel_h, kernel_w, stride_h, stride_w,
        dilation_h, dilation_w;
    bool no_bias, adds;
} shape;

#define STEPS     .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1
#define KERNEL(n) .kernel_h = n, .kernel_w = n

// Rows in strips, several shares of the pixels, several tasks of weights, rows of one pixel; of 3 x 3 by
// tiles the same, and one tile alone.
static const shape listed[] = {
    {2, 3, 20, 5, 300, KERNEL(3), STEPS},
    {1, 16, 16, 64, 40, KERNEL(3), STEPS, .adds = true},
    {3, 17, 35, 30, 19, KERNEL(1), STEPS},
    {1, 150, 70, 3, 5, KERNEL(7), STEPS},
    {1, 290, 260, 4, 3, KERNEL(1), STEPS, .adds = true},
    {9, 40, 33, 1, 1, KERNEL(2), STEPS},
    {2, 4, 65, 17, 129, KERNEL(5), STEPS},
    {2, 33, 18, 24, 24, KERNEL(3), .stride_h = 2, .stride_w = 2, .dilation_h = 1, .dilation_w = 1},
    {2, 35, 50, 14, 262, KERNEL(3), STEPS},
    {7, 130, 150, 4, 6, KERNEL(3), STEPS, .adds = true},
    {1, 17, 20, 2, 2, KERNEL(3), STEPS, .no_bias = true},
    {2, 20, 18, 20, 31, KERNEL(3), .stride_h = 1, .stride_w = 1, .dilation_h = 2, .dilation_w = 2},
};

static shape any_shape(void) {
    return (shape){.batch = any_below(3) + 1,
                   .channels = any_below(40) + 1,
                   .filters = any_below(40) + 1,
                   .out_height = any_below(12) + 1,
                   .out_width = any_below(40) + 1,
                   .kernel_h = any_below(4) + 1,
                   .kernel_w = any_below(4) + 1,
                   .stride_h = any_below(3) + 1,
                   .stride_w = any_below(3) + 1,
                   .dilation_h = any_below(3) + 1,
                   .dilation_w = any_below(3) + 1,
                   .no_bias = any_below(3) == 0,
                   .adds = any_below(2) == 0};
}

static size_t read(size_t out, size_t stride, size_t kernel, size_t dilation) {
    return (out - 1) * stride + (kernel - 1) * dilation + 1;
}

// The definition's sums of the weights, then of the biases, and the sizes of their terms.
typedef struct {
    float *x, *dy, *before;
    double *want, *size;
    size_t weights, count;
} sums;

static sums define(const shape *s) {
    const size_t height = read(s->out_height, s->stride_h, s->kernel_h, s->dilation_h),
                 width = read(s->out_width, s->stride_w, s->kernel_w, s->dilation_w);
    const size_t area = s->kernel_h * s->kernel_w, out = s->out_height * s->out_width;
    sums n = {.weights = s->filters * s->channels * area};
    n.count = n.weights + s->filters;
    n.x = numbers(s->batch * s->channels * height * width, -1, 4);
    n.dy = numbers(s->batch * s->filters * out, -2, 2);
    n.before = numbers(n.count, -4, 4);
    n.want = memory(n.count * sizeof(double));
    n.size = memory(n.count * sizeof(double));
    for (size_t i = 0; i < n.count; ++i) {
        const bool is_bias = i >= n.weights;
        const size_t f = is_bias ? i - n.weights : i / area / s->channels, c = i / area % s->channels,
                     u = i % area / s->kernel_w, v = i % s->kernel_w;
        n.want[i] = s->adds ? (double)n.before[i] : 0;
        n.size[i] = fabs(n.want[i]);
        for (size_t p = 0; p < s->batch * out; ++p) {
            const size_t picture = p / out, row = p % out / s->out_width, column = p % s->out_width;
            const float dy = n.dy[(picture * s->filters + f) * out + p % out];
            const size_t at =
                ((picture * s->channels + c) * height + row * s->stride_h + u * s->dilation_h) * width +
                column * s->stride_w + v * s->dilation_w;
            const double term = (double)dy * (is_bias ? 1 : (double)n.x[at]);
            n.want[i] += term;
            n.size[i] += fabs(term);
        }
    }
    return n;
}

static const float *gradient(const setting *at, const shape *s, const sums *n,
                             fsk_block_precision precision) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t lanes = fsk_block_width(variant);
    const size_t height = read(s->out_height, s->stride_h, s->kernel_h, s->dilation_h),
                 width = read(s->out_width, s->stride_w, s->kernel_w, s->dilation_w);
    const blocked x = {s->batch,
                       s->channels,
                       height,
                       width,
                       0,
                       (ptrdiff_t)height,
                       0,
                       (ptrdiff_t)width,
                       s->channels <= FSK_NARROW ? FSK_NARROW : lanes};
    const blocked dy = {s->batch,
                        s->filters,
                        s->out_height,
                        s->out_width,
                        0,
                        (ptrdiff_t)s->out_height,
                        0,
                        (ptrdiff_t)s->out_width,
                        lanes};
    float *y = floats(n->count);
    if (s->adds)
        memcpy(y, n->before, n->count * sizeof *y);
    const fsg_block_weight_gradient g = {.precision = precision,
                                         .x = blocked_from(&x, blocked_picture(&x, n->x), 0, 0),
                                         .dy = blocked_from(&dy, blocked_picture(&dy, n->dy), 0, 0),
                                         .dw = y,
                                         .dbias = s->no_bias ? NULL : y + n->weights,
                                         .adds = s->adds,
                                         .batch = s->batch,
                                         .channels = s->channels,
                                         .filters = s->filters,
                                         .out_height = s->out_height,
                                         .out_width = s->out_width,
                                         .block = x.block,
                                         .kernel_height = s->kernel_h,
                                         .kernel_width = s->kernel_w,
                                         .stride_height = s->stride_h,
                                         .stride_width = s->stride_w,
                                         .dilation_height = s->dilation_h,
                                         .dilation_width = s->dilation_w};
    float *scratch = floats(fsg_block_weight_gradient_scratch(variant, &g, (size_t)at->pool.threads));
    fsg_block_weight_gradient_run(variant, &g, scratch, &at->pool);
    return y;
}

// Whether tiles of 2 x 2 pixels are transformed.
static bool is_by_points(const shape *s) {
    return s->kernel_h == 3 && s->kernel_w == 3 && s->stride_h == 1 && s->stride_w == 1 &&
           s->dilation_h == 1 && s->dilation_w == 1 && s->out_height % 2 == 0 && s->out_width % 2 == 0;
}

// What one weight's sum is rounded by: where tiles are transformed, what is in all nine of its kernel, and
// twice as much.
static double rounded(const shape *s, const sums *n, size_t i) {
    double largest = n->size[i];
    if (i >= n->weights || !is_by_points(s))
        return largest;
    for (size_t k = i / 9 * 9; k < i / 9 * 9 + 9; ++k)
        largest = fmax(largest, n->size[k]);
    return 2 * largest;
}

// Of floats each sum's rounding; of bfloat16 2^-9 of either factor, but none of dy's sums.
static void compare(const setting *at, const shape *s, const sums *n, const float *y,
                    fsk_block_precision precision) {
    const size_t count = s->no_bias ? n->weights : n->count;
    const double exact =
        2 * sqrt((double)(s->batch * s->out_height * s->out_width) + 4) * (double)FLT_EPSILON;
    double *allowed = memory(count * sizeof(double));
    for (size_t i = 0; i < count; ++i)
        allowed[i] = (exact + (precision == FSK_FAST && i < n->weights ? 0x1.02p-8 : 0)) * rounded(s, n, i);
    expect_within(at, y, n->want, allowed, count);
    if (s->no_bias && s->adds)
        expect_bits(at, y + count, n->before + count, n->count - count);
}

// Few filters are not worth it, and others have no such products, or slow ones.
static void expect_precision(const setting *at, const shape *s) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const fsg_block_weight_gradient sizes = {
        .filters = s->filters, .kernel_width = s->kernel_w, .block = fsk_block_width(variant)};
    const bool gains = s->kernel_w > 1 || s->filters > 16;
    if ((fsg_block_weight_gradient_best_precision(variant, &sizes) == FSK_FAST) !=
        (gains && fsk_block_bfloat_gains(variant)))
        fail(at, "another precision than expected");
}

static void run(size_t number) {
    const shape s = number < COUNT(listed) ? listed[number] : any_shape();
    describe("%zu x %zu -> %zu, %zu x %zu, kernel %zu x %zu, stride %zu x %zu, dilation %zu x %zu, bias %d, "
             "adds %d",
             s.batch, s.channels, s.filters, s.out_height, s.out_width, s.kernel_h, s.kernel_w, s.stride_h,
             s.stride_w, s.dilation_h, s.dilation_w, !s.no_bias, s.adds);
    const sums n = define(&s);
    const float *first[2] = {NULL, NULL};
    for (const setting *at = settings(); at->way; ++at) {
        expect_precision(at, &s);
        for (int fast = 0; fast <= fsk_block_is_fast(fsk_block_choose(at->pool.cpu)); ++fast) {
            const fsk_block_precision precision = fast ? FSK_FAST : FSK_EXACT;
            const float *y = gradient(at, &s, &n, precision);
            compare(at, &s, &n, y, precision);
            if (is_first_of_variant(at))
                first[fast] = y;
            expect_bits(at, y, first[fast], s.no_bias ? n.weights : n.count);
        }
    }
}

const operation block_weight_gradient_tests = {"block_weight_gradient", COUNT(listed) + 90, run};
