// plain_vectors: vectors of 4 floats, as the bodies of kernels name them, in the compiler's own: NEON's on
// arm64, SSE2's on any x86-64, whatever there is elsewhere. Included by the files that need no instruction
// set.
#include "unary/relu.h"

#include <string.h>

#define LANES 4
typedef float vec __attribute__((vector_size(16)));
typedef int32_t mask __attribute__((vector_size(16)));

static inline vec v_load(const float *at) {
    vec v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline void v_store(float *at, vec v) { memcpy(at, &v, sizeof v); }
static inline vec v_choose(mask m, vec yes, vec no) { return (vec)((m & (mask)yes) | (~m & (mask)no)); }
static inline vec v_set(float number) { return (vec){number, number, number, number}; }
static inline vec v_add(vec a, vec b) { return a + b; }
static inline vec v_sub(vec a, vec b) { return a - b; }
static inline vec v_mul(vec a, vec b) { return a * b; }
static inline vec v_div(vec a, vec b) { return a / b; }
static inline vec v_above(vec v, vec best) { return v_choose(v > best, v, best); }
static inline vec v_relu(vec v, float slope) {
    return v_choose(v < v_set(0), slope == 0 ? v_set(0) : v_set(slope) * v, v);
}
// v times the slope of a ReLU that made y.
static inline vec v_relu_gradient(vec v, vec y, float slope) {
    return v_choose(y > v_set(0), v, v_set(slope) * v);
}

#if defined(__aarch64__)
#define TILE1 12
#define TILE2 12
static inline vec v_fma(vec a, vec b, vec c) {
    return (vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
#define NEEDS FSK_CPU_NEON
#define NAME  "neon blocks of 4"
#else
#define TILE1 8
#define TILE2 4
static inline vec v_fma(vec a, vec b, vec c) { return a * b + c; }
#define NEEDS 0
#define NAME  "plain blocks of 4"
#endif
