// EmbeddedNetwork: the bytes of the built-in networks, each a .caffemodel. Not a reader of them.
#ifndef FSK_EMBEDDED_NETWORK_H
#define FSK_EMBEDDED_NETWORK_H

#include <stddef.h>

enum { FSK_EMBEDDED_STANDARD = 0, FSK_EMBEDDED_SMALL = 1 };

// The first byte of one of them; *size receives their number. They live as long as the library is loaded.
const unsigned char *fsk_embedded_network(int network, size_t *size);

#endif
