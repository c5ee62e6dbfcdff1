// fsg_block_depthwise_gradient: against the definition, in double; whoever runs the tasks, the same bits.
#include "Gradients.h"
#include "blocked.h"

#include <float.h>
#include <string.h>

typedef fsg_block_depthwise_gradient shape; // of which a shape has the sizes, and `adds`

#define STEPS     .stride_height = 1, .stride_width = 1, .dilation_height = 1, .dilation_width = 1
#define KERNEL(n) .kernel_height = n, .kernel_width = n

// Many rows of many shares, and each kernel that has code of its own.
static const shape listed[] = {
    {.batch = 2, .channels = 19, .out_height = 90, .out_width = 70, KERNEL(3), STEPS},
    {.batch = 8, .channels = 16, .out_height = 11, .out_width = 8, KERNEL(5), STEPS, .adds = 1},
    {.batch = 1, .channels = 35, .out_height = 12, .out_width = 13, KERNEL(7), STEPS},
    {.batch = 1,
     .channels = 3,
     .out_height = 9,
     .out_width = 21,
     KERNEL(3),
     .stride_height = 2,
     .stride_width = 2,
     .dilation_height = 1,
     .dilation_width = 1},
    {.batch = 2,
     .channels = 24,
     .out_height = 7,
     .out_width = 10,
     KERNEL(5),
     .stride_height = 2,
     .stride_width = 2,
     .dilation_height = 1,
     .dilation_width = 1,
     .adds = 1},
    {.batch = 1, .channels = 4, .out_height = 1, .out_width = 3000, KERNEL(1), STEPS},
};

static shape any_shape(void) {
    const size_t kernel = any_below(7) + 1;
    return (shape){.batch = any_below(3) + 1,
                   .channels = any_below(40) + 1,
                   .out_height = any_below(12) + 1,
                   .out_width = any_below(40) + 1,
                   .kernel_height = any_below(2) ? kernel : any_below(4) + 1,
                   .kernel_width = kernel,
                   .stride_height = any_below(3) + 1,
                   .stride_width = any_below(3) + 1,
                   .dilation_height = any_below(2) + 1,
                   .dilation_width = any_below(2) + 1,
                   .adds = any_below(2) == 0};
}

typedef struct {
    size_t height, width; // of x
    float *x, *dy, *before;
    double *want, *size; // of the weights, then of the biases
    size_t weights, count;
} sums;

static sums define(const shape *s) {
    const size_t area = s->kernel_height * s->kernel_width, out = s->out_height * s->out_width;
    sums n = {.height =
                  (s->out_height - 1) * s->stride_height + (s->kernel_height - 1) * s->dilation_height + 1,
              .width = (s->out_width - 1) * s->stride_width + (s->kernel_width - 1) * s->dilation_width + 1,
              .weights = s->channels * area,
              .count = s->channels * (area + 1)};
    n.x = numbers(s->batch * s->channels * n.height * n.width, -1, 4);
    n.dy = numbers(s->batch * s->channels * out, -2, 2);
    n.before = numbers(n.count, -4, 4);
    n.want = memory(n.count * sizeof(double));
    n.size = memory(n.count * sizeof(double));
    for (size_t i = 0; i < n.count; ++i) {
        const bool is_bias = i >= n.weights;
        const size_t c = is_bias ? i - n.weights : i / area, u = i % area / s->kernel_width,
                     v = i % area % s->kernel_width;
        n.want[i] = s->adds ? (double)n.before[i] : 0;
        n.size[i] = fabs(n.want[i]);
        for (size_t p = 0; p < s->batch * out; ++p) {
            const size_t plane = p / out * s->channels + c, row = p % out / s->out_width,
                         column = p % s->out_width;
            const size_t at = (plane * n.height + row * s->stride_height + u * s->dilation_height) * n.width +
                              column * s->stride_width + v * s->dilation_width;
            const double term = (double)n.dy[plane * out + p % out] * (is_bias ? 1 : (double)n.x[at]);
            n.want[i] += term;
            n.size[i] += fabs(term);
        }
    }
    return n;
}

static const float *gradient(const setting *at, const shape *s, const sums *n) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t lanes = fsk_block_width(variant);
    const blocked x = {s->batch, s->channels,         n->height, n->width, 0, (ptrdiff_t)n->height,
                       0,        (ptrdiff_t)n->width, lanes};
    const blocked dy = {s->batch,
                        s->channels,
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
    shape g = *s;
    g.x = blocked_from(&x, blocked_picture(&x, n->x), 0, 0);
    g.dy = blocked_from(&dy, blocked_picture(&dy, n->dy), 0, 0);
    g.dw = y;
    g.dbias = y + n->weights;
    fsg_block_depthwise_gradient_run(variant, &g, floats(fsg_block_depthwise_gradient_scratch(variant, &g)),
                                     &at->pool);
    return y;
}

static void run(size_t number) {
    const shape s = number < COUNT(listed) ? listed[number] : any_shape();
    describe("%zu x %zu, %zu x %zu, kernel %zu x %zu, stride %zu x %zu, dilation %zu x %zu, adds %d", s.batch,
             s.channels, s.out_height, s.out_width, s.kernel_height, s.kernel_width, s.stride_height,
             s.stride_width, s.dilation_height, s.dilation_width, s.adds);
    const sums n = define(&s);
    double *allowed = memory(n.count * sizeof(double));
    for (size_t i = 0; i < n.count; ++i)
        allowed[i] =
            2 * sqrt((double)(s.batch * s.out_height * s.out_width) + 4) * (double)FLT_EPSILON * n.size[i];
    const float *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        const float *y = gradient(at, &s, &n);
        expect_within(at, y, n.want, allowed, n.count);
        if (is_first_of_variant(at))
            first = y;
        expect_bits(at, y, first, n.count);
    }
}

const operation block_depthwise_gradient_tests = {"block_depthwise_gradient", COUNT(listed) + 60, run};
