// dissection: the order of elimination. A set of pixels is cut in two by two neighbouring lines, across its
// longer side, where they hold few pixels; the lines come after both parts (George, "Nested dissection of a
// regular finite element mesh", 1973). Then, from below, what each front is tied to, and where its numbers
// lie.
#include "fsk_matting.h"

#include <string.h>

enum {
    leaf = 48,       // pixels that are not cut any more
    least_side = 7,  // lines of a set that can be cut
    tasks_about = 32 // fronts that one thread goes through alone, of a picture
};

typedef struct {
    fsk_matting_order *order;
    size_t stride; // of places
    bool is_over;  // nothing more is done
} builder;

typedef struct {
    int32_t left, right, top, bottom;
} box;

static box box_of(const builder *b, size_t begin, size_t end) {
    box r = {INT32_MAX, -1, INT32_MAX, -1};
    for (size_t i = begin; i < end; ++i) {
        const int32_t place = b->order->pixels[i];
        const int32_t x = place % (int32_t)b->stride, y = place / (int32_t)b->stride;
        r.left = x < r.left ? x : r.left;
        r.right = x > r.right ? x : r.right;
        r.top = y < r.top ? y : r.top;
        r.bottom = y > r.bottom ? y : r.bottom;
    }
    return r;
}

// The first of the two lines with the fewest pixels that leaves a quarter of them or more on each side; where
// there is none, the one with half of them before it.
static int32_t best_line(const int32_t *counts, int32_t lines, int32_t total) {
    int32_t before = 0, best = -1, fewest = INT32_MAX, least_off = INT32_MAX, middle = 0;
    for (int32_t s = 0; s + 1 < lines; before += counts[s++]) {
        const int32_t cut = counts[s] + counts[s + 1], behind = total - before - cut;
        const int32_t off = before > behind ? before - behind : behind - before;
        if (before <= total / 2)
            middle = s;
        if (before < total / 4 || behind < total / 4 || cut > fewest || (cut == fewest && off >= least_off))
            continue;
        best = s;
        fewest = cut;
        least_off = off;
    }
    return best < 0 ? middle : best;
}

static int32_t line_of(const builder *b, int32_t place, bool is_wide) {
    return is_wide ? place % (int32_t)b->stride : place / (int32_t)b->stride;
}

// Pixels begin ... end - 1 into those before the cut, those behind it, and those on it. Their numbers.
static void part(const builder *b, size_t begin, size_t end, bool is_wide, int32_t first, int32_t lines,
                 size_t numbers[2]) {
    int32_t *pixels = b->order->pixels, *copy = b->order->scratch, *counts = copy + b->order->unknown;
    memset(counts, 0, (size_t)lines * sizeof *counts);
    for (size_t i = begin; i < end; ++i)
        ++counts[line_of(b, pixels[i], is_wide) - first];
    const int32_t cut = first + best_line(counts, lines, (int32_t)(end - begin));
    numbers[0] = numbers[1] = 0;
    memcpy(copy, pixels + begin, (end - begin) * sizeof *copy);
    for (size_t i = 0; i < end - begin; ++i) {
        const int32_t line = line_of(b, copy[i], is_wide);
        numbers[0] += line < cut;
        numbers[1] += line > cut + 1;
    }
    size_t at[3] = {begin, begin + numbers[0], begin + numbers[0] + numbers[1]};
    for (size_t i = 0, n = end - begin; i < n; ++i) {
        const int32_t line = line_of(b, copy[i], is_wide);
        pixels[at[line < cut ? 0 : line > cut + 1 ? 1 : 2]++] = copy[i];
    }
}

// The front of pixels begin ... end - 1 after those below it; -1: there are none. `task`: of those above.
static int32_t dissect(builder *b, size_t begin, size_t end, int32_t depth, int32_t task) {
    fsk_matting_order *order = b->order;
    b->is_over |= fsk_flag_is_set(order->cancelled);
    if (begin == end || b->is_over)
        return -1;
    if (task < 0 && end - begin <= order->unknown / tasks_about + leaf)
        task = (int32_t)order->task_count++;
    fsk_front front = {.left = -1, .right = -1, .depth = depth, .task = task};
    size_t own = begin;
    const box r = box_of(b, begin, end);
    const bool is_wide = r.right - r.left >= r.bottom - r.top;
    const int32_t first = is_wide ? r.left : r.top, lines = (is_wide ? r.right : r.bottom) - first + 1;
    if (end - begin > leaf && lines >= least_side) {
        size_t numbers[2];
        part(b, begin, end, is_wide, first, lines, numbers);
        own = begin + numbers[0] + numbers[1];
        front.left = dissect(b, begin, begin + numbers[0], depth + 1, task);
        front.right = dissect(b, begin + numbers[0], own, depth + 1, task);
    }
    if (order->front_count == order->front_capacity)
        b->is_over = true;
    if (b->is_over)
        return -1;
    front.first = (int32_t)own;
    front.own = (int32_t)(end - own);
    order->fronts[order->front_count] = front;
    return (int32_t)order->front_count++;
}

// --- What a front is tied to.

