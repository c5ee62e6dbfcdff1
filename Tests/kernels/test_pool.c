// fsk_pool: who runs which task, how often, and what a cancelled stage leaves out.
#include "check.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { most_tasks = 1000, most_workers = 64 };

typedef struct {
    atomic_int runs[most_tasks], busy[most_workers];
    atomic_int meetings, collisions;
    fsk_flag cancelled;
    const fsk_pool *pool;
} tally;

static tally t;

static void count(void *argument, size_t i) { atomic_fetch_add(&((tally *)argument)->runs[i], 1); }

static void expect_runs(const setting *s, size_t tasks, int times) {
    for (size_t i = 0; i < most_tasks; ++i) {
        const int want = i < tasks ? times : 0;
        if (atomic_load(&t.runs[i]) != want)
            fail(s, "task %zu of %zu ran %d times, not %d", i, tasks, atomic_load(&t.runs[i]), want);
    }
}

static void count_as_worker(void *argument, size_t i, size_t worker) {
    tally *a = argument;
    if (worker >= most_workers || atomic_fetch_add(&a->busy[worker], 1) != 0)
        atomic_fetch_add(&a->collisions, 1);
    atomic_fetch_add(&a->runs[i], 1);
    atomic_fetch_sub(&a->busy[worker % most_workers], 1);
}

static void every_index_once(const setting *s) {
    static const size_t counts[] = {0, 1, 2, 3, 7, most_tasks};
    for (size_t i = 0; i < COUNT(counts); ++i) {
        memset(&t, 0, sizeof t);
        fsk_pool_run(&s->pool, count, &t, counts[i]);
        expect_runs(s, counts[i], 1);
        memset(&t, 0, sizeof t);
        fsk_pool_run_workers(&s->pool, count_as_worker, &t, counts[i]);
        expect_runs(s, counts[i], 1);
        if (atomic_load(&t.collisions))
            fail(s, "one worker had two tasks at once, or too high a number");
    }
}

static void any_number_of_threads(const setting *s) {
    static const int32_t threads[] = {-1, 0, 1, 2, 3, 16, most_workers};
    for (size_t i = 0; i < COUNT(threads); ++i) {
        fsk_pool pool = s->pool;
        pool.threads = threads[i];
        memset(&t, 0, sizeof t);
        fsk_pool_run(&pool, count, &t, 2);
        expect_runs(s, 2, 1);
        memset(&t, 0, sizeof t);
        fsk_pool_run_workers(&pool, count_as_worker, &t, 100);
        expect_runs(s, 100, 1);
    }
}

static void nothing_once_cancelled(const setting *s) {
    fsk_pool pool = s->pool;
    memset(&t, 0, sizeof t);
    fsk_flag_set(&t.cancelled, true);
    pool.cancelled = &t.cancelled;
    fsk_pool_run(&pool, count, &t, 1);
    fsk_pool_run(&pool, count, &t, 50);
    fsk_pool_run_workers(&pool, count_as_worker, &t, 50);
    expect_runs(s, 0, 0);
}

static void cancel_at_3(void *argument, size_t i) {
    count(argument, i);
    if (i == 3)
        fsk_flag_set(&((tally *)argument)->cancelled, true);
}

// Alone, the four begun are all.
static void cancelled_midway(const setting *s) {
    fsk_pool pool = s->pool;
    memset(&t, 0, sizeof t);
    pool.cancelled = &t.cancelled;
    pool.threads = 1;
    pool.parallel_for = NULL;
    fsk_pool_run(&pool, cancel_at_3, &t, 50);
    expect_runs(s, 4, 1);
}

static void stage_within(void *argument, size_t i) {
    (void)i;
    fsk_pool_run(((tally *)argument)->pool, count, argument, 5);
}

static void nested(const setting *s) {
    memset(&t, 0, sizeof t);
    t.pool = &s->pool;
    fsk_pool_run(&s->pool, stage_within, &t, 8);
    expect_runs(s, 5, 8);
}

// Each of two tasks waits for the other, ten seconds at most.
static void meet(void *argument, size_t i) {
    tally *a = argument;
    count(argument, i);
    for (const time_t end = time(NULL) + 10; time(NULL) < end;)
        if (atomic_load(&a->runs[1 - i])) {
            atomic_fetch_add(&a->meetings, 1);
            return;
        }
}

static size_t worker_of[2];

static void meet_as_worker(void *argument, size_t i, size_t worker) {
    worker_of[i] = worker;
    meet(argument, i);
}

static void two_at_once(const setting *s) {
    const bool has_two = s->pool.parallel_for || s->pool.threads == 2;
    if (!has_two)
        return;
    memset(&t, 0, sizeof t);
    fsk_pool_run(&s->pool, meet, &t, 2);
    if (atomic_load(&t.meetings) != 2)
        fail(s, "two tasks did not run at once");
    memset(&t, 0, sizeof t);
    fsk_pool_run_workers(&s->pool, meet_as_worker, &t, 2);
    if (atomic_load(&t.meetings) != 2 || worker_of[0] == worker_of[1])
        fail(s, "two workers' tasks did not run at once, or both as worker %zu", worker_of[0]);
}

// The same by a team, whose stages follow each other at once.
static void led(void *context, fsk_team *team) {
    setting s = *(const setting *)context;
    const bool wants_team = s.pool.threads > 1 && !s.pool.parallel_for;
    if (wants_team != (team != NULL))
        fail(&s, "a team %s", team ? "where none was wanted" : "is missing");
    s.pool.team = team;
    for (size_t round = 0; round < 50; ++round)
        every_index_once(&s);
    nothing_once_cancelled(&s);
    nested(&s);
    two_at_once(&s);
}

static void in_a_team(const setting *s) {
    setting copy = *s;
    fsk_pool_lead(&s->pool, led, &copy);
    every_index_once(s);
}

static void (*const tests[])(const setting *) = {
    every_index_once, any_number_of_threads, nothing_once_cancelled, cancelled_midway, nested, two_at_once,
    in_a_team};

// The variant is of no matter here.
static void run(size_t number) {
    describe("test %zu", number);
    for (const setting *s = settings(); s->way && s->variant == settings()->variant; ++s)
        tests[number](s);
}

const operation pool_tests = {"pool", COUNT(tests), run};
