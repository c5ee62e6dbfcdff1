// ending: keeps OpenMP's regions apart from the end of the process. Private to parallel/.
#ifndef FSK_ENDING_H
#define FSK_ENDING_H

#include <stdbool.h>

// Before a region; false: the process is ending, and there must be no region any more.
bool fsk_region_begin(void);
// After it.
void fsk_region_end(void);

#endif
