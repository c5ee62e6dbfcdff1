// gradients_plain: gradients for blocks of 4 channels, for any processor.
#include "gradient_variant.h"

#define TARGET
#define WIDE 4
#include "blocks/plain_vectors.h"

#include "gradient_body.h"
GRADIENTS(fsg_block_plain, NEEDS, NULL, NULL)
