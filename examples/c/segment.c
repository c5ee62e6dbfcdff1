/* segment: the shares of face and hair in a PPM photo (P6, 8 bit).
 *     cc segment.c $(pkg-config --cflags --libs faceseg) -o segment && ./segment photo.ppm */
#include <faceseg.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    int width, height;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file || fscanf(file, "P6 %d %d 255", &width, &height) != 2 || fgetc(file) == EOF)
        return 2;
    uint8_t *rgb = malloc((size_t)3 * width * height), *labels = malloc((size_t)width * height);
    if (fread(rgb, 3, (size_t)width * height, file) != (size_t)width * height)
        return 2;

    faceseg_image image = {
        .plane = {rgb}, .row_bytes = {3 * width}, .width = width, .height = height, .format = FACESEG_RGB8};
    faceseg_plane out = {.data = labels, .row_bytes = width, .type = FACESEG_U8};
    faceseg_error error;
    if (faceseg_segment(&image, out, &error) != FACESEG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    long count[3] = {0};
    for (long i = 0; i < (long)width * height; ++i)
        ++count[labels[i]];
    printf("face %.1f %%, hair %.1f %%\n", 100.0 * count[1] / width / height,
           100.0 * count[2] / width / height);
    free(rgb);
    free(labels);
    fclose(file);
    return 0;
}
