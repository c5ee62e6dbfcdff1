// factor: the complete Cholesky factor, front by front (Duff and Reid, "The multifrontal solution of
// indefinite sparse symmetric linear equations", 1983). A front's own columns lie in its panel, [own][own +
// later], what it takes from later pixels in its updates, [later][later], of which the lower half is used.
#include "matting.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { block = 32 }; // columns that are eliminated between two products

typedef struct {
    const fsk_matting *arguments;
    const fsk_pool *pool;
    float shift;
    atomic_bool *has_failed;
} job;

// Asked for each column, as the first touch of a large front's memory takes as long as its arithmetic.
static bool is_cancelled(const job *j) { return fsk_flag_is_set(j->pool->cancelled); }

static size_t found(const int32_t *list, size_t n, int32_t position) {
    size_t low = 0;
    while (n > 1) {
        const size_t half = n / 2;
        low += list[low + half] <= position ? half : 0;
        n -= half;
    }
    return low;
}

// The matrix's own numbers into the panel.
static void take_matrix(const job *j, const fsk_front *front, float *panel) {
    const fsk_matting_order *order = j->arguments->order;
    const size_t rows = (size_t)(front->own + front->later), stride = order->width + 2 * FSK_MATTING_MARGIN;
    const int32_t behind = front->first + front->own;
    for (int32_t p = front->first; p < behind && !is_cancelled(j); ++p) {
        const int32_t *corner = order->places + order->pixels[p] - 2 * (ptrdiff_t)stride - 2;
        const double *numbers = j->arguments->matrix + (size_t)p * FSK_MATTING_STENCIL;
        float *column = panel + (size_t)(p - front->first) * rows;
        memset(column, 0, rows * sizeof *column);
        for (size_t k = 0; k < FSK_MATTING_STENCIL; ++k) {
            const int32_t other = corner[k / 5 * stride + k % 5];
            if (other < p || other == (int32_t)order->unknown)
                continue;
            const size_t row = other < behind ? (size_t)(other - front->first)
                                              : (size_t)front->own + found(order->lists + front->list,
                                                                           (size_t)front->later, other);
            column[row] = (float)numbers[k] * (other == p ? 1 + j->shift : 1);
        }
    }
}

// What a front below has taken from later pixels, into this one's panel and updates.
static void take_updates(const job *j, const fsk_front *front, int32_t child, float *panel, float *updates) {
    if (child < 0)
        return;
    const fsk_matting_order *order = j->arguments->order;
    const fsk_front *below = order->fronts + child;
    const int32_t *list = order->lists + below->list, *mine = order->lists + front->list;
    const size_t count = (size_t)below->later, own = (size_t)front->own, later = (size_t)front->later;
    const float *from = j->arguments->updates[below->depth % 2] + below->updates;
    for (size_t c = 0, at = 0; c < count && !is_cancelled(j); ++c) {
        const bool is_own = list[c] < front->first + front->own;
        while (!is_own && mine[at] != list[c])
            ++at;
        float *column =
            is_own ? panel + (size_t)(list[c] - front->first) * (own + later) : updates + at * later;
        size_t row = is_own ? 0 : at;
        for (size_t r = c; r < count; ++r) {
            if (list[r] < front->first + front->own) {
                column[list[r] - front->first] += from[c * count + r];
                continue;
            }
            while (mine[row] != list[r])
                ++row;
            column[is_own ? own + row : row] += from[c * count + r];
        }
    }
}

// Columns begin ... end - 1, from which all columns before have been taken. False: a pivot is not above 0.
static bool eliminate(float *panel, size_t rows, size_t begin, size_t end) {
    for (size_t c = begin; c < end; ++c) {
        float *column = panel + c * rows;
        for (size_t k = begin; k < c; ++k) {
            const float *restrict before = panel + k * rows, factor = before[c];
            for (size_t r = c; r < rows; ++r)
                column[r] -= before[r] * factor;
        }
        if (!(column[c] > 0))
            return false;
        column[c] = sqrtf(column[c]);
        const float scale = 1 / column[c];
        for (size_t r = c + 1; r < rows; ++r)
            column[r] *= scale;
    }
    return true;
}

static void run_front(const job *j, const fsk_front *front) {
    const fsk_matting *a = j->arguments;
    const size_t own = (size_t)front->own, later = (size_t)front->later, rows = own + later;
    const uint32_t cpu = j->pool->cpu;
    float *panel = a->panels + front->panel, *updates = a->updates[front->depth % 2] + front->updates;
    take_matrix(j, front, panel);
    for (size_t c = 0; c < later && !is_cancelled(j); ++c)
        memset(updates + c * later + c, 0, (later - c) * sizeof *updates);
    take_updates(j, front, front->left, panel, updates);
    take_updates(j, front, front->right, panel, updates);
    for (size_t c = 0; c < own && !is_cancelled(j); c += block) {
        const size_t end = c + block < own ? c + block : own;
        matting_subtract(panel + c * rows + c, rows, rows - c, end - c, panel + c, panel + c, rows, c, true,
                         cpu);
        if (!eliminate(panel, rows, c, end)) {
            atomic_store(j->has_failed, true);
            return;
        }
    }
    for (size_t c = 0; c < later && !is_cancelled(j); c += block)
        matting_subtract(updates + c * later + c, later, later - c, later - c < block ? later - c : block,
                         panel + own + c, panel + own + c, rows, own, true, cpu);
}

static void run_task(void *argument, size_t index) {
    const job *j = argument;
    const fsk_matting_order *order = j->arguments->order;
    for (size_t i = 0; i < order->front_count; ++i)
        if (order->fronts[i].task == (int32_t)index && !atomic_load(j->has_failed) && !is_cancelled(j))
            run_front(j, order->fronts + i);
}

bool matting_factor(const fsk_matting *arguments, float shift, const fsk_pool *pool) {
    const fsk_matting_order *order = arguments->order;
    atomic_bool has_failed = false;
    job j = {arguments, pool, shift, &has_failed};
    fsk_pool_run(pool, run_task, &j, order->task_count);
    for (size_t i = 0; i < order->front_count; ++i)
        if (order->fronts[i].task < 0 && !atomic_load(&has_failed) && !fsk_flag_is_set(pool->cancelled))
            run_front(&j, order->fronts + i);
    return !atomic_load(&has_failed) && !fsk_flag_is_set(pool->cancelled);
}
