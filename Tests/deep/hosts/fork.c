/* fork: the library in children of a process that had only loaded it, had used it on several threads, had
 * libgomp's threads, was in the middle of a run or opened models and sessions; sessions of the parent's and
 * of the child's own; many threads of a child that begin at once. Every child must end well and give the same
 * labels. */
#include "host.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { crowd = 4, seconds = 120 };

static faceseg_model *model;
static faceseg_session *session;
static uint8_t wanted[width * height], rest[width * height];

/* Runs `body` in a child, which leaves by exit as a plain program does, and waits for it. */
static void in_child(const char *name, void (*body)(void)) {
    int status;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(seconds);
        body();
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (status != 0) {
        fprintf(stderr, "child \"%s\": %s %d\n", name, WIFSIGNALED(status) ? "signal" : "exit code",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        exit(1);
    }
    printf("%s: well\n", name);
    fflush(stdout);
}

static void one_call(uint8_t *labels) {
    const faceseg_image image = photo();
    MUST(faceseg_segment(&image, plane(labels), &error));
}

/* Labels of a child that comes before the parent's first use, through a pipe; they are checked later. */
static int to_parent[2];

static void first_use(void) {
    one_call(rest);
    CHECK(write(to_parent[1], rest, sizeof rest) == (ssize_t)sizeof rest);
}

static void parents_session(void) { CHECK(gives(session, wanted)); }

static void parents_model(void) {
    faceseg_session *own = open_session(model, 2);
    CHECK(gives(own, wanted));
    faceseg_session_close(own);
    faceseg_session_close(session);
    faceseg_model_close(model);
}

static void everything_anew(void) {
    faceseg_model *own;
    faceseg_session *opened;
    MUST(faceseg_model_open_builtin(&own, &error));
    opened = open_session(own, 3);
    CHECK(gives(opened, wanted));
    faceseg_session_close(opened);
    faceseg_model_close(own);
    one_call(rest);
    CHECK(memcmp(rest, wanted, sizeof rest) == 0);
}

static void grandchild(void) {
    parents_session();
    in_child("grandchild", parents_session);
    parents_session();
}

/* ---- Threads of a child that meet ------------------------------------------------------------------- */

static int waiting;

/* Busy, so that they come within some nanoseconds of one another. */
static void meet(void) {
    __atomic_add_fetch(&waiting, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE) % crowd)
        ;
}

static void together(void *(*body)(void *)) {
    pthread_t threads[crowd];
    int i;
    waiting = 0;
    for (i = 1; i < crowd; ++i)
        CHECK(pthread_create(&threads[i], NULL, body, NULL) == 0);
    body(NULL);
    for (i = 1; i < crowd; ++i)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void *open_and_close(void *unused) {
    int i;
    meet();
    for (i = 0; i < 50; ++i)
        faceseg_session_close(open_session(model, 1));
    return unused;
}

/* A lock that the thread which forked holds while others wait for it. */
static void sessions_at_once(void) {
    int i;
    for (i = 0; i < 20; ++i) {
        MUST(faceseg_model_open_builtin(&model, &error));
        together(open_and_close);
        faceseg_model_close(model);
    }
}

static void *ask(void *unused) {
    meet();
    CHECK(faceseg_version_string() && faceseg_status_name(0) && faceseg_runtime_cpu());
    return unused;
}

static void strings_at_once(void) { together(ask); }

/* What is made on first use, such as these strings, made by one thread of a child while another waits for it.
 */
static void first_use_at_once(void) {
    int i, status;
    for (i = 0; i < 1000; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            strings_at_once();
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
}

/* ---- Other threads of the parent -------------------------------------------------------------------- */

static int runs_on = 1;

static void *run_on(void *unused) {
    faceseg_session *own = open_session(model, 2);
    while (__atomic_load_n(&runs_on, __ATOMIC_ACQUIRE))
        CHECK(gives(own, wanted));
    faceseg_session_close(own);
    return unused;
}

static void during_a_run(void) {
    pthread_t thread;
    int i;
    CHECK(pthread_create(&thread, NULL, run_on, NULL) == 0);
    for (i = 0; i < 10; ++i) {
        usleep(20000);
        in_child("while another thread runs", everything_anew);
    }
    __atomic_store_n(&runs_on, 0, __ATOMIC_RELEASE);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* Locks of a model and of the one-call form, held by other threads at the moment of the fork. */
static void *open_on(void *unused) {
    while (__atomic_load_n(&runs_on, __ATOMIC_ACQUIRE)) {
        uint8_t labels[width * height];
        faceseg_model *own;
        MUST(faceseg_model_open_builtin(&own, &error));
        faceseg_session_close(open_session(own, 1));
        faceseg_session_close(open_session(model, 1));
        faceseg_model_close(own);
        one_call(labels);
    }
    return unused;
}

static void use_all(void) {
    faceseg_session *own = open_session(model, 1);
    CHECK(gives(own, wanted));
    faceseg_session_close(own);
    one_call(rest);
}

static void quietly_in_child(void (*body)(void)) {
    int status;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(20);
        body();
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void during_opening(void) {
    pthread_t threads[crowd];
    int i;
    runs_on = 1;
    for (i = 0; i < crowd; ++i)
        CHECK(pthread_create(&threads[i], NULL, open_on, NULL) == 0);
    for (i = 0; i < 300; ++i) {
        usleep((useconds_t)(i * 7 % 3000));
        quietly_in_child(use_all);
    }
    __atomic_store_n(&runs_on, 0, __ATOMIC_RELEASE);
    for (i = 0; i < crowd; ++i)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void count(void *counter) { __atomic_add_fetch((int *)counter, 1, __ATOMIC_RELAXED); }

/* GNU's runtime hangs in children of a process that used it: it must not be taken. */
static void use_gnu_openmp(void) {
    typedef void parallel(void (*)(void *), void *, unsigned, unsigned);
    void *library = dlopen("libgomp.so.1", RTLD_NOW | RTLD_GLOBAL);
    parallel *run = library ? (parallel *)dlsym(library, "GOMP_parallel") : NULL;
    int threads = 0;
    CHECK(run);
    run(count, &threads, 2, 0);
    CHECK(threads == 2);
}

int main(void) {
    faceseg_error error;
    draw();
    use_gnu_openmp();
    CHECK(pipe(to_parent) == 0);
    in_child("before the parent's first use", first_use);
    /* An error, so that the parent has been in the library and little of it is made. */
    CHECK(faceseg_model_open("/nowhere", NULL, &model, &error) == FACESEG_FILE_ERROR);
    first_use_at_once();
    printf("a child's threads all at once: well\n");
    fflush(stdout);
    MUST(faceseg_model_open_builtin(&model, &error));
    session = open_session(model, 2);
    segment(session, wanted);
    CHECK(read(to_parent[0], rest, sizeof rest) == (ssize_t)sizeof rest);
    CHECK(memcmp(rest, wanted, sizeof rest) == 0);
    in_child("session of the parent's", parents_session);
    in_child("model of the parent's", parents_model);
    in_child("everything anew", everything_anew);
    in_child("sessions at once", sessions_at_once);
    in_child("child with a child", grandchild);
    during_a_run();
    during_opening();
    printf("while other threads open: well\n");
    CHECK(gives(session, wanted));
    faceseg_session_close(session);
    faceseg_model_close(model);
    printf("fork: every child gave the parent's labels\n");
    return 0;
}
