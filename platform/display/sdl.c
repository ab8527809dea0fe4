/* Where a GPU draws, pictures go to it (sdl_texture.c). Elsewhere they are painted into the window's
 * shared memory, by SDL's surface: measured, that costs less than any renderer in software. */
#include <SDL.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "platform/display/drivers.h"
#include "platform/display/sdl_texture.h"
#include "platform/now.h"

#define SDL_EXACT_NS 2000000 /* SDL waits in whole milliseconds: the last ones are slept exactly */

struct sdl {
    SDL_Window *window;
    struct sdl_texture
        texture;         /* open where a GPU draws; else the window's surface is used, and: */
    SDL_Surface *canvas; /* ours, only where the window's own pixels are of another format */
    bool redraw;         /* to be told by the next wait */
    atomic_bool woken;   /* a wake-up is in SDL's queue */
};

static const struct {
    SDL_Keycode code;
    enum display_key key;
    bool repeats; /* counts again while it is held down */
} sdl_keys[] = {
    {SDLK_SPACE, DISPLAY_KEY_PAUSE, false},  {SDLK_LEFT, DISPLAY_KEY_BACK, true},
    {SDLK_RIGHT, DISPLAY_KEY_FORWARD, true}, {SDLK_f, DISPLAY_KEY_FULLSCREEN, false},
    {SDLK_i, DISPLAY_KEY_INFO, false},       {SDLK_q, DISPLAY_KEY_STOP, false},
    {SDLK_ESCAPE, DISPLAY_KEY_STOP, false},
};

static void sdl_close(void *state)
{
    struct sdl *s = state;

    SDL_FreeSurface(s->canvas);
    sdl_texture_close(&s->texture);
    if (s->window != NULL)
        SDL_DestroyWindow(s->window);
    SDL_Quit();
    free(s);
}

/* Only what the environment names: SDL would also seize a console by KMS, and libwayland complains
 * on standard error where it is not at home. */
static const char *sdl_drivers(void)
{
    if (getenv("WAYLAND_DISPLAY") == NULL)
        return "x11";
    return getenv("DISPLAY") == NULL ? "wayland" : "x11,wayland";
}

/* Signals stay the program's, the screen saver and the compositor the user's. The driver's hint is
 * weaker than SDL_VIDEODRIVER. */
static void sdl_hints(void)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_VIDEODRIVER, sdl_drivers());
    SDL_SetHint(SDL_HINT_APP_NAME, "den");
}

static int sdl_forgive(void *display, void *error)
{
    (void)display;
    (void)error;
    return 0;
}

/* SDL wakes its X11 window by a message over a second connection, which may arrive when the window was
 * just destroyed over the first; Xlib takes that error for a reason to end the process. SDL gives the
 * handler back that it found, so ours must be there before it. den itself links no Xlib. */
static void sdl_forgive_x11(void)
{
    int (*(*set)(int (*handler)(void *, void *)))(void *, void *);
    void *library = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NODELETE);
    void *found = library == NULL ? NULL : dlsym(library, "XSetErrorHandler");

    if (found != NULL) {
        /* ISO C has no cast from an object's pointer to a function's. */
        memcpy(&set, &found, sizeof set);
        set(sdl_forgive);
    }
    if (library != NULL)
        dlclose(library);
}

static bool sdl_start(char why[static DISPLAY_WHY])
{
    const char *wished = getenv("SDL_VIDEODRIVER");
    const char *driver;

    if (wished == NULL && getenv("DISPLAY") == NULL && getenv("WAYLAND_DISPLAY") == NULL) {
        snprintf(why, DISPLAY_WHY, "neither DISPLAY nor WAYLAND_DISPLAY is set");
        return false;
    }
    sdl_hints();
    if (getenv("DISPLAY") != NULL)
        sdl_forgive_x11();
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) {
        snprintf(why, DISPLAY_WHY, "%s", SDL_GetError());
        SDL_Quit();
        return false;
    }
    driver = SDL_GetCurrentVideoDriver();
    if (driver != NULL && (strcmp(driver, "x11") == 0 || strcmp(driver, "wayland") == 0))
        return true;
    snprintf(why, DISPLAY_WHY, "SDL's driver `%s` is no display", driver == NULL ? "" : driver);
    SDL_Quit();
    return false;
}

