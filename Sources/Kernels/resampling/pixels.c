// pixels: rows of probabilities into what callers want: labels, bytes, a coloured photo.
#include "fsk_resampling.h"
#include "cpu/targets.h"

enum { block = 256 };

// Block by block, so that the largest so far stays in the first-level cache.
FSK_BODY void label_row_body(const float *rows, size_t channels, size_t step, size_t count, uint8_t *labels) {
    float best[block];
    for (size_t begin = 0; begin < count; begin += block) {
        const size_t n = count - begin < block ? count - begin : block;
        for (size_t i = 0; i < n; ++i) {
            best[i] = rows[begin + i];
            labels[begin + i] = 0;
        }
        for (size_t c = 1; c < channels; ++c) {
            const float *row = rows + c * step + begin;
            for (size_t i = 0; i < n; ++i) {
                const int more = row[i] > best[i];
                best[i] = more ? row[i] : best[i];
                labels[begin + i] = more ? (uint8_t)c : labels[begin + i];
            }
        }
    }
}
FSK_TARGETS(label_row, (const float *rows, size_t channels, size_t step, size_t count, uint8_t *labels),
            (rows, channels, step, count, labels))

void fsk_label_row(const float *rows, size_t channels, size_t step, size_t count, uint8_t *labels,
                   uint32_t cpu) {
    FSK_CALL(label_row, cpu, (rows, channels, step, count, labels));
}

FSK_BODY void byte_row_body(const float *numbers, size_t count, uint8_t *bytes) {
    for (size_t i = 0; i < count; ++i) {
        const float scaled = numbers[i] * 255 + 0.5f;
        const float low = scaled > 0 ? scaled : 0; // NaN too
        bytes[i] = (uint8_t)(int)(low < 255 ? low : 255);
    }
}
FSK_TARGETS(byte_row, (const float *numbers, size_t count, uint8_t *bytes), (numbers, count, bytes))

void fsk_byte_row(const float *numbers, size_t count, uint8_t *bytes, uint32_t cpu) {
    FSK_CALL(byte_row, cpu, (numbers, count, bytes));
}

FSK_BODY void alpha_row_body(float *numbers, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        const float stretched = 2 * numbers[i] - 0.5f;
        const float low = stretched > 0 ? stretched : 0; // NaN too
        numbers[i] = low < 1 ? low : 1;
    }
}
FSK_TARGETS(alpha_row, (float *numbers, size_t count), (numbers, count))

void fsk_alpha_row(float *numbers, size_t count, uint32_t cpu) { FSK_CALL(alpha_row, cpu, (numbers, count)); }

// The VOC palette: the bits of the class, three at a time, fill R, G, B from the top bit down.
static uint8_t palette(unsigned label, unsigned channel) {
    unsigned value = 0;
    for (unsigned bit = 0; bit < 8; ++bit)
        value |= (label >> (3 * bit + channel) & 1u) << (7 - bit);
    return (uint8_t)value;
}

void fsk_overlay_row(const fsk_photo *p, size_t row, const uint8_t *labels, uint8_t *rgb) {
    const uint8_t *pixel = p->pixels + (ptrdiff_t)row * p->row_bytes;
    const size_t channels[3] = {p->red, p->green, p->blue};
    for (size_t i = 0; i < p->width; ++i, pixel += p->pixel_bytes)
        for (unsigned c = 0; c < 3; ++c) {
            const unsigned value = pixel[channels[c]];
            rgb[3 * i + c] = (uint8_t)(labels[i] ? (value + palette(labels[i], c) + 1) / 2 : value);
        }
}
