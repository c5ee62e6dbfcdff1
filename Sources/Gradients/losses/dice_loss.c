// dice_loss: overlap of probabilities with labels. Sums over all pixels first, a class at a time; then each
// pixel's gradient goes back through the softmax.
#include "labels.h"
#include "summing/summing.h"
#include "parallel/slices.h"

typedef struct {
    const fsg_labelled *l;
    const float *probabilities, *slopes;
    size_t class;
    enum { overlap, size } of;
    float factor;
    float *dx;
} job;

// Whether it is known if the pixel is of the class, and then if it is.
static inline bool is_known(label label, size_t class) {
    return label.kind == label_class || (label.kind == label_excluding && label.class == class);
}

static inline bool is_of(label label, size_t class) {
    return label.kind == label_class && label.class == class;
}

static double sums(const void *context, size_t begin, size_t end) {
    const job *j = context;
    double sum = 0;
    for (size_t pixel = begin; pixel < end; ++pixel) {
        const label label = label_at(j->l, pixel);
        if (!is_known(label, j->class))
            continue;
        const double p = (double)j->probabilities[pixel_start(j->l, pixel) + j->class * j->l->inner];
        const double t = is_of(label, j->class) ? 1 : 0;
        sum += j->of == overlap ? p * t : p + t;
    }
    return sum;
}

double fsg_dice_loss(const fsg_labelled *l, const float *probabilities, float *slopes, const fsk_pool *pool) {
    const size_t pixels = l->outer * l->inner;
    double loss = 0;
    for (size_t c = 0; c < l->classes; ++c) {
        job j = {.l = l, .probabilities = probabilities, .class = c, .of = overlap};
        const double above = 2 * fsg_sum(&j, sums, pixels, FSK_SLICE, pool) + 1;
        j.of = size;
        const double below = fsg_sum(&j, sums, pixels, FSK_SLICE, pool) + 1, classes = (double)l->classes;
        loss += (1 - above / below) / classes;
        for (int t = 0; t < 2; ++t)
            slopes[2 * c + (size_t)t] = (float)((above - 2 * t * below) / (below * below) / classes);
    }
    return loss;
}

static float slope(const job *j, label label, size_t class) {
    return is_known(label, class) ? j->slopes[2 * class + (is_of(label, class) ? 1 : 0)] : 0;
}

static void gradients(const void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t pixel = begin; pixel < end; ++pixel) {
        const label label = label_at(j->l, pixel);
        const size_t at = pixel_start(j->l, pixel), step = j->l->inner;
        float mean = 0;
        for (size_t c = 0; c < j->l->classes; ++c)
            mean += j->probabilities[at + c * step] * slope(j, label, c);
        for (size_t c = 0; c < j->l->classes; ++c)
            j->dx[at + c * step] = j->factor * j->probabilities[at + c * step] * (slope(j, label, c) - mean);
    }
}

void fsg_dice_loss_gradient(const fsg_labelled *l, const float *probabilities, const float *slopes,
                            float factor, float *dx, const fsk_pool *pool) {
    const job j = {.l = l, .probabilities = probabilities, .slopes = slopes, .factor = factor, .dx = dx};
    fsg_for(&j, gradients, l->outer * l->inner, fsk_items(l->classes), pool);
}
