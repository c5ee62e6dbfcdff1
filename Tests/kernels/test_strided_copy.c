// fsk_strided_copy: the layouts of Concat, Slice, Crop, Tile and Permute, and odd ones, against an index
// walk.
#include "check.h"

static void run_copy(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_strided_copy c = *(const fsk_strided_copy *)arguments;
    c.destination = y;
    fsk_strided_copy_run(&c, pool);
}

static void walk(const fsk_strided_copy *c, size_t axis, ptrdiff_t from, ptrdiff_t to, float *y) {
    if (axis == c->rank) {
        y[to] = c->source[from];
        return;
    }
    for (size_t i = 0; i < c->extent[axis]; ++i)
        walk(c, axis + 1, from + (ptrdiff_t)i * c->source_stride[axis],
             to + (ptrdiff_t)i * c->destination_stride[axis], y);
}

// How many numbers the axes span, from the first that one of them reaches, which is `before` numbers behind
// 0.
static size_t span(const fsk_strided_copy *c, const ptrdiff_t *stride, ptrdiff_t *before) {
    ptrdiff_t high = 0, low = 0;
    for (size_t i = 0; i < c->rank; ++i) {
        const ptrdiff_t reach = ((ptrdiff_t)c->extent[i] - 1) * stride[i];
        if (c->extent[i] == 0)
            continue;
        high += reach > 0 ? reach : 0;
        low += reach < 0 ? reach : 0;
    }
    *before = -low;
    return (size_t)(high - low + 1);
}

static void check(fsk_strided_copy c) {
    ptrdiff_t before, none;
    const size_t n = span(&c, c.source_stride, &before), count = span(&c, c.destination_stride, &none);
    c.source = odd_numbers(n) + before;
    float *want = floats(count), *start = numbers(count, 5, 6);
    for (size_t i = 0; i < count; ++i)
        want[i] = start[i]; // what no index reaches stays
    walk(&c, 0, 0, 0, want);
    expect_bits(NULL, same_everywhere(count, start, run_copy, &c), want, count);
}

// Strides of a box whose axes lie in any order, now and then with a gap.
static void any_strides(const fsk_strided_copy *c, ptrdiff_t *stride) {
    size_t order[FSK_STRIDED_COPY_RANK];
    ptrdiff_t step = 1;
    for (size_t i = 0; i < c->rank; ++i)
        order[i] = c->rank - 1 - i;
    for (size_t i = c->rank; i > 1 && any_below(3) != 0; --i) {
        const size_t j = any_below(i), last = order[i - 1];
        order[i - 1] = order[j], order[j] = last;
    }
    for (size_t i = 0; i < c->rank; ++i) {
        stride[order[i]] = step;
        step *= (ptrdiff_t)c->extent[order[i]];
        step += any_below(5) == 0;
    }
}

static void any_layout(size_t number) {
    fsk_strided_copy c = {.rank = number % (FSK_STRIDED_COPY_RANK + 1)};
    describe("any layout of rank %zu", c.rank);
    for (size_t i = 0; i < c.rank; ++i)
        c.extent[i] = any_below(3) + 1;
    any_strides(&c, c.source_stride);
    any_strides(&c, c.destination_stride);
    for (size_t i = 0; i < c.rank; ++i) {
        const size_t kind = any_below(6);
        c.source_stride[i] *= kind == 0 ? 0 : kind == 1 ? -1 : 1; // repeats, mirrors
    }
    check(c);
}

// One number, none; one run, long rows, short rows, a transposition: enough for several tasks.
static const fsk_strided_copy listed[] = {
    {.rank = 0},
    {.rank = 1, .extent = {1}, .source_stride = {5}, .destination_stride = {9}},
    {.rank = 2, .extent = {3, 0}, .source_stride = {1, 1}, .destination_stride = {1, 1}},
    {.rank = 1, .extent = {several_slices}, .source_stride = {1}, .destination_stride = {1}},
    {.rank = 2, .extent = {2, 40000}, .source_stride = {50000, 1}, .destination_stride = {40000, 1}},
    {.rank = 2, .extent = {1100, 90}, .source_stride = {130, 1}, .destination_stride = {90, 1}},
    {.rank = 2, .extent = {301, 307}, .source_stride = {1, 301}, .destination_stride = {307, 1}},
    {.rank = 3, .extent = {2, 5, 7}, .source_stride = {0, 7, 1}, .destination_stride = {35, 7, 1}},
};

static void row(size_t number) {
    static const ptrdiff_t strides[][2] = {{1, 1}, {0, 1}, {3, 2}, {-1, 1}};
    const size_t which = choice(&number, COUNT(strides));
    describe("%zu numbers by %td, to %td", lengths[number], strides[which][0], strides[which][1]);
    check((fsk_strided_copy){.rank = 1,
                             .extent = {lengths[number]},
                             .source_stride = {strides[which][0]},
                             .destination_stride = {strides[which][1]}});
}

enum { rows = 4 * length_count, layouts = 80 };

static void run(size_t number) {
    if (number < rows)
        row(number);
    else if (number < rows + layouts)
        any_layout(number - rows);
    else {
        describe("listed layout %zu", number - rows - layouts);
        check(listed[number - rows - layouts]);
    }
}

const operation strided_copy_tests = {"strided_copy", rows + layouts + COUNT(listed), run};
