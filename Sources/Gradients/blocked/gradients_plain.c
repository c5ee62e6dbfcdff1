// gradients_plain: gradients for blocks of 4 channels, for any processor.
#include "gradient_variant.h"

#define TARGET
#define WIDE 4
#include "blocks/plain_vectors.h"

typedef mask v_mask;
#define v_greater(a, b)      ((a) > (b))
#define v_equal(a, b)        ((a) == (b))
#define v_but(mask, not )    ((mask) & ~(not ))
#define v_either(a, b)       ((a) | (b))
#define v_select(mask, a, b) v_choose(mask, a, b)
#define v_none               ((v_mask){0, 0, 0, 0})

#include "gradient_body.h"
GRADIENTS(fsg_block_plain, NEEDS, NULL)
