// embedded: one #embed (C23), which takes milliseconds where an array literal would take minutes.
#include "EmbeddedNetwork.h"

static const unsigned char bytes[] = {
#embed "face.caffemodel"
};

const unsigned char *fsk_embedded_network(size_t *size) {
    *size = sizeof bytes;
    return bytes;
}
