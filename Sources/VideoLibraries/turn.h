// turn: display matrices and pictures turned upright.
#pragma once

#include "reader.h"

// matrix: of libavutil's display.h, NULL: nothing to do. Angles between are taken as the nearest quarter
// turn.
fsv_walk fsv_walk_of(const int32_t *matrix, int width, int height);
// rgb: [height, width, 3], or [width, height, 3] where sides are swapped.
void fsv_turn(const fsv_walk *, const uint8_t *stored, int width, int height, uint8_t *rgb);
