// foreground: the foreground's and the background's colours, level after level. Each level begins with the
// one below, enlarged by nearest pixels, and goes on in place: at each pixel the two colours that are best
// between the photo's own and those of the four neighbours (Germer et al., section 3). Pixels whose row and
// column add up to an even number come first, then the others, so that threads do not wait for each other.
#include "fsk_matting.h"

#include <math.h>
#include <string.h>

enum {
    band = 32,  // rows a task
    small = 32, // sides of levels that are cheap
    small_iterations = 10,
    big_iterations = 2,
    colors = 6,       // F's red, green, blue, then B's
    total_numbers = 8 // sums of colours, and pixels, of the foreground and of the background
};

static const float regularization = 1e-5f;

typedef struct {
    size_t height, width;
    float *alpha;  // [height, width]
    float *values; // [height, width, 6]
} level;

typedef struct {
    const fsk_foreground *arguments;
    level from, to;
    size_t parity;
    float *totals; // [bands of the photo, 8]
} job;

static size_t bands(size_t rows) { return (rows + band - 1) / band; }

static float held(float value) { return value > 0 ? value < 1 ? value : 1 : 0; } // 0 for NaN

static float alpha_at(const fsk_foreground *a, size_t y, size_t x) {
    const char *row = (const char *)a->alpha + (ptrdiff_t)y * a->alpha_row_bytes;
    return a->alpha_is_float ? held(((const float *)(const void *)row)[x])
                             : (float)((const uint8_t *)row)[x] / 255;
}

static void color_at(const fsk_photo *p, size_t y, size_t x, float rgb[3]) {
    const uint8_t *pixel = p->pixels + (ptrdiff_t)y * p->row_bytes + x * p->pixel_bytes;
    rgb[0] = (float)pixel[p->red] / 255;
    rgb[1] = (float)pixel[p->green] / 255;
    rgb[2] = (float)pixel[p->blue] / 255;
}

// --- Levels.

static size_t level_count(size_t height, size_t width) {
    const size_t longest = height > width ? height : width;
    return (size_t)ceil(log2((double)longest)) + 1;
}

static size_t level_side(size_t side, size_t index, size_t count) {
    return count < 2 ? side : (size_t)lround(pow((double)side, (double)index / (double)(count - 1)));
}

// The largest one that is held.
static size_t last_level(size_t height, size_t width, size_t most) {
    const size_t count = level_count(height, width);
    size_t index = count - 1;
    while (index > 0 && level_side(height, index, count) * level_side(width, index, count) > most)
        --index;
    return index;
}

static size_t level_pixels(size_t height, size_t width, size_t index) {
    const size_t count = level_count(height, width);
    return level_side(height, index, count) * level_side(width, index, count);
}

size_t fsk_foreground_scratch(size_t height, size_t width, size_t most) {
    const size_t last = last_level(height, width, most);
    const size_t below = last > 0 ? level_pixels(height, width, last - 1) : 1;
    return (colors + 1) * (level_pixels(height, width, last) + below) + total_numbers * bands(height);
}

// --- Mean colours, with which the first level begins.

static void add_band(void *argument, size_t index) {
    const job *j = argument;
    const fsk_foreground *a = j->arguments;
    float *total = j->totals + index * total_numbers, rgb[3];
    memset(total, 0, total_numbers * sizeof *total);
    for (size_t y = index * band; y < a->photo.height && y < (index + 1) * band; ++y) {
        float row[total_numbers] = {0};
        for (size_t x = 0; x < a->photo.width; ++x) {
            const float alpha = alpha_at(a, y, x);
            if (alpha <= 0.9f && alpha >= 0.1f)
                continue;
            float *side = alpha > 0.9f ? row : row + 4;
            color_at(&a->photo, y, x, rgb);
            for (size_t c = 0; c < 3; ++c)
                side[c] += rgb[c];
            side[3] += 1;
        }
        for (size_t k = 0; k < total_numbers; ++k)
            total[k] += row[k];
    }
}

static void mean_colors(const job *j, const fsk_pool *pool, float *values) {
    double sums[total_numbers] = {0};
    fsk_pool_run(pool, add_band, (void *)j, bands(j->arguments->photo.height));
    for (size_t i = 0; i < bands(j->arguments->photo.height) * total_numbers; ++i)
        sums[i % total_numbers] += (double)j->totals[i];
    for (size_t c = 0; c < colors; ++c)
        values[c] = (float)(sums[c / 3 * 4 + c % 3] / (sums[c / 3 * 4 + 3] + 1e-5));
}

// --- A level.

static void enlarge_band(void *argument, size_t index) {
    const job *j = argument;
    const fsk_photo *p = &j->arguments->photo;
    const level *from = &j->from, *to = &j->to;
    for (size_t y = index * band; y < to->height && y < (index + 1) * band; ++y)
        for (size_t x = 0; x < to->width; ++x) {
            const size_t at = y * to->width + x;
            const size_t below = y * from->height / to->height * from->width + x * from->width / to->width;
            to->alpha[at] = alpha_at(j->arguments, y * p->height / to->height, x * p->width / to->width);
            memcpy(to->values + at * colors, from->values + below * colors, colors * sizeof(float));
        }
}

