// other_losses: EuclideanLoss, SigmoidCrossEntropyLoss, HingeLoss, MultinomialLogisticLoss, and Accuracy.
// Source: Caffe's layers of these names.
#include "labels.h"
#include "summing/summing.h"
#include "parallel/slices.h"

#include <math.h>
#include <string.h>

typedef struct {
    const fsg_targets *targets;
    const fsg_labelled *labelled;
    bool squared;
    float factor;
    float *dx;
} job;

static double euclidean(const void *context, size_t begin, size_t end) {
    const fsg_targets *t = ((const job *)context)->targets;
    double sum = 0;
    for (size_t i = begin; i < end; ++i) {
        const double difference = (double)(t->x[i] - t->targets[i]);
        sum += difference * difference / 2;
    }
    return sum;
}

double fsg_euclidean_loss(const fsg_targets *targets, const fsk_pool *pool) {
    const job j = {.targets = targets};
    return fsg_sum(&j, euclidean, targets->count, FSK_SLICE, pool);
}

static void euclidean_slopes(const void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t i = begin; i < end; ++i)
        j->dx[i] = j->factor * (j->targets->x[i] - j->targets->targets[i]);
}

void fsg_euclidean_loss_gradient(const fsg_targets *targets, float factor, float *dx, const fsk_pool *pool) {
    const job j = {.targets = targets, .factor = factor, .dx = dx};
    fsg_for(&j, euclidean_slopes, targets->count, FSK_SLICE, pool);
}

static bool counts(const fsg_targets *t, size_t i) { return !t->ignores || t->targets[i] != t->ignored; }

static double sigmoid(const void *context, size_t begin, size_t end) {
    const fsg_targets *t = ((const job *)context)->targets;
    double sum = 0;
    for (size_t i = begin; i < end; ++i) {
        const double x = (double)t->x[i], positive = x >= 0 ? 1 : 0;
        if (counts(t, i))
            sum -= x * ((double)t->targets[i] - positive) - log1p(exp(x - 2 * x * positive));
    }
    return sum;
}

double fsg_sigmoid_loss(const fsg_targets *targets, size_t *counted, const fsk_pool *pool) {
    const job j = {.targets = targets};
    *counted = 0;
    for (size_t i = 0; i < targets->count; ++i)
        *counted += counts(targets, i);
    return fsg_sum(&j, sigmoid, targets->count, FSK_SLICE, pool);
}

static void sigmoid_slopes(const void *context, size_t begin, size_t end) {
    const job *j = context;
    const fsg_targets *t = j->targets;
    for (size_t i = begin; i < end; ++i)
        j->dx[i] = counts(t, i) ? j->factor * (1 / (1 + expf(-t->x[i])) - t->targets[i]) : 0;
}

void fsg_sigmoid_loss_gradient(const fsg_targets *targets, float factor, float *dx, const fsk_pool *pool) {
    const job j = {.targets = targets, .factor = factor, .dx = dx};
    fsg_for(&j, sigmoid_slopes, targets->count, FSK_SLICE, pool);
}

// How far a score is on the wrong side of its margin, and the direction that makes it worse.
static float margin(const fsg_labelled *l, size_t row, size_t c, float *direction) {
    *direction = l->labels[row] == (float)c ? -1 : 1;
    return fmaxf(0, 1 + *direction * l->scores[row * l->classes + c]);
}

static double hinge(const void *context, size_t begin, size_t end) {
    const job *j = context;
    double sum = 0;
    for (size_t row = begin; row < end; ++row)
        for (size_t c = 0; c < j->labelled->classes; ++c) {
            float direction;
            const double m = (double)margin(j->labelled, row, c, &direction);
            sum += j->squared ? m * m : m;
        }
    return sum;
}

double fsg_hinge_loss(const fsg_labelled *l, bool squared, const fsk_pool *pool) {
    const job j = {.labelled = l, .squared = squared};
    return fsg_sum(&j, hinge, l->outer, fsk_items(l->classes), pool);
}

static void hinge_slopes(const void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t row = begin; row < end; ++row)
        for (size_t c = 0; c < j->labelled->classes; ++c) {
            float direction;
            const float m = margin(j->labelled, row, c, &direction);
            j->dx[row * j->labelled->classes + c] =
                j->factor * direction * (j->squared ? 2 * m : (float)(m > 0));
        }
}

void fsg_hinge_loss_gradient(const fsg_labelled *l, bool squared, float factor, float *dx,
                             const fsk_pool *pool) {
    const job j = {.labelled = l, .squared = squared, .factor = factor, .dx = dx};
    fsg_for(&j, hinge_slopes, l->outer, fsk_items(l->classes), pool);
}

static const float least_probability = 1e-20f; // Caffe's kLOG_THRESHOLD

static float right_probability(const fsg_labelled *l, size_t row, size_t *at) {
    *at = row * l->classes + label_at(l, row).class;
    return fmaxf(l->scores[*at], least_probability);
}

static double multinomial(const void *context, size_t begin, size_t end) {
    const job *j = context;
    double sum = 0;
    size_t at;
    for (size_t row = begin; row < end; ++row)
        sum -= (double)logf(right_probability(j->labelled, row, &at));
    return sum;
}

double fsg_multinomial_loss(const fsg_labelled *l, const fsk_pool *pool) {
    const job j = {.labelled = l};
    return fsg_sum(&j, multinomial, l->outer, fsk_items(l->classes), pool);
}

static void multinomial_slopes(const void *context, size_t begin, size_t end) {
    const job *j = context;
    const size_t classes = j->labelled->classes;
    memset(j->dx + begin * classes, 0, (end - begin) * classes * sizeof *j->dx);
    for (size_t row = begin; row < end; ++row) {
        size_t at;
        const float p = right_probability(j->labelled, row, &at);
        j->dx[at] = -j->factor / p;
    }
}

void fsg_multinomial_loss_gradient(const fsg_labelled *l, float factor, float *dx, const fsk_pool *pool) {
    const job j = {.labelled = l, .factor = factor, .dx = dx};
    fsg_for(&j, multinomial_slopes, l->outer, fsk_items(l->classes), pool);
}

void fsg_accuracy(const fsg_labelled *l, size_t top, size_t *right, size_t *all) {
    memset(right, 0, l->classes * sizeof *right);
    memset(all, 0, l->classes * sizeof *all);
    for (size_t pixel = 0; pixel < l->outer * l->inner; ++pixel) {
        const label label = label_at(l, pixel);
        if (label.kind != label_class)
            continue;
        const float *scores = l->scores + pixel_start(l, pixel);
        size_t others = 0;
        for (size_t c = 0; c < l->classes; ++c)
            others += c != label.class && scores[c * l->inner] >= scores[label.class * l->inner];
        right[label.class] += others < top;
        ++all[label.class];
    }
}
