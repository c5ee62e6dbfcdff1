// runner: what main.c, check.c, memory.c and ways.c share. Not for the tests.
#ifndef RUNNER_H
#define RUNNER_H

#include "check.h"

void begin_case(const char *program_name, const operation *o, size_t number);
bool end_case(void); // whether nothing was wrong

// Writes the line of a failure, at most size - 1 characters, and returns their number. Async-signal-safe as
// far as snprintf is.
size_t failure_line(char *line, size_t size, const setting *s, const char *what);

void seed_numbers(const char *operation_name, size_t number);
void free_memory(void); // after a look at the fences

// A host's own parallel-for: two threads, the last task first.
fsk_parallel_for host_parallel_for;

#endif
