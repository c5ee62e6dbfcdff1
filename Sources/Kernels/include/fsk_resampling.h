// fsk_resampling: photos to planes of another size, planes to rows of another size, and what is made of such
// rows. Not a chooser of sizes or filters: tables of weights come from the caller.
#ifndef FSK_RESAMPLING_H
#define FSK_RESAMPLING_H

#include <stddef.h>
#include <stdint.h>

#include "fsk_pool.h"

// Output i along one side is the sum over t < taps of weights[i * taps + t] * input[first[i] + t]. All of
// first[i]
// ... first[i] + taps - 1 lie in the input; weights may be 0.
typedef struct fsk_table {
    const int32_t *first;
    const float *weights;
    size_t taps, count; // count: outputs
} fsk_table;

// A photo of 8-bit pixels, borrowed.
typedef struct fsk_photo {
    const uint8_t *pixels;
    ptrdiff_t row_bytes;
    size_t width, height;
    size_t pixel_bytes;      // 1, 3, 4
    size_t blue, green, red; // bytes within a pixel
} fsk_photo;

// planes[3, vertical.count, horizontal.count]: B, G, R, 0...255. scratch: pool->threads rows of
// photo.width * photo.pixel_bytes + 1 floats.
typedef struct fsk_photo_resampling {
    fsk_photo photo;
    fsk_table vertical, horizontal;
    float *planes;
    float *scratch;
} fsk_photo_resampling;

void fsk_photo_resampling_run(const fsk_photo_resampling *arguments, const fsk_pool *pool);

// Row `row` of a plane's resampling: out[horizontal->count]. row_scratch: width floats. Serial.
void fsk_plane_row(const float *plane, size_t width, const fsk_table *vertical, size_t row,
                   const fsk_table *horizontal, float *row_scratch, float *out, uint32_t cpu);

// Maps at another size, [channels, vertical.count, horizontal.count], one row after the other.
typedef struct fsk_map_rows {
    const float *maps; // [channels, height, width]
    size_t channels, height, width;
    fsk_table vertical, horizontal;
    size_t step; // floats from channel to channel of a row that comes out
} fsk_map_rows;

// What is kept from row to row, by each thread for itself: the last two lines of the maps, wide already.
typedef struct fsk_map_lines {
    ptrdiff_t lines[2]; // -1: none, as it must be before the first row of new maps
    float *wide;        // [2, channels, horizontal.count]
    float *sum;         // map's width
} fsk_map_lines;

// Row `row` into out. Its bits do not depend on what was kept. Serial.
void fsk_map_row(const fsk_map_rows *arguments, size_t row, fsk_map_lines *kept, float *out, uint32_t cpu);

// Row `row` as the sum of two lines, of_first * first + of_second * second: [channels], `step` floats apart.
typedef struct fsk_line_pair {
    const float *first, *second;
    float of_first, of_second; // the latter 0 where there is no second, which is then the first
    size_t step;
} fsk_line_pair;

// The lines are among what is kept, or where a row has more than two, at `out`, with arguments->step. Serial.
fsk_line_pair fsk_map_row_pair(const fsk_map_rows *arguments, size_t row, fsk_map_lines *kept, float *out,
                               uint32_t cpu);

// An affine map of pixel centres: (x, y) = (xx u + xy v + x0, yx u + yy v + y0), where pixel i covers i ... i
// + 1.
typedef struct fsk_affine_map {
    double xx, xy, x0, yx, yy, y0;
} fsk_affine_map;

// planes[3, height, width] (B, G, R): pixel (u, v) is the mean of samples * samples points of the photo,
// spread over the pixel's place there; points outside have the colour `outside` (B, G, R).
typedef struct fsk_photo_warp {
    fsk_photo photo;
    fsk_affine_map map; // from (u, v) to the photo
    float *planes;
    size_t height, width;
    size_t samples; // 1 or more, a side
    float outside[3];
} fsk_photo_warp;

void fsk_photo_warp_run(const fsk_photo_warp *arguments, const fsk_pool *pool);

// Row `row` of maps[channels, height, width] seen through `map`, which takes (column, row) to the maps:
// out[channels, count], bilinear; the maps' edges reach outwards. Where `inside`, which takes (column, row)
// to the unit square, leaves it, channel 0 is `outside` and the others 0. Serial.
typedef struct fsk_map_warp {
    const float *maps;
    size_t channels, height, width;
    fsk_affine_map map, inside;
    float outside;
    size_t count;
} fsk_map_warp;

void fsk_map_warp_row(const fsk_map_warp *arguments, size_t row, float *out);

// labels[i] = the channel with the largest rows[channel * step + i], the first of equals. channels: 1 to 256.
void fsk_label_row(const float *rows, size_t channels, size_t step, size_t count, uint8_t *labels,
                   uint32_t cpu);

// bytes[i] = 255 * numbers[i], rounded, held within 0...255.
void fsk_byte_row(const float *numbers, size_t count, uint8_t *bytes, uint32_t cpu);

// Probabilities in place: a quarter and less becomes 0, three quarters and more 1, linear between; NaN
// becomes 0. Serial.
void fsk_alpha_row(float *numbers, size_t count, uint32_t cpu);

// rgb[3 i ...] = the photo's row `row`, pixels first ..., where labels[i] is not 0 half mixed with the VOC
// palette.
void fsk_overlay_row(const fsk_photo *photo, size_t row, const uint8_t *labels, uint8_t *rgb);

#endif
