// solve: conjugate gradients (Hestenes and Stiefel, 1952) in double precision. Sums are taken of pieces of
// fixed length, so that their bits do not depend on the threads.
#include "matting.h"

#include <math.h>
#include <string.h>

enum { piece = 4096, most_iterations = 2000 };

static const float shifts[] = {0, 1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f};

typedef struct {
    const fsk_matting *arguments;
    const double *x;
    double *y, *sums; // [pieces]
} job;

static size_t pieces(const fsk_matting_order *order) { return (order->unknown + piece - 1) / piece; }

size_t fsk_matting_vectors(const fsk_matting_order *order) {
    return 6 * (order->unknown + 1) + pieces(order) + order->widest;
}

// y = matrix x, and the sum of x y. x[unknown] is 0.
static void multiply_piece(void *argument, size_t index) {
    const job *j = argument;
    const fsk_matting_order *order = j->arguments->order;
    const size_t stride = order->width + 2 * FSK_MATTING_MARGIN, first = index * piece;
    const size_t behind = first + piece < order->unknown ? first + piece : order->unknown;
    double total = 0;
    for (size_t p = first; p < behind; ++p) {
        const int32_t *corner = order->places + order->pixels[p] - 2 * (ptrdiff_t)stride - 2;
        const double *numbers = j->arguments->matrix + p * FSK_MATTING_STENCIL;
        double sum = 0;
        for (size_t r = 0; r < 5; ++r, corner += stride, numbers += 5)
            for (size_t k = 0; k < 5; ++k)
                sum += numbers[k] * j->x[corner[k]];
        j->y[p] = sum;
        total += sum * j->x[p];
    }
    j->sums[index] = total;
}

static double multiply(const fsk_matting *a, const double *x, double *y, double *sums, const fsk_pool *pool) {
    job j = {a, x, y, sums};
    double total = 0;
    fsk_pool_run(pool, multiply_piece, &j, pieces(a->order));
    for (size_t i = 0; i < pieces(a->order); ++i)
        total += sums[i];
    return total;
}

static double dot(const double *x, const double *y, size_t n) {
    double parts[8] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; ++k)
            parts[k] += x[i + k] * y[i + k];
    for (; i < n; ++i)
        sum += x[i] * y[i];
    for (size_t k = 0; k < 8; ++k)
        sum += parts[k];
    return sum;
}

static void precondition(const fsk_matting *a, const double *r, double *z, float *copy, float *line,
                         const fsk_pool *pool) {
    for (size_t i = 0; i < a->order->unknown; ++i)
        copy[i] = (float)r[i];
    matting_substitute(a, copy, line, pool);
    for (size_t i = 0; i < a->order->unknown; ++i)
        z[i] = (double)copy[i];
}

typedef struct {
    double *x, *r, *z, *p, *q, *sums;
    float *copy, *line;
} vectors;

static vectors layout(const fsk_matting *a) {
    const size_t n = a->order->unknown + 1;
    vectors v = {.x = a->vectors};
    v.r = v.x + n;
    v.z = v.r + n;
    v.p = v.z + n;
    v.q = v.p + n;
    v.copy = (float *)(v.q + n);
    v.sums = v.q + 2 * n;
    v.line = (float *)(v.sums + pieces(a->order));
    memset(v.x, 0, n * sizeof *v.x);
    memset(v.p, 0, n * sizeof *v.p);
    return v;
}

// False: cancelled.
static bool iterate(fsk_matting *a, const vectors *v, const fsk_pool *pool) {
    const size_t n = a->order->unknown;
    const double right = sqrt(dot(v->r, v->r, n));
    double rz = 0;
    a->residual = right > 0 ? 1 : 0;
    for (a->iterations = 0; a->residual > a->tolerance && a->iterations < most_iterations; ++a->iterations) {
        if (fsk_flag_is_set(pool->cancelled))
            return false;
        precondition(a, v->r, v->z, v->copy, v->line, pool);
        const double before = rz;
        rz = dot(v->r, v->z, n);
        const double beta = a->iterations ? rz / before : 0;
        for (size_t i = 0; i < n; ++i)
            v->p[i] = v->z[i] + beta * v->p[i];
        const double energy = multiply(a, v->p, v->q, v->sums, pool);
        if (!(energy > 0)) // nothing is left that the numbers can tell
            break;
        const double step = rz / energy;
        for (size_t i = 0; i < n; ++i) {
            v->x[i] += step * v->p[i];
            v->r[i] -= step * v->q[i];
        }
        a->residual = sqrt(dot(v->r, v->r, n)) / right;
    }
    return !fsk_flag_is_set(pool->cancelled);
}

static void write_alpha(const fsk_matting *a, const double *x) {
    const fsk_matting_order *order = a->order;
    const size_t stride = order->width + 2 * FSK_MATTING_MARGIN;
    for (size_t y = 0; y < order->height; ++y)
        for (size_t u = 0; u < order->width; ++u) {
            const size_t i = y * order->width + u;
            const size_t position =
                (size_t)order->places[(y + FSK_MATTING_MARGIN) * stride + u + FSK_MATTING_MARGIN];
            const double value = position == order->unknown ? order->trimap[i] == 255 : x[position];
            a->alpha[i] = value > 0 ? value < 1 ? (float)value : 1 : 0;
        }
}

bool fsk_matting_run(fsk_matting *arguments, const fsk_pool *pool) {
    const vectors v = layout(arguments);
    matting_matrix(arguments, v.r, pool);
    size_t attempt = 0;
    while (!matting_factor(arguments, shifts[attempt], pool))
        if (fsk_flag_is_set(pool->cancelled) || ++attempt == sizeof shifts / sizeof *shifts)
            return false;
    if (!iterate(arguments, &v, pool))
        return false;
    write_alpha(arguments, v.x);
    return true;
}
