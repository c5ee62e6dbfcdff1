/* few: a process that the system gives fewer threads than a session wants, or none: by RLIMIT_NPROC, which
 * takes another user than root, and by RLIMIT_AS, with no room for stacks. Photos run on those that there
 * are. */
#include "host.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { nobody = 54321, crowd = 3, rounds = 5 };

static faceseg_model *model;
static uint8_t wanted[width * height];

static void *run_some(void *unused) {
    faceseg_session *session = open_session(model, 4);
    int i;
    for (i = 0; i < 3; ++i)
        CHECK(gives(session, wanted));
    faceseg_session_close(session);
    return unused;
}

/* In threads of the host's, which all want more of their own. */
static void run_together(void) {
    pthread_t threads[crowd];
    int i, started = 0;
    for (i = 0; i < crowd; ++i)
        started += pthread_create(&threads[started], NULL, run_some, NULL) == 0;
    run_some(NULL);
    for (i = 0; i < started; ++i)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void limit_threads(int count) {
    const struct rlimit limit = {(rlim_t)count, (rlim_t)count};
    if (getuid() == 0)
        CHECK(setgid(nobody) == 0 && setuid(nobody) == 0);
    CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
}

/* megabytes: above what the process has already. */
static void limit_memory(int megabytes) {
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages;
    struct rlimit limit;
    CHECK(file && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    limit.rlim_cur = limit.rlim_max =
        pages * (unsigned long)sysconf(_SC_PAGESIZE) + ((rlim_t)megabytes << 20);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

static void in_child(const char *limit, void (*set)(int), int value, void (*body)(void)) {
    int status;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(120);
        set(value);
        body();
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (status != 0) {
        fprintf(stderr, "%s %d: wait status %x\n", limit, value, (unsigned)status);
        exit(1);
    }
}

static void run_alone(void) { run_some(NULL); }

int main(void) {
    faceseg_session *session;
    int round, count;
    MUST(faceseg_model_open_builtin(&model, &error));
    session = open_session(model, 1);
    segment(session, wanted);
    faceseg_session_close(session);
    for (round = 0; round < rounds; ++round)
        for (count = 1; count < 12; ++count) {
            in_child("threads", limit_threads, count, run_alone);
            in_child("threads, several callers", limit_threads, count, run_together);
            in_child("megabytes", limit_memory, 12 + count, run_alone);
        }
    faceseg_model_close(model);
    printf("few: %d processes ran with fewer threads than they wanted\n", rounds * 11 * 3);
    return 0;
}
