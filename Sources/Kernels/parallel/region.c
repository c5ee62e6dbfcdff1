// region: OpenMP's threads, or plain ones, which begin and end with the region.
#define _GNU_SOURCE
#include "region.h"
#include "openmp.h"

#include <pthread.h>

enum { most_threads = 1024 };

typedef struct {
    void (*body)(void *);
    void *data;
} region;

static void *enter(void *data) {
    const region *r = data;
    r->body(r->data);
    return NULL;
}

static void run_plain(void (*body)(void *), void *data, unsigned threads) {
    pthread_t others[most_threads];
    region r = {body, data};
    unsigned started = 0;
    while (started + 1 < threads && started < most_threads &&
           pthread_create(&others[started], NULL, enter, &r) == 0)
        ++started;
    body(data);
    for (unsigned i = 0; i < started; ++i)
        pthread_join(others[i], NULL);
}

void fsk_region_run(void (*body)(void *), void *data, unsigned threads) {
    if (!fsk_openmp_region(body, data, threads))
        run_plain(body, data, threads);
}
