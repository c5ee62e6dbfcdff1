// ways: the variants that this processor runs, and who runs the tasks.
#include "runner.h"

#include <pthread.h>
#include <stdatomic.h>

enum { most_variants = 5, way_count = 3 };

const setting *settings(void) {
    static setting all[most_variants * way_count + 1];
    static const char *const ways[way_count] = {"alone", "two threads", "a host's threads"};
    const uint32_t pairs = fsk_cpu() & FSK_CPU_PAIRS, wide = FSK_CPU_AVX2 | FSK_CPU_AVX512 | pairs;
    // Slow or quick, bfloat16's products are right.
    const uint32_t bits[most_variants] = {0, FSK_CPU_AVX2, wide, pairs ? wide | FSK_CPU_QUICK_BFLOAT : ~0u,
                                          FSK_CPU_NEON};
    size_t n = 0;
    if (all[0].way)
        return all;
    for (size_t v = 0; v < most_variants; ++v)
        if ((bits[v] & (fsk_cpu() | FSK_CPU_QUICK_BFLOAT)) == bits[v])
            for (size_t w = 0; w < way_count; ++w)
                all[n++] = (setting){fsk_cpu_name(bits[v]),
                                     ways[w],
                                     {.cpu = bits[v],
                                      .threads = w == 0 ? 1 : 2,
                                      .parallel_for = w == 2 ? host_parallel_for : NULL}};
    return all;
}

typedef struct {
    fsk_task *task;
    void *argument;
    atomic_size_t left;
} crowd;

static void *work(void *data) {
    crowd *c = data;
    size_t left = atomic_load(&c->left);
    while (left > 0)
        if (atomic_compare_exchange_weak(&c->left, &left, left - 1)) {
            c->task(c->argument, left - 1);
            left = atomic_load(&c->left);
        }
    return NULL;
}

void host_parallel_for(void *context, fsk_task *task, void *argument, size_t count) {
    (void)context;
    crowd c = {task, argument, count};
    pthread_t other;
    const bool helped = pthread_create(&other, NULL, work, &c) == 0;
    work(&c);
    if (helped)
        pthread_join(other, NULL);
}
