// VideoLibraries: videos and cameras read, videos written and shown, by FFmpeg's libraries and SDL. Those are
// opened when they are first wanted and never linked: with all that they need they are 200 libraries and a
// tenth of a second, which a program that segments a photo should not wait for, nor miss where they are not
// installed. No pixel is changed here but by a change of format, and no file is named or made but by FFmpeg
// when it reads.
//
// What can fail returns a negative number, or NULL, after it wrote why into `message`: one line without the
// file's name. One thread at a time for each object.
#pragma once

#include <stdint.h>

enum { FSV_MESSAGE = 512 };

// A video or a camera, its frames turned upright as its display matrix asks, all of the first one's size.
typedef struct fsv_reader fsv_reader;

typedef struct fsv_found {
    int32_t width, height; // pixels, upright
    int32_t audio_streams;
    int64_t frames; // as the file says or its length suggests; 0: unknown
    double rate;    // frames a second on average; 0: unknown
    double tick;    // seconds of a step of times
} fsv_found;

// path: a file, an address with "://", or "pipe:0", standard input. camera: whether it is a V4L2 device;
// size: of its pictures like "1280x720", or NULL: its own.
fsv_reader *fsv_reader_open(const char *path, int camera, const char *size, fsv_found *, char *message);
void fsv_reader_close(fsv_reader *); // NULL is fine

typedef enum fsv_kind { FSV_END, FSV_FRAME, FSV_AUDIO } fsv_kind;

typedef struct fsv_item {
    fsv_kind kind;
    int64_t time, duration; // of frames, in ticks since the beginning; duration 0: unknown
    void *packet;           // of audio; goes to fsv_writer_audio or fsv_packet_free
} fsv_item;

// What comes next in the file.
int fsv_reader_next(fsv_reader *, fsv_item *, char *message);
// The last frame as R, G, B, `[height, width, 3]` without gaps; FSV_SLACK more bytes may be written.
enum { FSV_SLACK = 64 };
int fsv_reader_picture(fsv_reader *, uint8_t *rgb, char *message);
// Packets so far that were damaged, and are missing or mended.
int64_t fsv_reader_damaged(const fsv_reader *);
int fsv_reader_is_cut_off(const fsv_reader *); // at the end: whether its last packet was not whole
void fsv_packet_free(void *packet);

// A video in the making.
typedef struct fsv_writer fsv_writer;

typedef struct fsv_wanted {
    int32_t descriptor; // an open file, or pipe for formats that need no way back; stays the caller's
    const char *name;   // whose ending tells the format
    int32_t has_audio;  // whether the reader's audio comes along
    int32_t threads;    // of the encoder; 0: as it likes
} fsv_wanted;

// A video of the reader's size, times, colours and audio. The reader is looked at now and not kept.
fsv_writer *fsv_writer_open(const fsv_wanted *, const fsv_reader *, char *message);
// width, height: of its pictures, even where the encoder takes no others: the last column or row is left out
// then.
void fsv_writer_size(const fsv_writer *, int32_t *width, int32_t *height);
const char *fsv_writer_codec(const fsv_writer *);
// rgb: `[height, width, 3]` of the reader's size. Times grow.
int fsv_writer_frame(fsv_writer *, const uint8_t *rgb, int64_t time, int64_t duration, char *message);
int fsv_writer_audio(fsv_writer *, void *packet, char *message); // takes the packet
// What the encoder still holds, and the file's end.
int fsv_writer_finish(fsv_writer *, char *message);
void fsv_writer_close(fsv_writer *); // NULL is fine

// A window, of the thread that opens it.
typedef struct fsv_window fsv_window;

fsv_window *fsv_window_open(const char *title, int32_t width, int32_t height, char *message);
// rgb: `[height, width, 3]` of the window's first size; it fills the window as far as its shape allows.
int fsv_window_show(fsv_window *, const uint8_t *rgb, char *message);
// A key that was pressed since the last call, as ASCII has it; call it until there is none.
enum { FSV_NO_KEY = 0, FSV_CLOSED = -1 };
int32_t fsv_window_key(fsv_window *);
void fsv_window_close(fsv_window *); // NULL is fine
