// plain: blocks of 4 channels, for any processor.
#include "variant.h"

#define TARGET
#include "plain_vectors.h"

#include "variant_body.h"
VARIANT(fsk_block_plain, NAME, NEEDS, NULL)
