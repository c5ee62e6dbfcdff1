// plane: rows of a plane at another size.
#include "fsk_resampling.h"
#include "cpu/targets.h"
#include "two_taps.h"

#include <string.h>

FSK_BODY void add_scaled_body(const float *x, float weight, size_t n, float *sum) {
    for (size_t i = 0; i < n; ++i)
        sum[i] += weight * x[i];
}
FSK_TARGETS(add_scaled, (const float *x, float weight, size_t n, float *sum), (x, weight, n, sum))

void fsk_plane_row(const float *plane, size_t width, const fsk_table *vertical, size_t row,
                   const fsk_table *horizontal, float *sum, float *out, uint32_t cpu) {
    memset(sum, 0, width * sizeof *sum);
    for (size_t k = 0; k < vertical->taps; ++k) {
        const float weight = vertical->weights[row * vertical->taps + k];
        const float *x = plane + ((size_t)vertical->first[row] + k) * width;
        if (weight != 0)
            FSK_CALL(add_scaled, cpu, (x, weight, width, sum));
    }
    if (horizontal->taps == 2) {
        const two_taps taps = {sum, width, horizontal->first, horizontal->weights, horizontal->count, out};
        two_taps_run(&taps, cpu);
        return;
    }
    for (size_t i = 0; i < horizontal->count; ++i) {
        const float *at = sum + horizontal->first[i], *w = horizontal->weights + i * horizontal->taps;
        float s = 0;
        for (size_t k = 0; k < horizontal->taps; ++k)
            s += w[k] * at[k];
        out[i] = s;
    }
}