/* The wished size, made smaller in proportion until the screen holds it. */
static void sdl_fit(const struct display_options *options, int *width, int *height)
{
    SDL_Rect screen;

    *width = (int)options->width;
    *height = (int)options->height;
    if (SDL_GetDisplayUsableBounds(0, &screen) != 0 || screen.w <= 0 || screen.h <= 0)
        return;
    if (*width > screen.w) {
        *height = SDL_max(1, (int)((int64_t)*height * screen.w / *width));
        *width = screen.w;
    }
    if (*height > screen.h) {
        *width = SDL_max(1, (int)((int64_t)*width * screen.h / *height));
        *height = screen.h;
    }
}

static bool sdl_window(struct sdl *s, const struct display_options *options, Uint32 flags)
{
    int width, height;

    sdl_fit(options, &width, &height);
    s->window = SDL_CreateWindow(options->title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                 width, height, SDL_WINDOW_RESIZABLE | flags);
    return s->window != NULL;
}

/* Nobody sees a window that turns out to be of no use. */
static bool sdl_open_texture(struct sdl *s, const struct display_options *options)
{
    if (!sdl_texture_wished() || !sdl_window(s, options, SDL_WINDOW_HIDDEN))
        return false;
    if (sdl_texture_open(&s->texture, s->window)) {
        SDL_ShowWindow(s->window);
        return true;
    }
    SDL_DestroyWindow(s->window);
    s->window = NULL;
    return false;
}

static void *sdl_open(const struct display_options *options, char why[static DISPLAY_WHY])
{
    struct sdl *s;

    if (!sdl_start(why))
        return NULL;
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        snprintf(why, DISPLAY_WHY, "out of memory");
        SDL_Quit();
        return NULL;
    }
    if (!sdl_open_texture(s, options) &&
        (!sdl_window(s, options, 0) || SDL_GetWindowSurface(s->window) == NULL)) {
        snprintf(why, DISPLAY_WHY, "%s", SDL_GetError());
        sdl_close(s);
        return NULL;
    }
    /* Keys are commands here: without this an input method may take them. */
    SDL_StopTextInput();
    return s;
}

static void sdl_describe(const SDL_Surface *from, struct surface *out)
{
    *out = (struct surface){.pixels = from->pixels,
                            .pitch = (size_t)from->pitch,
                            .width = (unsigned)from->w,
                            .height = (unsigned)from->h,
                            .format = SURFACE_XRGB8888};
}

static bool sdl_lend(void *state, struct surface *out)
{
    struct sdl *s = state;
    SDL_Surface *own;

    if (s->texture.renderer != NULL)
        return sdl_texture_lend(&s->texture, out);
    own = SDL_GetWindowSurface(s->window);
    if (own == NULL || own->w <= 0 || own->h <= 0)
        return false;
    if (own->format->format == SDL_PIXELFORMAT_RGB888 ||
        own->format->format == SDL_PIXELFORMAT_ARGB8888) {
        sdl_describe(own, out);
        return true;
    }
    if (s->canvas == NULL || s->canvas->w != own->w || s->canvas->h != own->h) {
        SDL_FreeSurface(s->canvas);
        s->canvas = SDL_CreateRGBSurfaceWithFormat(0, own->w, own->h, 32, SDL_PIXELFORMAT_RGB888);
    }
    if (s->canvas == NULL)
        return false;
    sdl_describe(s->canvas, out);
    return true;
}

static bool sdl_picture(void *state, const struct display_planes *planes,
                        const struct display_rect *rect)
{
    struct sdl *s = state;

    return s->texture.renderer != NULL && sdl_texture_picture(&s->texture, planes, rect);
}

