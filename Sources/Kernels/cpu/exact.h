// exact: forbids fused multiply-adds in the file that includes it, so that a scalar tail inlined into a
// function for AVX-512 keeps the bits it has alone. gcc keeps to that by itself in ISO C.
#ifndef FSK_EXACT_H
#define FSK_EXACT_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#endif
