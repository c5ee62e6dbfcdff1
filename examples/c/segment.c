/* segment: the shares of face and hair in a PPM photo (P6, 8 bit).
 *     cc segment.c $(pkg-config --cflags --libs faceseg) -o segment && ./segment photo.ppm */
#include <faceseg.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    int width, height, most;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file || fscanf(file, "P6 %d %d %d", &width, &height, &most) != 3 || fgetc(file) == EOF ||
        width < 1 || height < 1 || most != 255) {
        fprintf(stderr, "usage: segment PHOTO.ppm (a file that is there: P6, 8 bit, no comments)\n");
        return 2;
    }
    const size_t pixels = (size_t)width * (size_t)height;
    uint8_t *rgb = malloc(3 * pixels), *labels = malloc(pixels);
    if (!rgb || !labels || fread(rgb, 3, pixels, file) != pixels) {
        fprintf(stderr, "%s ends before its %d x %d pixels, or there is no memory for them\n", argv[1], width,
                height);
        return 2;
    }

    faceseg_image image = {
        .plane = {rgb}, .row_bytes = {3 * width}, .width = width, .height = height, .format = FACESEG_RGB8};
    faceseg_plane out = {.data = labels, .row_bytes = width, .type = FACESEG_U8};
    faceseg_error error;
    if (faceseg_segment(&image, out, &error) != FACESEG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    double count[3] = {0};
    for (size_t i = 0; i < pixels; ++i)
        ++count[labels[i]];
    printf("face %.1f %%, hair %.1f %%\n", 100 * count[1] / (double)pixels, 100 * count[2] / (double)pixels);
    free(rgb);
    free(labels);
    fclose(file);
    return 0;
}
