// fsk_guided: maps that follow the edges of a photo: the guided filter with a guide of three colours, on a
// small picture, and its use on rows of the photo itself. He, Sun and Tang, "Guided image filtering", PAMI
// 2013 (equations 14 to 19), and He and Sun, "Fast guided filter", 2015. Not a resampling: see
// fsk_resampling.
#ifndef FSK_GUIDED_H
#define FSK_GUIDED_H

#include "fsk_pool.h"
#include "fsk_resampling.h"

// For each window of 2 radius + 1 pixels a side, clipped at the edges, and each map p the linear model
// a . guide + b that is nearest to p there, held back by epsilon; of each pixel the mean over all windows
// that it lies in. Cost does not grow with the radius but for its logarithm.
typedef struct fsk_guided {
    const float *guide; // [3, height, width], of the range of the photo's rows: 0 ... 255
    const float *maps;  // [channels, height, width]
    size_t channels, height, width;
    size_t radius;       // pixels
    float smoothness;    // epsilon = smoothness * the guide's variance, the mean of its colours'; above 0
    float *coefficients; // [channels, 4, height, width], written: a of the guide's three colours, and b
    float *scratch;      // fsk_guided_scratch floats
} fsk_guided;

// Floats of scratch memory for pictures of this size, any number of maps, and so many threads.
size_t fsk_guided_scratch(size_t height, size_t width, size_t radius, size_t threads);

void fsk_guided_run(const fsk_guided *arguments, const fsk_pool *pool);

// out[channel + 1] = a . photo + b at the pixels column ... column + count - 1 of the photo's row `row`, held
// within 0 ... 1; out[0] is what is left to 1. Where the sum is above 1, all are divided by it. coefficients:
// [channels, 4] of these pixels, out: [channels + 1, step]. Serial.
void fsk_guided_row(const fsk_photo *photo, size_t row, size_t column, size_t count,
                    const fsk_line_pair *coefficients, size_t channels, float *out, size_t step,
                    uint32_t cpu);

#endif
