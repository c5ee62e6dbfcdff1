// substitution: the factor's two triangular systems, front by front.
#include "cpu/targets.h"
#include "matting.h"

#include <string.h>

// x[own] becomes the panel's solution; line[later] what it takes from later pixels.
FSK_BODY void forward_body(const float *panel, size_t own, size_t rows, float *restrict x,
                           float *restrict line) {
    for (size_t c = 0; c < own; ++c) {
        const float *restrict column = panel + c * rows;
        const float value = x[c] /= column[c];
        for (size_t r = c + 1; r < own; ++r)
            x[r] -= column[r] * value;
        for (size_t r = own; r < rows; ++r)
            line[r - own] += column[r] * value;
    }
}
FSK_TARGETS(forward, (const float *panel, size_t own, size_t rows, float *x, float *line),
            (panel, own, rows, x, line))

// x[own] from line[own + later], of which the later ones are known.
FSK_BODY void backward_body(const float *panel, size_t own, size_t rows, float *x, float *line) {
    for (size_t c = own; c-- > 0;) {
        const float *column = panel + c * rows;
        float parts[16] = {0}, sum = x[c];
        size_t r = c + 1;
        for (; r + 16 <= rows; r += 16)
            for (size_t k = 0; k < 16; ++k)
                parts[k] += column[r + k] * line[r + k];
        for (; r < rows; ++r)
            sum -= column[r] * line[r];
        for (size_t k = 0; k < 16; ++k)
            sum -= parts[k];
        x[c] = line[c] = sum / column[c];
    }
}
FSK_TARGETS(backward, (const float *panel, size_t own, size_t rows, float *x, float *line),
            (panel, own, rows, x, line))

void matting_substitute(const fsk_matting *arguments, float *x, float *line, const fsk_pool *pool) {
    const uint32_t cpu = pool->cpu;
    const fsk_matting_order *order = arguments->order;
    for (size_t i = 0; i < order->front_count && !fsk_flag_is_set(pool->cancelled); ++i) {
        const fsk_front *front = order->fronts + i;
        const size_t own = (size_t)front->own, later = (size_t)front->later;
        const int32_t *list = order->lists + front->list;
        memset(line, 0, later * sizeof *line);
        FSK_CALL(forward, cpu, (arguments->panels + front->panel, own, own + later, x + front->first, line));
        for (size_t k = 0; k < later; ++k)
            x[list[k]] -= line[k];
    }
    for (size_t i = order->front_count; i-- > 0 && !fsk_flag_is_set(pool->cancelled);) {
        const fsk_front *front = order->fronts + i;
        const size_t own = (size_t)front->own, later = (size_t)front->later;
        const int32_t *list = order->lists + front->list;
        for (size_t k = 0; k < later; ++k)
            line[own + k] = x[list[k]];
        FSK_CALL(backward, cpu, (arguments->panels + front->panel, own, own + later, x + front->first, line));
    }
}
