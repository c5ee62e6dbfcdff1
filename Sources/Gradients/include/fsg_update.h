// fsg_update: a solver's step on one parameter: its gradient, decayed, becomes a change, and its history
// moves on. Caffe's six solvers, and AdamW and the outer part of Muon, which Caffe has not. Rates, their
// policies and clipping are the caller's.
#ifndef FSG_UPDATE_H
#define FSG_UPDATE_H

#include "fsk_pool.h"

enum {
    FSG_SGD,      // h = momentum h + rate g; w -= h
    FSG_NESTEROV, // the same h; w -= (1 + momentum) h - momentum h'
    FSG_ADAGRAD,  // h += g^2; w -= rate g / (sqrt(h) + delta)
    FSG_RMSPROP,  // h = decay h + (1 - decay) g^2; w -= rate g / (sqrt(h) + delta)
    FSG_ADADELTA, // h as RMSProp with the momentum; u = g sqrt((h2 + delta) / (h + delta)); h2 of u; w -=
                  // rate u
    FSG_ADAM,     // h = momentum h + (1 - momentum) g; h2 = momentum2 h2 + ... g^2; w -= rate h / (sqrt(h2) +
                  // delta)
    // Loshchilov and Hutter 2019: as ADAM, but the decay does not pass through the history: w -= decay w,
    // where the caller has multiplied the decay by the rate.
    FSG_ADAMW,
    // Jordan 2024: h = momentum h + g; history2 = g + momentum h, whose orthogonal form the caller takes off.
    // w stays.
    FSG_MUON
};

typedef struct fsg_update {
    float *weights;         // [count]
    const float *gradients; // [count], or NULL: zeros, of a frozen parameter
    float *history;         // [count]
    float *history2;        // [count] for ADADELTA and ADAM, else NULL
    size_t count;
    int kind;
    float factor;           // of the gradients, before the decay: 1 / iter_size, times what clipping says
    float decay;            // added to a gradient: decay * w, or
    int decays_by_sign;     // decay * sign(w), Caffe's L1
    float rate;             // of this parameter; of ADAM with its correction of the bias
    float momentum, second; // second: RMSProp's decay, Adam's momentum2
    float delta;
} fsg_update;

// Sums and products in float, as Caffe's.
void fsg_update_run(const fsg_update *arguments, const fsk_pool *pool);

// The sum of squares of [count] numbers, in double.
double fsg_sum_of_squares(const float *x, size_t count, const fsk_pool *pool);

#endif
