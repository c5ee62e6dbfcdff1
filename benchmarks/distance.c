// distance: nanoseconds that a number takes from one processor to another and back. Two of a virtual machine
// may be neighbours with one cache, or be moved to ends of the host between which everything takes five times
// as long.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { trips = 300000 };

static _Alignas(64) atomic_int turn;

static void pin(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void play(int first, int count) {
    for (int i = 0; i < count; ++i) {
        while (atomic_load_explicit(&turn, memory_order_acquire) != 2 * i + first)
            ;
        atomic_store_explicit(&turn, 2 * i + first + 1, memory_order_release);
    }
}

static void *other(void *unused) {
    pin(1);
    play(1, trips);
    return unused;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(void) {
    pthread_t thread;
    pin(0);
    if (pthread_create(&thread, NULL, other, NULL) != 0)
        return 1;
    play(0, 1000); // until both are at it
    const double start = now();
    for (int i = 1000; i < trips; ++i) {
        while (atomic_load_explicit(&turn, memory_order_acquire) != 2 * i)
            ;
        atomic_store_explicit(&turn, 2 * i + 1, memory_order_release);
    }
    pthread_join(thread, NULL);
    printf("%.0f\n", (now() - start) / (trips - 1000));
}
