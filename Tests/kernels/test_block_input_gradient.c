// What the input of a convolution with strides gets back, as the blocked kernels make it: for each phase of
// the stride a convolution of dy with some of the kernel's places, turned round, that writes some pixels.
// Against the definition, in double.
#include "Gradients.h"
#include "blocked.h"

#include <float.h>
#include <string.h>

typedef struct {
    size_t batch, channels, filters, height, width, kernel, stride, pad;
    bool depthwise; // filters: 1
    bool adds;      // to what dx has
    bool relu;      // ends with the gradient of a ReLU that made what dx has
} shape;

static const shape listed[] = {
    {1, 16, 16, 12, 12, 3, 2, 1, false, false, false}, {2, 40, 33, 9, 31, 3, 2, 1, false, true, false},
    {1, 20, 70, 17, 16, 5, 2, 2, false, false, true},  {1, 3, 64, 30, 30, 7, 2, 3, false, false, false},
    {2, 33, 17, 14, 15, 1, 2, 0, false, false, true},  {1, 18, 19, 20, 21, 4, 3, 1, false, true, false},
    {2, 35, 1, 13, 24, 3, 2, 1, true, false, false},   {1, 16, 1, 16, 9, 5, 2, 2, true, false, true},
    {2, 33, 40, 23, 18, 3, 1, 1, false, false, true},
};

static const float slope = 0.25f;

static size_t out(const shape *s, size_t n) { return (n + 2 * s->pad - s->kernel) / s->stride + 1; }

// One side of a phase: its taps, the first of its pixels, how many it has, and the first that they read.
typedef struct {
    size_t taps, first, count;
    ptrdiff_t from;
} side;

static side side_of(const shape *s, size_t phase, size_t n) {
    side p = {.first = (phase + s->stride - s->pad % s->stride) % s->stride};
    p.taps = phase < s->kernel ? (s->kernel - phase + s->stride - 1) / s->stride : 0;
    p.count = p.first < n ? (n - p.first + s->stride - 1) / s->stride : 0;
    p.from = (ptrdiff_t)((p.first + s->pad - phase) / s->stride) - (ptrdiff_t)p.taps + 1;
    return p;
}

typedef struct {
    float *dy, *weights, *before;
    double *want, *size;
    size_t count;
} gradients;

// Weights: [filters, channels, kernel, kernel]; of a depthwise one [channels, kernel, kernel].
static gradients define(const shape *s) {
    const size_t height = out(s, s->height), width = out(s, s->width), area = s->kernel * s->kernel;
    const size_t planes = s->depthwise ? s->channels : s->filters;
    gradients n = {.count = s->batch * s->channels * s->height * s->width};
    n.dy = numbers(s->batch * planes * height * width, -2, 2);
    n.weights = numbers(s->filters * s->channels * area, -2, 2);
    n.before = numbers(n.count, -2, 2);
    n.want = memory(n.count * sizeof(double));
    n.size = memory(n.count * sizeof(double));
    for (size_t i = 0; i < n.count; ++i)
        n.size[i] = fabs(n.want[i] = s->adds ? (double)n.before[i] : 0);
    for (size_t o = 0; o < s->batch * planes * height * width; ++o)
        for (size_t c = 0; c < s->channels; ++c)
            for (size_t t = 0; t < area; ++t) {
                const size_t f = o / width / height % planes, picture = o / width / height / planes;
                const size_t row = o / width % height * s->stride + t / s->kernel - s->pad,
                             column = o % width * s->stride + t % s->kernel - s->pad;
                if (row >= s->height || column >= s->width || (s->depthwise && c != f))
                    continue;
                const size_t at = ((picture * s->channels + c) * s->height + row) * s->width + column;
                const size_t weight = ((s->depthwise ? 0 : f) * s->channels + c) * area + t;
                const double term = (double)n.dy[o] * (double)n.weights[weight];
                n.want[at] += term;
                n.size[at] += fabs(term);
            }
    for (size_t i = 0; s->relu && i < n.count; ++i)
        if (n.before[i] < 0) {
            n.want[i] *= (double)slope;
            n.size[i] *= (double)slope;
        }
    return n;
}

