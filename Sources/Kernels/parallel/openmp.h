// openmp: OpenMP's runtime as this library needs it, found at run time. Private to parallel/.
#ifndef FSK_OPENMP_H
#define FSK_OPENMP_H

#include <stdbool.h>
#include <stddef.h>

// GNU's entry point, which LLVM's and Intel's runtimes offer too: runs body(data) on `threads` threads.
typedef void fsk_openmp_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);

typedef struct fsk_openmp {
    const char *name;
    fsk_openmp_parallel *parallel;
    int (*get_blocktime)(void); // milliseconds that idle workers spin; NULL where the runtime has none
    void (*set_blocktime)(int);
    size_t (*stack_size)(void); // bytes that a worker's stack has
} fsk_openmp;

// Found once, on the first call, and begun. NULL: there is none, or it would end this process if it began,
// which may be otherwise later. Any thread.
const fsk_openmp *fsk_openmp_runtime(void);

// Runs body(data) on `threads` threads, or as many as the system and the runtime grant, this one among them.
// False, and nothing was run, where there is no runtime.
bool fsk_openmp_region(void (*body)(void *), void *data, unsigned threads);

#endif
