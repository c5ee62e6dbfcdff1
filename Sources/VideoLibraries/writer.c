// writer: frames become a video, with the packets of another one's audio beside them.
#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 1 << 16, WAITING = 256 };

struct fsv_writer {
    AVFormatContext *format;
    AVStream *video;
    AVCodecContext *encoder;
    AVFrame *frame;
    AVPacket *packet;
    struct SwsContext *scaler;
    int descriptor, failure; // errno of the first write that failed
    int has_header;
    int rgb_width;     // of the pictures that come
    AVRational tick;   // of the times that come
    int matrix;        // sws's, of the colours
    unsigned known;    // streams that the reader had: some files have more further on
    int *places;       // of its audio streams here; -1: none
    AVRational *ticks; // of its streams
    struct {
        int64_t time, duration;
    } waiting[WAITING]; // lengths of frames inside the encoder, which keeps times alone
    unsigned next;
    int64_t last; // the last frame's time
};

// The file.

static int put(void *opaque, uint8_t *bytes, int count) {
    fsv_writer *w = opaque;
    if (w->failure)
        return AVERROR(w->failure);
    for (int done = 0; done < count;) {
        const ssize_t written = write(w->descriptor, bytes + done, count - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            w->failure = errno;
            return AVERROR(errno);
        }
        done += (int)written;
    }
    return count;
}

static int64_t seek(void *opaque, int64_t offset, int whence) {
    const fsv_writer *w = opaque;
    struct stat status;
    if (whence & AVSEEK_SIZE)
        return fstat(w->descriptor, &status) ? AVERROR(errno) : status.st_size;
    const off_t place = lseek(w->descriptor, offset, whence & ~AVSEEK_FORCE);
    return place < 0 ? AVERROR(errno) : place;
}

static int fail(fsv_writer *w, char *message, int error) {
    if (!w->failure)
        return fsv_fail(message, "cannot be written", error);
    snprintf(message, FSV_MESSAGE, "cannot be written: %s%s", strerror(w->failure),
             w->failure == ENOSPC || w->failure == EDQUOT ? "; make room and run this again" : "");
    return -1;
}

static int open_format(fsv_writer *w, const char *name, char *message) {
    const AVOutputFormat *format = av.av_guess_format(NULL, name, NULL);
    if (!format || format->video_codec == AV_CODEC_ID_NONE || format->flags & AVFMT_NOFILE) {
        snprintf(message, FSV_MESSAGE,
                 "its ending names no format of videos; .mp4, .mkv, .mov, .avi, .webm, .y4m do");
        return -1;
    }
    const int error = av.avformat_alloc_output_context2(&w->format, format, NULL, NULL);
    if (error < 0)
        return fail(w, message, error);
    const int is_seekable = lseek(w->descriptor, 0, SEEK_CUR) >= 0;
    uint8_t *buffer = av.av_malloc(BUFFER);
    w->format->pb =
        buffer ? av.avio_alloc_context(buffer, BUFFER, 1, w, NULL, put, is_seekable ? seek : NULL) : NULL;
    return w->format->pb ? 0 : fail(w, message, AVERROR(ENOMEM));
}

// The encoder.

// MPEG-TS keeps no list of what it takes, but this much is known.
static int takes(const AVOutputFormat *format, enum AVCodecID codec) {
    const int answer = av.avformat_query_codec(format, codec, FF_COMPLIANCE_NORMAL);
    return answer < 0 ? !strcmp(format->name, "mpegts") : answer;
}

static const AVCodec *choose(const AVOutputFormat *format) {
    const AVCodec *x264 = av.avcodec_find_encoder_by_name("libx264");
    if (x264 && takes(format, AV_CODEC_ID_H264))
        return x264;
    if (takes(format, AV_CODEC_ID_MPEG4))
        return av.avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    return av.avcodec_find_encoder(format->video_codec);
}

static enum AVPixelFormat pixel_format(const AVCodec *codec) {
    for (const enum AVPixelFormat *f = codec->pix_fmts; f && *f != AV_PIX_FMT_NONE; ++f)
        if (*f == AV_PIX_FMT_YUV420P)
            return *f;
    return codec->pix_fmts ? codec->pix_fmts[0] : AV_PIX_FMT_YUV420P;
}

