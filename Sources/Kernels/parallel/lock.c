// lock: mutexes in a list, so that all can be made anew in a forked child. A fork waits for the list alone,
// never for a lock: its holder may be waiting for OpenMP, whose own locks the fork has taken already.
#include "fsk_lock.h"

static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static fsk_lock *first;

static void hold_list(void) { pthread_mutex_lock(&list_mutex); }

static void let_list_go(void) { pthread_mutex_unlock(&list_mutex); }

static void free_all(void) {
    list_mutex = unlocked;
    for (fsk_lock *lock = first; lock; lock = lock->next)
        lock->mutex = unlocked;
}

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(hold_list, let_list_go, free_all);
}

void fsk_lock_begin(fsk_lock *lock) {
    lock->mutex = unlocked;
    hold_list();
    lock->previous = NULL;
    lock->next = first;
    if (first)
        first->previous = lock;
    first = lock;
    let_list_go();
}

void fsk_lock_end(fsk_lock *lock) {
    hold_list();
    *(lock->previous ? &lock->previous->next : &first) = lock->next;
    if (lock->next)
        lock->next->previous = lock->previous;
    let_list_go();
    pthread_mutex_destroy(&lock->mutex);
}

void fsk_lock_take(fsk_lock *lock) { pthread_mutex_lock(&lock->mutex); }

void fsk_lock_release(fsk_lock *lock) { pthread_mutex_unlock(&lock->mutex); }
