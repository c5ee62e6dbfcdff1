// fsk_steady: frames of one video: how blocks of the picture have moved since the last frame, probabilities
// held by those of the past along that motion, pixels held by their own past. Not a stabilization of the
// picture itself.
#ifndef FSK_STEADY_H
#define FSK_STEADY_H

#include "fsk_pool.h"

enum {
    FSK_MOTION_BLOCK = 8,   // pixels a side that move alike
    FSK_MOTION_REACH = 8,   // pixels that are searched each way
    FSK_MOTION_BORDER = 24, // pixels about a luminance picture that repeat its edge
    FSK_HELD_TILE = 16      // pixels a side of a photo that are held or not
};

// Bytes of a luminance picture with its border.
size_t fsk_luminance_bytes(size_t height, size_t width);

// Luminance of planes [3, height, width] of B, G, R, 0 ... 255 (Rec. 601), smoothed by 1 2 1 both ways, as
// bytes. out: rows of width + 2 borders.
typedef struct fsk_luminance {
    const float *planes;
    size_t height, width;
    uint8_t *out;
} fsk_luminance;

void fsk_luminance_run(const fsk_luminance *arguments, const fsk_pool *pool);

// Blocks along a side.
static inline size_t fsk_motion_blocks(size_t side) {
    return (side + FSK_MOTION_BLOCK - 1) / FSK_MOTION_BLOCK;
}

// Where each block was in the picture before: sums of absolute differences over 16 x 16 pixels, every other
// shift within reach and then those about the best; each block of 8 x 8 takes the best of its neighbours'
// shifts; then a step of Lucas and Kanade (1981) between the pixels. No motion is believed unless it is
// better by a tenth, and none below a sixteenth of a pixel, so that noise moves nothing. `agreement` is 1
// where the picture before, so moved, is within `near` of the new one, and falls to 0 at `far`, in levels of
// luminance.
typedef struct fsk_motion {
    const uint8_t *now, *before; // of fsk_luminance_run
    size_t height, width;
    float near, far;
    float *flow;      // [2, blocks down, blocks across], written: x, y from a pixel to its place before
    float *agreement; // [height, width], written
    float *sums;      // [blocks down], written: of the agreement of each row of blocks
    int32_t *search;  // scratch: 2 a block
} fsk_motion;

void fsk_motion_run(const fsk_motion *arguments, const fsk_pool *pool);

// Probabilities of a frame, blended in place: p + keep (past - p), where past is what came of the last frame,
// moved (linear between pixels, the edge repeated), and keep = hold * agreement * u: u is 1 where the two
// likeliest classes are at most `open` apart, 0 from `closed` on, linear between. NaN holds nothing and is
// not held. Maps may be `scale` times finer than the luminance.
typedef struct fsk_steady_blend {
    float *maps; // [channels], `plane` apart, rows `row` apart: the first pixel that the picture covers
    size_t channels, height, width, plane, row, scale;
    const float *past;             // [channels, height, width]; NULL: there is none, maps stay as they are
    float *kept;                   // the same, written: what the maps have become
    const float *flow, *agreement; // of fsk_motion, for a picture of (height, width) / scale, rounded up
    float hold, open, closed;
    float certain;      // a block whose pixels are all `certain` apart is settled
    uint8_t *unsettled; // [blocks down, blocks across] of the luminance, written: 0 or 1
    float *scratch;     // fsk_steady_scratch floats
} fsk_steady_blend;

size_t fsk_steady_scratch(size_t channels, size_t width, size_t threads);

void fsk_steady_blend_run(const fsk_steady_blend *arguments, const fsk_pool *pool);

// held += gain (now - held) for each number of count pixels of 3 planes, gain = `least` where all three are
// within `near`, 1 from `far` on, linear between.
typedef struct fsk_held_planes {
    const float *now; // [3, count]
    float *held;      // [3, count]
    size_t count;
    float least, near, far;
} fsk_held_planes;

void fsk_held_planes_run(const fsk_held_planes *arguments, const fsk_pool *pool);

// The same for a photo's bytes, each by itself, in tiles that are told; a tile that was not held before
// begins with the photo's. held: 128 times the bytes.
typedef struct fsk_held_photo {
    const uint8_t *pixels;
    ptrdiff_t row_bytes;
    size_t height, width, pixel_bytes;
    int16_t *held;         // [height, width * pixel_bytes]
    const uint8_t *wanted; // [tiles down, tiles across]: 0 or 1
    uint8_t *has;          // the same: whether a tile is held; becomes `wanted`
    float least, near, far;
} fsk_held_photo;

void fsk_held_photo_run(const fsk_held_photo *arguments, const fsk_pool *pool);

// Row `row` as it is held, where it is not as it is: width * pixel_bytes bytes. Serial.
void fsk_held_row(const fsk_held_photo *photo, size_t row, uint8_t *out, uint32_t cpu);

#endif
