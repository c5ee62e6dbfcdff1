// softmax_loss: cross entropy of the softmax. Source: Caffe `softmax_loss_layer.cpp`; for labels that exclude
// a class, the gradient of -log(1 - p[k]): p[k] for k, -p[j] p[k] / (1 - p[k]) for the others.
#include "labels.h"
#include "summing/summing.h"
#include "parallel/slices.h"

#include <float.h>
#include <math.h>

typedef struct {
    const fsg_labelled *l;
    const float *probabilities, *weights;
    float factor;
    float *dx;
} job;

size_t fsg_count_labels(const fsg_labelled *l, size_t *wrong) {
    const size_t pixels = l->outer * l->inner;
    size_t counted = 0;
    *wrong = pixels;
    for (size_t pixel = pixels; pixel-- > 0;) {
        const label_kind kind = label_at(l, pixel).kind;
        counted += kind != label_ignored;
        if (kind == label_wrong)
            *wrong = pixel;
    }
    return counted;
}

static double losses(const void *context, size_t begin, size_t end) {
    const job *j = context;
    double sum = 0;
    for (size_t pixel = begin; pixel < end; ++pixel) {
        const label label = label_at(j->l, pixel);
        if (label.kind != label_class && label.kind != label_excluding)
            continue;
        const float p = j->probabilities[pixel_start(j->l, pixel) + label.class * j->l->inner];
        const float right = label.kind == label_class ? p : 1 - p;
        sum -= (double)((j->weights ? j->weights[label.class] : 1) * logf(right > FLT_MIN ? right : FLT_MIN));
    }
    return sum;
}

double fsg_softmax_loss(const fsg_labelled *l, const float *probabilities, const float *weights,
                        const fsk_pool *pool) {
    const job j = {l, probabilities, weights, 1, NULL};
    return fsg_sum(&j, losses, l->outer * l->inner, fsk_items(l->classes), pool);
}

static void pixel_gradient(const job *j, size_t at, label label) {
    const size_t step = j->l->inner, own = at + label.class * step;
    const float factor = j->factor * (j->weights ? j->weights[label.class] : 1);
    const float p = j->probabilities[own], others = 1 - p > FLT_MIN ? 1 - p : FLT_MIN;
    for (size_t c = 0; c < j->l->classes; ++c) {
        const float q = j->probabilities[at + c * step];
        if (label.kind == label_class)
            j->dx[at + c * step] = factor * (c == label.class ? q - 1 : q);
        else
            j->dx[at + c * step] = factor * (c == label.class ? q : -p * (q / others));
    }
}

static void gradients(const void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t pixel = begin; pixel < end; ++pixel) {
        const label label = label_at(j->l, pixel);
        const size_t at = pixel_start(j->l, pixel);
        if (label.kind == label_class || label.kind == label_excluding)
            pixel_gradient(j, at, label);
        else
            for (size_t c = 0; c < j->l->classes; ++c)
                j->dx[at + c * j->l->inner] = 0;
    }
}

void fsg_softmax_loss_gradient(const fsg_labelled *l, const float *probabilities, const float *weights,
                               float factor, float *dx, const fsk_pool *pool) {
    const job j = {l, probabilities, weights, factor, dx};
    fsg_for(&j, gradients, l->outer * l->inner, fsk_items(l->classes), pool);
}
