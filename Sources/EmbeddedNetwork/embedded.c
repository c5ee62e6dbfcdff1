// embedded: #embed (C23), which takes milliseconds where an array literal would take minutes.
#include "EmbeddedNetwork.h"

static const unsigned char standard[] = {
#embed "standard.caffemodel"
};

static const unsigned char small[] = {
#embed "small.caffemodel"
};

const unsigned char *fsk_embedded_network(int network, size_t *size) {
    *size = network == FSK_EMBEDDED_SMALL ? sizeof small : sizeof standard;
    return network == FSK_EMBEDDED_SMALL ? small : standard;
}
