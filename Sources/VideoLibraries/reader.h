// reader: what a writer of the same video looks at.
#pragma once

#include "VideoLibraries.h"
#include "libav.h"

// How the upright picture's pixels lie in the stored one, whose rows are `stored_width` pixels long.
typedef struct fsv_walk {
    int start, right, down; // pixels: the first one, and a step in the upright picture
    int is_turned;          // whether anything is to be done
    int swaps_sides;
} fsv_walk;

struct fsv_reader {
    AVFormatContext *format;
    AVStream *video;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    struct SwsContext *scaler;
    fsv_walk walk;
    int stored_width, stored_height;
    uint8_t *stored; // a picture before it is turned, [stored_height, stored_width, 3]
    int64_t last;    // the last frame's time; AV_NOPTS_VALUE: none yet
    int64_t damaged;
    int is_draining, is_cut_off;
};

// Times of a stream begin where the file begins, as in FFmpeg's own programs.
int64_t fsv_reader_start(const fsv_reader *, const AVStream *);
