// openmp: finds a runtime without linking one. A second OpenMP runtime in a process aborts it (OMP: Error
// #15), so one that the host has loaded comes first. libgomp is never used: it hangs in forked children.
#define _GNU_SOURCE
#include "openmp.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static fsk_openmp runtime;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int take(void *library, const char *name) {
    if (!library)
        return 0;
    fsk_openmp_parallel *parallel = (fsk_openmp_parallel *)dlsym(library, "GOMP_parallel");
    if (!parallel)
        return 0; // the handle stays: closing a runtime that has threads is not safe
    runtime.name = name;
    runtime.parallel = parallel;
    runtime.get_blocktime = (int (*)(void))dlsym(library, "kmp_get_blocktime");
    runtime.set_blocktime = (void (*)(int))dlsym(library, "kmp_set_blocktime");
    return 1;
}

// The copy that a Python wheel carries beside this library.
static void *open_beside_us(void) {
    Dl_info us;
    char path[4096];
    if (!dladdr((const void *)&open_beside_us, &us) || !us.dli_fname)
        return NULL;
    const char *slash = strrchr(us.dli_fname, '/');
    if (!slash)
        return NULL;
    const int folder = (int)(slash - us.dli_fname);
    const int length = snprintf(path, sizeof path, "%.*s/libomp.so.5", folder, us.dli_fname);
    return length > 0 && (size_t)length < sizeof path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

static void find(void) {
    static const char *const names[] = {"libiomp5.so", "libomp.so.5", "libomp.so"};
    for (int i = 0; i < 3; ++i)
        if (take(dlopen(names[i], RTLD_NOW | RTLD_NOLOAD), names[i]))
            return;
    if (take(open_beside_us(), "libomp.so.5"))
        return;
    for (int i = 1; i < 3; ++i)
        if (take(dlopen(names[i], RTLD_NOW | RTLD_LOCAL), names[i]))
            return;
}

const fsk_openmp *fsk_openmp_runtime(void) {
    pthread_once(&once, find);
    return &runtime;
}
