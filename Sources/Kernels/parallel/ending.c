// ending: a runtime of LLVM's or Intel's that cleans up at the end of the process while another thread begins
// or ends a region aborts the process (kmp_runtime.cpp: root->r.r_in_parallel >= 0). So exit first waits for
// the regions under way, and those that come later run on their own thread. Tests/deep/process fails without
// this.
#define _GNU_SOURCE
#include "ending.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

// Nobody's exit is held up for longer: a region that takes more meets the cleaning up in its middle, which
// does no harm.
enum { most_waits = 1000, wait_us = 1000 };

static atomic_bool ending;
static atomic_int under_way;
static _Thread_local int own; // exit may be called from within a region

static void wait_for_regions(void) {
    atomic_store(&ending, true);
    for (int i = 0; i < most_waits && atomic_load(&under_way) > own; ++i)
        usleep(wait_us);
}

// Threads that were in regions are not in the child.
static void forget_others(void) { atomic_store(&under_way, own); }

// At loading: a runtime cleans up in its destructor, which comes after all functions of exit's.
__attribute__((constructor)) static void watch_exit(void) {
    pthread_atfork(NULL, NULL, forget_others);
    atexit(wait_for_regions);
}

bool fsk_region_begin(void) {
    atomic_fetch_add(&under_way, 1);
    if (!atomic_load(&ending)) {
        ++own;
        return true;
    }
    atomic_fetch_sub(&under_way, 1);
    return false;
}

void fsk_region_end(void) {
    --own;
    atomic_fetch_sub(&under_way, 1);
}
