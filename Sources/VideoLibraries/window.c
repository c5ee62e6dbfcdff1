// window: pictures in a window and the keys that are pressed there, by SDL.
#define SDL_MAIN_HANDLED
#include "VideoLibraries.h"

#include <SDL2/SDL.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(X)                                                                                         \
    X(SDL_CreateRenderer)                                                                                    \
    X(SDL_CreateTexture)                                                                                     \
    X(SDL_CreateWindow)                                                                                      \
    X(SDL_DestroyRenderer)                                                                                   \
    X(SDL_DestroyTexture)                                                                                    \
    X(SDL_DestroyWindow)                                                                                     \
    X(SDL_GetCurrentVideoDriver)                                                                             \
    X(SDL_GetError)                                                                                          \
    X(SDL_Init)                                                                                              \
    X(SDL_PollEvent)                                                                                         \
    X(SDL_Quit)                                                                                              \
    X(SDL_RenderClear)                                                                                       \
    X(SDL_RenderCopy)                                                                                        \
    X(SDL_RenderPresent)                                                                                     \
    X(SDL_RenderSetLogicalSize)                                                                              \
    X(SDL_SetHint)                                                                                           \
    X(SDL_UpdateTexture)

static struct {
#define MEMBER(function) typeof(function) *function;
    FUNCTIONS(MEMBER)
} sdl;

struct fsv_window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int width;
};

// One window is as wide as this at first; its picture follows when somebody changes that.
enum { WIDEST = 1280 };

static int missing(char *message) {
    snprintf(message, FSV_MESSAGE, "SDL 2 is needed for a window: %s; install libsdl2-2.0-0", dlerror());
    return -1;
}

static int load(char *message) {
    void *library = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return missing(message);
#define TAKE(function)                                                                                       \
    if (!(sdl.function = (typeof(function) *)dlsym(library, #function)))                                     \
        return missing(message);
    FUNCTIONS(TAKE)
    return 0;
}

static int fail(char *message) {
    snprintf(message, FSV_MESSAGE, "no window can be opened: %s", sdl.SDL_GetError());
    return -1;
}

// SDL would also draw where nobody looks; that is for those who ask for it.
static int has_screen(void) {
    const char *driver = sdl.SDL_GetCurrentVideoDriver();
    const int is_seen = driver && strcmp(driver, "offscreen") && strcmp(driver, "dummy");
    return is_seen || getenv("SDL_VIDEODRIVER");
}

static int open_window(fsv_window *w, const char *title, int width, int height, char *message) {
    sdl.SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); // signals are the program's
    sdl.SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "1");
    sdl.SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    if (sdl.SDL_Init(SDL_INIT_VIDEO))
        return fail(message);
    if (!has_screen()) {
        snprintf(message, FSV_MESSAGE, "no window can be opened: there is no screen (DISPLAY is not set)");
        return -1;
    }
    const int shown = width < WIDEST ? width : WIDEST;
    w->width = width;
    w->window = sdl.SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, shown,
                                     (int)((int64_t)height * shown / width), SDL_WINDOW_RESIZABLE);
    if (w->window)
        w->renderer = sdl.SDL_CreateRenderer(w->window, -1, 0);
    if (w->renderer)
        w->texture = sdl.SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB24, SDL_TEXTUREACCESS_STREAMING,
                                           width, height);
    if (!w->texture || sdl.SDL_RenderSetLogicalSize(w->renderer, width, height))
        return fail(message);
    return 0;
}

fsv_window *fsv_window_open(const char *title, int32_t width, int32_t height, char *message) {
    if (load(message))
        return NULL;
    fsv_window *w = calloc(1, sizeof *w);
    if (!w) {
        snprintf(message, FSV_MESSAGE, "no memory for a window");
        return NULL;
    }
    if (!open_window(w, title, width, height, message))
        return w;
    fsv_window_close(w);
    return NULL;
}

int fsv_window_show(fsv_window *w, const uint8_t *rgb, char *message) {
    if (sdl.SDL_UpdateTexture(w->texture, NULL, rgb, 3 * w->width) || sdl.SDL_RenderClear(w->renderer) ||
        sdl.SDL_RenderCopy(w->renderer, w->texture, NULL, NULL))
        return fail(message);
    sdl.SDL_RenderPresent(w->renderer);
    return 0;
}

int32_t fsv_window_key(fsv_window *w) {
    (void)w;
    for (SDL_Event event; sdl.SDL_PollEvent(&event);) {
        if (event.type == SDL_QUIT)
            return FSV_CLOSED;
        if (event.type == SDL_KEYDOWN && !event.key.repeat && event.key.keysym.sym < 128)
            return event.key.keysym.sym;
    }
    return FSV_NO_KEY;
}

void fsv_window_close(fsv_window *w) {
    if (!w)
        return;
    if (w->texture)
        sdl.SDL_DestroyTexture(w->texture);
    if (w->renderer)
        sdl.SDL_DestroyRenderer(w->renderer);
    if (w->window)
        sdl.SDL_DestroyWindow(w->window);
    sdl.SDL_Quit();
    free(w);
}
