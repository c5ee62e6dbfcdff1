// registration: whether an OpenMP runtime of LLVM's or Intel's may begin in this process, or would end it.
// Private to parallel/.
#ifndef FSK_REGISTRATION_H
#define FSK_REGISTRATION_H

#include <stdbool.h>

// For the runtime that has `function`, before anything of it is called in this process. Takes away what an
// ended process of our number left behind; as a runtime does, also of one that lives in another container,
// where containers share /dev/shm.
bool fsk_registration_may_begin(const void *function);

#endif
