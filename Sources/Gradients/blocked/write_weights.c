// write_weights: four filters' four numbers at a time are turned, in the compiler's own vectors.
#include "write_weights.h"

#include <stdint.h>
#include <string.h>

typedef float four __attribute__((vector_size(16)));
typedef int32_t order __attribute__((vector_size(16)));

#if defined(__clang__)
#define PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define PICK(a, b, i, j, k, l) __builtin_shuffle(a, b, (order){i, j, k, l})
#endif

static inline four load(const float *at) {
    four v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline void put(float *at, four v, int adds) {
    if (adds)
        v += load(at);
    memcpy(at, &v, sizeof v);
}

static void turn(const fsg_written_weights *w, size_t depth, size_t filter) {
    const float *from = w->sums + depth * w->lanes + filter;
    float *to = w->weights + filter * w->filter_step + depth;
    const four a = load(from), b = load(from + w->lanes), c = load(from + 2 * w->lanes),
               d = load(from + 3 * w->lanes);
    const four ab = PICK(a, b, 0, 4, 1, 5), AB = PICK(a, b, 2, 6, 3, 7), cd = PICK(c, d, 0, 4, 1, 5),
               CD = PICK(c, d, 2, 6, 3, 7);
    put(to, PICK(ab, cd, 0, 1, 4, 5), w->adds);
    put(to + w->filter_step, PICK(ab, cd, 2, 3, 6, 7), w->adds);
    put(to + 2 * w->filter_step, PICK(AB, CD, 0, 1, 4, 5), w->adds);
    put(to + 3 * w->filter_step, PICK(AB, CD, 2, 3, 6, 7), w->adds);
}

static void one(const fsg_written_weights *w, size_t depth, size_t filter) {
    float *to = w->weights + filter * w->filter_step + depth;
    *to = (w->adds ? *to : 0) + w->sums[depth * w->lanes + filter];
}

void fsg_write_weights(const fsg_written_weights *w) {
    const size_t filters = w->filters / 4 * 4, depth = w->depth / 4 * 4;
    for (size_t f = 0; f < filters; f += 4)
        for (size_t d = 0; d < depth; d += 4)
            turn(w, d, f);
    for (size_t f = 0; f < w->filters; ++f)
        for (size_t d = f < filters ? depth : 0; d < w->depth; ++d)
            one(w, d, f);
}
