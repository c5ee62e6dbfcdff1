// team: one parallel region for many stages. The thread that calls leads: it walks through the stages, and
// the others wait for the next one in between. A stage is over when all its tasks are, so threads that the
// system did not grant, or that come late, hold nobody up.
#define _GNU_SOURCE
#include "team.h"
#include "region.h"

#include <sched.h>
#include <stdatomic.h>

// Pauses before a waiting thread lets others have the processor: some 30 microseconds.
enum { pauses = 1000, most_tasks = 1 << 30, most_shares = 64 };

// A stage's tasks in shares of neighbours, one for each thread, which helps with the others' when its own is
// done: so a thread finds in its cache what it wrote in the stage before. The end of the share is in the
// upper half, the next task in the lower: who takes one below the end keeps the stage from ending, and so
// from being replaced, until the task is done.
typedef struct {
    _Alignas(64) atomic_uint_fast64_t ticket;
} share;

struct fsk_team {
    share shares[most_shares];
    size_t share_count;
    _Alignas(64) atomic_size_t done;
    _Alignas(64) atomic_bool is_over;
    atomic_size_t members; // that have come
    fsk_task *task;
    void *argument;
    size_t base; // of the indices
    const fsk_flag *cancelled;
    fsk_leader *leader;
    void *context;
    const void *leading_thread;
    bool is_running; // a stage; the leader's own
};

static _Thread_local char here; // its address is the thread

static void wait_a_little(unsigned *waited) {
    if (++*waited > pauses) {
        sched_yield();
        return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Takes tasks of a share until it has no more; returns whether there was one.
static bool take_tasks(fsk_team *t, share *s) {
    for (bool took = false;; took = true) {
        uint64_t ticket = atomic_load_explicit(&s->ticket, memory_order_relaxed);
        if ((uint32_t)ticket >= ticket >> 32)
            return took;
        ticket = atomic_fetch_add_explicit(&s->ticket, 1, memory_order_acquire);
        if ((uint32_t)ticket >= ticket >> 32)
            return took;
        if (!fsk_flag_is_set(t->cancelled))
            t->task(t->argument, t->base + (uint32_t)ticket);
        atomic_fetch_add_explicit(&t->done, 1, memory_order_release);
    }
}

// Of the thread's own share first.
static bool take_all(fsk_team *t, size_t member) {
    bool took = false;
    for (size_t i = 0; i < t->share_count; ++i)
        took |= take_tasks(t, &t->shares[(member + i) % t->share_count]);
    return took;
}

static void member(void *data) {
    fsk_team *t = data;
    if (&here == t->leading_thread) {
        t->leader(t->context, t);
        atomic_store_explicit(&t->is_over, true, memory_order_release);
        return;
    }
    const size_t number = atomic_fetch_add_explicit(&t->members, 1, memory_order_relaxed) + 1;
    for (unsigned waited = 0; !atomic_load_explicit(&t->is_over, memory_order_acquire);)
        if (take_all(t, number))
            waited = 0;
        else
            wait_a_little(&waited);
}

// A stage within a stage: alone, whoever's task it is.
static void run_alone(fsk_task *task, void *argument, size_t count, const fsk_flag *cancelled) {
    for (size_t i = 0; i < count && !fsk_flag_is_set(cancelled); ++i)
        task(argument, i);
}

void fsk_team_run(fsk_team *t, fsk_task *task, void *argument, size_t count, const fsk_flag *cancelled) {
    if (&here != t->leading_thread || t->is_running) {
        run_alone(task, argument, count, cancelled);
        return;
    }
    t->is_running = true;
    for (size_t base = 0; base < count; base += most_tasks) {
        const size_t tasks = count - base < most_tasks ? count - base : most_tasks;
        t->task = task;
        t->argument = argument;
        t->base = base;
        t->cancelled = cancelled;
        atomic_store_explicit(&t->done, 0, memory_order_relaxed);
        for (size_t i = 0; i < t->share_count; ++i) {
            const uint64_t begin = tasks * i / t->share_count, end = tasks * (i + 1) / t->share_count;
            atomic_store_explicit(&t->shares[i].ticket, end << 32 | begin, memory_order_release);
        }
        take_all(t, 0);
        for (unsigned waited = 0; atomic_load_explicit(&t->done, memory_order_acquire) < tasks;)
            wait_a_little(&waited);
    }
    t->is_running = false;
}

void fsk_pool_lead(const fsk_pool *pool, fsk_leader *leader, void *context) {
    if (pool->threads <= 1 || pool->parallel_for || pool->team) {
        leader(context, NULL);
        return;
    }
    fsk_team team = {.leader = leader, .context = context, .leading_thread = &here};
    team.share_count = pool->threads < most_shares ? (size_t)pool->threads : most_shares;
    fsk_region_run(member, &team, (unsigned)pool->threads);
}
