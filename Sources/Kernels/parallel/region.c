// region: OpenMP's threads, or plain ones, which begin and end with the region.
#define _GNU_SOURCE
#include "region.h"
#include "openmp.h"

#include <pthread.h>
#include <signal.h>

enum { most_others = 1024, stack_bytes = 1 << 20 };

typedef struct {
    void (*body)(void *);
    void *data;
} region;

static void *enter(void *data) {
    const region *r = data;
    r->body(r->data);
    return NULL;
}

// With all signals blocked: the host's handlers are for its own threads.
static unsigned start(pthread_t *others, unsigned wanted, region *r) {
    pthread_attr_t attributes;
    sigset_t all, before;
    unsigned started = 0;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < wanted && started < most_others &&
           pthread_create(&others[started], &attributes, enter, r) == 0)
        ++started;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

static void run_plain(void (*body)(void *), void *data, unsigned threads) {
    pthread_t others[most_others];
    region r = {body, data};
    const unsigned started = start(others, threads - 1, &r);
    body(data);
    for (unsigned i = 0; i < started; ++i)
        pthread_join(others[i], NULL);
}

void fsk_region_run(void (*body)(void *), void *data, unsigned threads) {
    if (!fsk_openmp_region(body, data, threads))
        run_plain(body, data, threads);
}
