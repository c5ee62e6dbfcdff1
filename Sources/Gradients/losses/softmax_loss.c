// softmax_loss: cross entropy of the softmax. Source: Caffe `softmax_loss_layer.cpp`; for labels that exclude
// a class, the gradient of -log(1 - p[k]): p[k] for k, -p[j] p[k] / (1 - p[k]) for the others. Pieces of
// pixels whose labels are all classes, or ignored, as most are, go by vectors.
#include "labels.h"
#include "cpu/targets.h"
#include "summing/summing.h"
#include "parallel/slices.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { piece = 256 };

typedef struct {
    const fsg_labelled *l;
    const float *probabilities, *weights;
    float factor;
    float *dx;
    uint32_t cpu;
} job;

// Pixels side by side, and what their labels say.
typedef struct {
    size_t pixel, n, at;              // the first, how many, where its first class is
    float own[piece], weights[piece]; // of each the label's probability and weight, or 1 and 0
    int is_plain;                     // all labels are classes, or ignored
} some_pixels;

FSK_BODY void find_own(const job *j, some_pixels *s) {
    const fsg_labelled *l = j->l;
    const float *labels = l->labels + s->pixel;
    const size_t n = s->n;
    int known[piece], count = 0;
    for (size_t i = 0; i < n; ++i) {
        s->own[i] = 1;
        s->weights[i] = 0;
        known[i] = l->ignores && labels[i] == l->ignored;
    }
    for (size_t c = 0; c < l->classes; ++c) {
        const float *row = j->probabilities + s->at + c * l->inner, class = (float)c;
        const float weight = j->weights ? j->weights[c] : 1;
        if (l->ignores && class == l->ignored)
            continue;
        for (size_t i = 0; i < n; ++i) {
            const int is_own = labels[i] == class;
            const float p = row[i], own = s->own[i], old = s->weights[i];
            s->own[i] = is_own ? p : own;
            s->weights[i] = is_own ? weight : old;
            known[i] |= is_own;
        }
    }
    for (size_t i = 0; i < n; ++i)
        count += known[i];
    s->is_plain = (size_t)count == n;
}

// Of the pixels from `pixel` on, before `end`.
FSK_BODY void take(const job *j, size_t pixel, size_t end, some_pixels *s) {
    s->pixel = pixel;
    s->n = fsk_least(fsk_piece(pixel, end, j->l->inner), piece);
    s->at = pixel_start(j->l, pixel);
    find_own(j, s);
}

// ln x for normal numbers above 0, within 2 units in the last place: x = 2^e m, m from sqrt(1/2) to sqrt(2),
// and a polynomial in m - 1. Source: Cephes `logf.c`.
FSK_BODY float logarithm(float x) {
    const uint32_t root = 0x3F3504F3; // of 1/2
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t e = (int32_t)(bits - root) >> 23;
    bits -= (uint32_t)e << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    const float f = m - 1, square = f * f, power = (float)e;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    const float low = p * f * square - 2.12194440e-4f * power - 0.5f * square;
    return f + low + 0.693359375f * power;
}

static double pixel_loss(const job *j, size_t pixel) {
    const label label = label_at(j->l, pixel);
    if (label.kind != label_class && label.kind != label_excluding)
        return 0;
    const float p = j->probabilities[pixel_start(j->l, pixel) + label.class * j->l->inner];
    const float right = label.kind == label_class ? p : 1 - p;
    return -(double)((j->weights ? j->weights[label.class] : 1) * logf(right > FLT_MIN ? right : FLT_MIN));
}

FSK_BODY void losses_body(const job *j, size_t begin, size_t end, double *loss) {
    enum { sums = 16 };
    double sum[sums] = {0}, total = 0;
    some_pixels s;
    for (size_t pixel = begin; pixel < end; pixel += s.n) {
        take(j, pixel, end, &s);
        for (size_t i = 0; !s.is_plain && i < s.n; ++i)
            total += pixel_loss(j, pixel + i);
        if (!s.is_plain)
            continue;
        for (size_t i = 0; i < s.n; ++i)
            s.own[i] = s.weights[i] * logarithm(s.own[i] > FLT_MIN ? s.own[i] : FLT_MIN);
        memset(s.own + s.n, 0, (piece - s.n) * sizeof *s.own);
        for (size_t i = 0; i < piece; i += sums)
            for (size_t k = 0; k < sums; ++k)
                sum[k] -= (double)s.own[i + k];
    }
    for (size_t k = 0; k < sums; ++k)
        total += sum[k];
    *loss = total;
}
FSK_TARGETS(losses, (const job *j, size_t begin, size_t end, double *loss), (j, begin, end, loss))

static double some_losses(const void *context, size_t begin, size_t end) {
    const job *j = context;
    double loss;
    FSK_CALL(losses, j->cpu, (j, begin, end, &loss));
    return loss;
}

double fsg_softmax_loss(const fsg_labelled *l, const float *probabilities, const float *weights,
                        const fsk_pool *pool) {
    const job j = {l, probabilities, weights, 1, NULL, pool->cpu};
    return fsg_sum(&j, some_losses, l->outer * l->inner, fsk_items(l->classes), pool);
}

FSK_BODY void plain_gradient(const job *j, const some_pixels *s) {
    const fsg_labelled *l = j->l;
    const float *labels = l->labels + s->pixel, factor = j->factor;
    for (size_t c = 0; c < l->classes; ++c) {
        const float *p = j->probabilities + s->at + c * l->inner, class = (float)c;
        float *restrict dx = j->dx + s->at + c * l->inner;
        for (size_t i = 0; i < s->n; ++i) {
            const float q = p[i], less = q - 1;
            dx[i] = factor * s->weights[i] * (labels[i] == class ? less : q);
        }
    }
}

static void pixel_gradient(const job *j, size_t pixel) {
    const label label = label_at(j->l, pixel);
    const size_t at = pixel_start(j->l, pixel), step = j->l->inner;
    if (label.kind != label_class && label.kind != label_excluding) {
        for (size_t c = 0; c < j->l->classes; ++c)
            j->dx[at + c * step] = 0;
        return;
    }
    const float factor = j->factor * (j->weights ? j->weights[label.class] : 1);
    const float p = j->probabilities[at + label.class * step], others = 1 - p > FLT_MIN ? 1 - p : FLT_MIN;
    for (size_t c = 0; c < j->l->classes; ++c) {
        const float q = j->probabilities[at + c * step];
        if (label.kind == label_class)
            j->dx[at + c * step] = factor * (c == label.class ? q - 1 : q);
        else
            j->dx[at + c * step] = factor * (c == label.class ? q : -p * (q / others));
    }
}

FSK_BODY void gradients_body(const job *j, size_t begin, size_t end) {
    some_pixels s;
    for (size_t pixel = begin; pixel < end; pixel += s.n) {
        take(j, pixel, end, &s);
        if (s.is_plain)
            plain_gradient(j, &s);
        for (size_t i = 0; !s.is_plain && i < s.n; ++i)
            pixel_gradient(j, pixel + i);
    }
}
FSK_TARGETS(gradients, (const job *j, size_t begin, size_t end), (j, begin, end))

static void some_gradients(const void *context, size_t begin, size_t end) {
    const job *j = context;
    FSK_CALL(gradients, j->cpu, (j, begin, end));
}

void fsg_softmax_loss_gradient(const fsg_labelled *l, const float *probabilities, const float *weights,
                               float factor, float *dx, const fsk_pool *pool) {
    const job j = {l, probabilities, weights, factor, dx, pool->cpu};
    fsg_for(&j, some_gradients, l->outer * l->inner, fsk_items(l->classes), pool);
}
