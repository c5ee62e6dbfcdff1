/* openmp: which OpenMP runtimes a process has because of the library, and how it gets on with a host's own.
 * Usage: openmp CASE [RUNTIME]. A case needs a process of its own, as a runtime stays for good; RUNTIME is
 * the file of a second one of LLVM's or Intel's kind. The cases are named in main. */
#define _GNU_SOURCE
#include "host.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

typedef void parallel(void (*)(void *), void *, unsigned, unsigned);

/* Of a runtime that is linked into this program; NULL where none is. */
extern parallel GOMP_parallel __attribute__((weak));

static faceseg_model *model;

static int count_runtime(struct dl_phdr_info *object, size_t size, void *counter) {
    const char *slash = strrchr(object->dlpi_name, '/'), *name = slash ? slash + 1 : object->dlpi_name;
    (void)size;
    *(int *)counter +=
        !strncmp(name, "libomp", 6) || !strncmp(name, "libiomp5", 8) || !strncmp(name, "libgomp", 7);
    return 0;
}

/* OpenMP runtimes of any kind in this process. */
static int runtimes(void) {
    int count = 0;
    dl_iterate_phdr(count_runtime, &count);
    return count;
}

static void count(void *counter) { __atomic_add_fetch((int *)counter, 1, __ATOMIC_RELAXED); }

/* A region of the host's own on two threads. */
static void run_two(parallel *run) {
    int threads = 0;
    CHECK(run);
    run(count, &threads, 2, 0);
    CHECK(threads == 2);
}

static void use(const char *runtime) {
    void *library = dlopen(runtime, RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library);
    run_two((parallel *)dlsym(library, "GOMP_parallel"));
}

/* ---- A parallel-for of the host's own: two threads that share the indices ------------------------------ */

typedef struct {
    faceseg_task task;
    void *argument;
    size_t count, next;
} loop;

static void *turn(void *data) {
    loop *all = data;
    size_t index;
    while ((index = __atomic_fetch_add(&all->next, 1, __ATOMIC_RELAXED)) < all->count)
        all->task(all->argument, index);
    return NULL;
}

static void own_threads(void *calls, faceseg_task task, void *argument, size_t count) {
    loop all = {task, argument, count, 0};
    pthread_t helper;
    ++*(int *)calls;
    CHECK(pthread_create(&helper, NULL, turn, &all) == 0);
    turn(&all);
    CHECK(pthread_join(helper, NULL) == 0);
}

/* ---- The library on one thread, on the host's, on OpenMP's: labels to compare ---------------------------
 */

static uint8_t wanted[width * height];

static void on_one_thread(void) {
    faceseg_session *session = open_session(model, 1);
    segment(session, wanted);
    faceseg_session_close(session);
}

static void on_own_threads(void) {
    faceseg_session_options options;
    faceseg_session *session;
    int calls = 0;
    faceseg_session_options_init(&options);
    options.parallel_for = own_threads;
    options.parallel_for_context = &calls;
    MUST(faceseg_session_open(model, &options, &session, &error));
    CHECK(gives(session, wanted) && calls > 10);
    faceseg_session_close(session);
}

static void on_openmp(void) {
    faceseg_session *session = open_session(model, 2);
    CHECK(gives(session, wanted));
    faceseg_session_close(session);
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "", *runtime = argc > 2 ? argv[2] : "", *found;
    MUST(faceseg_model_open_builtin(&model, &error));
    on_one_thread();
    CHECK(runtimes() == 0);      /* one thread needs none */
    if (!strcmp(name, "none")) { /* neither do the host's own threads */
        on_own_threads();
        CHECK(runtimes() == 0);
    } else if (!strcmp(name, "own")) { /* no runtime before: one, for good */
        on_openmp();
        on_own_threads();
        CHECK(runtimes() == 1);
    } else if (!strcmp(name, "theirs-first")) { /* the host's is taken, and no other comes */
        use(runtime);
        on_openmp();
        use(runtime);
        on_openmp();
        found = faceseg_runtime_openmp();
        CHECK(runtimes() == 1 && found && !strcmp(found, strrchr(runtime, '/') + 1));
    } else if (!strcmp(name, "gnu")) { /* GNU's is let alone; ours beside it */
        use("libgomp.so.1");
        CHECK(runtimes() == 1);
        on_openmp();
        use("libgomp.so.1");
        on_openmp();
        CHECK(runtimes() == 2 && strncmp(faceseg_runtime_openmp(), "libgomp", 7));
    } else if (!strcmp(name, "gnu-later")) {
        on_openmp();
        use("libgomp.so.1");
        on_openmp();
        use("libgomp.so.1");
    } else if (!strcmp(name, "theirs-later")) { /* what OpenMP forbids: this ends in abort */
        on_openmp();
        use(runtime);
    } else if (!strcmp(name, "theirs-later-own-threads")) { /* the remedies */
        on_own_threads();
        use(runtime);
        on_own_threads();
        CHECK(runtimes() == 1);
    } else if (!strcmp(name, "theirs-later-one-thread")) {
        use(runtime);
        on_one_thread();
        CHECK(runtimes() == 1);
    } else if (!strcmp(name, "theirs-inside")) { /* linked into the host: it is not seen, and does no harm */
        run_two(GOMP_parallel);
        on_openmp();
        run_two(GOMP_parallel);
        on_openmp();
        CHECK(runtimes() == 1);
    } else if (!strcmp(name, "theirs-unknown")) { /* under a name that says nothing: ours stays away */
        use(runtime);
        on_openmp();
        CHECK(!faceseg_runtime_openmp());
        use(runtime);
    } else if (!strcmp(name, "asked")) { /* asking begins ours, so that theirs is the one that may not */
        CHECK(faceseg_runtime_openmp());
        use(runtime);
    } else if (!strcmp(name, "plain")) { /* where OpenMP's runtime would end the process */
        on_openmp();
        CHECK(!faceseg_runtime_openmp());
    } else {
        return fprintf(stderr, "no case \"%s\"\n", name), 2;
    }
    faceseg_model_close(model);
    printf("openmp %s: %d of them loaded\n", name, runtimes());
    return 0;
}
