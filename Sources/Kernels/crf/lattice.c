// lattice: which vertices of the permutohedral lattice a picture's pixels lie between, and how these hang
// together. A vertex has six coordinates of sum 0, all of one remainder modulo 6, its kind: coordinate i is 6
// q_i + kind. Each kind is found by one task, from its own table, in the order of the pixels, so that numbers
// do not depend on threads. Adams, Baek and Davis, section 3.1.
#include "fsk_crf.h"
#include "cpu/targets.h"

#include <math.h>
#include <string.h>

enum {
    kinds = FSK_LATTICE_KINDS,
    numbers = kinds - 1, // of a place, and coordinates that a key has: the last one is what is left to 0
    lanes = 16,          // points at once
    field = 12,          // bits of q_i in a key
    bias = 1 << (field - 1),
    look_up = 4096 // points after which a task looks whether it is still wanted
};

typedef struct {
    fsk_lattice *lattice;
    const float *guide;
    size_t width;
    float scale[numbers]; // of x, y, R, G, B
    const fsk_pool *pool;
} job;

static bool stopped(const job *j, size_t at) {
    return at % look_up == 0 && fsk_flag_is_set(j->pool->cancelled);
}

// --- Places.

// The places of `lanes` points, each number times its scale, in the plane of sum 0.
FSK_BODY void elevate(const float places[numbers][lanes], float coordinates[kinds][lanes]) {
    float sum[lanes] = {0};
    for (size_t i = numbers; i > 0; --i)
        for (size_t k = 0; k < lanes; ++k) {
            coordinates[i][k] = sum[k] - (float)i * places[i - 1][k];
            sum[k] += places[i - 1][k];
        }
    memcpy(coordinates[0], sum, sizeof sum);
}

// The nearest vertex of kind 0, in sixths: q; how far each coordinate lies beyond it, in sixths: beyond; and
// how many others lie further: rank, a permutation of 0 ... 5.
FSK_BODY void round_to_vertex(const float coordinates[kinds][lanes], float q[kinds][lanes],
                              float beyond[kinds][lanes], int32_t rank[kinds][lanes]) {
    const float nearest = 12582912; // 1.5 * 2^23: adding it rounds to an integer
    int32_t sum[lanes] = {0};
    for (size_t i = 0; i < kinds; ++i)
        for (size_t k = 0; k < lanes; ++k) {
            const float sixths = coordinates[i][k] * (1.f / kinds);
            q[i][k] = (sixths + nearest) - nearest;
            beyond[i][k] = sixths - q[i][k];
            sum[k] += (int32_t)q[i][k];
            rank[i][k] = 0;
        }
    for (size_t i = 0; i < kinds; ++i)
        for (size_t other = i + 1; other < kinds; ++other)
            for (size_t k = 0; k < lanes; ++k) {
                const int32_t less = beyond[i][k] < beyond[other][k];
                rank[i][k] += less;
                rank[other][k] += 1 - less;
            }
    // Where the sum is not 0, those that were rounded furthest go the other way.
    for (size_t i = 0; i < kinds; ++i)
        for (size_t k = 0; k < lanes; ++k) {
            rank[i][k] += sum[k];
            const int32_t step = rank[i][k] < 0 ? 1 : rank[i][k] >= kinds ? -1 : 0;
            rank[i][k] += kinds * step;
            q[i][k] += (float)step;
            beyond[i][k] -= (float)step;
        }
}

FSK_BODY void descend(float *a, float *b) {
    for (size_t k = 0; k < lanes; ++k) {
        const float high = a[k] > b[k] ? a[k] : b[k], low = a[k] > b[k] ? b[k] : a[k];
        a[k] = high;
        b[k] = low;
    }
}

