// registration: an OpenMP runtime that begins notes itself in a file
// /dev/shm/__KMP_REGISTERED_LIB_<process>_<user>, by "address-value-name" of a flag in its memory, and ends
// the process where that cannot be (LLVM 14's kmp_runtime.cpp, __kmp_register_library_startup; later ones go
// to /tmp instead): in a container without /dev/shm, or with a full or read-only one; where another runtime
// of its kind is at work; and where a killed process that had our number left a file half written. So all of
// this is looked at before.
#define _GNU_SOURCE
#include "registration.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { file_bytes = 1024, moment_us = 10000 };

// Without a name, which nobody would take away if we were killed, where the system can.
static int new_file(void) {
    const int unnamed = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (unnamed >= 0)
        return unnamed;
    char name[] = "/dev/shm/faceseg-XXXXXX";
    const int file = mkostemp(name, O_CLOEXEC);
    if (file >= 0)
        unlink(name);
    return file;
}

// Whether a file of the runtime's size may be made and filled.
static bool has_room(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < file_bytes)
        return false; // even trying would raise SIGXFSZ
    const int file = new_file();
    if (file < 0)
        return false;
    const bool has = posix_fallocate(file, 0, file_bytes) == 0;
    close(file);
    return has;
}

typedef enum { none, unreadable, half, whole } state;

typedef struct {
    void *flag;
    unsigned long value;
} note;

static state read_note(const char *name, note *found) {
    // Anybody may put a link or a pipe there.
    const int file = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? none : unreadable;
    struct stat is;
    char text[file_bytes + 1] = "", rest;
    const bool is_file = fstat(file, &is) == 0 && S_ISREG(is.st_mode) && is.st_uid == getuid();
    const ssize_t length = is_file ? read(file, text, file_bytes) : -1;
    close(file);
    if (length < 0)
        return unreadable;
    return sscanf(text, "%p-%lx-%c", &found->flag, &found->value, &rest) == 3 ? whole : half;
}

typedef enum { dead, alive, unknown } life;

// Reads memory that may not be there, which the kernel finds out.
static life life_of(const note *n) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return unknown;
    unsigned long there = 0;
    const bool is_there = write(ends[1], n->flag, sizeof there) == sizeof there &&
                          read(ends[0], &there, sizeof there) == sizeof there;
    close(ends[0]);
    close(ends[1]);
    return is_there && there == n->value ? alive : dead;
}

static bool same_file(const void *a, const void *b) {
    Dl_info of_a, of_b;
    return dladdr(a, &of_a) && dladdr(b, &of_b) && of_a.dli_fbase == of_b.dli_fbase;
}

bool fsk_registration_may_begin(const void *function) {
    char name[96];
    snprintf(name, sizeof name, "/dev/shm/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(), (int)getuid());
    note found;
    state is = read_note(name, &found);
    if (is == half) { // being written by another thread, perhaps
        usleep(moment_us);
        is = read_note(name, &found);
    }
    const life is_alive = is == whole ? life_of(&found) : dead;
    if (is_alive == alive)
        return same_file(found.flag, function); // has begun, or another one has
    if (is_alive == unknown)
        return false;
    if (is == unreadable || (is != none && unlink(name) != 0 && errno != ENOENT))
        return false;
    return has_room();
}