/* What fails here is a window whose size has just changed: it is drawn again, not lost. */
static bool sdl_present(void *state)
{
    struct sdl *s = state;

    if (s->texture.renderer != NULL)
        return sdl_texture_present(&s->texture);
    if (s->canvas != NULL) {
        SDL_Surface *own = SDL_GetWindowSurface(s->window);
        if (own == NULL)
            return false;
        SDL_BlitSurface(s->canvas, NULL, own, NULL);
    }
    if (SDL_UpdateWindowSurface(s->window) != 0)
        s->redraw = true;
    return true;
}

static bool sdl_key(const SDL_KeyboardEvent *key, struct display_event *out)
{
    for (size_t i = 0; i < sizeof sdl_keys / sizeof sdl_keys[0]; i++) {
        if (sdl_keys[i].code != key->keysym.sym || (key->repeat != 0 && !sdl_keys[i].repeats))
            continue;
        *out = (struct display_event){.kind = DISPLAY_KEY, .key = sdl_keys[i].key};
        return true;
    }
    return false;
}

static bool sdl_window_event(struct sdl *s, const SDL_WindowEvent *event, struct display_event *out)
{
    switch (event->event) {
    case SDL_WINDOWEVENT_EXPOSED:
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        s->redraw = true;
        return false;
    case SDL_WINDOWEVENT_CLOSE:
        *out = (struct display_event){.kind = DISPLAY_KEY, .key = DISPLAY_KEY_STOP};
        return true;
    default:
        return false;
    }
}

/* True if it is one for the caller. */
static bool sdl_translate(struct sdl *s, const SDL_Event *event, struct display_event *out)
{
    switch (event->type) {
    case SDL_KEYDOWN:
        return sdl_key(&event->key, out);
    case SDL_WINDOWEVENT:
        return sdl_window_event(s, &event->window, out);
    case SDL_USEREVENT:
        atomic_store(&s->woken, false);
        return true;
    default:
        return false;
    }
}

/* All that is there already: true if there is something to tell. */
static bool sdl_poll(struct sdl *s, struct display_event *out)
{
    SDL_Event event;

    while (SDL_PollEvent(&event)) {
        if (sdl_translate(s, &event, out))
            return true;
    }
    if (!s->redraw)
        return false;
    s->redraw = false;
    out->kind = DISPLAY_REDRAW;
    return true;
}

static void sdl_sleep(int64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                             .tv_nsec = (long)(until_ns % 1000000000)};

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void sdl_wait(void *state, int64_t until_ns, struct display_event *out)
{
    struct sdl *s = state;

    out->kind = DISPLAY_NOTHING;
    while (!sdl_poll(s, out)) {
        int64_t left = until_ns - now_ns();
        if (left < SDL_EXACT_NS) {
            if (left > 0)
                sdl_sleep(until_ns);
            return;
        }
        /* No event is taken here: sdl_poll takes them all. */
        SDL_WaitEventTimeout(NULL, (int)SDL_min(left / 1000000 - 1, 60000));
    }
}

static void sdl_wake(void *state)
{
    struct sdl *s = state;
    SDL_Event event = {.type = SDL_USEREVENT};

    if (!atomic_exchange(&s->woken, true))
        SDL_PushEvent(&event);
}

static void sdl_fullscreen(void *state)
{
    struct sdl *s = state;
    bool full = (SDL_GetWindowFlags(s->window) & SDL_WINDOW_FULLSCREEN_DESKTOP) != 0;

    SDL_SetWindowFullscreen(s->window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
    SDL_ShowCursor(full ? SDL_ENABLE : SDL_DISABLE);
}

const struct display_driver sdl_driver = {
    .name = "sdl",
    .open = sdl_open,
    .close = sdl_close,
    .lend = sdl_lend,
    .picture = sdl_picture,
    .present = sdl_present,
    .wait = sdl_wait,
    .wake = sdl_wake,
    .fullscreen = sdl_fullscreen,
};
