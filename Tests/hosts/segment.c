/* segment: a C99 host of the installed library: labels of a drawn picture, and Caffe's scores for a model
 * given on the command line. Compiled as C and as C++; prints what it saw, and exits with 1 at the first
 * thing wrong. */
#include <faceseg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { width = 320, height = 240 };

static int failed(const char *what, const faceseg_error *error) {
    fprintf(stderr, "%s: %s: %s\n", what, faceseg_status_name(error->status), error->message);
    return 1;
}

/* A drawn head: skin-coloured ellipse under dark hair on a light wall. */
static void draw(uint8_t *rgb) {
    int y, x;
    for (y = 0; y < height; ++y)
        for (x = 0; x < width; ++x) {
            uint8_t *p = rgb + 3 * (y * width + x);
            const double dx = (x - 160) / 50.0, dy = (y - 120) / 70.0;
            const int head = dx * dx + dy * dy < 1, hair = head && y < 85;
            p[0] = hair ? 40 : head ? 220 : 200;
            p[1] = hair ? 30 : head ? 170 : 210;
            p[2] = hair ? 25 : head ? 145 : 220;
        }
}

static int segments(void) {
    uint8_t *rgb = (uint8_t *)malloc(3 * width * height), *labels = (uint8_t *)malloc(width * height);
    faceseg_image image;
    faceseg_plane out;
    faceseg_error error;
    long counts[256] = {0};
    int i;
    memset(&image, 0, sizeof image);
    image.plane[0] = rgb;
    image.row_bytes[0] = 3 * width;
    image.width = width;
    image.height = height;
    image.format = FACESEG_RGB8;
    out.data = labels;
    out.row_bytes = width;
    out.type = FACESEG_U8;
    draw(rgb);
    if (faceseg_segment(&image, out, &error) != FACESEG_OK)
        return failed("faceseg_segment", &error);
    for (i = 0; i < width * height; ++i)
        ++counts[labels[i]];
    printf("background %ld, face %ld, hair %ld\n", counts[0], counts[1], counts[2]);
    free(rgb);
    free(labels);
    return counts[0] + counts[1] + counts[2] != (long)width * height || counts[0] == 0;
}

/* The floats of a .npy file of version 1. */
static float *read_npy(const char *path, int64_t *shape, int32_t *rank, size_t *count) {
    FILE *f = fopen(path, "rb");
    unsigned char head[10];
    char text[4096], *at;
    float *numbers;
    size_t length;
    if (!f || fread(head, 1, 10, f) != 10)
        return NULL;
    length = head[8] + 256u * head[9];
    if (length >= sizeof text || fread(text, 1, length, f) != length)
        return NULL;
    text[length] = 0;
    at = strchr(strstr(text, "shape"), '(') + 1;
    for (*rank = 0, *count = 1; *at && *at != ')';) {
        char *end;
        const long side = strtol(at, &end, 10);
        if (end != at) {
            shape[(*rank)++] = side;
            *count *= (size_t)side;
        }
        at = end != at ? end : at + 1;
    }
    numbers = (float *)malloc(*count * sizeof *numbers);
    if (fread(numbers, sizeof *numbers, *count, f) != *count)
        return NULL;
    fclose(f);
    return numbers;
}

static int scores(const char *base) {
    char path[4096], prototxt[4096];
    faceseg_model_options options;
    faceseg_model *model = NULL;
    faceseg_session *session = NULL;
    faceseg_error error;
    faceseg_tensor in, out;
    int64_t shape[8];
    int32_t rank;
    size_t count, i;
    float *wanted, *given, largest = 0, worst = 0;
    memset(&in, 0, sizeof in);
    snprintf(path, sizeof path, "%s.input.npy", base);
    given = read_npy(path, in.shape, &in.rank, &count);
    in.data = given;
    snprintf(path, sizeof path, "%s.score.npy", base);
    wanted = read_npy(path, shape, &rank, &count);
    if (!given || !wanted)
        return fprintf(stderr, "%s: no arrays\n", base), 1;
    faceseg_model_options_init(&options);
    snprintf(prototxt, sizeof prototxt, "%s.prototxt", base);
    options.prototxt_path = prototxt;
    snprintf(path, sizeof path, "%s.caffemodel", base);
    if (faceseg_model_open(path, &options, &model, &error))
        return failed("faceseg_model_open", &error);
    if (faceseg_session_open(model, NULL, &session, &error))
        return failed("faceseg_session_open", &error);
    faceseg_model_close(model); /* the session keeps it */
    if (faceseg_forward(session, &in, 1, "score", &out, &error))
        return failed("faceseg_forward", &error);
    if (out.rank != rank || memcmp(out.shape, shape, (size_t)rank * sizeof *shape))
        return fprintf(stderr, "shape\n"), 1;
    for (i = 0; i < count; ++i) {
        if (fabsf(wanted[i]) > largest)
            largest = fabsf(wanted[i]);
        if (fabsf(wanted[i] - out.data[i]) > worst)
            worst = fabsf(wanted[i] - out.data[i]);
    }
    printf("%s: largest error %.2g of the largest score\n", strrchr(base, '/') + 1, worst / largest);
    faceseg_session_close(session);
    free(wanted);
    free(given);
    return !(worst <= 2e-5f * largest);
}

int main(int argc, char **argv) {
    const char *openmp = faceseg_runtime_openmp();
    int i;
    if (faceseg_version() !=
        FACESEG_VERSION_MAJOR * 10000 + FACESEG_VERSION_MINOR * 100 + FACESEG_VERSION_PATCH)
        return fprintf(stderr, "the header is not the library's\n"), 1;
    printf("faceseg %s, %s, OpenMP %s, %d threads\n", faceseg_version_string(), faceseg_runtime_cpu(),
           openmp ? openmp : "none", (int)faceseg_runtime_threads());
    if (!openmp)
        return fprintf(stderr, "no OpenMP runtime: install libomp5\n"), 1;
    if (segments())
        return 1;
    for (i = 1; i < argc; ++i)
        if (scores(argv[i]))
            return 1;
    return 0;
}
