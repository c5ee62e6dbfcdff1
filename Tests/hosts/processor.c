/* processor: a C host that tells which instruction set the library chose, and labels a photo by it.
 * Usage: processor WIDTH HEIGHT < RGB > LABELS; the instruction set goes to stderr. */
#include <faceseg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library's own buffers end where a page that nobody may touch begins, so that a read beyond them is
 * caught. qemu 7.2 reads 16 bytes for the one float in memory of an FMA, and falls there. */
static void *allocate(void *context, size_t size, size_t alignment) {
    (void)context;
    return aligned_alloc(alignment, (size / alignment + 2) * alignment);
}

static void release(void *context, void *memory, size_t size, size_t alignment) {
    (void)context, (void)size, (void)alignment;
    free(memory);
}

static faceseg_status segment(const faceseg_image *image, faceseg_plane out, faceseg_error *error) {
    faceseg_model *model = NULL;
    faceseg_session *session = NULL;
    faceseg_session_options options;
    faceseg_status status = faceseg_model_open_builtin(&model, error);
    faceseg_session_options_init(&options);
    options.allocate = allocate;
    options.release = release;
    if (!status)
        status = faceseg_session_open(model, &options, &session, error);
    if (!status)
        status = faceseg_run(session, image, NULL, error);
    if (!status)
        status = faceseg_get_labels(session, out, error);
    faceseg_session_close(session);
    faceseg_model_close(model);
    return status;
}

int main(int count, char **arguments) {
    const int width = count > 2 ? atoi(arguments[1]) : 0, height = count > 2 ? atoi(arguments[2]) : 0;
    const size_t pixels = (size_t)width * (size_t)height;
    uint8_t *rgb = malloc(3 * pixels), *labels = malloc(pixels);
    faceseg_image image;
    faceseg_plane out;
    faceseg_error error;
    memset(&image, 0, sizeof image);
    image.plane[0] = rgb;
    image.row_bytes[0] = 3 * (ptrdiff_t)width;
    image.width = width;
    image.height = height;
    image.format = FACESEG_RGB8;
    out.data = labels;
    out.row_bytes = width;
    out.type = FACESEG_U8;
    if (!rgb || !labels || fread(rgb, 3, pixels, stdin) != pixels) {
        fprintf(stderr, "standard input has no %d x %d pixels of RGB\n", width, height);
        return 1;
    }
    if (segment(&image, out, &error) != FACESEG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    fprintf(stderr, "%s\n", faceseg_runtime_cpu());
    return fwrite(labels, 1, pixels, stdout) != pixels;
}
