// fsk_pooling against Caffe's loops: the largest to the bit, the mean in double.
#include "check.h"

#include <float.h>

static void run_pooling(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_pooling p = *(const fsk_pooling *)arguments;
    p.y = y;
    fsk_pooling_run(&p, pool);
}

typedef struct {
    size_t height, width, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, out_h, out_w;
} shape;

// Sizes are Caffe's but for those that end behind the plane.
static const shape others[] = {
    {9, 11, 3, 3, 2, 2, 0, 0, 4, 5},      {9, 11, 3, 3, 2, 2, 1, 1, 5, 6},
    {7, 8, 3, 3, 1, 1, 1, 1, 7, 8},       {10, 7, 2, 3, 3, 1, 1, 0, 5, 5},
    {6, 6, 2, 2, 2, 2, 1, 1, 4, 4},       {5, 6, 5, 6, 1, 1, 0, 0, 1, 1},
    {13, 12, 1, 1, 4, 5, 0, 0, 4, 4},     {8, 9, 2, 2, 5, 7, 0, 0, 3, 2},
    {120, 131, 3, 3, 2, 2, 0, 0, 60, 65}, {191, 201, 2, 2, 2, 2, 0, 0, 96, 101},
    {4, 6, 2, 2, 2, 2, 0, 0, 4, 5},       {5, 9, 2, 2, 2, 2, 0, 0, 1, 3},
    {3, 1, 1, 1, 3, 1, 0, 0, 2, 1},       {0, 4, 2, 2, 2, 2, 0, 0, 1, 2},
};

// The common shape, its last row and column hanging over.
static shape common(size_t number) {
    const size_t height = choice(&number, 4) + 1, width = lengths[number];
    return (shape){height, width, 2, 2, 2, 2, 0, 0, (height + 1) / 2, (width + 1) / 2};
}

static double wanted(const fsk_pooling *p, size_t plane, size_t row, size_t column) {
    const ptrdiff_t top = (ptrdiff_t)(row * p->stride_h) - (ptrdiff_t)p->pad_h;
    const ptrdiff_t left = (ptrdiff_t)(column * p->stride_w) - (ptrdiff_t)p->pad_w;
    ptrdiff_t bottom = top + (ptrdiff_t)p->kernel_h, right = left + (ptrdiff_t)p->kernel_w;
    double sum = 0, best = -(double)FLT_MAX;
    for (ptrdiff_t r = top; r < bottom; ++r)
        for (ptrdiff_t c = left; c < right; ++c)
            if (r >= 0 && r < (ptrdiff_t)p->height && c >= 0 && c < (ptrdiff_t)p->width) {
                const double v = (double)p->x[(plane * p->height + (size_t)r) * p->width + (size_t)c];
                sum += v;
                best = v > best ? v : best;
            }
    if (p->kind == FSK_POOLING_MAX)
        return best;
    const ptrdiff_t far_h = (ptrdiff_t)(p->height + p->pad_h), far_w = (ptrdiff_t)(p->width + p->pad_w);
    bottom = bottom < far_h ? bottom : far_h;
    right = right < far_w ? right : far_w;
    return sum / (double)((bottom - top) * (right - left));
}

enum { shapes = 4 * length_count + COUNT(others) };

static void run(size_t number) {
    static const size_t plane_counts[] = {3, 1, 0};
    const int kind = (int)choice(&number, 2);
    const size_t planes = plane_counts[choice(&number, COUNT(plane_counts))];
    const shape s = number < 4 * length_count ? common(number) : others[number - 4 * length_count];
    describe("kind %d, %zu x %zu x %zu -> %zu x %zu, kernel %zu x %zu, stride %zu x %zu, pad %zu x %zu", kind,
             planes, s.height, s.width, s.out_h, s.out_w, s.kernel_h, s.kernel_w, s.stride_h, s.stride_w,
             s.pad_h, s.pad_w);
    const size_t n = planes * s.height * s.width, count = planes * s.out_h * s.out_w;
    const fsk_pooling p = {kind == FSK_POOLING_MAX ? odd_numbers(n) : numbers(n, -4, 4),
                           NULL,
                           planes,
                           s.height,
                           s.width,
                           s.out_h,
                           s.out_w,
                           s.kernel_h,
                           s.kernel_w,
                           s.stride_h,
                           s.stride_w,
                           s.pad_h,
                           s.pad_w,
                           kind};
    double *want = memory(count * sizeof *want);
    for (size_t i = 0; i < count; ++i)
        want[i] = wanted(&p, i / s.out_w / s.out_h, i / s.out_w % s.out_h, i % s.out_w);
    const float *y = same_everywhere(count, NULL, run_pooling, &p);
    expect_close(NULL, y, want, count, 0, kind == FSK_POOLING_MAX ? 0 : 1e-5);
}

const operation pooling_tests = {"pooling", 2 * 3 * shapes, run};
