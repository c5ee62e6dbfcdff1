// registration: an OpenMP runtime that begins notes itself in a file
// /dev/shm/__KMP_REGISTERED_LIB_<process>_<user>, by "address-value-name" of a flag in its memory, and ends
// the process where it cannot (kmp_runtime.cpp,
// __kmp_register_library_startup): in a container without /dev/shm, or with a full or read-only one; where
// another runtime of its kind is at work; and where a killed process that had our number left a file half
// written. So all of this is looked at before.
#define _GNU_SOURCE
#include "registration.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { file_bytes = 1024, moment_us = 10000 };

// Whether a file of the runtime's size may be made and filled.
static bool has_room(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < file_bytes)
        return false; // even trying would raise SIGXFSZ
    char name[] = "/dev/shm/faceseg-XXXXXX";
    const int file = mkostemp(name, O_CLOEXEC);
    if (file < 0)
        return false;
    unlink(name);
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
    const int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? none : unreadable;
    char text[file_bytes + 1] = "", rest;
    const ssize_t length = read(file, text, file_bytes);
    close(file);
    if (length < 0)
        return unreadable;
    return sscanf(text, "%p-%lx-%c", &found->flag, &found->value, &rest) == 3 ? whole : half;
}

// Reads memory that may not be there, which the kernel finds out.
static bool holds(const void *address, unsigned long value) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    unsigned long there = 0;
    const bool is_read = write(ends[1], address, sizeof there) == sizeof there &&
                         read(ends[0], &there, sizeof there) == sizeof there;
    close(ends[0]);
    close(ends[1]);
    return is_read && there == value;
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
    if (is == whole && holds(found.flag, found.value))
        return same_file(found.flag, function); // has begun, or another one has
    if (is == unreadable || (is != none && unlink(name) != 0 && errno != ENOENT))
        return false;
    return has_room();
}
