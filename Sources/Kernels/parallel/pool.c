// pool: one atomic counter hands out the tasks of a stage, whatever number of threads the system grants.
#define _GNU_SOURCE
#include "fsk_pool.h"
#include "openmp.h"
#include "region.h"
#include "team.h"

#include <sched.h>
#include <stdatomic.h>

// Not inline: ThreadSanitizer does not look into C that was compiled into Swift.
void fsk_flag_set(fsk_flag *flag, bool value) { __atomic_store_n(&flag->value, value, __ATOMIC_RELAXED); }

bool fsk_flag_is_set(const fsk_flag *flag) {
    return flag && __atomic_load_n(&flag->value, __ATOMIC_RELAXED) != 0;
}

typedef struct {
    fsk_task *task;
    void *argument;
    size_t count;
    const fsk_flag *cancelled;
    atomic_size_t next;
} stage;

static void drain(void *data) {
    stage *s = data;
    for (;;) {
        const size_t i = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
        if (i >= s->count || fsk_flag_is_set(s->cancelled))
            return;
        s->task(s->argument, i);
    }
}

// The host's own parallel-for hands out the indices.
static void run_one(void *data, size_t index) {
    const stage *s = data;
    if (index < s->count && !fsk_flag_is_set(s->cancelled))
        s->task(s->argument, index);
}

void fsk_pool_run(const fsk_pool *pool, fsk_task *task, void *argument, size_t count) {
    stage s = {task, argument, count, pool->cancelled, 0};
    if (count <= 1 || (!pool->parallel_for && pool->threads <= 1)) {
        drain(&s);
        return;
    }
    if (pool->parallel_for) {
        pool->parallel_for(pool->context, run_one, &s, count);
        return;
    }
    if (pool->team) {
        fsk_team_run(pool->team, task, argument, count, pool->cancelled);
        return;
    }
    const unsigned threads = count < (size_t)pool->threads ? (unsigned)count : (unsigned)pool->threads;
    fsk_region_run(drain, &s, threads);
}

enum { most_shares = 64 };

typedef struct {
    fsk_worker_task *task;
    void *argument;
    size_t count, shares;
    const fsk_flag *cancelled;
    // The next task of each share: neighbours, which a worker does first, so that it finds in its cache what
    // it wrote in the stage before.
    struct {
        _Alignas(64) atomic_size_t next;
    } share[most_shares];
} crew;

// A worker takes tasks until there are none.
static void work(void *data, size_t worker) {
    crew *c = data;
    for (size_t i = 0; i < c->shares; ++i) {
        const size_t share = (worker + i) % c->shares, end = c->count * (share + 1) / c->shares;
        for (;;) {
            const size_t at = atomic_fetch_add_explicit(&c->share[share].next, 1, memory_order_relaxed);
            if (at >= end)
                break;
            if (fsk_flag_is_set(c->cancelled))
                return;
            c->task(c->argument, at, worker);
        }
    }
}

void fsk_pool_run_workers(const fsk_pool *pool, fsk_worker_task *task, void *argument, size_t count) {
    const size_t threads = pool->threads > 1 ? (size_t)pool->threads : 1;
    const size_t workers = count < threads ? count : threads;
    crew c = {.task = task, .argument = argument, .count = count, .cancelled = pool->cancelled};
    c.shares = workers < most_shares ? workers : most_shares;
    for (size_t i = 0; i < c.shares; ++i)
        atomic_init(&c.share[i].next, count * i / c.shares);
    fsk_pool_run(pool, work, &c, workers);
}

const char *fsk_openmp_name(void) {
    const fsk_openmp *openmp = fsk_openmp_runtime();
    return openmp ? openmp->name : NULL;
}

int32_t fsk_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int count = CPU_COUNT(&set);
    return count > 1 ? count : 1;
}
