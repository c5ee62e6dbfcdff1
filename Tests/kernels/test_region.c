// region: that OpenMP's runtime begins in spite of what killed processes left in /dev/shm, and stays away
// where it would end the process. Each case is a child, since a runtime begins once; first of all operations,
// since a child has a runtime from the start if its parent had one, and ThreadSanitizer allows it no threads
// if its parent had some.
#include "check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { note_bytes = 1024, name_bytes = 96 };

static unsigned long flag = 0xCAFE1234; // as a runtime has one, whose address and value it notes

typedef struct {
    size_t length;
    bool begins, is_pipe; // begins: OpenMP's runtime does
    char text[80];
} note;

static note note_at(size_t number) {
    note n = {note_bytes, true, false, ""};
    if (number == 0) // killed before it had a size
        n.length = 0;
    if (number == 2)
        strcpy(n.text, "0x7f0420173980-cafe");
    if (number == 3)
        strcpy(n.text, "0x10-cafe1234-libomp.so.5");
    if (number == 4)
        snprintf(n.text, sizeof n.text, "%p-%lx-libomp.so.5", (void *)&flag, flag - 1);
    if (number == 5) { // another runtime, alive
        snprintf(n.text, sizeof n.text, "%p-%lx-libother.so", (void *)&flag, flag);
        n.begins = false;
    }
    if (number == 6) { // somebody's mischief, which a reader would wait for
        n.is_pipe = true;
        n.begins = false;
    }
    return n;
}
enum { notes = 7 };

static const char *note_name(pid_t process) {
    static char name[name_bytes];
    snprintf(name, sizeof name, "/dev/shm/__KMP_REGISTERED_LIB_%d_%d", (int)process, (int)getuid());
    return name;
}

static bool leave(const note *n) {
    static char bytes[note_bytes];
    unlink(note_name(getpid())); // that of a process of the same number, which was killed
    if (n->is_pipe)
        return mkfifo(note_name(getpid()), S_IRUSR | S_IWUSR) == 0;
    strcpy(bytes, n->text);
    FILE *file = fopen(note_name(getpid()), "w");
    return file && fwrite(bytes, 1, n->length, file) == n->length && fclose(file) == 0;
}

static atomic_int met;

// Two tasks that wait for each other, ten seconds at most.
static void meet(void *unused, size_t i) {
    (void)unused, (void)i;
    atomic_fetch_add(&met, 1);
    for (const time_t end = time(NULL) + 10; time(NULL) < end && atomic_load(&met) < 2;)
        ;
}

enum { fine, no_note, wrong_runtime, not_together };

static int in_child(const note *n, bool has_runtime) {
    if (!leave(n))
        return no_note;
    const fsk_pool pool = {.threads = 2};
    fsk_pool_run(&pool, meet, NULL, 2);
    if (atomic_load(&met) != 2)
        return not_together;
    return (fsk_openmp_name() != NULL) == (has_runtime && n->begins) ? fine : wrong_runtime;
}

// Asked in a child, for asking begins it.
static bool finds_runtime(void) {
    const pid_t child = fork();
    if (child == 0)
        _exit(fsk_openmp_name() != NULL);
    int status = 0;
    waitpid(child, &status, 0);
    unlink(note_name(child));
    return WIFEXITED(status) && WEXITSTATUS(status);
}

static void run(size_t number) {
    const note n = note_at(number);
    const bool has_runtime = finds_runtime();
    describe("note \"%s\" of %zu bytes, pipe %d", n.text, n.length, n.is_pipe);
    const pid_t child = fork();
    if (child == 0) {
        alarm(30);
        _exit(in_child(&n, has_runtime));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        fail(NULL, "no child");
    unlink(note_name(child));
    if (WIFSIGNALED(status))
        fail(NULL, "signal %d ended the process", WTERMSIG(status));
    else if (WEXITSTATUS(status) == no_note && access("/dev/shm", W_OK) == 0)
        fail(NULL, "no note could be left");
    else if (WEXITSTATUS(status) == wrong_runtime)
        fail(NULL, "OpenMP's runtime is%s used", n.begins ? " not" : "");
    else if (WEXITSTATUS(status) == not_together)
        fail(NULL, "two tasks did not run at once");
}

const operation region_tests = {"region", notes, run};
