// filter: splat, blur and slice on a lattice, four values at once. Each vertex and each point is summed by
// one task in one order, so bits do not depend on threads.
#include "filter.h"
#include "cpu/targets.h"

enum { kinds = FSK_LATTICE_KINDS, lanes = FSK_CRF_LANES, vertices_a_task = 2048 };

typedef struct {
    const fsk_lattice *lattice;
    const float *in;                    // of points, or of vertices
    float *out;                         // of vertices
    const uint32_t *forward, *backward; // neighbours along the axis
    uint32_t cpu;
} job;

size_t lattice_values(const fsk_lattice *l) { return (l->first[kinds] + 1) * lanes; }

FSK_BODY void splat_body(const job *j, size_t first, size_t behind) {
    const fsk_lattice *l = j->lattice;
    for (size_t v = first; v < behind; ++v) {
        float sum[lanes] = {0};
        for (uint32_t at = l->starts[v]; at < l->starts[v + 1]; ++at) {
            const float share = l->share[at], *in = j->in + (size_t)l->order[at] * lanes;
            for (size_t k = 0; k < lanes; ++k)
                sum[k] += share * in[k];
        }
        for (size_t k = 0; k < lanes; ++k)
            j->out[v * lanes + k] = sum[k];
    }
}
FSK_TARGETS(splat, (const job *j, size_t first, size_t behind), (j, first, behind))

// With its neighbours' halves along one axis; that all is twice too much is left to the norm.
FSK_BODY void blur_body(const job *j, size_t first, size_t behind) {
    for (size_t v = first; v < behind; ++v) {
        const float *mine = j->in + v * lanes, *one = j->in + (size_t)j->forward[v] * lanes;
        const float *other = j->in + (size_t)j->backward[v] * lanes;
        for (size_t k = 0; k < lanes; ++k)
            j->out[v * lanes + k] = 0.5f * mine[k] + 0.25f * (one[k] + other[k]);
    }
}
FSK_TARGETS(blur, (const job *j, size_t first, size_t behind), (j, first, behind))

static size_t vertices_behind(const job *j, size_t index) {
    const size_t end = (index + 1) * vertices_a_task, all = j->lattice->first[kinds];
    return end < all ? end : all;
}

static void splat_task(void *argument, size_t index, size_t worker) {
    (void)worker;
    const job *j = argument;
    FSK_CALL(splat, j->cpu, (j, index * vertices_a_task, vertices_behind(j, index)));
}

static void blur_task(void *argument, size_t index, size_t worker) {
    (void)worker;
    const job *j = argument;
    FSK_CALL(blur, j->cpu, (j, index * vertices_a_task, vertices_behind(j, index)));
}

const float *lattice_filter(const fsk_lattice *l, const float *points, float *values, const fsk_pool *pool) {
    const size_t all = l->first[kinds], tasks = (all + vertices_a_task - 1) / vertices_a_task;
    float *other = values + lattice_values(l);
    for (size_t k = 0; k < lanes; ++k)
        values[all * lanes + k] = other[all * lanes + k] = 0;
    job j = {.lattice = l, .in = points, .out = values, .cpu = pool->cpu};
    fsk_pool_run_workers(pool, splat_task, &j, tasks);
    for (size_t blur = 0; blur < FSK_LATTICE_BLURS * kinds; ++blur) {
        j.in = blur % 2 ? other : values;
        j.out = blur % 2 ? values : other;
        j.forward = l->neighbours + 2 * (blur % kinds) * all;
        j.backward = j.forward + all;
        fsk_pool_run_workers(pool, blur_task, &j, tasks);
    }
    return values; // after an even number of blurs
}

FSK_BODY void slice_body(const fsk_lattice *l, const float *values, size_t first, size_t n,
                         const float *factor, float *out, size_t step, size_t used) {
    for (size_t i = 0; i < n; ++i) {
        float sum[lanes] = {0};
#pragma GCC unroll 6
        for (size_t r = 0; r < kinds; ++r) {
            const size_t at = r * l->points + first + i;
            const float weight = l->weight[at], *value = values + (size_t)l->corner[at] * lanes;
            for (size_t k = 0; k < lanes; ++k)
                sum[k] += weight * value[k];
        }
        for (size_t k = 0; k < used; ++k)
            out[k * step + i] += factor[i] * sum[k];
    }
}
FSK_TARGETS(slice,
            (const fsk_lattice *l, const float *values, size_t first, size_t n, const float *factor,
             float *out, size_t step, size_t used),
            (l, values, first, n, factor, out, step, used))

void lattice_slice(const fsk_lattice *l, const float *values, size_t first, size_t n, const float *factor,
                   float *out, size_t step, size_t used, uint32_t cpu) {
    FSK_CALL(slice, cpu, (l, values, first, n, factor, out, step, used));
}
