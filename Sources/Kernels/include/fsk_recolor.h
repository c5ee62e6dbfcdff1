// fsk_recolor: how light the masked part of a photo is, and that part in other colours, in OKLab (Ottosson,
// "A perceptual color space for image processing", 2020). Not a chooser of colours.
#ifndef FSK_RECOLOR_H
#define FSK_RECOLOR_H

#include "fsk_resampling.h"

enum {
    FSK_LIGHTNESSES = 256,  // bins of L, 0 ... 1
    FSK_LAB_SUMS = 4,       // a bin's weight, and sums of L, a and b by weight
    FSK_LAB_UNIT = 1 << 16, // what L, a and b of 1 are in the sums
    FSK_TINTS = 1024        // steps of a tint
};

// A part of a photo.
typedef struct fsk_masked {
    fsk_photo photo;
    const void *alpha; // [height, width]: floats of 0 ... 1 (others are held within, NaN is 0), or bytes
    ptrdiff_t alpha_row_bytes;
    bool alpha_is_float;
    const float *linear; // [256]: light of sRGB's bytes, 0 ... 1
} fsk_masked;

// Sums over pixels by their L; each weighs the square of its alpha of 0 ... 255, so that soft edges count
// little. Whole numbers, so that they are the same in any order.
typedef struct fsk_lab_sums {
    fsk_masked masked;
    int64_t *sums; // [fsk_lab_bands(height), FSK_LIGHTNESSES, FSK_LAB_SUMS], written; the first band's are
                   // the result
} fsk_lab_sums;

size_t fsk_lab_bands(size_t height);

void fsk_lab_sums_run(const fsk_lab_sums *arguments, const fsk_pool *pool);

// Each pixel's colour becomes `tint` at its L and `kept` times what its own a and b differ from `usual`,
// mixed with the pixel as light, by alpha and strength. Where alpha is 0 bytes stay as they are.
typedef struct fsk_recolor {
    fsk_masked masked;
    const float *tint; // [3, FSK_TINTS + 1]: L, a, b for L of 0, 1 / FSK_TINTS, ..., 1; linear between
    float usual[2];    // a, b
    float kept, strength;
    uint8_t
        *out; // [height, width, 3], written: R, G, B; the photo's own memory only if its rows are the same
    ptrdiff_t out_row_bytes;
} fsk_recolor;

void fsk_recolor_run(const fsk_recolor *arguments, const fsk_pool *pool);

#endif
