// inner_product: three products whose shapes are narrow, each bound by reading the weights. Source: Caffe
// `inner_product_layer.cpp`.
#include "fsg_convolution.h"

// A row of dw: of an output, or of an input if it is transposed.
static void weights(void *argument, size_t index) {
    const fsg_inner_product *p = argument;
    const size_t length = p->is_transposed ? p->outputs : p->inputs;
    for (size_t n = 0; n < p->rows; ++n) {
        const float *dy = p->dy + n * p->outputs, *x = p->x + n * p->inputs;
        const float factor = p->is_transposed ? x[index] : dy[index], *with = p->is_transposed ? dy : x;
        for (size_t i = 0; i < length; ++i)
            p->dw[index * length + i] += factor * with[i];
    }
}

// A row of dx.
static void inputs(void *argument, size_t n) {
    const fsg_inner_product *p = argument;
    const float *dy = p->dy + n * p->outputs;
    float *dx = p->dx + n * p->inputs;
    for (size_t i = 0; i < p->inputs; ++i)
        dx[i] = 0;
    for (size_t i = 0; p->is_transposed && i < p->inputs; ++i)
        for (size_t o = 0; o < p->outputs; ++o)
            dx[i] += dy[o] * p->w[i * p->outputs + o];
    for (size_t o = 0; !p->is_transposed && o < p->outputs; ++o)
        for (size_t i = 0; i < p->inputs; ++i)
            dx[i] += dy[o] * p->w[o * p->inputs + i];
}

static void bias(const fsg_inner_product *p) {
    for (size_t n = 0; n < p->rows; ++n)
        for (size_t o = 0; o < p->outputs; ++o)
            p->dbias[o] += p->dy[n * p->outputs + o];
}

void fsg_inner_product_run(const fsg_inner_product *arguments, const fsk_pool *pool) {
    fsg_inner_product p = *arguments;
    if (p.dx)
        fsk_pool_run(pool, inputs, &p, p.rows);
    if (p.dw)
        fsk_pool_run(pool, weights, &p, p.is_transposed ? p.inputs : p.outputs);
    if (p.dbias)
        bias(&p);
}
