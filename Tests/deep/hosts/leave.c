/* leave: processes that end while threads run photos: by return from main, exit, _exit, quick_exit, and by
 * the end of main's thread alone while others run on. Each must end at once, with its own exit code and no
 * signal. */
#include "host.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { threads = 3, rounds = 10, code = 7 };

static faceseg_model *model;

static void *run_on(void *endless) {
    faceseg_session *session = open_session(model, 2);
    uint8_t labels[width * height];
    int i;
    for (i = 0; endless || i < 3; ++i)
        segment(session, labels);
    if (endless)
        return NULL;
    _exit(code);
}

static void by_return(void) {}
static void by_exit(void) { exit(code); }
static void by_exit_at_once(void) { _exit(code); }
static void by_quick_exit(void) { quick_exit(code); }
static void by_end_of_main_thread(void) { pthread_exit(NULL); }

static void run_and_leave(void (*leave)(void), int delay) {
    pthread_t thread;
    int i;
    alarm(60);
    MUST(faceseg_model_open_builtin(&model, &error));
    for (i = 0; i < threads; ++i)
        CHECK(pthread_create(&thread, NULL, run_on, leave == by_end_of_main_thread ? NULL : "") == 0);
    usleep((useconds_t)delay);
    leave();
}

static void (*const ways[])(void) = {by_return, by_exit, by_exit_at_once, by_quick_exit,
                                     by_end_of_main_thread};

int main(void) {
    int round, status;
    size_t way;
    draw();
    for (round = 0; round < rounds; ++round)
        for (way = 0; way < sizeof ways / sizeof *ways; ++way) {
            const pid_t child = fork();
            if (child == 0) {
                run_and_leave(ways[way], round * 5000);
                return code;
            }
            CHECK(waitpid(child, &status, 0) == child);
            if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
                return fprintf(stderr, "way %zu, round %d: wait status %x\n", way, round, (unsigned)status),
                       1;
        }
    printf("leave: %d processes ended well while their threads ran\n",
           (int)(rounds * sizeof ways / sizeof *ways));
    return 0;
}
