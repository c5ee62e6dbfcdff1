// peak: multiply-adds that one core does in a second, in GFLOP/s, a multiply-add being two. Of fp32 with the
// widest registers that the compiler knows of; of pairs of 16 bits with WHOLE or BFLOAT defined: AVX-512's
// whole numbers (VNNI) and bfloat16. Twelve sums, so that none waits for another.
#include <stdio.h>
#include <time.h>

#if defined(WHOLE) || defined(BFLOAT)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { lanes = 16 };
#elif defined(__AVX2__)
enum { lanes = 8 };
#else
enum { lanes = 4 };
#endif

#if defined(WHOLE)
typedef __m512i vec, factor;
enum { products = 2 };
#define START        _mm512_set1_epi16(1)
#define ADD(s, x, y) s = _mm512_dpwssd_epi32(s, x, y)
#elif defined(BFLOAT)
typedef __m512 vec;
typedef __m512bh factor;
enum { products = 2 };
#define START        (__m512bh) _mm512_set1_epi16(0x3F00) // 0.5
#define ADD(s, x, y) s = _mm512_dpbf16_ps(s, x, y)
#else
typedef float vec __attribute__((vector_size(lanes * sizeof(float))));
typedef vec factor;
enum { products = 1 };
#define START        (a + 0.5f)
#define ADD(s, x, y) s = x * y + s
#endif

static double seconds(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void) {
    const long rounds = 100000000;
    vec a = {0}, b = {0}, c = {0}, d = {0}, e = {0}, f = {0};
    vec g = {0}, h = {0}, i = {0}, j = {0}, k = {0}, l = {0};
    factor x = START, y = START;
    const double start = seconds();
    for (long n = 0; n < rounds; ++n) {
        ADD(a, x, y), ADD(b, x, y), ADD(c, x, y), ADD(d, x, y), ADD(e, x, y), ADD(f, x, y);
        ADD(g, x, y), ADD(h, x, y), ADD(i, x, y), ADD(j, x, y), ADD(k, x, y), ADD(l, x, y);
        // So that neither the products nor the sums are put together.
        __asm__ volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(x));
        __asm__ volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l), "+v"(y));
    }
    const double sums = 12.0 * lanes * products * (double)rounds;
    printf("%.1f\n", 2 * sums / (seconds() - start) / 1e9);
}
