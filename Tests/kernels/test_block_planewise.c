// fsk_block_depthwise and fsk_block_pooling: against the definition, and against the same over planes.
#include "blocked.h"
#include "sliding.h"

static sliding any_depthwise(void) {
    sliding s = any_sliding();
    s.channels = s.filters = 1;
    s.groups = any_below(40) + 1;
    s.kernel_h = any_below(2) == 0 ? 3 : s.kernel_h + 1;
    s.kernel_w = any_below(2) == 0 ? s.kernel_h : s.kernel_w + 1;
    s.spread = any_below(4) == 0 ? 2 : 1;
    return s;
}

// Filters, or one number a channel (area 1), in blocks with zeros for missing channels.
static const float *in_blocks(const float *numbers, size_t channels, size_t area, size_t lanes) {
    const size_t planes = (channels + lanes - 1) / lanes;
    float *to = floats(planes * area * lanes);
    for (size_t c = 0; c < planes * lanes; ++c)
        for (size_t i = 0; i < area; ++i)
            to[(c / lanes * area + i) * lanes + c % lanes] = c < channels ? numbers[c * area + i] : 0;
    return to;
}

static ptrdiff_t end(size_t out, ptrdiff_t stride, ptrdiff_t pad, size_t kernel, ptrdiff_t dilation) {
    return ((ptrdiff_t)out - 1) * stride - pad + ((ptrdiff_t)kernel - 1) * dilation + 1;
}

static void depthwise(void) {
    const sliding s = any_depthwise();
    describe_sliding(&s);
    const size_t height = out_height(&s), width = out_width(&s), spread = s.spread;
    if (height == 0 || width == 0)
        return;
    const slid n = slide(&s);
    const float *first = NULL;
    for (const setting *at = settings(); at->way; ++at) {
        const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
        const size_t lanes = fsk_block_width(variant);
        const blocked in = {s.batch,  s.groups,
                            s.height, s.width,
                            -s.pad_h, end(height, s.stride_h, s.pad_h, s.kernel_h, s.dilation_h),
                            -s.pad_w, end(width, s.stride_w, s.pad_w, s.kernel_w, s.dilation_w),
                            lanes};
        const blocked out = {s.batch,
                             s.groups,
                             height * spread,
                             width * spread,
                             0,
                             (ptrdiff_t)(height * spread),
                             0,
                             (ptrdiff_t)(width * spread),
                             lanes};
        float *y = floats(blocked_count(&out));
        fsk_block_depthwise d = {.x = blocked_from(&in, blocked_picture(&in, n.x), -s.pad_h, -s.pad_w),
                                 .y = blocked_from(&out, y, 0, 0),
                                 .y_step = lanes * spread,
                                 .weights = in_blocks(n.weights, s.groups, s.kernel_h * s.kernel_w, lanes),
                                 .bias = n.bias ? in_blocks(n.bias, s.groups, 1, lanes) : NULL,
                                 .batch = s.batch,
                                 .planes = blocked_planes(&in),
                                 .out_height = height,
                                 .out_width = width,
                                 .kernel_height = s.kernel_h,
                                 .kernel_width = s.kernel_w,
                                 .stride_height = (size_t)s.stride_h,
                                 .stride_width = (size_t)s.stride_w,
                                 .dilation_height = (size_t)s.dilation_h,
                                 .dilation_width = (size_t)s.dilation_w,
                                 .relu = s.relu,
                                 .slope = s.slope};
        d.y.row_step *= spread;
        fsk_block_depthwise_run(variant, &d, 1, &at->pool);
        const float *planes = blocked_planes_of(&out, y);
        expect_sums(at, &s, &n, planes, (double)(s.kernel_h * s.kernel_w) + 2);
        if (is_first_of_variant(at))
            first = planes;
        expect_bits(at, planes, first, s.batch * s.groups * plane_of(&s));
    }
}

static size_t pooled(size_t n, size_t kernel, size_t stride, size_t pad) {
    const size_t count = (n + 2 * pad - kernel + stride - 1) / stride + 1;
    return pad > 0 && (count - 1) * stride >= n + pad ? count - 1 : count;
}

// The rounding of a mean may differ from that over planes, whose order it shares: none does.
static void pooling(void) {
    const size_t kernel_h = any_below(4) + 1, kernel_w = any_below(4) + 1;
    fsk_pooling p = {.planes = any_below(40) + 1,
                     .height = any_below(20) + 4,
                     .width = any_below(30) + 4,
                     .kernel_h = kernel_h,
                     .kernel_w = kernel_w,
                     .stride_h = any_below(3) + 1,
                     .stride_w = any_below(3) + 1,
                     .pad_h = any_below(kernel_h),
                     .pad_w = any_below(kernel_w),
                     .kind = any_below(2) ? FSK_POOLING_MAX : FSK_POOLING_AVE};
    p.out_height = pooled(p.height, kernel_h, p.stride_h, p.pad_h);
    p.out_width = pooled(p.width, kernel_w, p.stride_w, p.pad_w);
    describe("%zu x %zu x %zu, kernel %zu x %zu, stride %zu x %zu, pad %zu x %zu, kind %d", p.planes,
             p.height, p.width, kernel_h, kernel_w, p.stride_h, p.stride_w, p.pad_h, p.pad_w, p.kind);
    p.x = any_below(2) ? odd_numbers(p.planes * p.height * p.width)
                       : numbers(p.planes * p.height * p.width, -4, 4);
    const size_t count = p.planes * p.out_height * p.out_width;
    float *want = floats(count);
    p.y = want;
    const fsk_pool alone = {.threads = 1};
    fsk_pooling_run(&p, &alone);
    for (const setting *at = settings(); at->way; ++at) {
        const fsk_block_variant *variant = fsk_block_choose(at->pool.cpu);
        const size_t lanes = fsk_block_width(variant);
        // A frame that is never read, one pixel wide.
        const blocked in = {
            1, p.planes, p.height, p.width, -1, (ptrdiff_t)p.height + 1, -1, (ptrdiff_t)p.width + 1, lanes};
        const blocked out = {
            1,    p.planes, p.out_height, p.out_width, 0, (ptrdiff_t)p.out_height, 0, (ptrdiff_t)p.out_width,
            lanes};
        float *y = floats(blocked_count(&out));
        const ptrdiff_t pad_h = (ptrdiff_t)p.pad_h, pad_w = (ptrdiff_t)p.pad_w;
        const ptrdiff_t end_h = (ptrdiff_t)p.height + 1, end_w = (ptrdiff_t)p.width + 1;
        const fsk_block_pooling b = {
            .x = blocked_from(&in, blocked_picture(&in, p.x), -1, -1),
            .y = blocked_from(&out, y, 0, 0),
            .batch = 1,
            .planes = blocked_planes(&in),
            .out_height = p.out_height,
            .out_width = p.out_width,
            .vertical = {1 - pad_h, (ptrdiff_t)kernel_h, (ptrdiff_t)p.stride_h, 1, end_h, end_h + pad_h},
            .horizontal = {1 - pad_w, (ptrdiff_t)kernel_w, (ptrdiff_t)p.stride_w, 1, end_w, end_w + pad_w},
            .kind = p.kind};
        fsk_block_pooling_run(variant, &b, &at->pool);
        expect_bits(at, blocked_planes_of(&out, y), want, count);
    }
}

static void run(size_t number) {
    if (number % 2)
        pooling();
    else
        depthwise();
}

const operation block_planewise_tests = {"block_planewise", 120, run};