// The colours of a pixel: F and B that make alpha F + (1 - alpha) B = rgb and are like the neighbours', whose
// alphas and colours these are: the neighbours' means, and of what the photo differs from them each its
// share.
static void best_colors(float alpha, const float rgb[3], const float alphas[4], const float *const values[4],
                        float out[colors]) {
    float weight = 0, sums[colors] = {0};
    for (size_t k = 0; k < 4; ++k) {
        const float each = regularization + fabsf(alpha - alphas[k]);
        weight += each;
        for (size_t c = 0; c < colors; ++c)
            sums[c] += each * values[k][c];
    }
    const float rest = 1 - alpha, scale = 1 / (alpha * alpha + rest * rest + weight);
    for (size_t c = 0; c < 3; ++c) {
        const float front = sums[c] / weight, back = sums[3 + c] / weight;
        const float left = (rgb[c] - alpha * front - rest * back) * scale;
        out[c] = held(front + alpha * left);
        out[3 + c] = held(back + rest * left);
    }
}

static void improve_band(void *argument, size_t index) {
    const job *j = argument;
    const fsk_photo *p = &j->arguments->photo;
    const level *to = &j->to;
    for (size_t y = index * band; y < to->height && y < (index + 1) * band; ++y)
        for (size_t x = (y + j->parity) % 2; x < to->width; x += 2) {
            const size_t at = y * to->width + x;
            const size_t near[4] = {x > 0 ? at - 1 : at, x + 1 < to->width ? at + 1 : at,
                                    y > 0 ? at - to->width : at, y + 1 < to->height ? at + to->width : at};
            float alphas[4], rgb[3];
            const float *values[4];
            for (size_t k = 0; k < 4; ++k) {
                alphas[k] = to->alpha[near[k]];
                values[k] = to->values + near[k] * colors;
            }
            color_at(p, y * p->height / to->height, x * p->width / to->width, rgb);
            best_colors(to->alpha[at], rgb, alphas, values, to->values + at * colors);
        }
}

static void run_level(job *j, const fsk_pool *pool) {
    const size_t tasks = bands(j->to.height);
    const bool is_small = j->to.height <= small && j->to.width <= small;
    fsk_pool_run(pool, enlarge_band, j, tasks);
    for (size_t i = 0; i < 2 * (is_small ? small_iterations : big_iterations); ++i) {
        j->parity = i % 2;
        fsk_pool_run(pool, improve_band, j, tasks);
    }
}

// --- The photo's rows, from the largest level.

static void write_pixel(const float *values, uint8_t *rgb) {
    for (size_t c = 0; c < 3; ++c)
        rgb[c] = (uint8_t)(values[c] * 255 + 0.5f);
}

static void write_band(void *argument, size_t index) {
    const job *j = argument;
    const fsk_foreground *a = j->arguments;
    const fsk_photo *p = &a->photo;
    const level *from = &j->from;
    const bool is_whole = from->height == p->height && from->width == p->width;
    for (size_t y = index * band; y < p->height && y < (index + 1) * band; ++y)
        for (size_t x = 0; x < p->width; ++x) {
            uint8_t *out = a->out + (ptrdiff_t)y * a->out_row_bytes + 3 * x;
            if (is_whole) {
                write_pixel(from->values + (y * p->width + x) * colors, out);
                continue;
            }
            const size_t rows[4] = {y, y, y > 0 ? y - 1 : y, y + 1 < p->height ? y + 1 : y};
            const size_t columns[4] = {x > 0 ? x - 1 : x, x + 1 < p->width ? x + 1 : x, x, x};
            float alphas[4], rgb[3], best[colors];
            const float *values[4];
            for (size_t k = 0; k < 4; ++k) {
                alphas[k] = alpha_at(a, rows[k], columns[k]);
                values[k] = from->values + (rows[k] * from->height / p->height * from->width +
                                            columns[k] * from->width / p->width) *
                                               colors;
            }
            color_at(p, y, x, rgb);
            best_colors(alpha_at(a, y, x), rgb, alphas, values, best);
            write_pixel(best, out);
        }
}

void fsk_foreground_run(const fsk_foreground *arguments, const fsk_pool *pool) {
    const fsk_photo *p = &arguments->photo;
    const size_t count = level_count(p->height, p->width);
    const size_t last = last_level(p->height, p->width, arguments->most);
    job j = {.arguments = arguments};
    // Levels lie at two places in turn, the last one at the first.
    float *places[2] = {arguments->scratch, NULL};
    places[1] = places[0] + (colors + 1) * level_pixels(p->height, p->width, last);
    j.totals = places[1] + (colors + 1) * (last > 0 ? level_pixels(p->height, p->width, last - 1) : 1);
    float means[colors];
    mean_colors(&j, pool, means);
    j.from = (level){1, 1, NULL, means};
    for (size_t i = 0; i <= last; ++i) {
        const size_t height = level_side(p->height, i, count), width = level_side(p->width, i, count);
        float *place = places[(last - i) % 2];
        j.to = (level){height, width, place + colors * height * width, place};
        run_level(&j, pool);
        j.from = j.to;
    }
    fsk_pool_run(pool, write_band, &j, bands(p->height));
}
