// summing: parts of a sum by several threads, added in one order. Private to Gradients.
#ifndef FSG_SUMMING_H
#define FSG_SUMMING_H

#include "fsk_pool.h"

// The sum over items begin ..< end.
typedef double fsg_part(const void *context, size_t begin, size_t end);

double fsg_sum(const void *context, fsg_part *part, size_t count, size_t items, const fsk_pool *pool);

// The same for a task that writes and sums nothing.
typedef void fsg_range(const void *context, size_t begin, size_t end);

void fsg_for(const void *context, fsg_range *range, size_t count, size_t items, const fsk_pool *pool);

#endif
