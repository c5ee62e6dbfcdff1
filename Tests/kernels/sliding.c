// sliding: filters slid over planes by the definition, in double.
#include "sliding.h"

#include <float.h>
#include <string.h>

static size_t steps(size_t n, ptrdiff_t pad, ptrdiff_t dilation, size_t kernel, ptrdiff_t stride) {
    const ptrdiff_t room = (ptrdiff_t)n + 2 * pad - dilation * ((ptrdiff_t)kernel - 1) - 1;
    return room < 0 ? 0 : (size_t)(room / stride + 1);
}

size_t out_height(const sliding *s) {
    return steps(s->height, s->pad_h, s->dilation_h, s->kernel_h, s->stride_h);
}

size_t out_width(const sliding *s) {
    return steps(s->width, s->pad_w, s->dilation_w, s->kernel_w, s->stride_w);
}

size_t depth_of(const sliding *s) { return s->channels * s->kernel_h * s->kernel_w; }

sliding any_sliding(void) {
    const ptrdiff_t pad_h = (ptrdiff_t)any_below(6) - 2, pad_w = (ptrdiff_t)any_below(6) - 2;
    return (sliding){.batch = any_below(2) + 1,
                     .groups = any_below(3) + 1,
                     .channels = any_below(9),
                     .height = any_below(20) + 1,
                     .width = any_below(40) + 1,
                     .filters = any_below(40) + 1,
                     .kernel_h = any_below(5),
                     .kernel_w = any_below(5),
                     .stride_h = (ptrdiff_t)any_below(3) + 1,
                     .stride_w = (ptrdiff_t)any_below(3) + 1,
                     .pad_h = pad_h,
                     .pad_w = pad_w,
                     .dilation_h = (ptrdiff_t)any_below(3) + 1,
                     .dilation_w = (ptrdiff_t)any_below(3) + 1,
                     .spread = any_below(4) == 0 ? 2 : 1,
                     .relu = any_below(2) == 0,
                     .slope = any_below(2) == 0 ? 0 : 0.25f,
                     .no_bias = any_below(4) == 0,
                     .odd = any_below(3) == 0};
}

void describe_sliding(const sliding *s) {
    describe("%zu x %zu x %zu x %zu x %zu -> %zu, kernel %zu x %zu, stride %td x %td, pad %td x %td, "
             "dilation %td x %td, spread %zu, slope %g, bias %d, odd %d, positive %d",
             s->batch, s->groups, s->channels, s->height, s->width, s->filters, s->kernel_h, s->kernel_w,
             s->stride_h, s->stride_w, s->pad_h, s->pad_w, s->dilation_h, s->dilation_w, s->spread,
             s->relu ? (double)s->slope : 1, !s->no_bias, s->odd, s->is_positive);
}

// One output's sum, and the sum of its terms' sizes. plane: among batch * groups * filters.
static double sum(const sliding *s, const slid *n, size_t plane, size_t row, size_t column, double *size) {
    const size_t filter = plane % (s->groups * s->filters), picture = plane / s->filters;
    double value = n->bias ? (double)n->bias[filter] : 0;
    *size = fabs(value);
    for (size_t c = 0; c < s->channels; ++c)
        for (size_t i = 0; i < s->kernel_h; ++i)
            for (size_t j = 0; j < s->kernel_w; ++j) {
                const ptrdiff_t y = (ptrdiff_t)row * s->stride_h - s->pad_h + (ptrdiff_t)i * s->dilation_h;
                const ptrdiff_t x = (ptrdiff_t)column * s->stride_w - s->pad_w + (ptrdiff_t)j * s->dilation_w;
                if (y < 0 || y >= (ptrdiff_t)s->height || x < 0 || x >= (ptrdiff_t)s->width)
                    continue;
                const size_t at =
                    ((picture * s->channels + c) * s->height + (size_t)y) * s->width + (size_t)x;
                const float w = n->weights[((filter * s->channels + c) * s->kernel_h + i) * s->kernel_w + j];
                const double term = (double)w * (double)n->x[at];
                value += term;
                *size += fabs(term);
            }
    if (!s->relu || !(value < 0))
        return value;
    return s->slope == 0 ? 0 : value * (double)s->slope;
}

slid slide(const sliding *s) {
    const size_t height = out_height(s), width = out_width(s), planes = s->batch * s->groups * s->filters;
    const size_t inputs = s->batch * s->groups * s->channels * s->height * s->width;
    slid n = {.count = planes * height * width};
    float *x = s->odd ? odd_numbers(inputs) : numbers(inputs, s->is_positive ? 0 : -4, 4);
    for (size_t i = 0; i < inputs; ++i)
        x[i] = x[i] == -FLT_MAX ? 1 : x[i]; // its products would leave the range of float
    n.x = x;
    n.weights = numbers(s->groups * s->filters * depth_of(s), -4, 4);
    n.bias = s->no_bias ? NULL : numbers(s->groups * s->filters, -4, 4);
    n.want = memory(n.count * sizeof(double));
    n.size = memory(n.count * sizeof(double));
    for (size_t i = 0; i < n.count; ++i)
        n.want[i] = sum(s, &n, i / width / height, i / width % height, i % width, n.size + i);
    return n;
}

size_t plane_of(const sliding *s) { return out_height(s) * out_width(s) * s->spread * s->spread; }

size_t place_of(const sliding *s, size_t i) {
    const size_t width = out_width(s), column = i % width, row = i / width; // row: of all planes
    return (row * width * s->spread + column) * s->spread;
}

void expect_sums(const setting *setting, const sliding *s, const slid *wanted, const float *y,
                 double factor) {
    const float *untouched = floats(1);
    size_t i = 0;
    for (size_t at = 0; at < s->batch * s->groups * s->filters * plane_of(s); ++at)
        if (i < wanted->count && at == place_of(s, i)) {
            const double rounding = factor * (double)FLT_EPSILON * wanted->size[i] + 1e-30;
            const double allowed = isfinite(rounding) ? rounding : 0;
            expect_within(setting, y + at, wanted->want + i, &allowed, 1);
            ++i;
        } else if (memcmp(y + at, untouched, sizeof *y) != 0)
            fail(setting, "written between two outputs, at %zu", at);
}
