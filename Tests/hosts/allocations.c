/* allocations: a C host that counts calls of malloc: a plan's steps make none once a photo of its size has
 * run, and a frame of a steady session no more than any photo. */
#include <faceseg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static long calls;

void *malloc(size_t size) {
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    return __libc_realloc(memory, size);
}

typedef struct {
    long steps, first, last; /* calls after the first step and after the last */
} seen;

static int32_t progress(void *context, float done) {
    seen *s = context;
    (void)done;
    if (s->steps++ == 0)
        s->first = calls;
    s->last = calls;
    return 0;
}

/* Of the fourth of four runs and its labels; -1: a run failed. */
static long of_a_run(const faceseg_model *model, const faceseg_image *image, int32_t steady) {
    static uint8_t labels[480 * 640];
    const faceseg_plane out = {labels, 640, FACESEG_U8};
    faceseg_session_options options;
    faceseg_session *session;
    long before = 0;
    int i;
    faceseg_session_options_init(&options);
    options.steady = steady;
    if (faceseg_session_open(model, &options, &session, NULL))
        return -1;
    for (i = 0; i < 4; ++i) {
        before = calls;
        if (faceseg_run(session, image, NULL, NULL) || faceseg_get_labels(session, out, NULL))
            return -1;
    }
    before = calls - before;
    faceseg_session_close(session);
    return before;
}

int main(void) {
    static uint8_t rgb[480 * 640 * 3];
    faceseg_model *model;
    faceseg_session *session;
    faceseg_error error;
    faceseg_image image;
    faceseg_run_options options;
    seen s = {0, 0, 0};
    int i;
    long single, steady;
    memset(&image, 0, sizeof image);
    image.plane[0] = rgb;
    image.row_bytes[0] = 640 * 3;
    image.width = 640;
    image.height = 480;
    image.format = FACESEG_RGB8;
    faceseg_run_options_init(&options);
    if (faceseg_model_open_builtin(&model, &error) || faceseg_session_open(model, NULL, &session, &error))
        return 1;
    for (i = 0; i < 3; ++i)
        if (faceseg_run(session, &image, NULL, &error))
            return 1;
    options.progress = progress;
    options.progress_context = &s;
    if (faceseg_run(session, &image, &options, &error))
        return 1;
    printf("%ld allocations in %ld steps\n", s.last - s.first, s.steps);
    faceseg_session_close(session);
    single = of_a_run(model, &image, 0);
    steady = of_a_run(model, &image, 1);
    printf("%ld allocations for a photo, %ld for a frame\n", single, steady);
    faceseg_model_close(model);
    return s.last != s.first || s.steps < 10 || calls == 0 || single < 0 || steady != single;
}
