/* load: the library by dlopen, with its names kept from the rest of the process, used on several threads,
 * closed, and opened again; closed, too, while its threads run. Usage: load LIBRARY. Linked without it. */
#include "host.h"

#include <dlfcn.h>
#include <pthread.h>

enum { times = 20 };

typedef struct {
    void *library;
    int32_t (*segment)(const faceseg_image *, faceseg_plane, faceseg_error *);
} loaded;

static uint8_t wanted[width * height];

static loaded load(const char *path) {
    loaded it = {dlopen(path, RTLD_NOW | RTLD_LOCAL), NULL};
    if (!it.library)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(it.library);
    *(void **)&it.segment = dlsym(it.library, "faceseg_segment");
    CHECK(it.segment);
    CHECK(!dlsym(RTLD_DEFAULT, "faceseg_segment")); /* its names stay its own */
    return it;
}

static void use(const loaded *it) {
    const faceseg_image image = photo();
    uint8_t labels[width * height];
    CHECK(it->segment(&image, plane(labels), NULL) == FACESEG_OK);
    CHECK(memcmp(labels, wanted, sizeof labels) == 0);
}

static void *use_often(void *it) {
    int i;
    for (i = 0; i < 10; ++i)
        use(it);
    return NULL;
}

int main(int argc, char **argv) {
    loaded it;
    faceseg_image image;
    pthread_t thread;
    int i;
    CHECK(argc == 2);
    image = photo();
    it = load(argv[1]);
    CHECK(it.segment(&image, plane(wanted), NULL) == FACESEG_OK);
    CHECK(dlclose(it.library) == 0);
    for (i = 0; i < times; ++i) {
        it = load(argv[1]);
        use(&it);
        CHECK(dlclose(it.library) == 0);
    }
    it = load(argv[1]);
    CHECK(pthread_create(&thread, NULL, use_often, &it) == 0);
    for (i = 0; i < 5; ++i)
        use(&it);
    CHECK(dlclose(it.library) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    printf("load: closed and opened again %d times, closed once while it ran\n", times);
    return 0;
}
