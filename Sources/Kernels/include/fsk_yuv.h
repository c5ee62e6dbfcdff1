// fsk_yuv: frames of video, whose colours are at half the size of their brightness, as pixels of red, green
// and blue.
#ifndef FSK_YUV_H
#define FSK_YUV_H

#include "fsk_pool.h"

typedef struct fsk_yuv {
    const uint8_t *luma;      // [height, width]
    const uint8_t *chroma[2]; // blue and red differences: [(height + 1) / 2, (width + 1) / 2]
    ptrdiff_t luma_row_bytes, chroma_row_bytes[2];
    size_t chroma_step; // bytes from one to the next in a row: 1, or 2 where both lie side by side
    size_t width, height;
    bool is_bt709;      // Rec. ITU-R BT.709's weights, else BT.601's
    bool is_full_range; // 0 ... 255, else luma of 16 ... 235 and chroma of 16 ... 240
    uint8_t *rgb;       // [height, width, 3], written; rows without a gap
} fsk_yuv;

// A chroma sample is that of four pixels. Whole numbers: the same bits on every processor.
void fsk_yuv_run(const fsk_yuv *arguments, const fsk_pool *pool);

#endif