static void sort(int32_t *numbers, size_t n) {
    static const size_t gaps[] = {3905, 1750, 701, 301, 132, 57, 23, 10, 4, 1}; // Ciura's
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; ++g)
        for (size_t i = gaps[g]; i < n; ++i) {
            const int32_t number = numbers[i];
            size_t j = i;
            for (; j >= gaps[g] && numbers[j - gaps[g]] > number; j -= gaps[g])
                numbers[j] = numbers[j - gaps[g]];
            numbers[j] = number;
        }
}

// Adds a position that is eliminated later, once. scratch[position]: the last front that has it.
static void tie(builder *b, int32_t position, int32_t behind, int32_t number) {
    fsk_matting_order *order = b->order;
    if (position < behind || position == (int32_t)order->unknown || order->scratch[position] == number)
        return;
    order->scratch[position] = number;
    if (order->list_count == order->list_capacity)
        b->is_over = true;
    else
        order->lists[order->list_count++] = position;
}

static void tie_child(builder *b, int32_t child, int32_t behind, int32_t number) {
    if (child < 0)
        return;
    const fsk_front *below = b->order->fronts + child;
    for (int32_t i = 0; i < below->later; ++i)
        tie(b, b->order->lists[below->list + (size_t)i], behind, number);
}

static void tie_front(builder *b, int32_t number) {
    fsk_matting_order *order = b->order;
    fsk_front *front = order->fronts + number;
    b->is_over |= fsk_flag_is_set(order->cancelled);
    const int32_t behind = front->first + front->own;
    front->list = order->list_count;
    tie_child(b, front->left, behind, number);
    tie_child(b, front->right, behind, number);
    for (int32_t p = front->first; p < behind; ++p) {
        const int32_t *corner = order->places + order->pixels[p] - 2 * (int32_t)b->stride - 2;
        for (size_t k = 0; k < FSK_MATTING_STENCIL; ++k)
            tie(b, corner[k / 5 * b->stride + k % 5], behind, number);
    }
    front->later = (int32_t)(order->list_count - front->list);
    sort(order->lists + front->list, (size_t)front->later);
}

// --- Where numbers lie. Updates of even and of odd depths are two stacks: a front's goes onto one while
// those below it leave the other. Each task has stacks of its own, and so have the fronts above them.

typedef struct {
    size_t used[2], most[2];
} stacks;

static void push(stacks *s, fsk_front *front, const fsk_front *fronts) {
    const int32_t below[2] = {front->left, front->right}, parity = front->depth % 2;
    front->updates = s->used[parity];
    s->used[parity] += (size_t)front->later * (size_t)front->later;
    if (s->used[parity] > s->most[parity])
        s->most[parity] = s->used[parity];
    for (size_t i = 0; i < 2; ++i)
        if (below[i] >= 0 && fronts[below[i]].task == front->task)
            s->used[1 - parity] -= (size_t)fronts[below[i]].later * (size_t)fronts[below[i]].later;
}

static void place_numbers(fsk_matting_order *order) {
    stacks top = {{0}, {0}}, own = {{0}, {0}};
    size_t base[2] = {0, 0};
    order->panel_floats = order->widest = 0;
    for (size_t i = 0; i < order->front_count; ++i) {
        fsk_front *front = order->fronts + i;
        const size_t wide = (size_t)(front->own + front->later);
        front->panel = order->panel_floats;
        order->panel_floats += wide * (size_t)front->own;
        order->widest = wide > order->widest ? wide : order->widest;
        if (front->task < 0) {
            push(&top, front, order->fronts);
            continue;
        }
        push(&own, front, order->fronts);
        front->updates += base[front->depth % 2];
        if (i + 1 == order->front_count || front[1].task != front->task) { // the task's last one
            for (size_t k = 0; k < 2; ++k)
                base[k] += own.most[k];
            own = (stacks){{0}, {0}};
        }
    }
    for (size_t i = 0; i < order->front_count; ++i)
        if (order->fronts[i].task < 0)
            order->fronts[i].updates += base[order->fronts[i].depth % 2];
    for (size_t k = 0; k < 2; ++k)
        order->update_floats[k] = base[k] + top.most[k];
}

static bool is_known(uint8_t value) { return value == 0 || value == 255; }

size_t fsk_matting_unknown(const uint8_t *trimap, size_t count) {
    size_t unknown = 0;
    for (size_t i = 0; i < count; ++i)
        unknown += !is_known(trimap[i]);
    return unknown;
}

bool fsk_matting_dissect(fsk_matting_order *order) {
    builder b = {order, order->width + 2 * FSK_MATTING_MARGIN, false};
    const size_t margin = FSK_MATTING_MARGIN;
    order->front_count = order->list_count = order->task_count = 0;
    for (size_t i = 0, n = b.stride * (order->height + 2 * margin); i < n; ++i)
        order->places[i] = (int32_t)order->unknown;
    size_t count = 0;
    for (size_t y = 0; y < order->height; ++y)
        for (size_t x = 0; x < order->width; ++x)
            if (!is_known(order->trimap[y * order->width + x]))
                order->pixels[count++] = (int32_t)((y + margin) * b.stride + x + margin);
    dissect(&b, 0, order->unknown, 0, -1);
    for (size_t i = 0; i < order->unknown; ++i) {
        order->places[order->pixels[i]] = (int32_t)i;
        order->scratch[i] = -1;
    }
    for (size_t i = 0; i < order->front_count && !b.is_over; ++i)
        tie_front(&b, (int32_t)i);
    if (!b.is_over)
        place_numbers(order);
    return !b.is_over;
}
