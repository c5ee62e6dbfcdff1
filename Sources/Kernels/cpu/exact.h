// exact: forbids fused multiply-adds in the file that includes it, so that scalar code keeps the bits of the
// vector variants when a build allows FMA everywhere, or when it is inlined into a function for AVX-512. gcc
// keeps to that by itself in ISO C.
#ifndef FSK_EXACT_H
#define FSK_EXACT_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#endif
