// region: one function on several threads at once. Private to parallel/.
#ifndef FSK_REGION_H
#define FSK_REGION_H

// Runs body(data) on `threads` threads, or as many as the system grants, this one among them, and returns
// when all have: OpenMP's threads where there is a runtime that may begin, else some that are started for
// this region alone.
void fsk_region_run(void (*body)(void *), void *data, unsigned threads);

#endif
