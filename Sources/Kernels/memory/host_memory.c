// host_memory: keeps what a thread uses, a thread for itself.
#include "fsk_host_memory.h"

static _Thread_local fsk_host_memory now;

fsk_host_memory fsk_host_memory_now(void) { return now; }

fsk_host_memory fsk_host_memory_use(fsk_host_memory memory) {
    const fsk_host_memory before = now;
    now = memory;
    return before;
}
