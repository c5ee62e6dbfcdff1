// fsg_block_pooling_gradient: against the definition, in double; whoever runs the tasks, the same bits.
#include "Gradients.h"
#include "blocked.h"
#include "fsk_pooling.h"

#include <float.h>
#include <string.h>

typedef struct {
    size_t batch, channels, height, width, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    bool is_max, adds;
    size_t out_height, out_width;
} shape;

static size_t pooled(size_t n, size_t kernel, size_t stride, size_t pad) {
    const size_t count = (n + 2 * pad - kernel + stride - 1) / stride + 1;
    return pad > 0 && (count - 1) * stride >= n + pad ? count - 1 : count;
}

// Half of them with windows of 2 x 2 side by side; now and then planes of several bands.
static shape any_shape(size_t number) {
    const bool pairs = any_below(2) == 0;
    const size_t kernel_h = pairs ? 2 : any_below(4) + 1, kernel_w = pairs ? 2 : any_below(4) + 1;
    shape s = {.batch = any_below(2) + 1,
               .channels = any_below(40) + 1,
               .height = (number % 8 == 0 ? 90 : any_below(20)) + 4,
               .width = (number % 8 == 0 ? 60 : any_below(30)) + 4,
               .kernel_h = kernel_h,
               .kernel_w = kernel_w,
               .stride_h = pairs ? 2 : any_below(3) + 1,
               .stride_w = pairs ? 2 : any_below(3) + 1,
               .pad_h = pairs ? 0 : any_below(kernel_h),
               .pad_w = pairs ? 0 : any_below(kernel_w),
               .is_max = pairs || any_below(2),
               .adds = any_below(3) == 0};
    s.out_height = pooled(s.height, s.kernel_h, s.stride_h, s.pad_h);
    s.out_width = pooled(s.width, s.kernel_w, s.stride_w, s.pad_w);
    return s;
}

typedef struct {
    float *x, *y, *dy, *before;
    double *want, *allowed;
    size_t inputs, outputs;
} numbers_of;

static ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

// One window, as Caffe does it.
static void define_window(const shape *s, numbers_of *n, size_t plane, size_t i, size_t j) {
    const ptrdiff_t height = (ptrdiff_t)s->height, width = (ptrdiff_t)s->width;
    const ptrdiff_t row0 = (ptrdiff_t)(i * s->stride_h) - (ptrdiff_t)s->pad_h,
                    column0 = (ptrdiff_t)(j * s->stride_w) - (ptrdiff_t)s->pad_w;
    const ptrdiff_t row1 = row0 + (ptrdiff_t)s->kernel_h, column1 = column0 + (ptrdiff_t)s->kernel_w;
    const double area = (double)((least(row1, height + (ptrdiff_t)s->pad_h) - row0) *
                                 (least(column1, width + (ptrdiff_t)s->pad_w) - column0));
    const size_t at = (plane * s->out_height + i) * s->out_width + j;
    const double dy = (double)n->dy[at] / (s->is_max ? 1 : area);
    float most = -FLT_MAX;
    size_t found = n->inputs;
    for (ptrdiff_t r = row0 < 0 ? 0 : row0; r < row1 && r < height; ++r)
        for (ptrdiff_t c = column0 < 0 ? 0 : column0; c < column1 && c < width; ++c) {
            const size_t pixel = (plane * s->height + (size_t)r) * s->width + (size_t)c;
            if (n->x[pixel] > most) {
                most = n->x[pixel];
                found = pixel;
            }
            if (!s->is_max) {
                n->want[pixel] += dy;
                n->allowed[pixel] += 4 * (double)FLT_EPSILON * fabs(dy);
            }
        }
    n->y[at] = most;
    if (s->is_max && found < n->inputs) {
        n->want[found] += dy;
        n->allowed[found] += 4 * (double)FLT_EPSILON * fabs(dy);
    }
}

