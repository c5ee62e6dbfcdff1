// fsg_interpolation: gradients of layers that enlarge or shrink planes: Interp, Upsample.
#ifndef FSG_INTERPOLATION_H
#define FSG_INTERPOLATION_H

#include "fsk_interp.h"
#include "fsk_upsample.h"

void fsg_interp_run(const fsk_interp *forward, const float *dy, float *dx, const fsk_pool *pool);
void fsg_upsample_run(const fsk_upsample *forward, const float *dy, float *dx, const fsk_pool *pool);

#endif
