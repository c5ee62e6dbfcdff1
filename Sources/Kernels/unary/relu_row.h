// relu_row: y[i] = x[i] < 0 ? slope x[i] : x[i], i < n. Any alignment, may be one buffer. Serial.
#ifndef FSK_RELU_ROW_H
#define FSK_RELU_ROW_H

#include <stddef.h>
#include <stdint.h>

typedef void fsk_relu_row_fn(const float *x, float slope, float *y, size_t n);

// The fastest variant that these bits of fsk_cpu() allow.
fsk_relu_row_fn *fsk_relu_row(uint32_t cpu);

#endif
