// layers: the shapes, and what runs them.
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const layer layers[layer_count] = {
    {"conv1_2", 64, 64, 3, 1, 710, 0},    {"conv2_1", 64, 128, 3, 1, 355, 0},
    {"conv2_2", 128, 128, 3, 1, 355, 0},  {"conv3_1", 128, 256, 3, 1, 178, 0},
    {"conv3_2", 256, 256, 3, 1, 178, 0},  {"conv4_1", 256, 512, 3, 1, 89, 0},
    {"conv4_2", 512, 512, 3, 1, 89, 0},   {"conv5_1", 512, 512, 3, 1, 45, 0},
    {"fc6", 512, 4096, 7, 1, 17, 0},      {"fc7", 4096, 4096, 1, 1, 17, 0},
    {"stem", 3, 16, 3, 2, 128, 0},        {"s4_1_a", 32, 32, 3, 1, 64, 0},
    {"s8_0", 32, 64, 3, 2, 32, 0},        {"s8_1_a", 64, 64, 3, 1, 32, 0},
    {"m0", 16, 16, 3, 1, 128, 0},         {"l0", 16, 16, 1, 1, 128, 0},
    {"l2", 64, 64, 1, 1, 32, 0},          {"s16_1_in", 128, 384, 1, 1, 16, 0},
    {"s16_1_out", 384, 128, 1, 1, 16, 0}, {"s32_1_in", 160, 480, 1, 1, 8, 0},
    {"s16_1_dw", 384, 384, 3, 1, 16, 1},  {"s32_1_dw", 480, 480, 3, 1, 8, 1},
};

double seconds(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

size_t ceiling(size_t n, size_t of) { return (n + of - 1) / of; }

float *numbers(size_t count) {
    float *x = aligned_alloc(64, ceiling(count * sizeof *x, 64) * 64);
    if (!x) {
        fprintf(stderr, "no memory for %zu numbers\n", count);
        exit(1);
    }
    uint32_t state = 1;
    for (size_t i = 0; i < count; ++i) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(state >> 8) * 0x1p-28f - 0x1p-5f;
    }
    return x;
}

static fsk_blocks picture(size_t planes, size_t side, size_t block) {
    const size_t row = side * block, plane = side * row;
    return (fsk_blocks){numbers(planes * plane), row, plane, planes * plane};
}

layer_pictures layer_makes(const fsk_block_variant *variant, const layer *l) {
    const size_t lanes = fsk_block_width(variant), block = l->channels <= FSK_NARROW ? FSK_NARROW : lanes;
    const size_t inside = (l->side - 1) * l->stride + l->kernel;
    return (layer_pictures){picture(ceiling(l->channels, block), inside, block),
                            picture(ceiling(l->filters, lanes), l->side, lanes), block};
}

fsk_block_convolution layer_convolution(const layer *l, const layer_pictures *pictures) {
    return (fsk_block_convolution){.form = FSK_DIRECT,
                                   .precision = FSK_EXACT,
                                   .x = pictures->x,
                                   .y = pictures->y,
                                   .batch = 1,
                                   .channels = l->channels,
                                   .filters = l->filters,
                                   .out_height = l->side,
                                   .out_width = l->side,
                                   .block = pictures->block,
                                   .kernel_height = l->kernel,
                                   .kernel_width = l->kernel,
                                   .stride_height = l->stride,
                                   .stride_width = l->stride,
                                   .dilation_height = 1,
                                   .dilation_width = 1,
                                   .relu = 1};
}

void layer_choose(const fsk_block_variant *variant, fsk_block_precision asked, fsk_block_convolution *a) {
    a->precision = asked == FSK_FAST ? fsk_block_best_precision(variant, a) : FSK_EXACT;
    a->form = fsk_block_best_form(variant, a); // which follows from it
}
