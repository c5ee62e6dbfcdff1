// fsk_matting: alpha of the pixels that a trimap leaves open, in closed form, and the foreground's colours.
// Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", PAMI 2008: the matting
// Laplacian (equation 12) with windows of 3 x 3, what is known kept as it is. Germer, Uelwer, Conrad and
// Harmeling, "Fast multi-level foreground estimation", 2020. Not where a trimap comes from.
#ifndef FSK_MATTING_H
#define FSK_MATTING_H

#include "fsk_pool.h"
#include "fsk_resampling.h"

// A part of the matrix that is eliminated at once: pixels that lie between two parts eliminated before, or
// that are few, and those that they are tied to and that are eliminated later.
typedef struct fsk_front {
    int32_t first, own;    // positions first ... first + own - 1 are eliminated
    int32_t left, right;   // fronts before it, or -1
    int32_t depth;         // 0: the last one
    int32_t task;          // fronts of a task have only fronts of it below them; -1: of none
    int32_t later;         // how many they are; ascending positions
    size_t list;           // where those lie in the lists
    size_t panel, updates; // places in the factor, and in the update memory of depth % 2
} fsk_front;

enum {
    FSK_MATTING_MARGIN = 2,  // pixels about a picture's places
    FSK_MATTING_STENCIL = 25 // numbers of a row of the matrix: those of 5 x 5 pixels
};

// In which order unknown pixels are eliminated: nested dissection, cut by lines of two pixels, which no
// window of three crosses. The cuts depend on the trimap alone.
typedef struct fsk_matting_order {
    const uint8_t *trimap; // [height, width]: 0 background, 255 foreground, else unknown
    size_t height, width;
    size_t unknown;    // fsk_matting_unknown
    int32_t *places;   // [height + 4, width + 4], written: the position of a pixel; unknown: it is known
    int32_t *pixels;   // [unknown], written: which of the places has a position
    int32_t *scratch;  // [unknown + max(height, width) + 4]
    fsk_front *fronts; // [front_capacity], written: each after those below it
    size_t front_capacity, front_count;
    int32_t *lists; // [list_capacity], written
    size_t list_capacity, list_count;
    size_t task_count;
    size_t panel_floats, update_floats[2]; // of the factor
    size_t widest;                         // most pixels of a front, own and later
    const fsk_flag *cancelled;             // or NULL
} fsk_matting_order;

size_t fsk_matting_unknown(const uint8_t *trimap, size_t count);

// False: a capacity is too small, try again with more; or cancelled.
bool fsk_matting_dissect(fsk_matting_order *order);

typedef struct fsk_matting {
    const fsk_matting_order *order;
    const float *colors; // [3, height, width], 0 ... 255
    double epsilon;      // beside variances of colours of 0 ... 1
    double tolerance;    // of the residual, relative to the right side's norm
    const float *prior;  // [height, width], 0 ... 255: what unknown pixels are drawn to; or NULL
    double prior_weight; // of the square of the difference
    double *matrix;      // [unknown, FSK_MATTING_STENCIL]
    double *vectors;     // fsk_matting_vectors
    float *panels;       // [panel_floats]
    float *updates[2];   // [update_floats]
    float *alpha;        // [height, width], written: 0 ... 1
    size_t iterations;   // written
    double residual;     // written, relative
} fsk_matting;

size_t fsk_matting_vectors(const fsk_matting_order *order);

// Conjugate gradients in double precision, preconditioned by a complete factor in single precision.
// False: cancelled; alpha is then not all written.
bool fsk_matting_run(fsk_matting *arguments, const fsk_pool *pool);

// A trimap of how much of each pixel is foreground. Background is known where all pixels of the square about
// it, clipped at the edges, are at most `low`; foreground where all are at least `high`, and in the middle of
// strands of such pixels that are thinner than the square: what is nowhere less far from others within two
// pixels.
typedef struct fsk_trimap {
    uint8_t *pixels;  // [height, width]: 0 ... 255; then scratch
    uint8_t *scratch; // [height, width]
    uint8_t *trimap;  // [height, width], written: 0, 128 or 255
    size_t height, width;
    size_t radius;     // below 254
    uint8_t low, high; // low < high
} fsk_trimap;

void fsk_trimap_run(const fsk_trimap *arguments, const fsk_pool *pool);

// Row `row` of a smaller trimap, [width] of [to_height, to_width]: known where all pixels that it covers are.
// Serial.
void fsk_trimap_reduce_row(const uint8_t *trimap, ptrdiff_t row_bytes, size_t height, size_t width,
                           size_t row, size_t to_height, size_t to_width, uint8_t *out);

// Colours of the foreground, so that a photo's pixel is alpha F + (1 - alpha) B, F and B smooth where alpha
// is. Level after level from 1 x 1 to the photo's size; of photos of more pixels than `most` the last levels
// are one step from the largest one below.
typedef struct fsk_foreground {
    fsk_photo photo;
    const void *alpha; // [height, width]: floats of 0 ... 1, or bytes
    ptrdiff_t alpha_row_bytes;
    bool alpha_is_float;
    size_t most;    // pixels of a level
    float *scratch; // fsk_foreground_scratch floats
    uint8_t *out;   // [height, width, 3], written: R, G, B; not the photo's memory
    ptrdiff_t out_row_bytes;
} fsk_foreground;

size_t fsk_foreground_scratch(size_t height, size_t width, size_t most);

void fsk_foreground_run(const fsk_foreground *arguments, const fsk_pool *pool);

#endif
