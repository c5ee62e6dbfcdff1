// fsk_upsample: each pixel a square of equal ones.
#include "check.h"

static void run_upsample(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_upsample u = *(const fsk_upsample *)arguments;
    u.y = y;
    fsk_upsample_run(&u, pool);
}

static void run(size_t number) {
    const size_t factor = choice(&number, 4) + 1, planes = choice(&number, 3), height = 3;
    const size_t width = number < length_count ? lengths[number] : several_slices / 16;
    describe("%zu x %zu x %zu by %zu", planes, height, width, factor);
    const fsk_upsample u = {odd_numbers(planes * height * width), NULL, planes, height, width, factor};
    const size_t count = planes * height * width * factor * factor;
    float *want = floats(count);
    for (size_t i = 0; i < count; ++i) {
        const size_t row = i / (width * factor) / factor, column = i % (width * factor) / factor;
        want[i] = u.x[row * width + column];
    }
    expect_bits(NULL, same_everywhere(count, NULL, run_upsample, &u), want, count);
}

const operation upsample_tests = {"upsample", 4 * 3 * (length_count + 1), run};
