// matrix: from luma and differences to red, green and blue. Private to video/.
#ifndef FSK_MATRIX_H
#define FSK_MATRIX_H

#include "fsk_yuv.h"

// Red is luma * (Y - black) + red * (Cr - 128), and so on.
typedef struct matrix {
    double luma, black, red, green_of_blue, green_of_red, blue;
} matrix;

// From the weights of red and blue in luma (BT.601: 0.299, 0.114; BT.709: 0.2126, 0.0722).
static inline matrix matrix_of(const fsk_frame *f) {
    const double red = f->is_bt709 ? 0.2126 : 0.299, blue = f->is_bt709 ? 0.0722 : 0.114;
    const double green = 1 - red - blue, chroma = f->is_full_range ? 1 : 255.0 / 224;
    return (matrix){
        .luma = f->is_full_range ? 1 : 255.0 / 219,
        .black = f->is_full_range ? 0 : 16,
        .red = 2 * (1 - red) * chroma,
        .green_of_blue = -2 * (1 - blue) * blue / green * chroma,
        .green_of_red = -2 * (1 - red) * red / green * chroma,
        .blue = 2 * (1 - blue) * chroma,
    };
}

#endif
