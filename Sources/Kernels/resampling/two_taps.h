// two_taps: a row resampled with two neighbours a pixel. Private to resampling/.
#ifndef FSK_TWO_TAPS_H
#define FSK_TWO_TAPS_H

#include <stddef.h>
#include <stdint.h>

// out[i] = weights[2 i] * x[first[i]] + weights[2 i + 1] * x[first[i] + 1], i < count; x has `width` numbers.
typedef struct two_taps {
    const float *x;
    size_t width;
    const int32_t *first;
    const float *weights;
    size_t count;
    float *out;
} two_taps;

void two_taps_run(const two_taps *taps, uint32_t cpu);

#endif
