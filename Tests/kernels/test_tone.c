// fsk_tone: the histogram and the curve against their formulas in double, one value after the other.
#include "check.h"

static const struct {
    size_t channels, height, width, left, right; // left, right: floats of a row beside the picture
} shapes[] = {{1, 1, 1, 0, 0}, {3, 5, 7, 0, 0}, {3, 33, 64, 3, 5}, {3, 300, 211, 1, 0}, {2, 3, 40000, 0, 2}};

typedef struct {
    fsk_tone tone; // of no x yet
    size_t left;
} case_of_curve;

static void run_tone(const void *arguments, float *y, const fsk_pool *pool) {
    const case_of_curve *c = arguments;
    fsk_tone a = c->tone;
    a.x = y + c->left;
    fsk_tone_run(&a, pool);
}

static double by_curve(double x, const float *curve) {
    if (!(x > 0))
        return (double)curve[0];
    if (x >= FSK_TONES - 1)
        return (double)curve[FSK_TONES - 1];
    const size_t low = (size_t)x;
    return (double)curve[low] + (x - (double)low) * ((double)curve[low + 1] - (double)curve[low]);
}

// What lies beside the picture stays as it is.
static void curves(size_t number) {
    const size_t channels = shapes[number].channels, height = shapes[number].height,
                 width = shapes[number].width, left = shapes[number].left;
    const size_t row = left + width + shapes[number].right, n = channels * height * row;
    describe("%zu x %zu x %zu of rows of %zu", channels, height, width, row);
    const float *curve = numbers(FSK_TONES, -50, 300);
    float *x = numbers(n, -30, 290);
    x[left] = NAN;
    double *want = memory(n * sizeof *want);
    for (size_t i = 0; i < n; ++i) {
        const bool inside = i % row >= left && i % row < left + width;
        want[i] = inside ? by_curve((double)x[i], curve) : (double)x[i];
    }
    const case_of_curve a = {{NULL, channels, height, width, height * row, row, curve}, left};
    expect_close(NULL, same_everywhere(n, x, run_tone, &a), want, n, 1e-6, 1e-4);
}

static void histogram(size_t number) {
    const size_t pixels = number < length_count ? lengths[number] : several_slices;
    describe("histogram of %zu", pixels);
    float *planes = numbers(3 * pixels, -10, 270);
    // Lumas that floats would round to the other side of a whole number are not looked at.
    uint32_t got[FSK_TONES], want[FSK_TONES] = {0};
    for (size_t i = 0; i < pixels; ++i) {
        double luma = 0;
        for (;;) {
            luma = 0.114 * (double)planes[i] + 0.587 * (double)planes[pixels + i] +
                   0.299 * (double)planes[2 * pixels + i];
            if (fabs(luma - round(luma)) > 1e-3)
                break;
            planes[i] += 0.5f;
        }
        ++want[luma < 0 ? 0 : luma >= FSK_TONES - 1 ? FSK_TONES - 1 : (size_t)luma];
    }
    if (pixels > 2) {
        --want[(size_t)fmin(fmax(0.114 * (double)planes[0] + 0.587 * (double)planes[pixels] +
                                     0.299 * (double)planes[2 * pixels],
                                 0),
                            FSK_TONES - 1)];
        planes[0] = NAN;
        ++want[0];
    }
    for (const setting *at = settings(); at->way; ++at) {
        if (!is_first_of_variant(at))
            continue;
        fsk_luma_histogram(planes, pixels, got, at->pool.cpu);
        for (size_t i = 0; i < FSK_TONES; ++i)
            if (got[i] != want[i])
                fail(at, "%u pixels of luma %zu, not %u", got[i], i, want[i]);
    }
}

static void run(size_t number) {
    if (number < COUNT(shapes))
        curves(number);
    else
        histogram(number - COUNT(shapes));
}

const operation tone_tests = {"tone", COUNT(shapes) + length_count + 1, run};
