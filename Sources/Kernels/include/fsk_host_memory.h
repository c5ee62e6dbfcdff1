// fsk_host_memory: a host's own functions for memory, and which of them a thread uses now. The kernels get
// all their memory as arguments: this is for who hands it to them.
#ifndef FSK_HOST_MEMORY_H
#define FSK_HOST_MEMORY_H

#include <stddef.h>

typedef struct fsk_host_memory {
    void *(*allocate)(void *context, size_t size, size_t alignment); // NULL: the library's own memory
    void (*release)(void *context, void *memory, size_t size, size_t alignment);
    void *context;
} fsk_host_memory;

// Those of the calling thread.
fsk_host_memory fsk_host_memory_now(void);

// Others from now on. Returns those before.
fsk_host_memory fsk_host_memory_use(fsk_host_memory memory);

#endif