static numbers_of define(const shape *s) {
    const size_t planes = s->batch * s->channels;
    numbers_of n = {.inputs = planes * s->height * s->width,
                    .outputs = planes * s->out_height * s->out_width};
    n.x = numbers(n.inputs, -3, 3);
    for (size_t i = 0; i < n.inputs; ++i)
        n.x[i] = any_below(40) ? roundf(n.x[i]) : NAN; // many are equal, as after a ReLU
    n.y = floats(n.outputs);
    n.dy = numbers(n.outputs, -2, 2);
    n.before = numbers(n.inputs, -2, 2);
    n.want = memory(n.inputs * sizeof(double));
    n.allowed = memory(n.inputs * sizeof(double));
    for (size_t i = 0; i < n.inputs; ++i) {
        n.want[i] = s->adds ? (double)n.before[i] : 0;
        n.allowed[i] = 4 * (double)FLT_EPSILON * fabs(n.want[i]);
    }
    for (size_t i = 0; i < n.outputs; ++i)
        define_window(s, &n, i / s->out_width / s->out_height, i / s->out_width % s->out_height,
                      i % s->out_width);
    return n;
}

static blocked framed(const shape *s, size_t height, size_t width, ptrdiff_t frame, size_t lanes) {
    return (blocked){s->batch, s->channels,
                     height,   width,
                     -frame,   (ptrdiff_t)height + frame,
                     -frame,   (ptrdiff_t)width + frame,
                     lanes};
}

static const float *pool_gradient(const setting *at, const shape *s, const numbers_of *n) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t lanes = fsk_block_width(variant);
    const blocked in = framed(s, s->height, s->width, 1, lanes),
                  out = framed(s, s->out_height, s->out_width, 0, lanes);
    float *dx = floats(blocked_count(&in));
    if (s->adds)
        memcpy(dx, blocked_picture(&in, n->before), blocked_count(&in) * sizeof *dx);
    const ptrdiff_t pad_h = (ptrdiff_t)s->pad_h, pad_w = (ptrdiff_t)s->pad_w,
                    end_h = (ptrdiff_t)s->height + 1, end_w = (ptrdiff_t)s->width + 1;
    const fsg_block_pooling_gradient p = {
        .forward = {.x = s->is_max ? blocked_from(&in, blocked_picture(&in, n->x), -1, -1)
                                   : (fsk_blocks){.pixels = NULL},
                    .y = s->is_max ? blocked_from(&out, blocked_picture(&out, n->y), 0, 0)
                                   : (fsk_blocks){.pixels = NULL},
                    .batch = s->batch,
                    .planes = blocked_planes(&in),
                    .out_height = s->out_height,
                    .out_width = s->out_width,
                    .vertical = {1 - pad_h, (ptrdiff_t)s->kernel_h, (ptrdiff_t)s->stride_h, 1, end_h,
                                 end_h + pad_h},
                    .horizontal = {1 - pad_w, (ptrdiff_t)s->kernel_w, (ptrdiff_t)s->stride_w, 1, end_w,
                                   end_w + pad_w},
                    .kind = s->is_max ? FSK_POOLING_MAX : FSK_POOLING_AVE},
        .dy = blocked_from(&out, blocked_picture(&out, n->dy), 0, 0),
        .dx = blocked_from(&in, dx, -1, -1),
        .adds = s->adds};
    fsg_block_pooling_gradient_run(variant, &p, &at->pool);
    return blocked_planes_of(&in, dx);
}

static void run(size_t number) {
    const shape s = any_shape(number);
    describe("%zu x %zu x %zu x %zu, kernel %zu x %zu, stride %zu x %zu, pad %zu x %zu, max %d, adds %d",
             s.batch, s.channels, s.height, s.width, s.kernel_h, s.kernel_w, s.stride_h, s.stride_w, s.pad_h,
             s.pad_w, s.is_max, s.adds);
    const numbers_of n = define(&s);
    const float *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        const float *dx = pool_gradient(at, &s, &n);
        expect_within(at, dx, n.want, n.allowed, n.inputs);
        if (at == settings())
            first = dx;
        expect_bits(at, dx, first, n.inputs);
    }
}

const operation block_planewise_gradient_tests = {"block_planewise_gradient", 80, run};
