// photo: photos and tables of weights for the tests of fsk_resampling.h. Not a kernel's test.
#ifndef PHOTO_H
#define PHOTO_H

#include "check.h"

// R, G, B(, A) or grey of random bytes; rows are 5 bytes longer than their pixels, and with `upside_down` the
// first row lies last.
fsk_photo photo(size_t width, size_t height, size_t pixel_bytes, bool upside_down);

// Channel 0, 1, 2: blue, green, red.
uint8_t photo_value(const fsk_photo *p, size_t x, size_t y, size_t channel);

// Any weights of 0 to 1, now and then 0, over inputs of any place.
fsk_table table(size_t length, size_t taps, size_t count);

#endif
