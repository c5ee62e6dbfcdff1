// frame_resampling: a frame's planes to planes of red, green and blue of another size, without its pixels:
// rows of luma and of chroma are summed each for themselves, then become colours, then columns are summed.
#include "fsk_yuv.h"
#include "cpu/targets.h"
#include "resampling/rows.h"
#include "video/matrix.h"

typedef float four __attribute__((vector_size(16), aligned(4)));

typedef struct {
    const fsk_frame_resampling *arguments;
    columns columns; // the first one even
    matrix matrix;
    uint32_t cpu;
} job;

// A row's sums, and what its weights sum to.
typedef struct {
    const float *luma, *blue, *red;
    size_t chroma_step, count;
    float total;
} sums;

typedef int32_t four_bits __attribute__((vector_size(16), aligned(4)));

FSK_BODY four held(four x) {
    const four white = {255, 255, 255, 255};
    x = (four)((four_bits)x & (x > 0));
    const four_bits below = x < white;
    return (four)(((four_bits)x & below) | ((four_bits)white & ~below));
}

// bgr: four numbers a pixel, of an even number of them.
FSK_BODY void colors_body(const matrix *m, const sums *s, float *bgr) {
    const four of_blue = {(float)m->blue, (float)m->green_of_blue, 0, 0},
               of_red = {0, (float)m->green_of_red, (float)m->red, 0};
    const float luma = (float)m->luma, black = (float)m->black * s->total, middle = 128 * s->total;
    for (size_t i = 0; i < s->count; i += 2) {
        const four color = of_blue * (s->blue[i / 2 * s->chroma_step] - middle) +
                           of_red * (s->red[i / 2 * s->chroma_step] - middle);
        *(four *)(void *)(bgr + 4 * i) = held(color + luma * (s->luma[i] - black));
        *(four *)(void *)(bgr + 4 * i + 4) = held(color + luma * (s->luma[i + 1] - black));
    }
}
FSK_TARGETS(colors, (const matrix *m, const sums *s, float *bgr), (m, s, bgr))

static float total_of(const fsk_table *t, size_t row) {
    float total = 0;
    for (size_t k = 0; k < t->taps; ++k)
        total += t->weights[row * t->taps + k];
    return total;
}

static void resample_row(void *argument, size_t row, size_t worker) {
    const job *j = argument;
    const fsk_frame_resampling *a = j->arguments;
    const fsk_frame *f = &a->frame;
    const columns c = j->columns;
    const size_t even = c.count + c.count % 2, bytes = (even / 2 - 1) * f->chroma_step + 1;
    float *bgr = a->scratch + worker * fsk_frame_scratch(f->width), *luma = bgr + 4 * even;
    float *chroma[2] = {luma + even, luma + 2 * even};
    const lines bright = {f->luma + c.first, f->luma_row_bytes, 1};
    sum_lines(&bright, &a->vertical, row, c.count, j->cpu, luma);
    luma[even - 1] = luma[c.count - 1];
    for (size_t k = 0; k < 2; ++k) {
        const lines l = {f->chroma[k] + c.first / 2 * f->chroma_step, f->chroma_row_bytes[k], 2};
        sum_lines(&l, &a->vertical, row, bytes, j->cpu, chroma[k]);
    }
    const sums s = {luma, chroma[0], chroma[1], f->chroma_step, even, total_of(&a->vertical, row)};
    FSK_CALL(colors, j->cpu, (&j->matrix, &s, bgr));
    sum_colors((channels){4, {0, 1, 2}}, bgr, c.first, &a->horizontal, a->planes + row * a->horizontal.count,
               a->vertical.count * a->horizontal.count);
}

// Colours, luma and both kinds of chroma of a row, whose ends are made even.
size_t fsk_frame_scratch(size_t width) { return 7 * (width + 2); }

void fsk_frame_resampling_run(const fsk_frame_resampling *arguments, const fsk_pool *pool) {
    columns c = columns_of(&arguments->horizontal);
    c.count += c.first % 2;
    c.first -= c.first % 2;
    job j = {arguments, c, matrix_of(&arguments->frame), pool->cpu};
    fsk_pool_run_workers(pool, resample_row, &j, arguments->vertical.count);
}