// As good as one sees, and as fast as the network.
static void set_quality(AVDictionary **options, const AVCodec *codec, AVCodecContext *encoder) {
    if (codec->id == AV_CODEC_ID_H264) {
        av.av_dict_set(options, "preset", "veryfast", 0);
        av.av_dict_set(options, "crf", "18", 0);
    } else if (codec->id == AV_CODEC_ID_VP8 || codec->id == AV_CODEC_ID_VP9) {
        av.av_dict_set(options, "deadline", "realtime", 0);
        av.av_dict_set(options, "cpu-used", "6", 0);
        av.av_dict_set(options, "crf", "20", 0);
        if (codec->id == AV_CODEC_ID_VP8)
            encoder->bit_rate = 20000000; // its upper bound
    } else {
        encoder->flags |= AV_CODEC_FLAG_QSCALE;
        encoder->global_quality = 3 * FF_QP2LAMBDA;
    }
}

static void set_colors(fsv_writer *w, const fsv_reader *r) {
    AVCodecContext *e = w->encoder;
    const AVCodecContext *d = r->decoder;
    const int is_rgb = d->colorspace == AVCOL_SPC_RGB;
    e->colorspace = is_rgb ? AVCOL_SPC_UNSPECIFIED : d->colorspace;
    e->color_primaries = d->color_primaries, e->color_trc = d->color_trc;
    e->color_range = AVCOL_RANGE_MPEG;
    e->chroma_sample_location = AVCHROMA_LOC_LEFT;
    w->matrix = e->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : (int)e->colorspace;
}

// A file without times of its own, such as AVI, has frames at an even pace; MPEG-4 counts in steps of 1/65535
// s or more.
static void set_ticks(fsv_writer *w, const fsv_reader *r) {
    AVCodecContext *e = w->encoder;
    w->tick = r->video->time_base;
    e->framerate = av.av_guess_frame_rate(r->format, r->video, NULL);
    const int is_even = !(w->format->oformat->flags & AVFMT_VARIABLE_FPS) && e->framerate.num > 0;
    e->time_base = is_even ? av_inv_q(e->framerate) : w->tick;
    if (e->codec_id == AV_CODEC_ID_MPEG4 && e->time_base.den > 65535)
        e->time_base = (AVRational){1, 60000};
    if (is_even)
        e->max_b_frames = 0; // their order would be lost
}

static int open_encoder(fsv_writer *w, const fsv_reader *r, int threads, char *message) {
    const AVCodec *codec = choose(w->format->oformat);
    if (!codec) {
        snprintf(message, FSV_MESSAGE,
                 "this FFmpeg has no encoder for videos in such files; take another ending");
        return -1;
    }
    AVCodecContext *e = w->encoder = av.avcodec_alloc_context3(codec);
    if (!e)
        return fail(w, message, AVERROR(ENOMEM));
    w->rgb_width = r->walk.swaps_sides ? r->stored_height : r->stored_width;
    e->width = w->rgb_width, e->height = r->walk.swaps_sides ? r->stored_width : r->stored_height;
    if (codec->id == AV_CODEC_ID_H264)
        e->width &= ~1, e->height &= ~1;
    if (!e->width || !e->height) {
        snprintf(message, FSV_MESSAGE, "H.264 takes no pictures of one pixel; take .y4m");
        return -1;
    }
    set_ticks(w, r);
    e->pix_fmt = pixel_format(codec);
    e->thread_count = threads;
    const AVRational shape = av.av_guess_sample_aspect_ratio(r->format, r->video, NULL);
    e->sample_aspect_ratio = r->walk.swaps_sides ? (AVRational){shape.den, shape.num} : shape;
    if (!shape.num)
        e->sample_aspect_ratio = shape;
    set_colors(w, r);
    if (w->format->oformat->flags & AVFMT_GLOBALHEADER)
        e->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary *options = NULL;
    set_quality(&options, codec, e);
    const int error = av.avcodec_open2(e, codec, &options);
    av.av_dict_free(&options);
    return error < 0 ? fsv_fail(message, "its pictures cannot be encoded", error) : 0;
}

// The streams.

