// peak: fp32 multiply-adds that one core does in a second, in GFLOP/s, with the widest registers that the compiler
// knows of. Twelve sums, so that none waits for another.
#include <stdio.h>
#include <time.h>

#if defined(__AVX512F__)
enum { lanes = 16 };
#elif defined(__AVX2__)
enum { lanes = 8 };
#else
enum { lanes = 4 };
#endif
typedef float vec __attribute__((vector_size(lanes * sizeof(float))));

static double seconds(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void) {
    const long rounds = 100000000;
    vec a = {0}, b = {0}, c = {0}, d = {0}, e = {0}, f = {0}, g = {0}, h = {0}, i = {0}, j = {0}, k = {0}, l = {0};
    vec x = a + 0.5f, y = a + 0.25f;
    const double start = seconds();
    for (long n = 0; n < rounds; ++n) {
        a = x * y + a, b = x * y + b, c = x * y + c, d = x * y + d, e = x * y + e, f = x * y + f;
        g = x * y + g, h = x * y + h, i = x * y + i, j = x * y + j, k = x * y + k, l = x * y + l;
        // So that neither the products nor the sums are put together.
        __asm__ volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(x));
        __asm__ volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l), "+v"(y));
    }
    printf("%.1f\n", 2.0 * 12 * lanes * (double)rounds / (seconds() - start) / 1e9);
}
