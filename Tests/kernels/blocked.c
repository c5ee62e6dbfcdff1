// blocked: pictures in blocks, a number at a time.
#include "blocked.h"

#include <string.h>

static size_t rows(const blocked *b) { return (size_t)(b->row1 - b->row0); }
static size_t columns(const blocked *b) { return (size_t)(b->column1 - b->column0); }

size_t blocked_planes(const blocked *b) { return (b->channels + b->block - 1) / b->block; }

size_t blocked_count(const blocked *b) {
    return b->batch * blocked_planes(b) * rows(b) * columns(b) * b->block;
}

size_t blocked_place(const blocked *b, size_t n, size_t channel, ptrdiff_t row, ptrdiff_t column) {
    const size_t plane = n * blocked_planes(b) + channel / b->block;
    const size_t pixel =
        (plane * rows(b) + (size_t)(row - b->row0)) * columns(b) + (size_t)(column - b->column0);
    return pixel * b->block + channel % b->block;
}

static bool is_inside(const blocked *b, ptrdiff_t row, ptrdiff_t column) {
    return row >= 0 && row < (ptrdiff_t)b->height && column >= 0 && column < (ptrdiff_t)b->width;
}

float *blocked_picture(const blocked *b, const float *planes) {
    float *memory = floats(blocked_count(b));
    for (size_t n = 0; n < b->batch; ++n)
        for (size_t c = 0; c < b->channels; ++c)
            for (ptrdiff_t i = b->row0; i < b->row1; ++i)
                for (ptrdiff_t j = b->column0; j < b->column1; ++j) {
                    const size_t at = ((n * b->channels + c) * b->height + (size_t)i) * b->width + (size_t)j;
                    memory[blocked_place(b, n, c, i, j)] = is_inside(b, i, j) ? planes[at] : 0;
                }
    return memory;
}

float *blocked_planes_of(const blocked *b, const float *memory) {
    float *planes = floats(b->batch * b->channels * b->height * b->width), *to = planes;
    for (size_t n = 0; n < b->batch; ++n)
        for (size_t c = 0; c < b->channels; ++c)
            for (size_t i = 0; i < b->height; ++i)
                for (size_t j = 0; j < b->width; ++j)
                    *to++ = memory[blocked_place(b, n, c, (ptrdiff_t)i, (ptrdiff_t)j)];
    return planes;
}

fsk_blocks blocked_from(const blocked *b, const float *memory, ptrdiff_t row, ptrdiff_t column) {
    const size_t row_step = columns(b) * b->block, plane_step = rows(b) * row_step;
    const ptrdiff_t at = (row - b->row0) * (ptrdiff_t)row_step + (column - b->column0) * (ptrdiff_t)b->block;
    return (fsk_blocks){(float *)(uintptr_t)memory + at, row_step, plane_step,
                        blocked_planes(b) * plane_step};
}
