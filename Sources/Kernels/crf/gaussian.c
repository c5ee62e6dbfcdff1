// gaussian: sums with a Gaussian's weights, exact but for the cut at four deviations (6e-5 of the sum).
#include "gaussian.h"
#include "cpu/targets.h"

#include <math.h>
#include <string.h>

enum { wide = 32 }; // sums that are kept in registers

size_t gaussian_radius(float deviation) { return (size_t)ceilf(4 * deviation); }

void gaussian_weights(float deviation, float *weights) {
    const size_t radius = gaussian_radius(deviation);
    for (size_t t = 0; t <= 2 * radius; ++t) {
        const double away = ((double)t - (double)radius) / (double)deviation;
        weights[t] = (float)exp(-away * away / 2);
    }
}

void gaussian_norm(const float *weights, size_t radius, size_t n, float *norm) {
    for (size_t i = 0; i < n; ++i) {
        const size_t low = i < radius ? radius - i : 0;
        const size_t high = n - i <= radius ? radius + (n - i) : 2 * radius + 1;
        double sum = 0;
        for (size_t t = low; t < high; ++t)
            sum += (double)weights[t];
        norm[i] = (float)(1 / sqrt(sum));
    }
}

// sum[k] = the sum over t of weights[t] * from[t * step + k], k < n.
FSK_BODY void sum_body(const float *from, size_t step, const float *weights, size_t taps, size_t n,
                       float *sum) {
    if (n == wide) {
        float sums[wide] = {0};
        for (size_t t = 0; t < taps; ++t)
            for (size_t k = 0; k < wide; ++k)
                sums[k] += weights[t] * from[t * step + k];
        memcpy(sum, sums, sizeof sums);
        return;
    }
    for (size_t k = 0; k < n; ++k) {
        sum[k] = 0;
        for (size_t t = 0; t < taps; ++t)
            sum[k] += weights[t] * from[t * step + k];
    }
}

FSK_BODY void row_body(const float *line, const float *weights, size_t taps, size_t n, float *out) {
    for (size_t x = 0; x < n; x += wide)
        sum_body(line + x, 1, weights, taps, n - x < wide ? n - x : wide, out + x);
}
FSK_TARGETS(row, (const float *line, const float *weights, size_t taps, size_t n, float *out),
            (line, weights, taps, n, out))

void gaussian_row(const float *line, const float *weights, size_t radius, size_t n, float *out,
                  uint32_t cpu) {
    FSK_CALL(row, cpu, (line, weights, 2 * radius + 1, n, out));
}

FSK_BODY void column_body(const float *rows, size_t step, const float *weights, size_t taps, size_t n,
                          const float *norm, float scale, float *out) {
    for (size_t x = 0; x < n; x += wide) {
        const size_t here = n - x < wide ? n - x : wide;
        float sum[wide];
        sum_body(rows + x, step, weights, taps, here, sum);
        for (size_t k = 0; k < here; ++k)
            out[x + k] += scale * norm[x + k] * sum[k];
    }
}
FSK_TARGETS(column,
            (const float *rows, size_t step, const float *weights, size_t taps, size_t n, const float *norm,
             float scale, float *out),
            (rows, step, weights, taps, n, norm, scale, out))

void gaussian_column(const float *rows, size_t step, const float *weights, size_t taps, size_t n,
                     const float *norm, float scale, float *out, uint32_t cpu) {
    FSK_CALL(column, cpu, (rows, step, weights, taps, n, norm, scale, out));
}
