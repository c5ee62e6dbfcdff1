// fsg_losses: what a net is wrong by, and gradients of that. Losses are sums, not yet divided: how to
// normalize is the caller's. Sums are made in double, in one order whatever the threads.
#ifndef FSG_LOSSES_H
#define FSG_LOSSES_H

#include "fsk_pool.h"

// Labels from here on exclude a class: 128 + c says "not c". Below 192.
enum { FSG_EXCLUDING = 128, FSG_MOST_CLASSES = 64 };

// Scores and whole-number labels of pixels.
typedef struct fsg_labelled {
    const float *scores; // [outer, classes, inner]
    const float *labels; // [outer, inner]
    size_t outer, classes, inner;
    bool ignores;
    float ignored; // a label that does not count, if `ignores`
} fsg_labelled;

// Pixels that count. `wrong`: the first pixel whose label is neither a class, nor excludes one, nor is
// ignored, and then 0 counts; else outer * inner.
size_t fsg_count_labels(const fsg_labelled *arguments, size_t *wrong, const fsk_pool *pool);

// -log p[label], or -log(1 - p[c]) for "not c", times the class's weight, each at most 87.34 (Caffe's
// FLT_MIN), where p are the probabilities of the scores, [outer, classes, inner], which the caller makes.
// weights: [classes] or NULL.
double fsg_softmax_loss(const fsg_labelled *arguments, const float *probabilities, const float *weights,
                        const fsk_pool *pool);

// The gradient for the scores, times `factor`, is written.
void fsg_softmax_loss_gradient(const fsg_labelled *arguments, const float *probabilities,
                               const float *weights, float factor, float *dx, const fsk_pool *pool);

// Soft Dice of all pictures together: the mean over classes of 1 - (2 sum p t + 1) / (sum p + sum t + 1),
// over the pixels of which it is known whether they are of the class (Milletari and others 2016, without
// squares). slopes: [classes][2], of p where t is 0 and 1.
double fsg_dice_loss(const fsg_labelled *arguments, const float *probabilities, float *slopes,
                     const fsk_pool *pool);
void fsg_dice_loss_gradient(const fsg_labelled *arguments, const float *probabilities, const float *slopes,
                            float factor, float *dx, const fsk_pool *pool);

// Of numbers against targets of the same shape.
typedef struct fsg_targets {
    const float *x, *targets; // [count]
    size_t count;
    bool ignores; // SIGMOID only
    float ignored;
} fsg_targets;

// Half the sum of squared differences; the gradient is factor * (x - target).
double fsg_euclidean_loss(const fsg_targets *arguments, const fsk_pool *pool);
void fsg_euclidean_loss_gradient(const fsg_targets *arguments, float factor, float *dx, const fsk_pool *pool);

// Cross entropy of sigmoid(x); `counted`: targets that are not ignored.
double fsg_sigmoid_loss(const fsg_targets *arguments, size_t *counted, const fsk_pool *pool);
void fsg_sigmoid_loss_gradient(const fsg_targets *arguments, float factor, float *dx, const fsk_pool *pool);

// Hinge: sum of max(0, 1 -+ x), - for the label, or of its squares. Multinomial: -log of the label's
// probability x, at least 1e-20. Both without ignored labels, inner 1, and gradients for x.
double fsg_hinge_loss(const fsg_labelled *arguments, bool squared, const fsk_pool *pool);
void fsg_hinge_loss_gradient(const fsg_labelled *arguments, bool squared, float factor, float *dx,
                             const fsk_pool *pool);
double fsg_multinomial_loss(const fsg_labelled *arguments, const fsk_pool *pool);
void fsg_multinomial_loss_gradient(const fsg_labelled *arguments, float factor, float *dx,
                                   const fsk_pool *pool);

// How many pixels have their label among the `top` highest scores, a tie counting against it: right and all
// pixels of each class, [classes].
void fsg_accuracy(const fsg_labelled *arguments, size_t top, size_t *right, size_t *all);

#endif
