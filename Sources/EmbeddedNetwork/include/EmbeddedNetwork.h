// EmbeddedNetwork: the bytes of the built-in network, a .caffemodel. Not a reader of them.
#ifndef FSK_EMBEDDED_NETWORK_H
#define FSK_EMBEDDED_NETWORK_H

#include <stddef.h>

// The first byte; *size receives their number. They live as long as the library is loaded.
const unsigned char *fsk_embedded_network(size_t *size);

#endif
