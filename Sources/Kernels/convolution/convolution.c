// convolution: cuts a convolution into tasks by its shape alone, so that every number of threads gives the
// same bits, and runs each task's blocks. The arithmetic is in tile_*.c, the gathering in gather.c.
#include "tile.h"

enum { wanted_tasks = 24, least_columns = 96, least_rows = 64 };

typedef struct {
    const fsk_convolution_variant *variant;
    const fsk_convolution *v;
    float *scratch; // a worker's part after the other
    size_t depth, pixels;
    size_t columns, rows; // of a task
    size_t column_tasks, row_tasks, tasks;
} job;

size_t fsk_convolution_scratch_size(const fsk_convolution_variant *variant) {
    return (size_t)fsk_max_depth * fsk_max_columns + fsk_round_up(variant->rows * variant->columns, 16);
}

// Few columns a task let more threads share a small picture; large weights want many, since each task reads
// them anew: those are shared by rows instead.
static void divide(job *j) {
    const fsk_convolution *v = j->v;
    const size_t width = j->variant->columns, height = j->variant->rows;
    const size_t weight_bytes = v->filters * j->depth * sizeof(float), pictures = v->batch * v->groups;
    const int heavy = weight_bytes > ((size_t)12 << 20);
    size_t columns = heavy ? fsk_max_columns : fsk_round_up(j->pixels * pictures / wanted_tasks + 1, width);
    if (columns > fsk_max_columns)
        columns = fsk_max_columns;
    if (columns < least_columns)
        columns = least_columns;
    columns = fsk_round_up(columns, width);
    j->columns = columns > fsk_max_columns ? fsk_max_columns / width * width : columns;
    j->column_tasks = (j->pixels + j->columns - 1) / j->columns;
    const size_t have = j->column_tasks * pictures;
    const size_t split = have ? (wanted_tasks + have - 1) / have : 1;
    size_t rows = fsk_round_up((v->filters + split - 1) / split, height);
    if (rows < least_rows)
        rows = least_rows;
    j->rows = fsk_round_up(rows, height);
    j->row_tasks = (v->filters + j->rows - 1) / j->rows;
    j->tasks = pictures * j->row_tasks * j->column_tasks;
}

// Where output pixel p of a plane lies.
static inline size_t place(const fsk_convolution *v, size_t p) {
    return p / v->out_width * v->row_step + p % v->out_width * v->column_step;
}

static inline int is_dense(const fsk_convolution *v) {
    return v->column_step == 1 && v->row_step == v->out_width;
}

// A tile that is cut off, or whose pixels do not lie side by side: by way of a small square.
static void ragged_tile(const job *j, const float *a, const float *b, size_t depth, float *y, size_t pixel,
                        size_t rows, size_t columns, const fsk_epilogue *e, float *square) {
    const fsk_convolution *v = j->v;
    const size_t width = j->variant->columns;
    size_t at[64];
    float bias[64];
    fsk_epilogue padded = *e;
    for (size_t c = 0; c < columns; ++c)
        at[c] = place(v, pixel + c);
    if (e->accumulate)
        for (size_t r = 0; r < rows; ++r)
            for (size_t c = 0; c < columns; ++c)
                square[r * width + c] = y[r * v->plane_step + at[c]];
    if (e->bias) {
        for (size_t r = 0; r < j->variant->rows; ++r)
            bias[r] = r < rows ? e->bias[r] : 0;
        padded.bias = bias;
    }
    j->variant->tile(depth, a, b, square, width, &padded);
    for (size_t r = 0; r < rows; ++r)
        for (size_t c = 0; c < columns; ++c)
            y[r * v->plane_step + at[c]] = square[r * width + c];
}

// One block of the depth: filters [row0, row1) of a group times the gathered columns.
static void multiply(const job *j, const float *weights, const float *columns, size_t depth, float *y,
                     size_t pixel0, size_t count, size_t row0, size_t row1, fsk_epilogue e, float *square) {
    const fsk_convolution *v = j->v;
    const size_t height = j->variant->rows, width = j->variant->columns;
    const float *bias = e.bias;
    for (size_t r = row0; r < row1; r += height) {
        const size_t rows = row1 - r < height ? row1 - r : height;
        const float *a = weights + r * depth;
        float *plane = y + r * v->plane_step;
        if (bias)
            e.bias = bias + r;
        for (size_t c = 0; c < count; c += width) {
            const float *b = columns + c * depth;
            const size_t n = count - c < width ? count - c : width;
            if (rows == height && n == width && is_dense(v))
                j->variant->tile(depth, a, b, plane + pixel0 + c, v->plane_step, &e);
            else
                ragged_tile(j, a, b, depth, plane, pixel0 + c, rows, n, &e, square);
        }
    }
}

static void task(void *argument, size_t index, size_t worker) {
    const job *j = argument;
    float *scratch = j->scratch + worker * fsk_convolution_scratch_size(j->variant);
    const fsk_convolution *v = j->v;
    const size_t column_task = index % j->column_tasks, row_task = index / j->column_tasks % j->row_tasks;
    const size_t picture = index / j->column_tasks / j->row_tasks;
    const size_t n = picture / v->groups, group = picture % v->groups;
    const size_t pixel0 = column_task * j->columns;
    const size_t count = j->pixels - pixel0 < j->columns ? j->pixels - pixel0 : j->columns;
    const size_t row0 = row_task * j->rows;
    const size_t row1 = row0 + j->rows < v->filters ? row0 + j->rows : v->filters;
    const size_t padded = fsk_round_up(v->filters, j->variant->rows), block = fsk_block_depth(j->depth);
    const float *x = v->x + picture * v->channels * v->height * v->width;
    const float *weights = v->weights + group * padded * j->depth;
    const float *bias = v->bias ? v->bias + group * v->filters : NULL;
    float *y = v->y + n * v->batch_step + group * v->filters * v->plane_step;
    float *square = scratch + (size_t)fsk_max_depth * fsk_max_columns;
    size_t begin = 0;
    do { // once even for an empty depth: then y is the bias
        const size_t depth = begin + block < j->depth ? block : j->depth - begin;
        const int last = begin + depth == j->depth;
        const fsk_epilogue e = {begin > 0, last && v->relu, v->slope, last ? bias : NULL};
        if (depth)
            j->variant->gather(v, x, pixel0, count, begin, depth, scratch);
        multiply(j, weights + padded * begin, scratch, depth, y, pixel0, count, row0, row1, e, square);
        begin += depth;
    } while (begin < j->depth);
}

void fsk_convolution_run(const fsk_convolution_variant *variant, const fsk_convolution *v, float *scratch,
                         const fsk_pool *pool) {
    job j = {.variant = variant,
             .v = v,
             .scratch = scratch,
             .depth = v->channels * v->kernel_height * v->kernel_width,
             .pixels = v->out_height * v->out_width};
    divide(&j);
    fsk_pool_run_workers(pool, task, &j, j.tasks);
}
