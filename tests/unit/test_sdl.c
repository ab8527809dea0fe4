/* The SDL display against a real X server (Xvfb), down to the pixels on its screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/display.h"

static void test_names(void **state)
{
    struct display d;
    struct display_options options = {.title = "t", .width = 10, .height = 10};
    char why[DISPLAY_WHY];

    (void)state;
    assert_true(display_known("auto"));
    assert_true(display_known("headless"));
    assert_false(display_known(""));
    assert_false(display_known("dummy"));
    assert_false(display_open(&d, "dummy", &options, why));
    assert_string_equal(why, "dummy: no such display in this build");
    display_close(&d);
    assert_true(display_open(&d, "headless", &options, why));
    assert_string_equal(why, "");
    display_close(&d);
    display_close(&d);
}

/* No window reads the tables of composed letters, unless the user names some. */
static void test_preparing(void **state)
{
    (void)state;
    unsetenv("XCOMPOSEFILE");
    display_prepare();
    assert_string_equal(getenv("XCOMPOSEFILE"), "/dev/null");
    setenv("XCOMPOSEFILE", "mine", 1);
    display_prepare();
    assert_string_equal(getenv("XCOMPOSEFILE"), "mine");
    unsetenv("XCOMPOSEFILE");
}

#if DEN_SDL

#include <SDL.h>
#include <poll.h>
#include <pthread.h>

#include "platform/now.h"
#include "player/caption.h"
#include "player/player.h"
#include "tests/kit/jpegs.h"
#include "tests/kit/xvfb.h"

#define MS INT64_C(1000000)

static const struct display_options window = {.title = "den test", .width = 640, .height = 360};

static void start(struct xvfb *x, unsigned width, unsigned height, unsigned depth)
{
    unsetenv("SDL_VIDEODRIVER");
    unsetenv("WAYLAND_DISPLAY");
    if (!xvfb_start(x, width, height, depth)) {
        print_message("Xvfb is not installed\n");
        skip();
    }
}

static void test_no_display(void **state)
{
    struct display d;
    char why[DISPLAY_WHY];

    (void)state;
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    unsetenv("SDL_VIDEODRIVER");
    assert_false(display_open(&d, "sdl", &window, why));
    assert_string_equal(why, "sdl: neither DISPLAY nor WAYLAND_DISPLAY is set");
    assert_true(display_open(&d, "auto", &window, why));
    assert_string_equal(d.driver->name, "headless");
    assert_ptr_equal(strstr(why, "sdl: neither DISPLAY nor WAYLAND_DISPLAY is set; "), why);
    display_close(&d);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_false(display_open(&d, "sdl", &window, why));
    assert_string_equal(why, "sdl: SDL's driver `dummy` is no display");
    setenv("SDL_VIDEODRIVER", "offscreen", 1);
    assert_false(display_open(&d, "sdl", &window, why));
    unsetenv("SDL_VIDEODRIVER");
    setenv("DISPLAY", ":65000", 1);
    assert_false(display_open(&d, "sdl", &window, why));
    unsetenv("DISPLAY");
}

static void fill(struct display *d, uint32_t colour)
{
    struct surface s;

    assert_true(d->driver->lend(d->state, &s));
    for (unsigned y = 0; y < s.height; y++) {
        for (unsigned x = 0; x < s.width; x++)
            memcpy((uint8_t *)s.pixels + y * s.pitch + 4 * (size_t)x, &colour, 4);
    }
    assert_true(d->driver->present(d->state));
}

/* All that the window system has to say. */
static void settle(struct display *d)
{
    struct display_event e;
    int64_t until = now_ns() + 100 * MS;

    while (now_ns() < until)
        d->driver->wait(d->state, until, &e);
}

static void check_shown(const struct xvfb *x, uint32_t want, unsigned slack)
{
    int column, row, width, height;
    SDL_Window *w = SDL_GetWindowFromID(1);

    assert_non_null(w);
    SDL_GetWindowPosition(w, &column, &row);
    SDL_GetWindowSize(w, &width, &height);
    for (int i = 0; i < 9; i++) {
        uint32_t got = xvfb_pixel(x, (unsigned)(column + (width - 1) * (i % 3) / 2),
                                  (unsigned)(row + (height - 1) * (i / 3) / 2));
        for (unsigned shift = 0; shift < 24; shift += 8)
            assert_in_range((want >> shift & 255) + slack - (got >> shift & 255), 0, 2 * slack);
    }
}

