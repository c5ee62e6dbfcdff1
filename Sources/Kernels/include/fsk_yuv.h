// fsk_yuv: frames of video, whose colours are at half the size of their brightness: as pixels of red, green
// and blue, and as planes of another size.
#ifndef FSK_YUV_H
#define FSK_YUV_H

#include "fsk_pool.h"
#include "fsk_resampling.h"

// A frame, borrowed. A chroma sample is that of four pixels.
typedef struct fsk_frame {
    const uint8_t *luma;      // [height, width]
    const uint8_t *chroma[2]; // blue and red differences: [(height + 1) / 2, (width + 1) / 2]
    ptrdiff_t luma_row_bytes, chroma_row_bytes[2];
    size_t chroma_step; // bytes from one to the next in a row: 1, or 2 where both lie side by side
    size_t width, height;
    bool is_bt709;      // Rec. ITU-R BT.709's weights, else BT.601's
    bool is_full_range; // 0 ... 255, else luma of 16 ... 235 and chroma of 16 ... 240
} fsk_frame;

typedef struct fsk_yuv {
    fsk_frame frame;
    uint8_t *rgb; // [height, width, 3], written; rows without a gap
} fsk_yuv;

// Whole numbers: the same bits on every processor.
void fsk_yuv_run(const fsk_yuv *arguments, const fsk_pool *pool);

// planes[3, vertical.count, horizontal.count]: B, G, R, 0...255, as of the frame's pixels, but for colours
// that no screen has, which are held within 0...255 after rows are summed, not before. scratch: pool->threads
// times fsk_frame_scratch floats.
typedef struct fsk_frame_resampling {
    fsk_frame frame;
    fsk_table vertical, horizontal; // of the size of luma
    float *planes;
    float *scratch;
} fsk_frame_resampling;

size_t fsk_frame_scratch(size_t width);

void fsk_frame_resampling_run(const fsk_frame_resampling *arguments, const fsk_pool *pool);

#endif
