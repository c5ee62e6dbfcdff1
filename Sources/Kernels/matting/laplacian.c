// laplacian: rows of the matting Laplacian for unknown pixels, and what known ones make of the right side.
// Levin, Lischinski and Weiss, equation 12: over the windows k that hold pixels i and j the sum of
// [i = j] - (1 + (I_i - m_k) (S_k + epsilon / 9)^-1 (I_j - m_k)) / 9. In double precision: colours that
// hardly vary have an inverse of 1e7 and more.
#include "matting.h"

#include <string.h>

enum { band = 8, window = 9 }; // rows of pixels a task; pixels of a window

typedef struct {
    const fsk_matting *arguments;
    double *right;
} job;

// Solves s x = y for s = 00 01 02 11 12 22, by its factors L D L^T: of grey windows the determinant would be
// lost in rounding.
static void solve(const double s[6], const double y[3], double x[3]) {
    const double l10 = s[1] / s[0], l20 = s[2] / s[0], d1 = s[3] - l10 * s[1];
    const double below = s[4] - l20 * s[1], l21 = below / d1, d2 = s[5] - l20 * s[2] - l21 * below;
    const double y1 = y[1] - l10 * y[0], y2 = y[2] - l20 * y[0] - l21 * y1;
    x[2] = y2 / d2;
    x[1] = y1 / d1 - l21 * x[2];
    x[0] = y[0] / s[0] - l10 * x[1] - l20 * x[2];
}

// Colours of the window about a pixel less their mean, [9, 3], and times the inverse of the covariance.
static void window_colors(const fsk_matting *a, size_t y, size_t x, double centred[window][3],
                          double scaled[window][3]) {
    const size_t width = a->order->width, plane = a->order->height * width;
    const float *corner = a->colors + (y - 1) * width + x - 1;
    double s[6] = {a->epsilon, 0, 0, a->epsilon, 0, a->epsilon};
    for (size_t c = 0; c < 3; ++c) {
        double sum = 0;
        for (size_t i = 0; i < window; ++i)
            sum += centred[i][c] = (double)corner[c * plane + i / 3 * width + i % 3] / 255;
        for (size_t i = 0; i < window; ++i)
            centred[i][c] -= sum / window;
    }
    for (size_t i = 0; i < window; ++i)
        for (size_t c = 0, k = 0; c < 3; ++c)
            for (size_t d = c; d < 3; ++d, ++k)
                s[k] += centred[i][c] * centred[i][d];
    for (size_t k = 0; k < 6; ++k)
        s[k] /= window;
    for (size_t i = 0; i < window; ++i)
        solve(s, centred[i], scaled[i]);
}

// Adds a window's share to the rows of its unknown pixels of the rows first ... behind - 1.
static void add_window(const job *j, size_t y, size_t x, size_t first, size_t behind) {
    const fsk_matting *a = j->arguments;
    const fsk_matting_order *order = a->order;
    const size_t stride = order->width + 2 * FSK_MATTING_MARGIN, unknown = order->unknown;
    const int32_t *corner =
        order->places + (y - 1 + FSK_MATTING_MARGIN) * stride + x - 1 + FSK_MATTING_MARGIN;
    bool is_needed = false;
    for (size_t i = 0; i < window; ++i) {
        const size_t row = y - 1 + i / 3;
        is_needed |= row >= first && row < behind && (size_t)corner[i / 3 * stride + i % 3] != unknown;
    }
    if (!is_needed)
        return;
    double centred[window][3], scaled[window][3];
    window_colors(a, y, x, centred, scaled);
    for (size_t i = 0; i < window; ++i) {
        const size_t row = y - 1 + i / 3, position = (size_t)corner[i / 3 * stride + i % 3];
        if (row < first || row >= behind || position == unknown)
            continue;
        double *numbers = a->matrix + position * FSK_MATTING_STENCIL;
        for (size_t k = 0; k < window; ++k) {
            const double product =
                scaled[i][0] * centred[k][0] + scaled[i][1] * centred[k][1] + scaled[i][2] * centred[k][2];
            const double value = (i == k ? 1 : 0) - (1 + product) / window;
            if ((size_t)corner[k / 3 * stride + k % 3] != unknown)
                numbers[(k / 3 + 2 - i / 3) * 5 + k % 3 + 2 - i % 3] += value;
            else if (order->trimap[(y - 1 + k / 3) * order->width + x - 1 + k % 3] == 255)
                j->right[position] -= value;
        }
    }
}

static void add_band(void *argument, size_t index) {
    const job *j = argument;
    const fsk_matting_order *order = j->arguments->order;
    const size_t first = index * band, stride = order->width + 2 * FSK_MATTING_MARGIN;
    const size_t behind = first + band < order->height ? first + band : order->height;
    for (size_t y = first; y < behind; ++y)
        for (size_t x = 0; x < order->width; ++x) {
            const size_t position =
                (size_t)order->places[(y + FSK_MATTING_MARGIN) * stride + x + FSK_MATTING_MARGIN];
            if (position == order->unknown)
                continue;
            memset(j->arguments->matrix + position * FSK_MATTING_STENCIL, 0,
                   FSK_MATTING_STENCIL * sizeof *j->arguments->matrix);
            j->right[position] = 0;
            if (!j->arguments->prior)
                continue;
            const double weight = j->arguments->prior_weight;
            j->arguments->matrix[position * FSK_MATTING_STENCIL + FSK_MATTING_STENCIL / 2] = weight;
            j->right[position] = weight * (double)j->arguments->prior[y * order->width + x] / 255;
        }
    for (size_t y = first > 1 ? first - 1 : 1; y <= behind && y + 1 < order->height; ++y)
        for (size_t x = 1; x + 1 < order->width; ++x)
            add_window(j, y, x, first, behind);
}

void matting_matrix(const fsk_matting *arguments, double *right, const fsk_pool *pool) {
    job j = {arguments, right};
    fsk_pool_run(pool, add_band, &j, (arguments->order->height + band - 1) / band);
}
