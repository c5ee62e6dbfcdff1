// libav: opens FFmpeg's libraries, of the versions whose headers these are, and says what they say when they
// fail.
#define _GNU_SOURCE
#include "libav.h"
#include "VideoLibraries.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME(name, major) "lib" name ".so." AV_STRINGIFY(major)

fsv_libav av;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_loaded;
static char complaint[FSV_MESSAGE / 2]; // the last one

// Keeps errors for whoever fails next; the libraries would print them.
static void note(void *context, int level, const char *format, va_list arguments) {
    (void)context;
    if (level > AV_LOG_ERROR)
        return;
    pthread_mutex_lock(&lock);
    vsnprintf(complaint, sizeof complaint, format, arguments);
    complaint[strcspn(complaint, "\r\n")] = 0;
    pthread_mutex_unlock(&lock);
}

void fsv_forget_complaints(void) {
    pthread_mutex_lock(&lock);
    complaint[0] = 0;
    pthread_mutex_unlock(&lock);
}

int fsv_fail(char *message, const char *what, int error) {
    char words[128];
    av.av_strerror(error, words, sizeof words);
    pthread_mutex_lock(&lock);
    snprintf(message, FSV_MESSAGE, "%s: %s%s%s%s", what, words, complaint[0] ? " (" : "", complaint,
             complaint[0] ? ")" : "");
    pthread_mutex_unlock(&lock);
    return -1;
}

static int missing(char *message) {
    snprintf(message, FSV_MESSAGE,
             "FFmpeg's libraries are needed for videos: %s; install the program ffmpeg %d", dlerror(),
             LIBAVFORMAT_VERSION_MAJOR - 54);
    return -1;
}

#define TAKE(function)                                                                                       \
    if (!(av.function = (typeof(function) *)dlsym(library, #function)))                                      \
        return missing(message);
#define OPEN(name, major, functions)                                                                         \
    if (!(library = dlopen(FILE_NAME(name, major), RTLD_NOW | RTLD_LOCAL)))                                  \
        return missing(message);                                                                             \
    functions(TAKE)

static int take_all(char *message) {
    void *library;
    OPEN("avutil", LIBAVUTIL_VERSION_MAJOR, FSV_AVUTIL)
    OPEN("avcodec", LIBAVCODEC_VERSION_MAJOR, FSV_AVCODEC)
    OPEN("avformat", LIBAVFORMAT_VERSION_MAJOR, FSV_AVFORMAT)
    OPEN("swscale", LIBSWSCALE_VERSION_MAJOR, FSV_SWSCALE)
    return 0;
}

int fsv_load(char *message) {
    pthread_mutex_lock(&lock);
    const int result = is_loaded ? 0 : take_all(message);
    if (!result && !is_loaded)
        av.av_log_set_callback(note);
    is_loaded = !result;
    pthread_mutex_unlock(&lock);
    return result;
}

int fsv_load_cameras(char *message) {
    void *library = dlopen(FILE_NAME("avdevice", LIBAVDEVICE_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return missing(message);
    typeof(avdevice_register_all) *run = (typeof(run))dlsym(library, "avdevice_register_all");
    if (!run)
        return missing(message);
    run();
    return 0;
}
