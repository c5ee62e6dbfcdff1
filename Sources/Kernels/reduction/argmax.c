// argmax: the top k of each column by k searches, so that no list of pairs is needed. Caffe sorts pairs of
// value and index, the greater pair first: of equal values, the larger index.
#include "fsk_argmax.h"
#include "parallel/slices.h"

typedef struct {
    float value;
    size_t index;
} pair;

// NaN, which Caffe's sort cannot order, stands below all numbers.
static bool is_greater(pair a, pair b) {
    const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
    if (a_nan != b_nan)
        return b_nan;
    if (!a_nan && a.value != b.value)
        return a.value > b.value;
    return a.index > b.index;
}

// The greatest pair of a column; or, with `below`, the greatest of those that come after that one.
static pair greatest(const float *x, size_t channels, size_t stride, const pair *below) {
    pair best = {0, channels}; // an index of `channels`: none yet
    for (size_t c = 0; c < channels; ++c) {
        const pair p = {x[c * stride], c};
        if (below && !is_greater(*below, p))
            continue;
        if (best.index == channels || is_greater(p, best))
            best = p;
    }
    return best;
}

// One column; y[k * stride] gets its k-th result, and with BOTH y[(top_k + k) * stride] the value.
static void column(const fsk_argmax *a, const float *x, float *y) {
    pair last = {0, 0};
    for (size_t k = 0; k < a->top_k; ++k) {
        last = greatest(x, a->channels, a->inner, k ? &last : NULL);
        y[k * a->inner] = a->output == FSK_ARGMAX_VALUE ? last.value : (float)last.index;
        if (a->output == FSK_ARGMAX_BOTH)
            y[(a->top_k + k) * a->inner] = last.value;
    }
}

static size_t columns_a_task(const fsk_argmax *a) { return fsk_items(a->channels * a->top_k); }

static void some_columns(void *argument, size_t task) {
    const fsk_argmax *a = argument;
    const size_t items = columns_a_task(a), end = fsk_end(a->outer * a->inner, items, task);
    const size_t results = a->output == FSK_ARGMAX_BOTH ? 2 * a->top_k : a->top_k;
    for (size_t i = task * items; i < end; ++i) {
        const size_t outer = i / a->inner, inner = i % a->inner;
        column(a, a->x + outer * a->channels * a->inner + inner, a->y + outer * results * a->inner + inner);
    }
}

void fsk_argmax_run(const fsk_argmax *arguments, const fsk_pool *pool) {
    fsk_argmax a = *arguments;
    fsk_pool_run(pool, some_columns, &a, fsk_tasks(a.outer * a.inner, columns_a_task(&a)));
}