static void check_pixels(unsigned depth, unsigned slack)
{
    struct xvfb x;
    struct display d;
    struct surface s;
    char why[DISPLAY_WHY];

    start(&x, 1024, 768, depth);
    assert_true(display_open(&d, "auto", &window, why));
    assert_string_equal(d.driver->name, "sdl");
    settle(&d);
    assert_true(d.driver->lend(d.state, &s));
    assert_int_equal(s.width, 640);
    assert_int_equal(s.height, 360);
    fill(&d, 0x204080);
    check_shown(&x, 0x204080, slack);
    fill(&d, 0xf0e010);
    check_shown(&x, 0xf0e010, slack);
    /* Another size: told once, and then that size is lent. */
    SDL_SetWindowSize(SDL_GetWindowFromID(1), 500, 400);
    settle(&d);
    assert_true(d.driver->lend(d.state, &s));
    assert_int_equal(s.width, 500);
    assert_int_equal(s.height, 400);
    fill(&d, 0x10c030);
    check_shown(&x, 0x10c030, slack);
    display_close(&d);
    xvfb_stop(&x);
}

static void test_pixels_24(void **state)
{
    (void)state;
    check_pixels(24, 0);
}

static void test_pixels_16(void **state)
{
    (void)state;
    check_pixels(16, 8);
}

static void test_small_screen(void **state)
{
    struct xvfb x;
    struct display d;
    struct surface s;
    char why[DISPLAY_WHY];

    (void)state;
    start(&x, 320, 400, 24);
    assert_true(display_open(&d, "sdl", &window, why));
    assert_true(d.driver->lend(d.state, &s));
    assert_int_equal(s.width, 320);
    assert_int_equal(s.height, 180);
    display_close(&d);
    xvfb_stop(&x);
}

static void press(SDL_Keycode code, bool repeat)
{
    SDL_Event e = {.type = SDL_KEYDOWN};

    e.key.keysym.sym = code;
    e.key.repeat = repeat;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

static void *wake_later(void *arg)
{
    struct display *d = arg;

    for (int i = 0; i < 5; i++)
        d->driver->wake(d->state);
    return NULL;
}

static void test_waiting(void **state)
{
    struct xvfb x;
    struct display d;
    struct display_event e;
    char why[DISPLAY_WHY];
    pthread_t waker;
    int64_t until;

    (void)state;
    start(&x, 800, 600, 24);
    assert_true(display_open(&d, "sdl", &window, why));
    settle(&d);
    /* To the time, not before it, and well under a millisecond after it on an idle machine. */
    until = now_ns() + 30 * MS;
    d.driver->wait(d.state, until, &e);
    assert_int_equal(e.kind, DISPLAY_NOTHING);
    assert_true(now_ns() >= until);
    press(SDLK_SPACE, true);
    press(SDLK_z, false);
    press(SDLK_SPACE, false);
    press(SDLK_RIGHT, true);
    d.driver->wait(d.state, INT64_MAX, &e);
    assert_int_equal(e.kind, DISPLAY_KEY);
    assert_int_equal(e.key, DISPLAY_KEY_PAUSE);
    d.driver->wait(d.state, INT64_MAX, &e);
    assert_int_equal(e.key, DISPLAY_KEY_FORWARD);
    /* Another thread ends a wait without end. */
    assert_int_equal(pthread_create(&waker, NULL, wake_later, &d), 0);
    d.driver->wait(d.state, INT64_MAX, &e);
    assert_int_equal(e.kind, DISPLAY_NOTHING);
    pthread_join(waker, NULL);
    d.driver->fullscreen(d.state);
    settle(&d);
    d.driver->fullscreen(d.state);
    settle(&d);
    display_close(&d);
    xvfb_stop(&x);
}

static void next(struct player *p, struct player_event *out)
{
    struct pollfd wait = {.fd = player_fd(p), .events = POLLIN};

    while (!player_next(p, out))
        assert_int_equal(poll(&wait, 1, 20000), 1);
}

/* The player's window: the picture, and black beside it. */
static void test_player(void **state)
{
    const struct player_options options = {
        .display = "sdl", .title = "den", .fps_num = 50, .fps_den = 1, .frames = 20};
    struct xvfb x;
    struct player *p;
    struct player_event e;
    size_t length;
    uint8_t *jpeg = jpegs_make(144, 144, 0x30a060, &length);
    uint32_t middle;

    (void)state;
    start(&x, 1280, 720, 24);
    assert_int_equal(player_open(&options, &p), ERR_OK);
    next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_OPENED);
    assert_string_equal(e.text, "sdl");
    for (uint32_t i = 0; i < 20; i++) {
        struct player_frame f = {.number = i, .jpeg = jpegs_copy(jpeg, length), .length = length};
        assert_int_equal(player_give(p, &f), ERR_OK);
    }
    do {
        next(p, &e);
    } while (e.kind != PLAYER_EVENT_ENDED);
    assert_true(player_counts(p).shown > 0);
    middle = xvfb_pixel(&x, 640, 360);
    assert_true(labs((long)(middle >> 8 & 255) - 0xa0) < 6);
    assert_int_equal(middle, xvfb_pixel(&x, 285, 5));
    assert_int_equal(middle, xvfb_pixel(&x, 995, 715));
    assert_int_equal(xvfb_pixel(&x, 275, 360), 0);
    assert_int_equal(xvfb_pixel(&x, 1005, 360), 0);
    player_close(p);
    xvfb_stop(&x);
    free(jpeg);
}

