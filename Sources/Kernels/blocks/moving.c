// moving: pictures in and out of blocks, and the frames around them. Only moves memory.
#include "fsk_blocks.h"
#include "parallel/slices.h"

#include <string.h>

typedef struct {
    const fsk_block_copy *copy;
    size_t planes, count, rows_a_task;
} copy_job;

// Row i of all rows of all blocks: planes first, so that channels go side by side.
static void from_planes_row(const fsk_block_copy *c, size_t picture, size_t plane, size_t row) {
    const size_t first = plane * c->block, area = c->plane_step;
    const size_t channels = fsk_least(c->block, c->channels - first);
    const float *x = c->planes + (picture * c->channels + first) * area + row * c->width;
    float *y = c->blocks.pixels + picture * c->blocks.batch_step + plane * c->blocks.plane_step +
               row * c->blocks.row_step;
    if (c->block == FSK_NARROW && channels == 3) {
        for (size_t j = 0; j < c->width; ++j) {
            y[4 * j] = x[j];
            y[4 * j + 1] = x[area + j];
            y[4 * j + 2] = x[2 * area + j];
            y[4 * j + 3] = 0;
        }
        return;
    }
    for (size_t j = 0; j < c->width; ++j) {
        for (size_t channel = 0; channel < channels; ++channel)
            y[j * c->block + channel] = x[channel * area + j];
        for (size_t channel = channels; channel < c->block; ++channel)
            y[j * c->block + channel] = 0;
    }
}

static void to_planes_row(const fsk_block_copy *c, size_t picture, size_t plane, size_t row) {
    const size_t first = plane * c->block, area = c->plane_step;
    const size_t channels = fsk_least(c->block, c->channels - first);
    float *y = (float *)(uintptr_t)c->planes + (picture * c->channels + first) * area + row * c->width;
    const float *x = c->blocks.pixels + picture * c->blocks.batch_step + plane * c->blocks.plane_step +
                     row * c->blocks.row_step;
    for (size_t channel = 0; channel < channels; ++channel)
        for (size_t j = 0; j < c->width; ++j)
            y[channel * area + j] = x[j * c->block + channel];
}

static void rows(const copy_job *j, size_t task,
                 void row_fn(const fsk_block_copy *, size_t, size_t, size_t)) {
    const size_t height = j->copy->height;
    for (size_t i = task * j->rows_a_task; i < fsk_end(j->count, j->rows_a_task, task); ++i)
        row_fn(j->copy, i / height / j->planes, i / height % j->planes, i % height);
}

static void from_planes(void *argument, size_t task) { rows(argument, task, from_planes_row); }
static void to_planes(void *argument, size_t task) { rows(argument, task, to_planes_row); }

static void run_copy(const fsk_block_copy *copy, fsk_task *task, const fsk_pool *pool) {
    copy_job j = {copy, copy->channels / copy->block + (copy->channels % copy->block != 0), 0,
                  fsk_items(copy->width * copy->block)};
    j.count = copy->batch * j.planes * copy->height;
    fsk_pool_run(pool, task, &j, fsk_tasks(j.count, j.rows_a_task));
}

void fsk_block_from_planes(const fsk_block_copy *copy, const fsk_pool *pool) {
    run_copy(copy, from_planes, pool);
}

void fsk_block_to_planes(const fsk_block_copy *copy, const fsk_pool *pool) {
    run_copy(copy, to_planes, pool);
}

// --- Frames

typedef struct {
    const fsk_block_frame *frame;
    size_t planes_a_task, count;
} frame_job;

static void frame_pixels(const fsk_block_frame *f, float *row, const float *table, size_t from, size_t to) {
    for (size_t j = from; j < to; ++j) {
        const float *value = table && f->columns[j] >= 0 ? table + (size_t)f->columns[j] * f->block : NULL;
        if (value)
            memcpy(row + j * f->block, value, f->block * sizeof *row);
        else
            memset(row + j * f->block, 0, f->block * sizeof *row);
    }
}