// Without strides also by transforms, which round by what is in all of a tile.
static fsk_block_form form_of(const shape *s, fsk_block_precision precision) {
    return s->stride == 1 && precision == FSK_EXACT ? FSK_POINTS_6 : FSK_DIRECT;
}

// The places of the kernel from (rows, columns) on that a phase has, from the last to the first.
static void dense_phase(const setting *at, const shape *s, const gradients *n, const side *rows,
                        const side *columns, size_t row, size_t column, fsk_block_precision precision,
                        fsk_blocks dy, fsk_blocks dx, fsk_blocks made) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t lanes = fsk_block_width(variant), area = s->kernel * s->kernel;
    fsk_block_convolution a = {.form = form_of(s, precision),
                               .precision = precision,
                               .x = dy,
                               .y = dx,
                               .y_step = s->stride == 1 ? 0 : s->stride * lanes,
                               .residual = s->adds   ? dx
                                           : s->relu ? made
                                                     : (fsk_blocks){.pixels = NULL},
                               .relu = s->relu ? FSK_RELU_GRADIENT : FSK_NO_RELU,
                               .slope = slope,
                               .batch = s->batch,
                               .channels = s->filters,
                               .filters = s->channels,
                               .out_height = rows->count,
                               .out_width = columns->count,
                               .block = lanes,
                               .kernel_height = rows->taps,
                               .kernel_width = columns->taps,
                               .stride_height = 1,
                               .stride_width = 1,
                               .dilation_height = 1,
                               .dilation_width = 1};
    const size_t last =
        (row + (rows->taps - 1) * s->stride) * s->kernel + column + (columns->taps - 1) * s->stride;
    const fsk_filters filters = {n->weights + last,
                                 s->filters,
                                 rows->taps,
                                 columns->taps,
                                 (ptrdiff_t)area,
                                 (ptrdiff_t)(s->channels * area),
                                 -(ptrdiff_t)(s->stride * s->kernel),
                                 -(ptrdiff_t)s->stride,
                                 NULL};
    float *packed = floats(fsk_block_packed_size(variant, &a));
    fsk_block_pack(variant, &a, &filters, 0, s->channels, packed);
    a.weights = packed;
    float *scratch = floats(fsk_block_scratch_size(variant, &a, (size_t)at->pool.threads));
    fsk_block_convolution_run(variant, &a, scratch, &at->pool);
}

static void depthwise_phase(const setting *at, const shape *s, const gradients *n, const side *rows,
                            const side *columns, size_t row, size_t column, fsk_blocks dy, fsk_blocks dx,
                            fsk_blocks made) {
    const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
    const size_t lanes = fsk_block_width(variant), taps = rows->taps * columns->taps;
    const size_t planes = (s->channels + lanes - 1) / lanes;
    float *weights = floats(planes * taps * lanes);
    for (size_t i = 0; i < planes * taps * lanes; ++i) {
        const size_t c = i / taps / lanes * lanes + i % lanes, t = taps - 1 - i / lanes % taps;
        const size_t place =
            (row + t / columns->taps * s->stride) * s->kernel + column + t % columns->taps * s->stride;
        weights[i] = c < s->channels ? n->weights[c * s->kernel * s->kernel + place] : 0;
    }
    const fsk_block_depthwise d = {.x = dy,
                                   .y = dx,
                                   .y_step = s->stride * lanes,
                                   .weights = weights,
                                   .batch = s->batch,
                                   .planes = planes,
                                   .out_height = rows->count,
                                   .out_width = columns->count,
                                   .kernel_height = rows->taps,
                                   .kernel_width = columns->taps,
                                   .stride_height = 1,
                                   .stride_width = 1,
                                   .dilation_height = 1,
                                   .dilation_width = 1,
                                   .relu = s->relu ? FSK_RELU_GRADIENT : FSK_NO_RELU,
                                   .slope = slope,
                                   .relu_made = made};
    fsk_block_depthwise_run(variant, &d, 1, &at->pool);
}

