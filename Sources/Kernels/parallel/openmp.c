// openmp: finds a runtime without linking one. A second one of LLVM's or Intel's in a process aborts it (OMP:
// Error #15), so one that the host has loaded comes first, whatever its file is called. libgomp is never
// used: it hangs in forked children.
#define _GNU_SOURCE
#include "openmp.h"
#include "ending.h"
#include "fsk_lock.h"
#include "registration.h"
#include "startable.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static fsk_openmp runtime;
static char path[4096], name[256]; // of the runtime
static pthread_once_t once = PTHREAD_ONCE_INIT;
static fsk_lock starting; // the runtime and its threads: one caller at a time

static const char *file_name(const char *file) {
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static int take(void *library, const char *file) {
    if (!library)
        return 0;
    fsk_openmp_parallel *parallel = (fsk_openmp_parallel *)dlsym(library, "GOMP_parallel");
    if (!parallel)
        return 0; // the handle stays: closing a runtime that has threads is not safe
    snprintf(name, sizeof name, "%s", file_name(file));
    runtime.name = name;
    runtime.parallel = parallel;
    runtime.get_blocktime = (int (*)(void))dlsym(library, "kmp_get_blocktime");
    runtime.set_blocktime = (void (*)(int))dlsym(library, "kmp_set_blocktime");
    runtime.stack_size = (size_t(*)(void))dlsym(library, "kmp_get_stacksize_s");
    return 1;
}

// libiomp5.so, libomp.so.5, a wheel's libomp-1a2b3c4d.so.5; not libiomp5_db.so, libompd.so or
// libomptarget.so.
static int is_runtime(const char *file) {
    const size_t length = !strncmp(file, "libiomp5", 8) ? 8 : !strncmp(file, "libomp", 6) ? 6 : 0;
    return length && (file[length] == '.' || file[length] == '-');
}

// Notes the first one's path. Nothing may be opened from in here: the loader is locked.
static int note_runtime(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    if (!object->dlpi_name || !is_runtime(file_name(object->dlpi_name)))
        return 0;
    return snprintf(path, sizeof path, "%s", object->dlpi_name) < (int)sizeof path;
}

// The copy that a Python wheel carries beside this library.
static void *open_beside_us(void) {
    Dl_info us;
    if (!dladdr((const void *)&open_beside_us, &us) || !us.dli_fname || !strchr(us.dli_fname, '/'))
        return NULL;
    const int folder = (int)(file_name(us.dli_fname) - us.dli_fname);
    const int length = snprintf(path, sizeof path, "%.*slibomp.so.5", folder, us.dli_fname);
    return length > 0 && (size_t)length < sizeof path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

// Whether the program, which comes first here, was linked to be loaded by the dynamic linker.
static int names_interpreter(struct dl_phdr_info *program, size_t size, void *unused) {
    (void)size, (void)unused;
    for (int i = 0; i < program->dlpi_phnum; ++i)
        if (program->dlpi_phdr[i].p_type == PT_INTERP)
            return 1;
    return -1;
}

static void find(void) {
    // A fully static program has a C library of its own: a runtime opened there brings a second one and
    // crashes.
    if (dl_iterate_phdr(names_interpreter, NULL) < 0)
        return;
    if (dl_iterate_phdr(note_runtime, NULL)) { // this one or none
        take(dlopen(path, RTLD_NOW | RTLD_NOLOAD), path);
        return;
    }
    if (take(open_beside_us(), path) || take(dlopen("libomp.so.5", RTLD_NOW | RTLD_LOCAL), "libomp.so.5"))
        return;
    take(dlopen("libomp.so", RTLD_NOW | RTLD_LOCAL), "libomp.so");
}

// Whether the runtime has begun in this process. In a forked child it begins anew.
static atomic_bool has_begun;
static atomic_uint forks; // that led to this process

static void nothing(void *unused) { (void)unused; }

// Begins it, where that does not end the process. Between a look and the beginning another one could come.
static bool begin_here(void) {
    if (!runtime.parallel)
        return false;
    if (atomic_load_explicit(&has_begun, memory_order_acquire))
        return true;
    fsk_lock_take(&starting);
    bool begins = atomic_load(&has_begun);
    if (!begins && (begins = fsk_registration_may_begin(runtime.parallel))) {
        runtime.parallel(nothing, NULL, 1, 0);
        atomic_store_explicit(&has_begun, true, memory_order_release);
    }
    fsk_lock_release(&starting);
    return begins;
}

static void begin_anew(void) {
    atomic_store(&has_begun, false);
    atomic_fetch_add(&forks, 1);
}

__attribute__((constructor)) static void begin(void) {
    fsk_lock_begin(&starting);
    pthread_atfork(NULL, NULL, begin_anew);
}

const fsk_openmp *fsk_openmp_runtime(void) {
    pthread_once(&once, find);
    return begin_here() ? &runtime : NULL;
}

// Idle workers of libomp spin 200 ms by default; a library should not burn its host's cores. Long enough for
// the gap between two regions, and set for the calling thread and this region only.
enum { idle_spin_ms = 1 };

// Threads that the runtime has for regions of this thread. A forked child has none of them.
static _Thread_local struct { unsigned forks, threads; } had = {0, 1};

// How much more than its workers' stacks the runtime may take for each: pads and records.
enum { spare_bytes = 1 << 20 };

// As many of `threads` as the runtime has or can start, which it does here: if it could not later, it would
// end the process. One more is tried than is used.
static unsigned start(const fsk_openmp *openmp, unsigned threads) {
    const unsigned now = atomic_load_explicit(&forks, memory_order_relaxed);
    if (had.forks != now) {
        had.forks = now;
        had.threads = 1;
    }
    if (threads <= had.threads)
        return threads;
    const size_t stack = openmp->stack_size ? openmp->stack_size() + spare_bytes : 0;
    fsk_lock_take(&starting);
    const unsigned more = fsk_startable_threads(threads - had.threads + 1, stack);
    if (more > 1) {
        had.threads += more - 1;
        openmp->parallel(nothing, NULL, had.threads, 0);
    }
    fsk_lock_release(&starting);
    return had.threads;
}

bool fsk_openmp_region(void (*body)(void *), void *data, unsigned threads) {
    if (!fsk_region_begin()) {
        body(data);
        return true;
    }
    const fsk_openmp *openmp = fsk_openmp_runtime();
    if (!openmp) {
        fsk_region_end();
        return false;
    }
    const int adjusts = openmp->get_blocktime && openmp->set_blocktime;
    const int spin = adjusts ? openmp->get_blocktime() : 0;
    if (adjusts)
        openmp->set_blocktime(idle_spin_ms);
    threads = start(openmp, threads);
    if (threads > 1)
        openmp->parallel(body, data, threads, 0);
    else
        body(data);
    if (adjusts)
        openmp->set_blocktime(spin);
    fsk_region_end();
    return true;
}