// Barycentric coordinates: differences of the sorted distances (Proposition 4.2 of the paper's companion).
FSK_BODY void share_out(float beyond[kinds][lanes], float weights[kinds][lanes]) {
    static const uint8_t network[12][2] = {{0, 5}, {1, 3}, {2, 4}, {1, 2}, {3, 4}, {0, 3},
                                           {2, 5}, {0, 1}, {2, 3}, {4, 5}, {1, 2}, {3, 4}};
#pragma GCC unroll 12
    for (size_t i = 0; i < 12; ++i)
        descend(beyond[network[i][0]], beyond[network[i][1]]);
    for (size_t k = 0; k < lanes; ++k)
        weights[0][k] = 1 + beyond[kinds - 1][k] - beyond[0][k];
    for (size_t r = 1; r < kinds; ++r)
        for (size_t k = 0; k < lanes; ++k)
            weights[r][k] = beyond[numbers - r][k] - beyond[kinds - r][k];
}

// The corner of kind r has coordinates 6 q + r, those of the r highest ranks less 6.
FSK_BODY void make_keys(const float q[kinds][lanes], const int32_t rank[kinds][lanes],
                        uint64_t keys[kinds][lanes]) {
    for (size_t r = 0; r < kinds; ++r) {
        memset(keys[r], 0, sizeof keys[r]);
        for (size_t i = 0; i < numbers; ++i)
            for (size_t k = 0; k < lanes; ++k) {
                const int32_t whole = (int32_t)q[i][k] + bias - (rank[i][k] > (int32_t)(numbers - r));
                keys[r][k] |= (uint64_t)(uint32_t)whole << (field * i);
            }
    }
}

FSK_BODY void place_body(const float places[numbers][lanes], float weights[kinds][lanes],
                         uint64_t keys[kinds][lanes]) {
    float coordinates[kinds][lanes], q[kinds][lanes], beyond[kinds][lanes];
    int32_t rank[kinds][lanes];
    elevate(places, coordinates);
    round_to_vertex(coordinates, q, beyond, rank);
    make_keys(q, rank, keys);
    share_out(beyond, weights);
}
FSK_TARGETS(place,
            (const float places[numbers][lanes], float weights[kinds][lanes], uint64_t keys[kinds][lanes]),
            (places, weights, keys))

// A row of the picture.
static void place_row(void *argument, size_t y) {
    const job *j = argument;
    fsk_lattice *l = j->lattice;
    for (size_t x = 0; x < j->width; x += lanes) {
        const size_t at = y * j->width + x, n = j->width - x < lanes ? j->width - x : lanes;
        float places[numbers][lanes] = {{0}}, weights[kinds][lanes];
        uint64_t keys[kinds][lanes];
        for (size_t k = 0; k < n; ++k) {
            places[0][k] = (float)(x + k) * j->scale[0];
            places[1][k] = (float)y * j->scale[1];
            for (size_t c = 0; c < 3; ++c)
                places[2 + c][k] = j->guide[(2 - c) * l->points + at + k] * j->scale[2 + c];
        }
        FSK_CALL(place, j->pool->cpu, ((const float(*)[lanes])places, weights, keys));
        for (size_t r = 0; r < kinds; ++r) {
            memcpy(l->weight + r * l->points + at, weights[r], n * sizeof(float));
            memcpy(l->keys + r * l->points + at, keys[r], n * sizeof(uint64_t));
        }
    }
}

// --- A table of vertices: slots hold a vertex's number within its kind plus 1, 0: none.

typedef struct {
    uint64_t *keys;
    uint32_t *slots;
    uint32_t in_use, count; // slots, a power of two, and vertices
} table;

