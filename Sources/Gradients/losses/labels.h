// labels: what a pixel's label says. Private to losses/.
#ifndef FSG_LABELS_H
#define FSG_LABELS_H

#include "fsg_losses.h"

typedef enum { label_ignored, label_class, label_excluding, label_wrong } label_kind;

typedef struct {
    label_kind kind;
    size_t class;
} label;

static inline label label_at(const fsg_labelled *l, size_t pixel) {
    const float number = l->labels[pixel];
    if (l->ignores && number == l->ignored)
        return (label){label_ignored, 0};
    if (number >= 0 && number < (float)l->classes)
        return (label){label_class, (size_t)number};
    if (number >= FSG_EXCLUDING && number < (float)(FSG_EXCLUDING + l->classes))
        return (label){label_excluding, (size_t)number - FSG_EXCLUDING};
    return (label){label_wrong, 0};
}

// Where the pixel's first class is; the next is `inner` on.
static inline size_t pixel_start(const fsg_labelled *l, size_t pixel) {
    return pixel / l->inner * l->classes * l->inner + pixel % l->inner;
}

#endif