static void some_frames(void *argument, size_t task) {
    const frame_job *j = argument;
    const fsk_block_frame *f = j->frame;
    for (size_t p = task * j->planes_a_task; p < fsk_end(j->count, j->planes_a_task, task); ++p) {
        float *plane = f->y.pixels + p / f->planes * f->y.batch_step + p % f->planes * f->y.plane_step;
        const float *table =
            f->table ? f->table + p % f->planes * f->table_height * f->table_width * f->block : NULL;
        for (size_t i = 0; i < f->height; ++i) {
            const int inside = i >= f->first_row && i < f->last_row;
            const float *line =
                table && f->rows[i] >= 0 ? table + (size_t)f->rows[i] * f->table_width * f->block : NULL;
            float *row = plane + i * f->y.row_step;
            frame_pixels(f, row, line, 0, inside ? f->first_column : f->width);
            if (inside)
                frame_pixels(f, row, line, f->last_column, f->width);
        }
    }
}

void fsk_block_frame_run(const fsk_block_frame *f, const fsk_pool *pool) {
    const size_t inner = (f->last_row - f->first_row) * (f->last_column - f->first_column);
    frame_job j = {f, fsk_items((f->height * f->width - inner) * f->block), f->batch * f->planes};
    fsk_pool_run(pool, some_frames, &j, fsk_tasks(j.count, j.planes_a_task));
}

// --- Moves

typedef struct {
    const fsk_block_move *move;
    size_t rows_a_task, count;
} move_job;

// Few enough that no call is worth its while.
static void copy(float *to, const float *from, size_t count) {
    if (count % 4 != 0) {
        for (size_t i = 0; i < count; ++i)
            to[i] = from[i];
        return;
    }
    for (size_t i = 0; i < count; i += 4)
        memcpy(to + i, from + i, 4 * sizeof *to);
}

// A row of one block of x, which goes into two of y.
static void shifted_row(const fsk_block_move *m, size_t plane, const float *x, float *y) {
    const size_t left = m->channels - plane * m->block, count = left < m->block ? left : m->block;
    const size_t room = m->block - m->shift, first = count < room ? count : room, second = count - first;
    const int is_last = left <= m->block;
    for (size_t j = 0; j < m->width; ++j, x += m->block, y += m->block) {
        float *next = y + m->y.plane_step;
        copy(y + m->shift, x, first);
        if (second)
            copy(next, x + first, second);
        if (is_last && second)
            memset(next + second, 0, (m->block - second) * sizeof *next);
        else if (is_last)
            memset(y + m->shift + first, 0, (room - first) * sizeof *y);
    }
}

static void some_rows(void *argument, size_t task) {
    const move_job *j = argument;
    const fsk_block_move *m = j->move;
    const size_t planes = (m->channels + m->block - 1) / m->block;
    for (size_t i = task * j->rows_a_task; i < fsk_end(j->count, j->rows_a_task, task); ++i) {
        // Rows of all planes after each other: see planewise.c.
        const size_t plane = i % planes, row = i / planes % m->height, n = i / planes / m->height;
        float *y = m->y.pixels + n * m->y.batch_step + plane * m->y.plane_step + row * m->y.row_step;
        const float *x = m->x.pixels + n * m->x.batch_step + plane * m->x.plane_step + row * m->x.row_step;
        if (m->shift)
            shifted_row(m, plane, x, y);
        else
            memcpy(y, x, m->width * m->block * sizeof(float));
    }
}

void fsk_block_move_run(const fsk_block_move *m, const fsk_pool *pool) {
    const size_t planes = (m->channels + m->block - 1) / m->block;
    move_job j = {m, fsk_items(m->width * m->block), m->batch * planes * m->height};
    fsk_pool_run(pool, some_rows, &j, fsk_tasks(j.count, j.rows_a_task));
}
