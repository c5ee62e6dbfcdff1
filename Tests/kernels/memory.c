// memory: blocks that end where a page ends, and the numbers that fill them.
#define _GNU_SOURCE
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Mapped: a page out of bounds, `slack` bytes of fence, the block, a page out of bounds.
typedef struct block {
    struct block *next;
    unsigned char *map;
    size_t mapped, slack;
} block;

static block *blocks;

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

void *memory(size_t bytes) {
    const size_t page = page_size(), inside = (bytes + 1 + page - 1) / page * page; // some slack always
    block *b = malloc(sizeof *b);
    unsigned char *map =
        mmap(NULL, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!b || map == MAP_FAILED || mprotect(map + page, inside, PROT_READ | PROT_WRITE) != 0) {
        perror("memory of a test");
        exit(2);
    }
    memset(map + page, fence, inside);
    *b = (block){blocks, map, inside + 2 * page, inside - bytes};
    blocks = b;
    return map + page + b->slack;
}

float *floats(size_t n) { return memory(n * sizeof(float)); }

void free_memory(void) {
    while (blocks) {
        block *b = blocks;
        for (size_t i = 0; i < b->slack; ++i)
            if (b->map[page_size() + i] != fence) {
                fail(NULL, "written %zu bytes before the beginning of a block", b->slack - i);
                break;
            }
        munmap(b->map, b->mapped);
        blocks = b->next;
        free(b);
    }
}

// SplitMix64.
static uint64_t state;

static uint64_t next(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

void seed_numbers(const char *operation_name, size_t number) {
    state = number;
    for (const char *c = operation_name; *c; ++c)
        state = (state ^ (uint64_t)*c) * 0x100000001B3;
    next();
}

size_t any_below(size_t n) { return (size_t)(next() % n); }

float any_number(float low, float high) { return low + (high - low) * ((float)(next() >> 40) * 0x1p-24f); }

float *numbers(size_t n, float low, float high) {
    float *x = floats(n);
    for (size_t i = 0; i < n; ++i)
        x[i] = any_number(low, high);
    return x;
}

float *odd_numbers(size_t n) {
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0, -0.0f, 0x1p-149f, -0x1.fffffep127f};
    float *x = numbers(n, -4, 4);
    for (size_t i = 0; i < n; ++i) {
        const size_t which = any_below(64);
        if (which < COUNT(odd))
            x[i] = odd[which];
    }
    return x;
}