static uint32_t slot_of(uint64_t key, uint32_t in_use) {
    return (uint32_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (in_use - 1);
}

// The slot with this key, or the empty one where it belongs.
static uint32_t *find(const table *t, uint64_t key) {
    uint32_t at = slot_of(key, t->in_use);
    while (t->slots[at] && t->keys[t->slots[at] - 1] != key)
        at = (at + 1) & (t->in_use - 1);
    return t->slots + at;
}

static void resize(table *t, uint32_t in_use) {
    t->in_use = in_use;
    memset(t->slots, 0, in_use * sizeof *t->slots);
    for (uint32_t v = 0; v < t->count; ++v)
        *find(t, t->keys[v]) = v + 1;
}

enum { least_slots = 64 };

size_t fsk_lattice_slots(size_t points) {
    size_t slots = least_slots;
    while (slots < 2 * points)
        slots *= 2;
    return slots;
}

// The vertex of this key, from 0, which is added if it is new.
static uint32_t intern(table *t, uint64_t key) {
    uint32_t *slot = find(t, key);
    if (*slot)
        return *slot - 1;
    t->keys[t->count] = key;
    *slot = ++t->count;
    if (2 * t->count > t->in_use)
        resize(t, 2 * t->in_use);
    return t->count - 1;
}

// Points' keys become corners; the keys of vertices gather at the front.
static void intern_points(void *argument, size_t kind) {
    const job *j = argument;
    fsk_lattice *l = j->lattice;
    uint32_t *corner = l->corner + kind * l->points;
    table t = {l->keys + kind * l->points, l->slots + kind * fsk_lattice_slots(l->points), 0, 0};
    resize(&t, least_slots);
    uint64_t last = ~(uint64_t)0; // no key: 60 bits are used
    for (size_t i = 0; i < l->points; ++i) {
        if (stopped(j, i))
            return;
        const uint64_t key = t.keys[i];
        corner[i] = key == last ? corner[i - 1] : intern(&t, key);
        last = key;
    }
    l->count[kind] = t.count;
}

void fsk_lattice_place(fsk_lattice *l, const float *guide, size_t height, size_t width, float position,
                       float color, const fsk_pool *pool) {
    job j = {l, guide, width, {0}, pool};
    for (size_t i = 0; i < numbers; ++i) {
        // In steps of the lattice, splatting and slicing have a variance of 1 / 6, each blurring one of 1
        // / 2.
        const double steps = sqrt(1.0 / 6 + FSK_LATTICE_BLURS / 2.0);
        const double spread = steps * kinds / sqrt((double)((i + 1) * (i + 2)));
        j.scale[i] = (float)(spread / (double)(i < 2 ? position : color));
    }
    memset(l->count, 0, sizeof l->count);
    fsk_pool_run(pool, place_row, &j, height);
    fsk_pool_run(pool, intern_points, &j, kinds);
}

// --- Neighbours.

// From a vertex of this kind to the next one along an axis: all coordinates grow by 1, that of the axis by
// -5.
static uint64_t step_of(size_t kind, size_t axis) {
    uint64_t step = 0;
    for (size_t i = 0; i < numbers; ++i)
        step += ((uint64_t)(kind == numbers) - (uint64_t)(axis == i)) << (field * i);
    return step;
}

static size_t before(size_t kind) { return (kind + numbers) % kinds; }
static size_t after(size_t kind) { return (kind + 1) % kinds; }

enum { few_points = 1 << 16 };

static bool grows(const fsk_lattice *l) {
    size_t all = 0;
    for (size_t r = 0; r < kinds; ++r)
        all += l->count[r];
    return l->points <= few_points || 2 * all <= l->points;
}

// Vertices of a kind, at most.
static size_t bound_of(const fsk_lattice *l, size_t kind) {
    const size_t beside = (size_t)l->count[before(kind)] + l->count[after(kind)];
    return l->count[kind] + (grows(l) ? kinds * beside : 0);
}

size_t fsk_lattice_bound(const fsk_lattice *l) {
    size_t sum = 0;
    for (size_t r = 0; r < kinds; ++r)
        sum += bound_of(l, r);
    return sum;
}

size_t fsk_lattice_bound_slots(const fsk_lattice *l) {
    size_t sum = 0;
    for (size_t r = 0; r < kinds; ++r)
        sum += fsk_lattice_slots(bound_of(l, r));
    return sum;
}

static table vertex_table(const fsk_lattice *l, size_t kind) {
    table t = {l->vertex_keys, l->vertex_slots, l->in_use[kind], 0};
    for (size_t r = 0; r < kind; ++r) {
        t.keys += bound_of(l, r);
        t.slots += fsk_lattice_slots(bound_of(l, r));
    }
    return t;
}

static void grow_kind(void *argument, size_t kind) {
    const job *j = argument;
    fsk_lattice *l = j->lattice;
    const bool with_neighbours = grows(l);
    table t = vertex_table(l, kind);
    t.count = l->count[kind];
    memcpy(t.keys, l->keys + kind * l->points, t.count * sizeof *t.keys);
    resize(&t, (uint32_t)fsk_lattice_slots(t.count));
    for (size_t side = 0; with_neighbours && side < 2; ++side) {
        const size_t from = side ? after(kind) : before(kind);
        for (size_t v = 0; v < l->count[from] && !stopped(j, v); ++v)
            for (size_t axis = 0; axis < kinds; ++axis) {
                const uint64_t key = l->keys[from * l->points + v];
                intern(&t, side ? key - step_of(kind, axis) : key + step_of(from, axis));
            }
    }
    l->first[kind + 1] = t.count;
    l->in_use[kind] = t.in_use;
}

void fsk_lattice_grow(fsk_lattice *l, const fsk_pool *pool) {
    job j = {.lattice = l, .pool = pool};
    memset(l->first, 0, sizeof l->first);
    fsk_pool_run(pool, grow_kind, &j, kinds);
    for (size_t r = 0; r < kinds; ++r)
        l->first[r + 1] += l->first[r];
}

// --- Connections.

// Task kind * 6 + axis: the neighbours of one kind's vertices along an axis, and theirs backwards.
static void find_neighbours(void *argument, size_t index) {
    const job *j = argument;
    fsk_lattice *l = j->lattice;
    const size_t kind = index / kinds, axis = index % kinds, next = after(kind), all = l->first[kinds];
    uint32_t *forward = l->neighbours + 2 * axis * all, *backward = forward + all;
    const table mine = vertex_table(l, kind), t = vertex_table(l, next);
    const uint64_t step = step_of(kind, axis);
    for (size_t v = l->first[next]; v < l->first[next + 1] && !stopped(j, v); ++v)
        backward[v] = (uint32_t)all;
    for (size_t v = l->first[kind]; v < l->first[kind + 1]; ++v) {
        if (stopped(j, v))
            return;
        const uint32_t found = *find(&t, mine.keys[v - l->first[kind]] + step);
        forward[v] = (uint32_t)(found ? l->first[next] + found - 1 : all);
        if (found)
            backward[forward[v]] = (uint32_t)v;
    }
}

// Of one kind: the points of each vertex by counting, and corners' numbers among all vertices.
static void list_points(void *argument, size_t kind) {
    const job *j = argument;
    fsk_lattice *l = j->lattice;
    const size_t points = l->points, first = l->first[kind], count = l->first[kind + 1] - first;
    uint32_t *corner = l->corner + kind * points, *starts = l->starts + first;
    for (size_t v = 0; v < count; ++v)
        starts[v] = 0;
    for (size_t i = 0; i < points; ++i) {
        if (stopped(j, i))
            return; // what is not counted has no place
        ++starts[corner[i]];
    }
    uint32_t end = (uint32_t)(kind * points);
    for (size_t v = 0; v < count; ++v) {
        end += starts[v];
        starts[v] = end;
    }
    for (size_t i = points; i-- > 0;) { // backwards: each vertex's start moves down to its first point
        if (stopped(j, i))
            return;
        const uint32_t at = --starts[corner[i]];
        l->order[at] = (uint32_t)i;
        l->share[at] = l->weight[kind * points + i];
        corner[i] += (uint32_t)first;
    }
}

void fsk_lattice_connect(fsk_lattice *l, const fsk_pool *pool) {
    job j = {.lattice = l, .pool = pool};
    fsk_pool_run(pool, find_neighbours, &j, kinds * kinds);
    fsk_pool_run(pool, list_points, &j, kinds);
    l->starts[l->first[kinds]] = (uint32_t)(kinds * l->points);
}
