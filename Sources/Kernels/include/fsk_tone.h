// fsk_tone: how bright a picture is, and its values changed by a curve. Not a chooser of curves.
#ifndef FSK_TONE_H
#define FSK_TONE_H

#include <stddef.h>
#include <stdint.h>

#include "fsk_pool.h"

enum { FSK_TONES = 256 };

// Counts pixels of planes[3, pixels], B, G, R, by their luma 0.114 B + 0.587 G + 0.299 R, rounded down, into
// bins[FSK_TONES]. What is no number, or below 0, counts as 0; what is above 255 as 255. Serial.
void fsk_luma_histogram(const float *planes, size_t pixels, uint32_t *bins, uint32_t cpu);

// x[channels, height, width] by the curve, in place: curve[i] is what i becomes, between whole numbers it is
// linear. Below 0 it is curve[0], above 255 curve[255]; a NaN becomes curve[0].
typedef struct fsk_tone {
    float *x;
    size_t channels, height, width;
    size_t plane_step, row_step; // floats from plane to plane and from row to row
    const float *curve;          // [FSK_TONES]
} fsk_tone;

void fsk_tone_run(const fsk_tone *arguments, const fsk_pool *pool);

#endif
