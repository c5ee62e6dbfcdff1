// libav: FFmpeg's functions that are called here, in a table that is filled when its libraries are opened.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavdevice/avdevice.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

#define FSV_AVUTIL(X)                                                                                        \
    X(av_dict_copy)                                                                                          \
    X(av_dict_free)                                                                                          \
    X(av_dict_set)                                                                                           \
    X(av_frame_alloc)                                                                                        \
    X(av_frame_free)                                                                                         \
    X(av_frame_get_buffer)                                                                                   \
    X(av_frame_unref)                                                                                        \
    X(av_freep)                                                                                              \
    X(av_log_set_callback)                                                                                   \
    X(av_malloc)                                                                                             \
    X(av_pix_fmt_desc_get)                                                                                   \
    X(av_rescale_q)                                                                                          \
    X(av_strerror)
#define FSV_AVCODEC(X)                                                                                       \
    X(av_packet_alloc)                                                                                       \
    X(av_packet_free)                                                                                        \
    X(av_packet_move_ref)                                                                                    \
    X(av_packet_rescale_ts)                                                                                  \
    X(av_packet_unref)                                                                                       \
    X(avcodec_alloc_context3)                                                                                \
    X(avcodec_find_decoder)                                                                                  \
    X(avcodec_find_encoder)                                                                                  \
    X(avcodec_find_encoder_by_name)                                                                          \
    X(avcodec_free_context)                                                                                  \
    X(avcodec_get_name)                                                                                      \
    X(avcodec_open2)                                                                                         \
    X(avcodec_parameters_copy)                                                                               \
    X(avcodec_parameters_from_context)                                                                       \
    X(avcodec_parameters_to_context)                                                                         \
    X(avcodec_receive_frame)                                                                                 \
    X(avcodec_receive_packet)                                                                                \
    X(avcodec_send_frame)                                                                                    \
    X(avcodec_send_packet)
#define FSV_AVFORMAT(X)                                                                                      \
    X(av_find_best_stream)                                                                                   \
    X(av_find_input_format)                                                                                  \
    X(av_guess_format)                                                                                       \
    X(av_guess_frame_rate)                                                                                   \
    X(av_guess_sample_aspect_ratio)                                                                          \
    X(av_interleaved_write_frame)                                                                            \
    X(av_read_frame)                                                                                         \
    X(av_stream_get_side_data)                                                                               \
    X(av_write_trailer)                                                                                      \
    X(avformat_alloc_output_context2)                                                                        \
    X(avformat_close_input)                                                                                  \
    X(avformat_find_stream_info)                                                                             \
    X(avformat_free_context)                                                                                 \
    X(avformat_new_stream)                                                                                   \
    X(avformat_open_input)                                                                                   \
    X(avformat_query_codec)                                                                                  \
    X(avformat_write_header)                                                                                 \
    X(avio_alloc_context)                                                                                    \
    X(avio_context_free)                                                                                     \
    X(avio_flush)
#define FSV_SWSCALE(X)                                                                                       \
    X(sws_freeContext)                                                                                       \
    X(sws_getCachedContext)                                                                                  \
    X(sws_getCoefficients)                                                                                   \
    X(sws_scale)                                                                                             \
    X(sws_setColorspaceDetails)

#define FSV_MEMBER(function) typeof(function) *function;

typedef struct fsv_libav {
    FSV_AVUTIL(FSV_MEMBER)
    FSV_AVCODEC(FSV_MEMBER)
    FSV_AVFORMAT(FSV_MEMBER)
    FSV_SWSCALE(FSV_MEMBER)
} fsv_libav;

extern fsv_libav av;

int fsv_load(char *message);         // the table; once is enough
int fsv_load_cameras(char *message); // libavdevice, which tells libavformat of cameras

// Writes "WHAT: the error in words", and what FFmpeg last complained of; returns -1.
int fsv_fail(char *message, const char *what, int error);
void fsv_forget_complaints(void);
