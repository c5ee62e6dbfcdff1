// check: what every kernel's test needs: numbers that replay, memory with fences, who runs the tasks, and
// comparisons. Knows no operation. A case is one operation at one shape, tried with every variant that this
// processor runs and everyone who may run the tasks; only its first failure is printed.
#ifndef CHECK_H
#define CHECK_H

#include "Kernels.h"

#include <math.h>

typedef struct operation {
    const char *name;
    size_t cases;
    void (*run)(size_t number); // 0 ..< cases
} operation;

// Splits a case's number into choices: the next of `choices`, the first call's changing fastest.
static inline size_t choice(size_t *number, size_t choices) {
    const size_t chosen = *number % choices;
    *number /= choices;
    return chosen;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

// Around every vector width, and a prime: tails are where kernels break.
extern const size_t lengths[];
enum { length_count = 16, longest = 509 };

// More than three of the slices that flat arrays are cut into.
enum { several_slices = 100003 };

// [outer, channels, inner]. The last ones have slices that end within a row, and rows within a slice.
typedef struct {
    size_t outer, channels, inner;
} channel_shape;
enum { channel_shape_count = length_count + 4 };
channel_shape channel_shape_at(size_t i);

// --- Numbers: the case is the seed, so that a failure replays alone. In fenced memory.

size_t any_below(size_t n);
float any_number(float low, float high);
float *numbers(size_t n, float low, float high);
float *odd_numbers(size_t n); // -4 ... 4, and one in nine that kernels trip over: NaN, infinities, zeros

// --- Memory. It ends where a page ends and the next one is out of bounds: a kernel that reads or writes past
// the end stops there. What lies before is checked when the case ends, and everything is then freed.

void *memory(size_t bytes); // of bytes `fence`
float *floats(size_t n);    // of the NaN that `fence` makes
enum { fence = 0xFF };

// --- Who runs the tasks.

typedef struct setting {
    const char *variant; // what fsk_cpu_name says of the pool's bits
    const char *way;     // NULL behind the last
    fsk_pool pool;
} setting;

// Every variant, scalar first, each: alone, by two threads, by two threads of the host's own.
const setting *settings(void);

// A setting alone gives other bits than those before it, if it is another variant.
static inline bool is_first_of_variant(const setting *s) {
    return s == settings() || s[-1].variant != s->variant;
}

// --- What is wrong.

void describe(const char *format, ...)
    __attribute__((format(printf, 1, 2))); // the shape, for the failure's line
void fail(const setting *s, const char *format, ...) __attribute__((format(printf, 2, 3))); // s may be NULL

// |got - want| <= max(relative |want|, absolute); NaN and infinities where they are wanted.
void expect_close(const setting *s, const float *got, const double *want, size_t n, double relative,
                  double absolute);
// |got - want| <= allowed[i].
void expect_within(const setting *s, const float *got, const double *want, const double *allowed, size_t n);
// The same bits, but any NaN for any NaN: the processor is free in what it carries along.
void expect_bits(const setting *s, const float *got, const float *want, size_t n);
void expect_bytes(const setting *s, const uint8_t *got, const uint8_t *want, size_t n);

// Runs a kernel whose variants all give the same bits, with every setting: `run` writes y[count], which
// starts as `start` (for kernels that work in place) or as NaN (NULL). Returns what scalar gives.
typedef void run_fn(const void *arguments, float *y, const fsk_pool *pool);
float *same_everywhere(size_t count, const float *start, run_fn *run, const void *arguments);

#endif
