// fsk_unary: ReLU to the bit, the other functions against their formulas in double, and what each makes of
// numbers that are none.
#include "check.h"

static void run_unary(const void *arguments, float *y, const fsk_pool *pool) {
    fsk_unary u = *(const fsk_unary *)arguments;
    u.y = y;
    u.x = u.x ? u.x : y;
    fsk_unary_run(&u, pool);
}

static float *outcome(fsk_unary u, const float *start) {
    return same_everywhere(u.count, start, run_unary, &u);
}

static double elu(double x) { return x > 0 ? x : 0.7f * expm1(x); }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double bnll(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }
static double clip(double x) { return fmax(-1.5, fmin(x, 2)); }
static double exponential(double x) { return 3 * exp(0.5 * x); }
static double logarithm(double x) { return 0.25 * log(2 * x + 70); }
static double linear(double x) { return 0.5 * x + 16; }
static double square(double x) { return linear(x) * linear(x); }
static double power(double x) { return pow(linear(x), 1.75); }
static double swish(double x) { return x * sigmoid(1.25 * x); }
static double threshold(double x) { return x > 0.5; }

// A kind with its parameters, its formula, and how far from 0 it is compared.
static const struct {
    const char *name;
    int kind;
    float a, b, c;
    float range;
    double (*formula)(double);
} functions[] = {
    {"elu", FSK_UNARY_ELU, 0.7f, 0, 0, 30, elu},
    {"sigmoid", FSK_UNARY_SIGMOID, 0, 0, 0, 30, sigmoid},
    {"tanh", FSK_UNARY_TANH, 0, 0, 0, 30, tanh},
    {"abs", FSK_UNARY_ABS, 0, 0, 0, 30, fabs},
    {"bnll", FSK_UNARY_BNLL, 0, 0, 0, 80, bnll},
    {"clip", FSK_UNARY_CLIP, -1.5f, 2, 0, 30, clip},
    {"exp", FSK_UNARY_EXP, 0.5f, 3, 0, 30, exponential},
    {"log", FSK_UNARY_LOG, 0.25f, 2, 70, 30, logarithm},
    {"power", FSK_UNARY_POWER, 1.75f, 0.5f, 16, 30, power},
    {"power 1", FSK_UNARY_POWER, 1, 0.5f, 16, 30, linear},
    {"power 2", FSK_UNARY_POWER, 2, 0.5f, 16, 30, square},
    {"swish", FSK_UNARY_SWISH, 1.25f, 0, 0, 30, swish},
    {"threshold", FSK_UNARY_THRESHOLD, 0.5f, 0, 0, 30, threshold},
};

static void as_the_formula(size_t number) {
    const size_t f = choice(&number, COUNT(functions)),
                 n = number < length_count ? lengths[number] : several_slices;
    describe("%s of %zu", functions[f].name, n);
    const float *x = numbers(n, -functions[f].range, functions[f].range);
    double *want = memory(n * sizeof *want);
    for (size_t i = 0; i < n; ++i)
        want[i] = functions[f].formula((double)x[i]);
    const fsk_unary u = {x, NULL, n, functions[f].kind, functions[f].a, functions[f].b, functions[f].c};
    // The formulas' sums cancel: of 1 - 1 + 1e-9 a double keeps 1e-16.
    expect_close(NULL, outcome(u, NULL), want, n, 1e-6, 1e-9);
}

static void relu(size_t number) {
    static const float slopes[] = {0, 0.1f, 1, -0.5f};
    const float slope = slopes[choice(&number, COUNT(slopes))];
    const bool in_place = choice(&number, 2);
    const size_t n = number < length_count ? lengths[number] : several_slices;
    describe("relu of %zu, slope %g, in place %d", n, (double)slope, in_place);
    const float *x = odd_numbers(n);
    float *want = floats(n);
    for (size_t i = 0; i < n; ++i)
        want[i] = !(x[i] < 0) ? x[i] : slope == 0 ? 0 : (float)((double)slope * (double)x[i]);
    const fsk_unary u = {in_place ? NULL : x, NULL, n, FSK_UNARY_RELU, slope, 0, 0};
    expect_bits(NULL, outcome(u, in_place ? x : NULL), want, n);
}

// By hand. Caffe does not read x where the power or the scale is 0, and clips by min, then max.
static const struct {
    int kind;
    float a, b, c, x, y;
} exact[] = {
    {FSK_UNARY_RELU, 0, 0, 0, -INFINITY, 0},
    {FSK_UNARY_RELU, 0, 0, 0, -0.0f, -0.0f},
    {FSK_UNARY_RELU, 0, 0, 0, NAN, NAN},
    {FSK_UNARY_RELU, 0.25f, 0, 0, -2, -0.5f},
    {FSK_UNARY_RELU, 0.25f, 0, 0, -INFINITY, -INFINITY},
    {FSK_UNARY_CLIP, -1, 2, 0, NAN, -1},
    {FSK_UNARY_CLIP, 3, 2, 0, 5, 3},
    {FSK_UNARY_THRESHOLD, 0, 0, 0, NAN, 0},
    {FSK_UNARY_THRESHOLD, 0, 0, 0, INFINITY, 1},
    {FSK_UNARY_THRESHOLD, 0.5f, 0, 0, 0.5f, 0},
    {FSK_UNARY_ELU, 2, 0, 0, -INFINITY, -2},
    {FSK_UNARY_ELU, 2, 0, 0, NAN, NAN},
    {FSK_UNARY_BNLL, 0, 0, 0, -INFINITY, 0},
    {FSK_UNARY_BNLL, 0, 0, 0, INFINITY, INFINITY},
    {FSK_UNARY_BNLL, 0, 0, 0, 500, 500},
    {FSK_UNARY_SIGMOID, 0, 0, 0, -INFINITY, 0},
    {FSK_UNARY_SIGMOID, 0, 0, 0, 0, 0.5f},
    {FSK_UNARY_SIGMOID, 0, 0, 0, INFINITY, 1},
    {FSK_UNARY_SIGMOID, 0, 0, 0, -20, 2.06115369e-9f},
    {FSK_UNARY_POWER, 0, 3, 4, NAN, 1},
    {FSK_UNARY_POWER, 0.5f, 0, 4, NAN, 2},
    {FSK_UNARY_POWER, -1, 1, 0, -0.0f, -INFINITY},
};

static void by_hand(size_t number) {
    const float x[] = {exact[number].x};
    const fsk_unary u = {x, NULL, 1, exact[number].kind, exact[number].a, exact[number].b, exact[number].c};
    describe("kind %d of %g", u.kind, (double)x[0]);
    expect_bits(NULL, outcome(u, NULL), &exact[number].y, 1);
}

enum {
    formulas = COUNT(functions) * (length_count + 1),
    relus = 4 * 2 * (length_count + 1),
};

static void run(size_t number) {
    if (number < formulas)
        as_the_formula(number);
    else if (number < formulas + relus)
        relu(number - formulas);
    else
        by_hand(number - formulas - relus);
}

const operation unary_tests = {"unary", formulas + relus + COUNT(exact), run};
