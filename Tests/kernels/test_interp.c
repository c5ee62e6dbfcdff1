// fsk_interp: bilinear with the corners on the corners, in double; at the same size it is a copy.
#include "check.h"

static void run_interp(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_interp p = *(const fsk_interp *)arguments;
    p.y = y;
    fsk_interp_run(&p, pool);
}

typedef struct {
    size_t height, width, out_height, out_width;
    ptrdiff_t begin, end;
} shape;

static const shape others[] = {
    {1, 1, 4, 3, 0, 0},       {7, 6, 1, 1, 0, 0}, {7, 6, 9, 11, -1, -2}, {7, 6, 4, 3, -1, -2},
    {60, 60, 473, 473, 0, 0}, {2, 2, 3, 3, 0, 0}, {2, 2, 2, 2, -1, 0},
};
enum { widths = length_count - 1, shapes = 2 * widths + COUNT(others) }; // no side is 0

static shape shape_at(size_t i) {
    if (i < widths)
        return (shape){3, 5, 4, lengths[i + 1], 0, 0};
    if (i < 2 * widths)
        return (shape){3, lengths[i - widths + 1], 5, 9, 0, 0};
    return others[i - 2 * widths];
}

// Where output i lies among the n inputs that are left.
static double position(size_t i, size_t n, size_t out) {
    return out > 1 ? (double)i * (double)(n - 1) / (double)(out - 1) : 0;
}

static double along(double low, double high, double far) { return low + (high - low) * far; }

static double wanted(const fsk_interp *p, size_t plane, size_t row, size_t column) {
    const size_t height = (size_t)((ptrdiff_t)p->height + p->pad_begin + p->pad_end);
    const size_t width = (size_t)((ptrdiff_t)p->width + p->pad_begin + p->pad_end);
    const double v = position(row, height, p->out_height), h = position(column, width, p->out_width);
    const size_t top = (size_t)v, left = (size_t)h, bottom = top + (top + 1 < height);
    const size_t right = left + (left + 1 < width), begin = (size_t)-p->pad_begin;
    const float *x = p->x + (plane * p->height + begin) * p->width + begin;
    const float *above = x + top * p->width, *below = x + bottom * p->width;
    const double upper = along((double)above[left], (double)above[right], h - (double)left);
    const double lower = along((double)below[left], (double)below[right], h - (double)left);
    return along(upper, lower, v - (double)top);
}

static void as_the_formula(size_t number) {
    const size_t planes = choice(&number, 3);
    const shape s = shape_at(number);
    describe("%zu x %zu x %zu -> %zu x %zu, pad %td, %td", planes, s.height, s.width, s.out_height,
             s.out_width, s.begin, s.end);
    const size_t count = planes * s.out_height * s.out_width;
    const fsk_interp p = {numbers(planes * s.height * s.width, -4, 4),
                          NULL,
                          planes,
                          s.height,
                          s.width,
                          s.out_height,
                          s.out_width,
                          s.begin,
                          s.end};
    double *want = memory(count * sizeof *want);
    for (size_t i = 0; i < count; ++i)
        want[i] = wanted(&p, i / s.out_width / s.out_height, i / s.out_width % s.out_height, i % s.out_width);
    // Positions are in float, as in the layer: their error grows with the side.
    const double side = (double)(s.width > s.height ? s.width : s.height);
    expect_close(NULL, same_everywhere(count, NULL, run_interp, &p), want, count, 0, 4e-6 + side * 4e-6);
}

static void same_size(void) {
    enum { count = 2 * 5 * 7 };
    describe("the same size");
    const fsk_interp p = {odd_numbers(count), NULL, 2, 5, 7, 5, 7, 0, 0};
    expect_bits(NULL, same_everywhere(count, NULL, run_interp, &p), p.x, count);
}

static void run(size_t number) {
    if (number < 3 * shapes)
        as_the_formula(number);
    else
        same_size();
}

const operation interp_tests = {"interp", 3 * shapes + 1, run};
