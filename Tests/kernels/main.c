// main: runs all cases of all kernels, or those of one, or one alone.
// Usage: kernel-tests [OPERATION [NUMBER]]. Ends with "N passed, M failed"; exit code 1 if any failed.
#define _GNU_SOURCE
#include "operations.h"
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t passed, failed;

// A kernel touched what lies behind its memory: nothing can go on after that.
static void out_of_bounds(int number) {
    char line[600];
    size_t n = failure_line(line, sizeof line, NULL, "memory out of bounds was touched");
    ssize_t done = write(1, line, n);
    n = (size_t)snprintf(line, sizeof line, "%zu passed, %zu failed, stopped\n", passed, failed + 1);
    done += write(1, line, n);
    _exit(done > 0 && number ? 1 : 2);
}

static void run_case(const char *program, const operation *o, size_t number) {
    begin_case(program, o, number);
    o->run(number);
    if (end_case())
        ++passed;
    else
        ++failed;
    fflush(stdout);
}

static void print_variants(void) {
    printf("kernels:");
    for (const setting *s = settings(); s->way; ++s)
        if (is_first_of_variant(s))
            printf(" %s (%s)", s->variant, fsk_convolution_name(fsk_convolution_choose(s->pool.cpu)));
    printf("\n");
}

int main(int count, char **arguments) {
    const char *wanted = count > 1 ? arguments[1] : NULL;
    char *end = NULL;
    const size_t number = count > 2 ? strtoul(arguments[2], &end, 10) : 0;
    const char *runner = getenv("RUNNER"); // what runs this program, for the failure's line
    char program[300];
    snprintf(program, sizeof program, "%s%s%s", runner ? runner : "", runner ? " " : "", arguments[0]);
    signal(SIGSEGV, out_of_bounds);
    signal(SIGBUS, out_of_bounds);
    print_variants();
    for (size_t i = 0; i < operation_count; ++i) {
        const operation *o = operations[i];
        if (wanted && strcmp(wanted, o->name) != 0)
            continue;
        if (!end)
            for (size_t c = 0; c < o->cases; ++c)
                run_case(program, o, c);
        else if (number < o->cases && !*end)
            run_case(program, o, number);
    }
    if (passed + failed == 0)
        printf("no case is named so\n");
    // Asking begins it, which test_region must be the first to do.
    const char *openmp = fsk_openmp_name();
    printf("OpenMP: %s\n", openmp ? openmp : "none, plain threads");
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed || !passed;
}
