// reader: frames of a video or camera, and the packets of its audio as they are.
#include "reader.h"
#include "turn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SIDE = 16384 };

// Times beyond this are as good as missing, and those within can be added and subtracted.
#define LATEST (INT64_C(1) << 60)

static int64_t known_time(int64_t time) { return time > -LATEST && time < LATEST ? time : AV_NOPTS_VALUE; }

static int open_format(fsv_reader *r, const char *path, int camera, const char *size, char *message) {
    const AVInputFormat *input = NULL;
    AVDictionary *options = NULL;
    if (camera) {
        if (fsv_load_cameras(message))
            return -1;
        input = av.av_find_input_format("v4l2");
        if (size)
            av.av_dict_set(&options, "video_size", size, 0);
    }
    const int error = av.avformat_open_input(&r->format, path, input, &options);
    av.av_dict_free(&options);
    return error ? fsv_fail(message, "cannot be opened", error) : 0;
}

static int find_video(fsv_reader *r, char *message) {
    const int error = av.avformat_find_stream_info(r->format, NULL);
    if (error < 0)
        return fsv_fail(message, "cannot be read", error);
    const int index = av.av_find_best_stream(r->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (index < 0 || r->format->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC) {
        snprintf(message, FSV_MESSAGE, "there is no video in it");
        return -1;
    }
    r->video = r->format->streams[index];
    for (unsigned i = 0; i < r->format->nb_streams; ++i) {
        AVStream *stream = r->format->streams[i];
        if (stream != r->video && stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO)
            stream->discard = AVDISCARD_ALL;
    }
    return 0;
}

static int open_decoder(fsv_reader *r, char *message) {
    const AVCodecParameters *parameters = r->video->codecpar;
    const AVCodec *codec = av.avcodec_find_decoder(parameters->codec_id);
    if (!codec) {
        snprintf(message, FSV_MESSAGE, "this FFmpeg has no decoder for its video, %s",
                 av.avcodec_get_name(parameters->codec_id));
        return -1;
    }
    r->decoder = av.avcodec_alloc_context3(codec);
    if (!r->decoder)
        return fsv_fail(message, "cannot be decoded", AVERROR(ENOMEM));
    int error = av.avcodec_parameters_to_context(r->decoder, parameters);
    r->decoder->pkt_timebase = r->video->time_base;
    r->decoder->thread_count = 0;
    if (error >= 0)
        error = av.avcodec_open2(r->decoder, codec, NULL);
    return error < 0 ? fsv_fail(message, "cannot be decoded", error) : 0;
}

static int prepare_pictures(fsv_reader *r, char *message) {
    r->stored_width = r->decoder->width, r->stored_height = r->decoder->height;
    if (r->stored_width < 1 || r->stored_height < 1 || r->stored_width > LONGEST_SIDE ||
        r->stored_height > LONGEST_SIDE) {
        snprintf(message, FSV_MESSAGE, "its pictures are %d x %d pixels; sides from 1 to %d are read",
                 r->stored_width, r->stored_height, LONGEST_SIDE);
        return -1;
    }
    r->walk =
        fsv_walk_of((const int32_t *)av.av_stream_get_side_data(r->video, AV_PKT_DATA_DISPLAYMATRIX, NULL),
                    r->stored_width, r->stored_height);
    r->packet = av.av_packet_alloc(), r->frame = av.av_frame_alloc();
    if (r->walk.is_turned)
        r->stored = malloc((size_t)r->stored_width * r->stored_height * 3 + FSV_SLACK);
    if (!r->packet || !r->frame || (r->walk.is_turned && !r->stored))
        return fsv_fail(message, "cannot be read", AVERROR(ENOMEM));
    return 0;
}

static void describe(const fsv_reader *r, fsv_found *found) {
    const AVRational rate = av.av_guess_frame_rate(r->format, r->video, NULL);
    *found = (fsv_found){
        r->stored_width, r->stored_height, 0, r->video->nb_frames, 0, av_q2d(r->video->time_base)};
    if (r->walk.swaps_sides)
        found->width = r->stored_height, found->height = r->stored_width;
    if (rate.num > 0 && rate.den > 0)
        found->rate = av_q2d(rate);
    if (found->frames <= 0 && r->format->duration > 0)
        found->frames = llround(r->format->duration / (double)AV_TIME_BASE * found->rate);
    for (unsigned i = 0; i < r->format->nb_streams; ++i)
        found->audio_streams += r->format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

fsv_reader *fsv_reader_open(const char *path, int camera, const char *size, fsv_found *found, char *message) {
    if (fsv_load(message))
        return NULL;
    fsv_forget_complaints();
    fsv_reader *r = calloc(1, sizeof *r);
    if (!r) {
        fsv_fail(message, "cannot be opened", AVERROR(ENOMEM));
        return NULL;
    }
    r->last = AV_NOPTS_VALUE;
    if (open_format(r, path, camera, size, message) || find_video(r, message) || open_decoder(r, message) ||
        prepare_pictures(r, message)) {
        fsv_reader_close(r);
        return NULL;
    }
    describe(r, found);
    return r;
}

void fsv_reader_close(fsv_reader *r) {
    if (!r)
        return;
    av.sws_freeContext(r->scaler);
    av.av_frame_free(&r->frame);
    av.av_packet_free(&r->packet);
    av.avcodec_free_context(&r->decoder);
    av.avformat_close_input(&r->format);
    free(r->stored);
    free(r);
}

int64_t fsv_reader_start(const fsv_reader *r, const AVStream *stream) {
    const int64_t start = known_time(r->format->start_time);
    if (start == AV_NOPTS_VALUE || start <= 0)
        return 0;
    const int64_t ticks = known_time(av.av_rescale_q(start, AV_TIME_BASE_Q, stream->time_base));
    return ticks == AV_NOPTS_VALUE ? 0 : ticks;
}

// Times that are missing or do not grow are made to.
static void tell_frame(fsv_reader *r, fsv_item *item) {
    const int64_t known = known_time(r->frame->best_effort_timestamp);
    int64_t duration = r->frame->pkt_duration;
    duration = duration > 0 && duration < LATEST ? duration : 0;
    const int64_t next = r->last == AV_NOPTS_VALUE ? 0 : r->last + (duration ? duration : 1);
    int64_t time = known == AV_NOPTS_VALUE ? next : known - fsv_reader_start(r, r->video);
    if (r->last != AV_NOPTS_VALUE && time <= r->last)
        time = r->last + 1;
    r->last = time;
    r->damaged += r->frame->decode_error_flags || r->frame->flags & AV_FRAME_FLAG_CORRUPT;
    *item = (fsv_item){FSV_FRAME, time, duration, NULL};
}

// 1: a frame; 0: the decoder wants packets; AVERROR_EOF.
static int decode(fsv_reader *r) {
    for (;;) {
        const int error = av.avcodec_receive_frame(r->decoder, r->frame);
        if (!error)
            return 1;
        if (error == AVERROR(EAGAIN))
            return 0;
        if (error == AVERROR_EOF)
            return error;
        r->damaged += 1;
    }
}

static int take_audio(fsv_reader *r, fsv_item *item, char *message) {
    AVPacket *packet = av.av_packet_alloc();
    if (!packet)
        return fsv_fail(message, "cannot be read", AVERROR(ENOMEM));
    av.av_packet_move_ref(packet, r->packet);
    const int64_t start = fsv_reader_start(r, r->format->streams[packet->stream_index]);
    packet->pts = known_time(packet->pts), packet->dts = known_time(packet->dts);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts -= start;
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts -= start;
    *item = (fsv_item){FSV_AUDIO, 0, 0, packet};
    return 0;
}

int fsv_reader_next(fsv_reader *r, fsv_item *item, char *message) {
    for (;;) {
        const int decoded = decode(r);
        if (decoded == AVERROR_EOF) {
            *item = (fsv_item){FSV_END, 0, 0, NULL};
            return 0;
        }
        if (decoded) {
            tell_frame(r, item);
            return 0;
        }
        const int error = r->is_draining ? AVERROR_EOF : av.av_read_frame(r->format, r->packet);
        if (error == AVERROR(EAGAIN))
            continue;
        if (error < 0 && error != AVERROR_EOF)
            return fsv_fail(message, "cannot be read any further", error);
        if (error == AVERROR_EOF) {
            r->is_draining = 1;
            av.avcodec_send_packet(r->decoder, NULL);
            continue;
        }
        const AVStream *stream = r->format->streams[r->packet->stream_index];
        r->is_cut_off = (r->packet->flags & AV_PKT_FLAG_CORRUPT) != 0; // stays so if it was the last one
        r->damaged += r->is_cut_off;
        if (stream == r->video)
            r->damaged += av.avcodec_send_packet(r->decoder, r->packet) < 0;
        else if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            return take_audio(r, item, message);
        av.av_packet_unref(r->packet);
    }
}

// Untagged videos are taken as FFmpeg takes them, BT.601; those tagged otherwise as they say.
static int color_matrix(const AVFrame *frame) {
    const int space = frame->colorspace;
    return space == AVCOL_SPC_UNSPECIFIED || space == AVCOL_SPC_RGB ? SWS_CS_DEFAULT : space;
}

int fsv_reader_picture(fsv_reader *r, uint8_t *rgb, char *message) {
    const AVFrame *frame = r->frame;
    r->scaler =
        av.sws_getCachedContext(r->scaler, frame->width, frame->height, frame->format, r->stored_width,
                                r->stored_height, AV_PIX_FMT_RGB24, SWS_BICUBIC, NULL, NULL, NULL);
    if (!r->scaler)
        return fsv_fail(message, "its pictures cannot become RGB", AVERROR(EINVAL));
    av.sws_setColorspaceDetails(r->scaler, av.sws_getCoefficients(color_matrix(frame)),
                                frame->color_range == AVCOL_RANGE_JPEG,
                                av.sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    uint8_t *planes[4] = {r->walk.is_turned ? r->stored : rgb};
    const int strides[4] = {3 * r->stored_width};
    av.sws_scale(r->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes,
                 strides);
    if (r->walk.is_turned)
        fsv_turn(&r->walk, r->stored, r->stored_width, r->stored_height, rgb);
    return 0;
}

int64_t fsv_reader_damaged(const fsv_reader *r) { return r->damaged; }

int fsv_reader_is_cut_off(const fsv_reader *r) { return r->is_draining && r->is_cut_off; }

void fsv_packet_free(void *packet) {
    AVPacket *owned = packet;
    av.av_packet_free(&owned);
}
