// Moving pictures in and out of blocks, and filling their frames: every number where it belongs, no other
// touched.
#include "blocked.h"

#include <string.h>

static blocked any_picture(size_t lanes) {
    const size_t height = any_below(9) + 1, width = any_below(40) + 1;
    return (blocked){any_below(2) + 1,
                     any_below(40) + 1,
                     height,
                     width,
                     -(ptrdiff_t)any_below(3),
                     (ptrdiff_t)(height + any_below(3)),
                     -(ptrdiff_t)any_below(3),
                     (ptrdiff_t)(width + any_below(3)),
                     any_below(3) ? lanes : FSK_NARROW};
}

static void describe_picture(const blocked *b) {
    describe("%zu x %zu x %zu x %zu in blocks of %zu, memory %td to %td x %td to %td", b->batch, b->channels,
             b->height, b->width, b->block, b->row0, b->row1, b->column0, b->column1);
}

static void to_and_from(void) {
    const blocked any = any_picture(16);
    const size_t count = any.batch * any.channels * any.height * any.width;
    const float *x = odd_numbers(count);
    for (const setting *at = settings(); at->way; ++at) {
        blocked b = any;
        b.block = any.block == FSK_NARROW ? FSK_NARROW : fsk_block_width(fsk_block_choose(at->pool.cpu));
        describe_picture(&b);
        float *memory = floats(blocked_count(&b)), *back = floats(count);
        fsk_block_copy copy = {x,        blocked_from(&b, memory, 0, 0),
                               b.batch,  b.channels,
                               b.height, b.width,
                               b.block,  b.height * b.width};
        fsk_block_from_planes(&copy, &at->pool);
        expect_bits(at, blocked_planes_of(&b, memory), x, count);
        const float *untouched = floats(1), zero = 0;
        for (size_t n = 0; n < b.batch; ++n)
            for (size_t c = 0; c < blocked_planes(&b) * b.block; ++c)
                for (ptrdiff_t i = b.row0; i < b.row1; ++i)
                    for (ptrdiff_t j = b.column0; j < b.column1; ++j) {
                        const bool inside =
                            i >= 0 && i < (ptrdiff_t)b.height && j >= 0 && j < (ptrdiff_t)b.width;
                        const float *is = memory + blocked_place(&b, n, c, i, j);
                        if (!inside && memcmp(is, untouched, sizeof *is) != 0)
                            fail(at, "the frame was written at (%td, %td)", i, j);
                        if (inside && c >= b.channels && memcmp(is, &zero, sizeof *is) != 0)
                            fail(at, "channel %zu is %g, not 0", c, (double)*is);
                    }
        copy.planes = back;
        fsk_block_to_planes(&copy, &at->pool);
        expect_bits(at, back, x, count);
    }
}

// A box somewhere in the memory stays; the rest is a table's pixel, or zero.
static void frame(void) {
    const blocked b = any_picture(16);
    describe_picture(&b);
    const size_t height = (size_t)(b.row1 - b.row0), width = (size_t)(b.column1 - b.column0);
    const size_t planes = blocked_planes(&b), table_height = any_below(5) + 1, table_width = any_below(5) + 1;
    const float *table = numbers(planes * table_height * table_width * b.block, -4, 4);
    int32_t *rows = memory(height * sizeof *rows), *columns = memory(width * sizeof *columns);
    for (size_t i = 0; i < height; ++i)
        rows[i] = (int32_t)any_below(table_height + 1) - 1;
    for (size_t j = 0; j < width; ++j)
        columns[j] = (int32_t)any_below(table_width + 1) - 1;
    const bool has_table = any_below(3) > 0;
    const size_t row0 = any_below(height), row1 = row0 + 1 + any_below(height - row0);
    const size_t column0 = any_below(width), column1 = column0 + 1 + any_below(width - column0);
    for (const setting *at = settings(); at->way; ++at) {
        float *y = floats(blocked_count(&b)), *want = floats(blocked_count(&b));
        for (size_t i = 0; i < blocked_count(&b); ++i) {
            const size_t channel = i % b.block, column = i / b.block % width,
                         row = i / b.block / width % height;
            const size_t plane = i / b.block / width / height % planes;
            if (row >= row0 && row < row1 && column >= column0 && column < column1)
                continue;
            const bool is_zero = !has_table || rows[row] < 0 || columns[column] < 0;
            const size_t pixel =
                is_zero ? 0
                        : (plane * table_height + (size_t)rows[row]) * table_width + (size_t)columns[column];
            want[i] = is_zero ? 0 : table[pixel * b.block + channel];
        }
        const fsk_block_frame f = {blocked_from(&b, y, b.row0, b.column0),
                                   b.batch,
                                   planes,
                                   height,
                                   width,
                                   b.block,
                                   row0,
                                   row1,
                                   column0,
                                   column1,
                                   has_table ? table : NULL,
                                   rows,
                                   columns,
                                   table_height,
                                   table_width};
        fsk_block_frame_run(&f, &at->pool);
        if (memcmp(y, want, blocked_count(&b) * sizeof *y) != 0)
            fail(at, "a frame is not the table's");
    }
}

static void move(void) {
    const blocked b = any_picture(16);
    describe_picture(&b);
    const float *x = odd_numbers(blocked_count(&b));
    for (const setting *at = settings(); at->way; ++at) {
        for (size_t shift = 0; shift < b.block; shift += 1 + any_below(4)) {
            blocked wide = b;
            wide.channels += shift;
            float *y = floats(blocked_count(&wide));
            const fsk_block_move m = {blocked_from(&b, x, 0, 0),
                                      blocked_from(&wide, y, 0, 0),
                                      b.batch,
                                      b.channels,
                                      b.height,
                                      b.width,
                                      b.block,
                                      shift};
            fsk_block_move_run(&m, &at->pool);
            const float *all = blocked_planes_of(&wide, y), *want = blocked_planes_of(&b, x);
            const size_t picture = b.height * b.width, own = b.channels * picture;
            for (size_t n = 0; n < b.batch; ++n)
                expect_bits(at, all + n * wide.channels * picture + shift * picture, want + n * own, own);
        }
    }
}

static void run(size_t number) { (number % 3 == 0 ? to_and_from : number % 3 == 1 ? frame : move)(); }

const operation block_moving_tests = {"block_moving", 150, run};
