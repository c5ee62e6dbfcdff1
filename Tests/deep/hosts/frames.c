/* frames: 100,000 frames of changing sizes, formats and results in sessions of all kinds, which stay open:
 * memory stays as it was in the first tenth. Usage: frames CAFFEMODEL [COUNT]. */
#include "host.h"

#include <malloc.h>
#include <unistd.h>

enum { usual = 100000, kinds = 4, most_side = 320 };
static const long most_growth = 4 << 20; /* bytes of resident memory */

static unsigned below(unsigned count) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % count;
}

static faceseg_session *open_kind(const faceseg_model *model, int kind) {
    static const struct {
        int32_t refinement, smallest_head, steady, precision;
    } all[kinds] = {{FACESEG_REFINE_NONE, -1, 0, FACESEG_EXACT},
                    {FACESEG_REFINE_GUIDED, 0, 0, FACESEG_FAST},
                    {FACESEG_REFINE_GUIDED, -1, 1, FACESEG_FAST},
                    {FACESEG_REFINE_GUIDED, 24, 0, FACESEG_EXACT}};
    faceseg_session_options options;
    faceseg_session *session;
    faceseg_session_options_init(&options);
    options.threads = 1 + kind % 2;
    options.refinement = all[kind].refinement;
    options.smallest_head = all[kind].smallest_head;
    options.steady = all[kind].steady;
    options.precision = all[kind].precision;
    MUST(faceseg_session_open(model, &options, &session, &error));
    return session;
}

static uint8_t pixels[4 * most_side * most_side];

/* side 0: any size and format. */
static void run(faceseg_session *session, int32_t side) {
    const int32_t format = side ? FACESEG_RGB8 : (int32_t)below(8), is_video = format >= FACESEG_NV12;
    faceseg_image image;
    memset(&image, 0, sizeof image);
    image.width = side ? side : 1 + (int32_t)below(most_side);
    image.height = side ? side : 1 + (int32_t)below(most_side);
    image.format = format;
    image.plane[0] = pixels;
    if (is_video)
        image.plane[1] = image.plane[2] = pixels;
    image.row_bytes[0] = image.row_bytes[1] = image.row_bytes[2] = is_video ? most_side + 2 : 4 * most_side;
    MUST(faceseg_run(session, &image, NULL, &error));
}

static void fetch(faceseg_session *session) {
    static float result[3 * most_side * most_side];
    const faceseg_plane bytes = {result, 3 * most_side, FACESEG_U8},
                        floats = {result, 4 * most_side, FACESEG_F32};
    switch (below(4)) {
    case 0:
        MUST(faceseg_get_labels(session, bytes, &error));
        break;
    case 1:
        MUST(faceseg_get_alpha(session, FACESEG_HEAD, floats, &error));
        break;
    case 2:
        MUST(faceseg_get_overlay(session, bytes, &error));
        break;
    default:
        MUST(faceseg_get_probability(session, 1, floats, &error));
    }
}

/* After the same photo, so that it is of what sizes leave behind, not of the last one. */
static long resident_at_rest(faceseg_session **sessions) {
    for (int kind = 0; kind < kinds; ++kind)
        run(sessions[kind], 96);
    malloc_trim(0); /* what malloc keeps for later is nobody's */
    return resident();
}

int main(int argc, char **argv) {
    faceseg_model_options options;
    faceseg_model *model;
    faceseg_session *sessions[kinds];
    const long all = argc > 2 ? atol(argv[2]) : usual;
    long first = 0, largest = 0, number;
    CHECK(argc >= 2 && all >= 200);
    faceseg_model_options_init(&options);
    options.working_size = 64; /* for the time it takes */
    options.class_names = "background,face,hair";
    MUST(faceseg_model_open(argv[1], &options, &model, &error));
    for (int kind = 0; kind < kinds; ++kind)
        sessions[kind] = open_kind(model, kind);
    for (number = 1; number <= all; ++number) {
        const int kind = (int)(number % kinds);
        for (unsigned i = 0; i < 16; ++i)
            pixels[below(sizeof pixels)] = (uint8_t)below(256);
        run(sessions[kind], kind == 2 && below(4) ? 96 : 0); /* a video keeps its size for a while */
        fetch(sessions[kind]);
        if (number % (all / 200) == 0) {
            const long now = resident_at_rest(sessions);
            if (number % (all / 20) == 0)
                printf("%6ld frames: %ld KiB resident\n", number, now >> 10);
            first = number <= all / 10 && now > first ? now : first;
            largest = now > largest ? now : largest;
        }
    }
    for (int kind = 0; kind < kinds; ++kind)
        faceseg_session_close(sessions[kind]);
    faceseg_model_close(model);
    printf("frames: %ld KiB more resident at most in %ld frames than in their first tenth\n",
           (largest - first) >> 10, all);
    return all == usual && largest - first > most_growth;
}
