// Gradients: the arithmetic of training: what backward passes, losses and solvers do to raw floats. Forward
// passes are those of Kernels, whose pool runs these too. No files, no networks.
#ifndef GRADIENTS_H
#define GRADIENTS_H

#include "fsg_block_depthwise_gradient.h"
#include "fsg_block_normalization.h"
#include "fsg_block_planewise_gradient.h"
#include "fsg_block_weight_gradient.h"
#include "fsg_channels.h"
#include "fsg_convolution.h"
#include "fsg_eltwise.h"
#include "fsg_interpolation.h"
#include "fsg_losses.h"
#include "fsg_pooling.h"
#include "fsg_statistics.h"
#include "fsg_unary.h"
#include "fsg_update.h"

#endif
