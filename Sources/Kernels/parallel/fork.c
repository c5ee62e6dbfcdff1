// fork: lets Swift's runtime see that the thread of a forked child is a new one. The runtime keeps each
// thread's number and locks by it (swift::once, of every lazy global and type); after a fork the number kept
// is the parent's, and if that thread is then met by another one in a once, both wait for ever. Only where
// the runtime is linked statically, which the build says by FSK_STATIC_SWIFT: a Swift program with a runtime
// of its own lives with that. Tests/deep/fork fails without this.
#if defined(FSK_STATIC_SWIFT) && defined(__linux__)
#include <pthread.h>
#include <stdint.h>

// The variable `tid` in swift::threading_impl::linux::ulock_get_tid(); 0: to be asked for again.
extern _Thread_local uint32_t
    swift_thread_number __asm__("_ZZN5swift14threading_impl5linux13ulock_get_tidEvE3tid");

static void forget_thread_number(void) { swift_thread_number = 0; }

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(NULL, NULL, forget_thread_number);
}
#endif
