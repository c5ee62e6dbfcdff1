// labels: how many count, and the first that says nothing.
#include "labels.h"
#include "cpu/targets.h"
#include "summing/summing.h"
#include "parallel/slices.h"

#include <math.h>

// Infinity if one is wrong.
FSK_BODY void count_body(const fsg_labelled *l, size_t begin, size_t end, double *count) {
    const float *labels = l->labels, classes = (float)l->classes, ignored = l->ignored;
    const int ignores = l->ignores;
    int counted = 0, right = 0;
    for (size_t i = begin; i < end; ++i) {
        const float number = labels[i];
        const int is_ignored = ignores & (number == ignored);
        const int says = ((number >= 0) & (number < classes)) |
                         ((number >= FSG_EXCLUDING) & (number < FSG_EXCLUDING + classes));
        right += is_ignored | says;
        counted += says & !is_ignored;
    }
    *count = (size_t)right == end - begin ? counted : INFINITY;
}
FSK_TARGETS(count, (const fsg_labelled *l, size_t begin, size_t end, double *count), (l, begin, end, count))

typedef struct {
    const fsg_labelled *l;
    uint32_t cpu;
} job;

static double some(const void *context, size_t begin, size_t end) {
    const job *j = context;
    double counted;
    FSK_CALL(count, j->cpu, (j->l, begin, end, &counted));
    return counted;
}

size_t fsg_count_labels(const fsg_labelled *l, size_t *wrong, const fsk_pool *pool) {
    const job j = {l, pool->cpu};
    const size_t pixels = l->outer * l->inner;
    const double counted = fsg_sum(&j, some, pixels, FSK_SLICE, pool);
    *wrong = 0;
    while (isinf(counted) && label_at(l, *wrong).kind != label_wrong)
        ++*wrong;
    if (isinf(counted))
        return 0;
    *wrong = pixels;
    return (size_t)counted;
}
