// check: the case that runs, what is expected of it, and the line that says what was not so.
#include "check.h"
#include "runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const size_t lengths[length_count] = {0, 1, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 31, 33, 65, longest};

channel_shape channel_shape_at(size_t i) {
    static const channel_shape others[] = {{0, 3, 4}, {5, 7, 1}, {3, 17, 2039}, {1, 2, 70001}};
    return i < length_count ? (channel_shape){2, 3, lengths[i]} : others[i - length_count];
}

static const char *program, *operation_name;
static size_t case_number;
static char shape[200];
static bool has_failed;

void begin_case(const char *program_name, const operation *o, size_t number) {
    program = program_name, operation_name = o->name, case_number = number;
    shape[0] = 0;
    has_failed = false;
    seed_numbers(o->name, number);
}

bool end_case(void) {
    free_memory();
    return !has_failed;
}

size_t failure_line(char *line, size_t size, const setting *s, const char *what) {
    const int n = snprintf(line, size, "FAILED: %s %zu (%s)%s%s%s%s: %s; again: %s %s %zu\n", operation_name,
                           case_number, shape, s ? ", " : "", s ? s->variant : "", s ? ", " : "",
                           s ? s->way : "", what, program, operation_name, case_number);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

void describe(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(shape, sizeof shape, format, arguments);
    va_end(arguments);
}

void fail(const setting *s, const char *format, ...) {
    char what[200], line[600];
    if (has_failed)
        return;
    has_failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    fwrite(line, 1, failure_line(line, sizeof line, s, what), stdout);
}

static bool is_near(double got, double want, double allowed) {
    if (isnan(want))
        return isnan(got);
    return got == want || (isfinite(want) && fabs(got - want) <= allowed);
}

void expect_close(const setting *s, const float *got, const double *want, size_t n, double relative,
                  double absolute) {
    for (size_t i = 0; i < n; ++i)
        if (!is_near((double)got[i], want[i], fmax(relative * fabs(want[i]), absolute))) {
            fail(s, "at %zu: %.9g, not %.9g", i, (double)got[i], want[i]);
            return;
        }
}

void expect_within(const setting *s, const float *got, const double *want, const double *allowed, size_t n) {
    for (size_t i = 0; i < n; ++i)
        if (!is_near((double)got[i], want[i], allowed[i])) {
            fail(s, "at %zu: %.9g, not %.9g +- %.2g", i, (double)got[i], want[i], allowed[i]);
            return;
        }
}

void expect_bits(const setting *s, const float *got, const float *want, size_t n) {
    for (size_t i = 0; i < n; ++i)
        if (memcmp(got + i, want + i, sizeof *got) != 0 && !(isnan(got[i]) && isnan(want[i]))) {
            fail(s, "at %zu: %.9g, not %.9g to the bit", i, (double)got[i], (double)want[i]);
            return;
        }
}

void expect_bytes(const setting *s, const uint8_t *got, const uint8_t *want, size_t n) {
    for (size_t i = 0; i < n; ++i)
        if (got[i] != want[i]) {
            fail(s, "at %zu: %d, not %d", i, got[i], want[i]);
            return;
        }
}

float *same_everywhere(size_t count, const float *start, run_fn *run, const void *arguments) {
    float *first = NULL;
    for (const setting *s = settings(); s->way; ++s) {
        float *y = floats(count);
        if (start)
            memcpy(y, start, count * sizeof *y);
        run(arguments, y, &s->pool);
        if (!first)
            first = y;
        expect_bits(s, y, first, count);
    }
    return first;
}
