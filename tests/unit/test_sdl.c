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
#include "tests/kit/shown.h"
#include "tests/kit/xvfb.h"

#define MS INT64_C(1000000)

static void test_no_display(void **state)
{
    struct display d;
    char why[DISPLAY_WHY];

    (void)state;
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    unsetenv("SDL_VIDEODRIVER");
    assert_false(display_open(&d, "sdl", &shown_window, why));
    assert_string_equal(why, "sdl: neither DISPLAY nor WAYLAND_DISPLAY is set");
    assert_true(display_open(&d, "auto", &shown_window, why));
    assert_string_equal(d.driver->name, "headless");
    assert_ptr_equal(strstr(why, "sdl: neither DISPLAY nor WAYLAND_DISPLAY is set; "), why);
    display_close(&d);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_false(display_open(&d, "sdl", &shown_window, why));
    assert_string_equal(why, "sdl: SDL's driver `dummy` is no display");
    setenv("SDL_VIDEODRIVER", "offscreen", 1);
    assert_false(display_open(&d, "sdl", &shown_window, why));
    unsetenv("SDL_VIDEODRIVER");
    setenv("DISPLAY", ":65000", 1);
    assert_false(display_open(&d, "sdl", &shown_window, why));
    unsetenv("DISPLAY");
}

static void test_pixels_24(void **state)
{
    (void)state;
    shown_check_pixels(24, 0, "software");
}

static void test_pixels_16(void **state)
{
    (void)state;
    shown_check_pixels(16, 8, "");
}

static void test_small_screen(void **state)
{
    struct xvfb x;
    struct display d;
    struct surface s;
    char why[DISPLAY_WHY];

    (void)state;
    shown_start(&x, 320, 400, 24);
    assert_true(display_open(&d, "sdl", &shown_window, why));
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
    shown_start(&x, 800, 600, 24);
    assert_true(display_open(&d, "sdl", &shown_window, why));
    shown_settle(&d);
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
    shown_settle(&d);
    d.driver->fullscreen(d.state);
    shown_settle(&d);
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
static void check_player(const char *driver)
{
    const struct player_options options = {
        .display = "sdl", .title = "den", .fps_num = 50, .fps_den = 1, .frames = 20};
    struct xvfb x;
    struct player *p;
    struct player_event e;
    size_t length;
    uint8_t *jpeg = jpegs_make(144, 144, 0x30a060, &length);
    uint32_t middle;

    shown_start(&x, 1280, 720, 24);
    setenv("SDL_RENDER_DRIVER", driver, 1);
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

static void test_player(void **state)
{
    (void)state;
    check_player("");
}

/* OpenGL's libraries keep what they took when the player's thread opened them. */
static void skip_sanitized(void)
{
    if (DEN_SANITIZED)
        skip();
}

static void test_player_renderer(void **state)
{
    (void)state;
    skip_sanitized();
    check_player("opengl");
}

/* A screen sends no events: looked at until it shows that colour. */
static void await_pixel(const struct xvfb *x, unsigned column, unsigned row, uint32_t want)
{
    for (int i = 0; i < 4000 && xvfb_pixel(x, column, row) != want; i++)
        poll(NULL, 0, 5);
    assert_int_equal(xvfb_pixel(x, column, row), want);
}

/* Text comes and goes before the first picture, between pictures and while paused. */
static void check_text(const char *driver)
{
    const struct player_options options = {
        .display = "sdl", .title = "den", .fps_num = 50, .fps_den = 1, .frames = 20};
    struct player_text text = {.shown = true, .edited = ""};
    struct xvfb x;
    struct player *p;
    struct player_event e;
    size_t length;
    uint8_t *jpeg = jpegs_make(64, 36, 0, &length);

    shown_start(&x, 1280, 720, 24);
    setenv("SDL_RENDER_DRIVER", driver, 1);
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

static void test_text(void **state)
{
    (void)state;
    check_text("");
}

static void test_text_renderer(void **state)
{
    (void)state;
    skip_sanitized();
    check_text("opengl");
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
        cmocka_unit_test(test_player_renderer),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_renderer),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
