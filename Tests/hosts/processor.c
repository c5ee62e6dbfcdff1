/* processor: a C host that tells which instruction set the library chose, and labels a photo by it.
 * Usage: processor WIDTH HEIGHT < RGB > LABELS; the instruction set goes to stderr. */
#include <faceseg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (faceseg_segment(&image, out, &error) != FACESEG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    fprintf(stderr, "%s\n", faceseg_runtime_cpu());
    return fwrite(labels, 1, pixels, stdout) != pixels;
}