static int add_video(fsv_writer *w, char *message) {
    w->video = av.avformat_new_stream(w->format, NULL);
    if (!w->video)
        return fail(w, message, AVERROR(ENOMEM));
    w->video->time_base = w->encoder->time_base;
    w->video->avg_frame_rate = w->encoder->framerate;
    w->video->sample_aspect_ratio = w->encoder->sample_aspect_ratio;
    const int error = av.avcodec_parameters_from_context(w->video->codecpar, w->encoder);
    return error < 0 ? fail(w, message, error) : 0;
}

static int add_audio(fsv_writer *w, const AVStream *source, char *message) {
    const AVOutputFormat *format = w->format->oformat;
    if (!takes(format, source->codecpar->codec_id)) {
        snprintf(message, FSV_MESSAGE,
                 "a file of this kind cannot hold the video's audio, %s; take .mkv, or --no-audio",
                 av.avcodec_get_name(source->codecpar->codec_id));
        return -1;
    }
    AVStream *stream = av.avformat_new_stream(w->format, NULL);
    if (!stream)
        return fail(w, message, AVERROR(ENOMEM));
    const int error = av.avcodec_parameters_copy(stream->codecpar, source->codecpar);
    if (error < 0)
        return fail(w, message, error);
    stream->codecpar->codec_tag = 0; // another kind of file has others
    stream->time_base = source->time_base;
    stream->disposition = source->disposition;
    av.av_dict_copy(&stream->metadata, source->metadata, 0);
    w->places[source->index] = stream->index;
    return 0;
}

static int add_streams(fsv_writer *w, const fsv_reader *r, int has_audio, char *message) {
    const unsigned count = w->known = r->format->nb_streams;
    w->places = malloc(count * sizeof *w->places), w->ticks = malloc(count * sizeof *w->ticks);
    if (!w->places || !w->ticks)
        return fail(w, message, AVERROR(ENOMEM));
    if (add_video(w, message))
        return -1;
    for (unsigned i = 0; i < count; ++i) {
        const AVStream *source = r->format->streams[i];
        w->places[i] = -1, w->ticks[i] = source->time_base;
        const int is_wanted = has_audio && source->codecpar->codec_type == AVMEDIA_TYPE_AUDIO &&
                              w->format->oformat->audio_codec != AV_CODEC_ID_NONE;
        if (is_wanted && add_audio(w, source, message))
            return -1;
    }
    av.av_dict_copy(&w->format->metadata, r->format->metadata, 0);
    return 0;
}

fsv_writer *fsv_writer_open(const fsv_wanted *wanted, const fsv_reader *r, char *message) {
    fsv_forget_complaints();
    fsv_writer *w = calloc(1, sizeof *w);
    if (!w) {
        fsv_fail(message, "cannot be written", AVERROR(ENOMEM));
        return NULL;
    }
    w->descriptor = wanted->descriptor, w->last = INT64_MIN;
    w->frame = av.av_frame_alloc(), w->packet = av.av_packet_alloc();
    if (!w->frame || !w->packet)
        fail(w, message, AVERROR(ENOMEM));
    else if (!open_format(w, wanted->name, message) && !open_encoder(w, r, wanted->threads, message) &&
             !add_streams(w, r, wanted->has_audio, message)) {
        const int error = av.avformat_write_header(w->format, NULL);
        if (error >= 0) {
            w->has_header = 1;
            return w;
        }
        fail(w, message, error);
    }
    fsv_writer_close(w);
    return NULL;
}

void fsv_writer_size(const fsv_writer *w, int32_t *width, int32_t *height) {
    *width = w->encoder->width, *height = w->encoder->height;
}

const char *fsv_writer_codec(const fsv_writer *w) { return av.avcodec_get_name(w->encoder->codec_id); }

// Frames.

static int64_t duration_of(const fsv_writer *w, int64_t time) {
    for (unsigned i = 0; i < WAITING; ++i)
        if (w->waiting[i].time == time)
            return w->waiting[i].duration;
    return 0;
}

