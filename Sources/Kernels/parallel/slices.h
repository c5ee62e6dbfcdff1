// slices: how a stage is cut into tasks. By its shape alone, never by threads, so results keep their bits.
// Private to the kernels.
#ifndef FSK_SLICES_H
#define FSK_SLICES_H

#include <stddef.h>

// Numbers a task: 128 KiB of floats, so that a slice and its result fit a core's own cache.
#define FSK_SLICE ((size_t)1 << 15)

static inline size_t fsk_least(size_t a, size_t b) { return a < b ? a : b; }

// Items a task takes, where an item costs as much as `numbers` numbers. 1 or more.
static inline size_t fsk_items(size_t numbers) {
    return numbers < FSK_SLICE ? FSK_SLICE / (numbers ? numbers : 1) : 1;
}

// Tasks for `count` items. Task i takes the items from i * items on, up to fsk_end.
static inline size_t fsk_tasks(size_t count, size_t items) { return count / items + (count % items != 0); }

static inline size_t fsk_end(size_t count, size_t items, size_t task) {
    return task * items + fsk_least(items, count - task * items);
}

// How many items from `at` on, before `end`, lie in the same row of `row` items.
static inline size_t fsk_piece(size_t at, size_t end, size_t row) {
    return fsk_least(end - at, row - at % row);
}

#endif
