// tone: a histogram of luma, and a curve over planes. Only dark pictures get a curve, so both are plain C.
#include "fsk_tone.h"
#include "parallel/slices.h"

#include <string.h>

// In this order a NaN becomes 0.
static inline float within(float value) {
    value = value > 0 ? value : 0;
    return value < FSK_TONES - 1 ? value : FSK_TONES - 1;
}

void fsk_luma_histogram(const float *planes, size_t pixels, uint32_t *bins) {
    const float *blue = planes, *green = planes + pixels, *red = planes + 2 * pixels;
    memset(bins, 0, FSK_TONES * sizeof *bins);
    for (size_t i = 0; i < pixels; ++i)
        ++bins[(size_t)within(0.114f * blue[i] + 0.587f * green[i] + 0.299f * red[i])];
}

static size_t rows_of_task(const fsk_tone *a) { return fsk_items(a->width); }

static void rows(void *argument, size_t task) {
    const fsk_tone *a = argument;
    const size_t count = a->channels * a->height, items = rows_of_task(a), end = fsk_end(count, items, task);
    for (size_t row = task * items; row < end; ++row) {
        float *x = a->x + row / a->height * a->plane_step + row % a->height * a->row_step;
        for (size_t i = 0; i < a->width; ++i) {
            const float value = within(x[i]);
            const size_t low = (size_t)value, high = fsk_least(low + 1, FSK_TONES - 1);
            x[i] = a->curve[low] + (value - (float)low) * (a->curve[high] - a->curve[low]);
        }
    }
}

void fsk_tone_run(const fsk_tone *arguments, const fsk_pool *pool) {
    fsk_tone a = *arguments;
    fsk_pool_run(pool, rows, &a, fsk_tasks(a.channels * a.height, rows_of_task(&a)));
}