static int drain(fsv_writer *w, char *message) {
    for (;;) {
        int error = av.avcodec_receive_packet(w->encoder, w->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF)
            return 0;
        if (error < 0)
            return fsv_fail(message, "its pictures cannot be encoded", error);
        w->packet->duration = duration_of(w, w->packet->pts);
        w->packet->stream_index = w->video->index;
        av.av_packet_rescale_ts(w->packet, w->encoder->time_base, w->video->time_base);
        error = av.av_interleaved_write_frame(w->format, w->packet);
        if (error < 0 || w->failure)
            return fail(w, message, error);
    }
}

static int fill(fsv_writer *w, const uint8_t *rgb, char *message) {
    AVFrame *frame = w->frame;
    const AVCodecContext *e = w->encoder;
    av.av_frame_unref(frame); // the encoder may still read the last one
    frame->width = e->width, frame->height = e->height, frame->format = e->pix_fmt;
    frame->colorspace = e->colorspace, frame->color_range = e->color_range;
    const int error = av.av_frame_get_buffer(frame, 0);
    if (error < 0)
        return fail(w, message, error);
    w->scaler = av.sws_getCachedContext(w->scaler, e->width, e->height, AV_PIX_FMT_RGB24, e->width, e->height,
                                        e->pix_fmt, SWS_BICUBIC, NULL, NULL, NULL);
    if (!w->scaler)
        return fail(w, message, AVERROR(EINVAL));
    av.sws_setColorspaceDetails(w->scaler, av.sws_getCoefficients(SWS_CS_DEFAULT), 1,
                                av.sws_getCoefficients(w->matrix), 0, 0, 1 << 16, 1 << 16);
    const uint8_t *planes[4] = {rgb};
    const int strides[4] = {3 * w->rgb_width};
    av.sws_scale(w->scaler, planes, strides, 0, e->height, frame->data, frame->linesize);
    return 0;
}

int fsv_writer_frame(fsv_writer *w, const uint8_t *rgb, int64_t time, int64_t duration, char *message) {
    if (fill(w, rgb, message))
        return -1;
    const int64_t rounded = av.av_rescale_q(time, w->tick, w->encoder->time_base);
    w->frame->pts = rounded > w->last ? rounded : w->last + 1;
    w->last = w->frame->pts;
    w->waiting[w->next].time = w->frame->pts;
    w->waiting[w->next].duration = av.av_rescale_q(duration, w->tick, w->encoder->time_base);
    w->next = (w->next + 1) % WAITING;
    const int error = av.avcodec_send_frame(w->encoder, w->frame);
    if (error < 0)
        return fsv_fail(message, "its pictures cannot be encoded", error);
    return drain(w, message);
}

int fsv_writer_audio(fsv_writer *w, void *packet, char *message) {
    AVPacket *p = packet;
    const int source = p->stream_index, place = (unsigned)source < w->known ? w->places[source] : -1;
    int error = 0;
    if (place >= 0) {
        p->stream_index = place;
        p->pos = -1;
        av.av_packet_rescale_ts(p, w->ticks[source], w->format->streams[place]->time_base);
        error = av.av_interleaved_write_frame(w->format, p);
    }
    av.av_packet_free(&p);
    return error < 0 || w->failure ? fail(w, message, error) : 0;
}

int fsv_writer_finish(fsv_writer *w, char *message) {
    int error = av.avcodec_send_frame(w->encoder, NULL);
    if (error < 0)
        return fsv_fail(message, "its pictures cannot be encoded", error);
    if (drain(w, message))
        return -1;
    error = av.av_write_trailer(w->format);
    w->has_header = 0;
    av.avio_flush(w->format->pb);
    return error < 0 || w->failure ? fail(w, message, error) : 0;
}

void fsv_writer_close(fsv_writer *w) {
    if (!w)
        return;
    av.sws_freeContext(w->scaler);
    av.av_frame_free(&w->frame);
    av.av_packet_free(&w->packet);
    av.avcodec_free_context(&w->encoder);
    if (w->format) {
        AVIOContext *file = w->format->pb;
        // A format that has begun frees what it holds in its trailer, which goes nowhere now.
        w->failure = w->failure ? w->failure : ECANCELED;
        if (w->has_header)
            av.av_write_trailer(w->format);
        if (file)
            av.av_freep(&file->buffer);
        av.avio_context_free(&file);
        av.avformat_free_context(w->format);
    }
    free(w->places), free(w->ticks);
    free(w);
}
