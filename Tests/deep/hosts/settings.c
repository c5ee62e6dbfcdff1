/* settings: what belongs to the whole process is the same before and after: signal handlers and mask,
 * environment, locale, rounding and exceptions of floating point, umask, folder, limits, affinity, timers,
 * open files; nothing comes out on the standard files. On the calling thread and two of OpenMP's, with
 * failures too. */
#define _GNU_SOURCE
#include "host.h"

#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
static unsigned float_state(void) { return _mm_getcsr() & ~0x3fu; } /* without what was signalled before */
#else
#include <fenv.h>
static unsigned float_state(void) { return (unsigned)fegetround(); }
#endif

extern char **environ;

typedef struct {
    void (*handlers[_NSIG])(int);
    int handler_flags[_NSIG];
    sigset_t mask;
    char environment[65536], locale[256], folder[4096], files[4096];
    unsigned float_state;
    mode_t umask;
    struct rlimit limits[RLIM_NLIMITS];
    cpu_set_t affinity;
    struct itimerval timer;
    int priority;
} settings;

static void add(char *text, size_t room, const char *piece) {
    CHECK(strlen(text) + strlen(piece) + 2 < room);
    strcat(strcat(text, piece), "\n");
}

static void list_files(char *text, size_t room) {
    char path[64], target[300];
    int file;
    for (file = 0; file < 256; ++file) {
        ssize_t length;
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        length = readlink(path, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = 0;
        add(text, room, target);
    }
}

static settings *look(void) {
    settings *s = calloc(1, sizeof *s);
    int i;
    char **variable;
    CHECK(s);
    for (i = 1; i < _NSIG; ++i) {
        struct sigaction action;
        if (sigaction(i, NULL, &action))
            continue; /* glibc's own */
        s->handlers[i] = action.sa_handler;
        s->handler_flags[i] = action.sa_flags;
    }
    sigprocmask(SIG_BLOCK, NULL, &s->mask);
    for (variable = environ; *variable; ++variable)
        add(s->environment, sizeof s->environment, *variable);
    add(s->locale, sizeof s->locale, setlocale(LC_ALL, NULL));
    CHECK(getcwd(s->folder, sizeof s->folder));
    list_files(s->files, sizeof s->files);
    s->float_state = float_state();
    s->umask = umask(022);
    umask(s->umask);
    for (i = 0; i < RLIM_NLIMITS; ++i)
        getrlimit(i, &s->limits[i]);
    sched_getaffinity(0, sizeof s->affinity, &s->affinity);
    getitimer(ITIMER_REAL, &s->timer);
    s->priority = getpriority(PRIO_PROCESS, 0);
    return s;
}

#define SAME(member)                                                                                         \
    do {                                                                                                     \
        if (memcmp(&before->member, &after->member, sizeof before->member))                                  \
            fprintf(stderr, "%s changed\n", #member), ++changes;                                             \
    } while (0)

static int changes_between(const settings *before, const settings *after) {
    int changes = 0;
    SAME(handlers);
    SAME(handler_flags);
    SAME(mask);
    SAME(environment);
    SAME(locale);
    SAME(folder);
    SAME(files);
    SAME(float_state);
    SAME(umask);
    SAME(limits);
    SAME(affinity);
    SAME(timer);
    SAME(priority);
    return changes;
}

static void use(void) {
    const faceseg_image image = photo();
    uint8_t labels[width * height];
    faceseg_model *model, *none;
    faceseg_session *session;
    faceseg_run_options options;
    MUST(faceseg_segment(&image, plane(labels), &error));
    MUST(faceseg_model_open_builtin(&model, &error));
    session = open_session(model, 2);
    segment(session, labels);
    faceseg_run_options_init(&options);
    options.orientation = 1;
    CHECK(faceseg_run(session, &image, &options, NULL) == FACESEG_INVALID_ARGUMENT);
    CHECK(faceseg_run(session, NULL, NULL, NULL) == FACESEG_INVALID_ARGUMENT);
    CHECK(faceseg_model_open("/nowhere", NULL, &none, NULL) == FACESEG_FILE_ERROR);
    CHECK(faceseg_model_open_memory("no network", 10, NULL, &none, NULL) == FACESEG_FILE_ERROR);
    faceseg_session_cancel(session);
    faceseg_session_close(session);
    faceseg_model_close(model);
}

int main(void) {
    FILE *said = tmpfile();
    const int out = dup(1), err = dup(2);
    settings *before, *after;
    int changes;
    CHECK(said && out >= 0 && err >= 0);
    CHECK(dup2(fileno(said), 1) == 1 && dup2(fileno(said), 2) == 2);
    before = look();
    use();
    after = look();
    dup2(out, 1);
    dup2(err, 2);
    if (lseek(fileno(said), 0, SEEK_END) != 0)
        return fprintf(stderr, "something was printed\n"), 1;
    changes = changes_between(before, after);
    free(before);
    free(after);
    if (changes)
        return 1;
    printf("settings: all as before, nothing printed\n");
    return 0;
}
