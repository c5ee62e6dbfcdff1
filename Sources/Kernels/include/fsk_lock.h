// fsk_lock: a mutex that is free in a forked child, whatever thread of the parent held it. What it guards
// must therefore be whole at every moment: replaced by one store of a pointer, not changed in place.
#ifndef FSK_LOCK_H
#define FSK_LOCK_H

#include <pthread.h>

typedef struct fsk_lock {
    pthread_mutex_t mutex;
    struct fsk_lock *next, *previous; // in the list of all
} fsk_lock;

// Makes the caller's memory a lock, until fsk_lock_end. It must not move.
void fsk_lock_begin(fsk_lock *lock);
void fsk_lock_end(fsk_lock *lock);

// Not to be taken again by the thread that has it.
void fsk_lock_take(fsk_lock *lock);
void fsk_lock_release(fsk_lock *lock);

#endif