/* A screen sends no events: looked at until it shows that colour. */
static void await_pixel(const struct xvfb *x, unsigned column, unsigned row, uint32_t want)
{
    for (int i = 0; i < 4000 && xvfb_pixel(x, column, row) != want; i++)
        poll(NULL, 0, 5);
    assert_int_equal(xvfb_pixel(x, column, row), want);
}

/* Text comes and goes before the first picture, between pictures and while paused. */
static void test_text(void **state)
{
    const struct player_options options = {
        .display = "sdl", .title = "den", .fps_num = 50, .fps_den = 1, .frames = 20};
    struct player_text text = {.shown = true, .edited = ""};
    struct xvfb x;
    struct player *p;
    struct player_event e;
    size_t length;
    uint8_t *jpeg = jpegs_make(64, 36, 0, &length);

    (void)state;
    start(&x, 1280, 720, 24);
    assert_int_equal(player_open(&options, &p), ERR_OK);
    player_pause(p, true);
    next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_OPENED);
    player_text(p, &text);
    await_pixel(&x, 4, 710, CAPTION_INK);
    await_pixel(&x, 1000, 710, CAPTION_PAPER);
    assert_int_equal(xvfb_pixel(&x, 1000, 690), 0);
    for (uint32_t i = 0; i < 20; i++) {
        struct player_frame f = {.number = i, .jpeg = jpegs_copy(jpeg, length), .length = length};
        assert_int_equal(player_give(p, &f), ERR_OK);
    }
    do {
        next(p, &e);
    } while (e.kind != PLAYER_EVENT_FRAME);
    text.edited = "ab";
    text.cursor = 2;
    player_text(p, &text);
    await_pixel(&x, 36, 710, CAPTION_INK);
    assert_int_equal(xvfb_pixel(&x, 1000, 710), CAPTION_PAPER);
    text.shown = false;
    player_text(p, &text);
    await_pixel(&x, 1000, 710, 0);
    player_pause(p, false);
    do {
        next(p, &e);
    } while (e.kind != PLAYER_EVENT_ENDED);
    player_close(p);
    xvfb_stop(&x);
    free(jpeg);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_preparing),
#if DEN_SDL
        cmocka_unit_test(test_no_display),
        cmocka_unit_test(test_pixels_24),
        cmocka_unit_test(test_pixels_16),
        cmocka_unit_test(test_small_screen),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_player),
        cmocka_unit_test(test_text),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
