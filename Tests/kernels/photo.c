// photo: photos and tables of weights for the tests of fsk_resampling.h.
#include "photo.h"

fsk_photo photo(size_t width, size_t height, size_t pixel_bytes, bool upside_down) {
    const size_t row_bytes = width * pixel_bytes + 5,
                 used = row_bytes * height - 5; // no padding after the last
    uint8_t *bytes = memory(used);
    for (size_t i = 0; i < used; ++i)
        bytes[i] = (uint8_t)any_below(256);
    const bool is_grey = pixel_bytes == 1;
    return (fsk_photo){upside_down ? bytes + (height - 1) * row_bytes : bytes,
                       upside_down ? -(ptrdiff_t)row_bytes : (ptrdiff_t)row_bytes,
                       width,
                       height,
                       pixel_bytes,
                       is_grey ? 0 : 2,
                       is_grey ? 0 : 1,
                       0};
}

uint8_t photo_value(const fsk_photo *p, size_t x, size_t y, size_t channel) {
    const size_t channels[3] = {p->blue, p->green, p->red};
    return p->pixels[(ptrdiff_t)y * p->row_bytes + (ptrdiff_t)(x * p->pixel_bytes + channels[channel])];
}

fsk_table table(size_t length, size_t taps, size_t count) {
    int32_t *first = memory(count * sizeof *first);
    float *weights = numbers(taps * count, 0, 1);
    const bool rises = any_below(2) == 0;
    for (size_t i = 0; i < count; ++i) // to the last input
        first[i] = (int32_t)(i + 1 == count ? length - taps
                             : rises        ? i * (length - taps) / count
                                            : any_below(length - taps + 1));
    for (size_t i = 0; i < taps * count; i += 5)
        weights[i] = 0;
    return (fsk_table){first, weights, taps, count};
}
