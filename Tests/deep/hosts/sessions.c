/* sessions: 10,000 sessions opened, used on two threads and closed, over 1,000 models, built in, from a file
 * and from memory, with some runs cancelled or refused: memory stays as it is after the first tenth. Usage:
 * sessions CAFFEMODEL [COUNT]. Prints what is in use as it goes. A count other than 10,000 is for tools that
 * look at memory themselves, and for the impatient: nothing is said of memory then. */
#include "host.h"

#include <malloc.h>
#include <unistd.h>

enum { usual = 10000, warm = 1000, a_model = 10 };
static const long most_growth = 1 << 20; /* bytes of resident memory */

/* What malloc has given out and not got back, in arenas and as pages of its own. */
static long in_use(void) {
    const struct mallinfo2 info = mallinfo2();
    return (long)(info.uordblks + info.hblkhd);
}

static void *read_file(const char *path, long *size) {
    FILE *file = fopen(path, "rb");
    void *bytes;
    CHECK(file && fseek(file, 0, SEEK_END) == 0 && (*size = ftell(file)) > 0);
    rewind(file);
    bytes = malloc((size_t)*size);
    CHECK(bytes && fread(bytes, 1, (size_t)*size, file) == (size_t)*size);
    fclose(file);
    return bytes;
}

static faceseg_model *open_model(int number, const char *path) {
    faceseg_model_options options;
    faceseg_model *model;
    long size;
    void *bytes;
    faceseg_model_options_init(&options);
    options.working_size = 64; /* for the time it takes */
    switch (number % 3) {
    case 0:
        MUST(faceseg_model_open_builtin(&model, &error));
        break;
    case 1:
        MUST(faceseg_model_open(path, &options, &model, &error));
        break;
    default:
        bytes = read_file(path, &size);
        MUST(faceseg_model_open_memory(bytes, (size_t)size, &options, &model, &error));
        free(bytes);
    }
    return model;
}

static int32_t stop(void *unused, float done) { return (void)unused, done > 0.5f; }

/* One of these now and then: what fails must give its memory back too. */
static void fail(faceseg_session *session, int number) {
    const faceseg_image image = photo();
    faceseg_run_options options;
    faceseg_model *none;
    faceseg_run_options_init(&options);
    if (number % 3 == 0)
        options.progress = stop;
    else
        options.orientation = 45;
    CHECK(faceseg_run(session, &image, &options, NULL) != FACESEG_OK);
    CHECK(faceseg_model_open_memory("no network", 10, NULL, &none, NULL) != FACESEG_OK);
}

int main(int argc, char **argv) {
    faceseg_model *model = NULL;
    uint8_t labels[width * height];
    const long all = argc > 2 ? atol(argv[2]) : usual;
    long first_resident = 0, first_in_use = 0, largest = 0, number;
    CHECK(argc >= 2 && all > 0);
    for (number = 0; number <= all; ++number) {
        if (number % a_model == 0) {
            faceseg_model_close(model);
            model = NULL;
        }
        if (!model)
            malloc_trim(0); /* what malloc keeps for later is nobody's */
        if (number == warm) {
            first_resident = resident();
            first_in_use = in_use();
        }
        if (!model && number >= warm && resident() > largest)
            largest = resident();
        if (number % 1000 == 0) {
            printf("%5ld sessions: %ld KiB resident, %ld KiB in use\n", number, resident() >> 10,
                   in_use() >> 10);
            fflush(stdout);
        }
        if (number == all)
            break;
        if (!model)
            model = open_model((int)(number / a_model), argv[1]);
        faceseg_session *session = open_session(model, 2);
        segment(session, labels);
        if (number % 7 == 0)
            fail(session, (int)number);
        faceseg_session_close(session);
    }
    faceseg_model_close(model);
    if (all != usual)
        return printf("sessions: %ld opened, used and closed\n", all) < 0;
    printf(
        "sessions: %ld KiB more resident at most, %ld bytes more in use, after %d sessions than after %d\n",
        (largest - first_resident) >> 10, in_use() - first_in_use, usual, warm);
    return largest - first_resident > most_growth || in_use() - first_in_use > most_growth / 16;
}
