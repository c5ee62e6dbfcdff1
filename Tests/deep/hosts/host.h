/* host: what the hosts here share: a drawn photo, a session and its labels, and a way to fail. Not a test. */
#ifndef HOST_H
#define HOST_H

#include <faceseg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { width = 160, height = 120 };

#define CHECK(truth)                                                                                         \
    do {                                                                                                     \
        if (!(truth)) {                                                                                      \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth);                              \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* A call of the library that must succeed; `error` is where it reports. */
#define MUST(call)                                                                                           \
    do {                                                                                                     \
        faceseg_error error;                                                                                 \
        if ((call) != FACESEG_OK) {                                                                          \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, error.message);                    \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* A drawn head: skin-coloured ellipse under dark hair on a light wall. Drawn anew by each call. */
static const uint8_t *draw(void) {
    static uint8_t rgb[height][width][3];
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const double dx = (x - 80) / 25.0, dy = (y - 60) / 35.0;
            const int head = dx * dx + dy * dy < 1, hair = head && y < 42;
            rgb[y][x][0] = hair ? 40 : head ? 220 : 200;
            rgb[y][x][1] = hair ? 30 : head ? 170 : 210;
            rgb[y][x][2] = hair ? 25 : head ? 145 : 220;
        }
    return rgb[0][0];
}

static faceseg_image photo(void) {
    static const uint8_t *rgb;
    faceseg_image image;
    if (!rgb)
        rgb = draw();
    memset(&image, 0, sizeof image);
    image.plane[0] = rgb;
    image.row_bytes[0] = 3 * width;
    image.width = width;
    image.height = height;
    image.format = FACESEG_RGB8;
    return image;
}

static faceseg_plane plane(uint8_t *labels) {
    faceseg_plane out = {labels, width, FACESEG_U8};
    return out;
}

static inline faceseg_session *open_session(const faceseg_model *model, int threads) {
    faceseg_session_options options;
    faceseg_session *session;
    faceseg_session_options_init(&options);
    options.threads = threads;
    MUST(faceseg_session_open(model, &options, &session, &error));
    return session;
}

/* labels: width * height. */
static inline void segment(faceseg_session *session, uint8_t *labels) {
    const faceseg_image image = photo();
    MUST(faceseg_run(session, &image, NULL, &error));
    MUST(faceseg_get_labels(session, plane(labels), &error));
}

/* Whether the session gives these labels. */
static inline int gives(faceseg_session *session, const uint8_t *wanted) {
    uint8_t labels[width * height];
    memset(labels, 9, sizeof labels);
    segment(session, labels);
    return memcmp(labels, wanted, sizeof labels) == 0;
}

/* Bytes of memory that the process has pages for. */
static inline long resident(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%*s %ld", &pages) == 1);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

#endif
