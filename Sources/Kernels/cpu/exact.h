// exact: forbids fused multiply-adds in the file that includes it, so that scalar code keeps the bits of the
// vector variants when a build allows FMA everywhere, as gcc's GNU C does, or when it is inlined into a
// function for AVX-512.
#ifndef FSK_EXACT_H
#define FSK_EXACT_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#endif
