// startable: how many threads the system gives, tried out. Private to parallel/.
#ifndef FSK_STARTABLE_H
#define FSK_STARTABLE_H

#include <stddef.h>

// Starts `wanted` threads that do nothing, all of them alive at once, and ends them.
// stack: bytes of each one's; 0: the system's default. Returns how many could be started.
unsigned fsk_startable_threads(unsigned wanted, size_t stack);

#endif
