// tone: a histogram of luma, and a curve over planes.
#include "fsk_tone.h"
#include "cpu/exact.h"
#include "cpu/targets.h"
#include "parallel/slices.h"

// In this order a NaN becomes 0.
static inline float within(float value) {
    value = value > 0 ? value : 0;
    return value < FSK_TONES - 1 ? value : FSK_TONES - 1;
}

FSK_BODY void luma_row_body(const float *blue, const float *green, const float *red, size_t count,
                            uint8_t *luma) {
    for (size_t i = 0; i < count; ++i)
        luma[i] = (uint8_t)(int)within(0.114f * blue[i] + 0.587f * green[i] + 0.299f * red[i]);
}
FSK_TARGETS(luma_row, (const float *blue, const float *green, const float *red, size_t count, uint8_t *luma),
            (blue, green, red, count, luma))

void fsk_luma_histogram(const float *planes, size_t pixels, uint32_t *bins, uint32_t cpu) {
    const float *blue = planes, *green = planes + pixels, *red = planes + 2 * pixels;
    // Neighbours are often alike: in four histograms they do not wait for each other's sums.
    enum { ways = 4, block = 256 };
    uint32_t counts[ways][FSK_TONES] = {{0}};
    for (size_t begin = 0; begin < pixels; begin += block) {
        const size_t n = pixels - begin < block ? pixels - begin : block;
        uint8_t luma[block];
        FSK_CALL(luma_row, cpu, (blue + begin, green + begin, red + begin, n, luma));
        for (size_t i = 0; i < n; ++i)
            ++counts[i % ways][luma[i]];
    }
    for (size_t bin = 0; bin < FSK_TONES; ++bin)
        bins[bin] = counts[0][bin] + counts[1][bin] + counts[2][bin] + counts[3][bin];
}

static size_t rows_of_task(const fsk_tone *a) { return fsk_items(a->width); }

FSK_BODY void tone_row_body(float *x, size_t count, const float *curve) {
    for (size_t i = 0; i < count; ++i) {
        const float value = within(x[i]);
        const int32_t low = (int32_t)value, high = low < FSK_TONES - 1 ? low + 1 : low;
        x[i] = curve[low] + (value - (float)low) * (curve[high] - curve[low]);
    }
}
FSK_TARGETS(tone_row, (float *x, size_t count, const float *curve), (x, count, curve))

typedef struct {
    const fsk_tone *arguments;
    uint32_t cpu;
} job;

static void rows(void *argument, size_t task) {
    const job *j = argument;
    const fsk_tone *a = j->arguments;
    const size_t count = a->channels * a->height, items = rows_of_task(a), end = fsk_end(count, items, task);
    for (size_t row = task * items; row < end; ++row) {
        float *x = a->x + row / a->height * a->plane_step + row % a->height * a->row_step;
        FSK_CALL(tone_row, j->cpu, (x, a->width, a->curve));
    }
}

void fsk_tone_run(const fsk_tone *arguments, const fsk_pool *pool) {
    job j = {arguments, pool->cpu};
    const size_t count = arguments->channels * arguments->height;
    fsk_pool_run(pool, rows, &j, fsk_tasks(count, rows_of_task(arguments)));
}
