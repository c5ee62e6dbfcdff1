// startable: OpenMP's runtimes end the process when the system gives them no thread (RLIMIT_NPROC, a
// container's limit of pids, no room for a stack), so that is tried out before, by threads that do nothing.
#define _GNU_SOURCE
#include "startable.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most = 1024, patience = 1000 };

typedef struct {
    pthread_t thread;
    pthread_mutex_t *gate;
    long number;
} trial;

static void *pass_gate(void *data) {
    trial *t = data;
    t->number = syscall(SYS_gettid);
    pthread_mutex_lock(t->gate);
    pthread_mutex_unlock(t->gate);
    return NULL;
}

// A joined thread counts until the kernel has buried it, some microseconds later.
static void await_end(const trial *t) {
    pthread_join(t->thread, NULL);
    for (int i = 0; i < patience && syscall(SYS_tgkill, getpid(), t->number, 0) == 0; ++i)
        sched_yield();
}

unsigned fsk_startable_threads(unsigned wanted, size_t stack) {
    trial trials[most];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t attributes;
    unsigned started = 0;
    pthread_attr_init(&attributes);
    if (stack)
        pthread_attr_setstacksize(&attributes, stack);
    pthread_mutex_lock(&gate);
    for (; started < wanted && started < most; ++started) {
        trials[started].gate = &gate;
        if (pthread_create(&trials[started].thread, &attributes, pass_gate, &trials[started]) != 0)
            break;
    }
    pthread_mutex_unlock(&gate);
    for (unsigned i = 0; i < started; ++i)
        await_end(&trials[i]);
    pthread_mutex_destroy(&gate);
    pthread_attr_destroy(&attributes);
    return started;
}
