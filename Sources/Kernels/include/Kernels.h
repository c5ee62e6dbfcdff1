// Kernels: every operation's header, for Swift's module.
#ifndef FSK_KERNELS_H
#define FSK_KERNELS_H

#include "fsk_affine.h"
#include "fsk_argmax.h"
#include "fsk_block_convolution.h"
#include "fsk_block_planewise.h"
#include "fsk_blocks.h"
#include "fsk_convolution.h"
#include "fsk_cpu.h"
#include "fsk_crf.h"
#include "fsk_depthwise.h"
#include "fsk_eltwise.h"
#include "fsk_guided.h"
#include "fsk_interp.h"
#include "fsk_lock.h"
#include "fsk_lrn.h"
#include "fsk_matting.h"
#include "fsk_mvn.h"
#include "fsk_pool.h"
#include "fsk_pooling.h"
#include "fsk_prelu.h"
#include "fsk_recolor.h"
#include "fsk_reduction.h"
#include "fsk_resampling.h"
#include "fsk_softmax.h"
#include "fsk_steady.h"
#include "fsk_strided_copy.h"
#include "fsk_tone.h"
#include "fsk_unary.h"
#include "fsk_upsample.h"

#endif
