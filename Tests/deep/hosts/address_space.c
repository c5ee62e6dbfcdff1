/* address_space: a process with less and less address space (RLIMIT_AS) opens sessions of all kinds and runs
 * photos. Whatever there is too little for must be FACESEG_OUT_OF_MEMORY, and small photos work on in the
 * session that refused a large one. Prints how many processes got all, some or nothing. With less than 1 MiB
 * more than the process has, Swift's runtime ends it: SECURITY.md. */
#include "host.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_megabytes = 1600, large = 1400 };
enum { got_all = 0, got_some = 10, got_nothing = 11 };

static uint8_t big[3 * large * large], labels[large * large];

static int is_fine(faceseg_status status) {
    CHECK(status == FACESEG_OK || status == FACESEG_OUT_OF_MEMORY);
    return status == FACESEG_OK;
}

static int runs(faceseg_session *session, const uint8_t *rgb, int32_t w, int32_t h) {
    const faceseg_plane out = {labels, w, FACESEG_U8};
    faceseg_image image;
    memset(&image, 0, sizeof image);
    image.plane[0] = rgb;
    image.row_bytes[0] = 3 * w;
    image.width = w, image.height = h;
    return is_fine(faceseg_run(session, &image, NULL, NULL)) &&
           is_fine(faceseg_get_labels(session, out, NULL));
}

/* How many of a session, a small photo, a large one and a small one again could be had. */
static int use(const faceseg_model *model, int32_t refinement, int32_t smallest_head) {
    faceseg_session_options options;
    faceseg_session *session;
    int got = 1;
    faceseg_session_options_init(&options);
    options.threads = 1;
    options.refinement = refinement;
    options.smallest_head = smallest_head;
    if (!is_fine(faceseg_session_open(model, &options, &session, NULL)))
        return 0;
    got += runs(session, draw(), width, height);
    got += runs(session, big, large, large);
    got += runs(session, draw(), width, height);
    faceseg_session_close(session);
    return got;
}

static int child(int megabytes) {
    struct rlimit limit;
    faceseg_model *model;
    unsigned long pages;
    int got = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    alarm(300);
    limit.rlim_cur = limit.rlim_max =
        pages * (unsigned long)sysconf(_SC_PAGESIZE) + ((rlim_t)megabytes << 20);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    if (!is_fine(faceseg_model_open_builtin(&model, NULL)))
        return got_nothing;
    got += use(model, FACESEG_REFINE_NONE, -1);
    got += use(model, FACESEG_REFINE_GUIDED, 0);
    got += use(model, FACESEG_REFINE_MATTING, -1);
    got += use(model, FACESEG_REFINE_CRF, -1);
    faceseg_model_close(model);
    return got == 16 ? got_all : got ? got_some : got_nothing;
}

int main(void) {
    int counts[3] = {0}, died = 0, megabytes;
    memset(big, 99, sizeof big);
    for (megabytes = 1; megabytes < most_megabytes; megabytes += megabytes < 40    ? 1
                                                                 : megabytes < 200 ? 16
                                                                                   : 128) {
        int status;
        const pid_t process = fork();
        CHECK(process >= 0);
        if (process == 0)
            _exit(child(megabytes));
        CHECK(waitpid(process, &status, 0) == process);
        if (WIFEXITED(status) && (WEXITSTATUS(status) == got_all || WEXITSTATUS(status) >= got_some))
            ++counts[WEXITSTATUS(status) == got_all ? 0 : WEXITSTATUS(status) - got_some + 1];
        else
            ++died, fprintf(stderr, "with %d MiB more: wait status %x\n", megabytes, (unsigned)status);
    }
    printf("address_space: %d processes got all, %d some, %d nothing; %d ended otherwise\n", counts[0],
           counts[1], counts[2], died);
    return died != 0;
}