static const float *gradient(const setting *at, const shape *s, const gradients *n,
                             fsk_block_precision precision) {
    const size_t lanes = fsk_block_width(fsk_block_choose(at->pool.cpu));
    const ptrdiff_t frame = (ptrdiff_t)s->kernel; // more than any phase reads
    const size_t height = out(s, s->height), width = out(s, s->width);
    const blocked dy = {s->batch, s->depthwise ? s->channels : s->filters,
                        height,   width,
                        -frame,   (ptrdiff_t)height + frame,
                        -frame,   (ptrdiff_t)width + frame,
                        lanes};
    const blocked dx = {s->batch, s->channels,         s->height, s->width, 0, (ptrdiff_t)s->height,
                        0,        (ptrdiff_t)s->width, lanes};
    float *y = floats(blocked_count(&dx));
    memset(y, 0, blocked_count(&dx) * sizeof *y); // what no place of the kernel meets stays so
    if (s->adds)
        memcpy(y, blocked_picture(&dx, n->before), blocked_count(&dx) * sizeof *y);
    const float *memory = blocked_picture(&dy, n->dy), *before = blocked_picture(&dx, n->before);
    for (size_t row = 0; row < s->stride; ++row)
        for (size_t column = 0; column < s->stride; ++column) {
            const side rows = side_of(s, row, s->height), columns = side_of(s, column, s->width);
            if (rows.taps * columns.taps * rows.count * columns.count == 0)
                continue;
            const fsk_blocks from = blocked_from(&dy, memory, rows.from, columns.from);
            fsk_blocks to = blocked_from(&dx, y, (ptrdiff_t)rows.first, (ptrdiff_t)columns.first);
            fsk_blocks made = blocked_from(&dx, before, (ptrdiff_t)rows.first, (ptrdiff_t)columns.first);
            to.row_step = made.row_step *= s->stride;
            if (s->depthwise)
                depthwise_phase(at, s, n, &rows, &columns, row, column, from, to, made);
            else
                dense_phase(at, s, n, &rows, &columns, row, column, precision, from, to, made);
        }
    return blocked_planes_of(&dx, y);
}

static void run(size_t number) {
    const shape s = listed[number];
    describe("%zu x %zu -> %zu, %zu x %zu, kernel %zu, stride %zu, pad %zu, depthwise %d, adds %d, relu %d",
             s.batch, s.channels, s.filters, s.height, s.width, s.kernel, s.stride, s.pad, s.depthwise,
             s.adds, s.relu);
    const gradients n = define(&s);
    double *allowed = memory(n.count * sizeof(double));
    for (const setting *at = settings(); at->way; ++at)
        for (int fast = 0; fast <= (fsk_block_is_fast(fsk_block_choose(at->pool.cpu)) && !s.depthwise);
             ++fast) {
            const fsk_block_precision precision = fast ? FSK_FAST : FSK_EXACT;
            const double exact = sqrt((double)(s.filters * s.kernel * s.kernel) + 4) * (double)FLT_EPSILON;
            double largest = 0;
            for (size_t i = 0; i < n.count && form_of(&s, precision) != FSK_DIRECT; ++i)
                largest = fmax(largest, n.size[i]);
            for (size_t i = 0; i < n.count; ++i)
                allowed[i] = fmax(n.size[i], largest) * (exact + (fast ? 0x1.02p-8 : 0));
            expect_within(at, gradient(at, &s, &n, precision), n.want, allowed, n.count);
        }
}

const operation block_input_gradient_tests = {"block_input_gradient", COUNT(listed), run};
