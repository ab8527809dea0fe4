#include "tests/kit/shown.h"

#if DEN_SDL

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <SDL.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "platform/now.h"

#define MS INT64_C(1000000)

const struct display_options shown_window = {.title = "den test", .width = 640, .height = 360};

void shown_start(struct xvfb *x, unsigned width, unsigned height, unsigned depth)
{
    unsetenv("SDL_VIDEODRIVER");
    unsetenv("SDL_RENDER_DRIVER");
    unsetenv("WAYLAND_DISPLAY");
    if (!xvfb_start(x, width, height, depth)) {
        print_message("Xvfb is not installed\n");
        skip();
    }
}

void shown_fill(struct display *d, uint32_t colour)
{
    struct surface s;

    assert_true(d->driver->lend(d->state, &s));
    for (unsigned y = 0; y < s.height; y++) {
        for (unsigned x = 0; x < s.width; x++)
            memcpy((uint8_t *)s.pixels + y * s.pitch + 4 * (size_t)x, &colour, 4);
    }
    assert_true(d->driver->present(d->state));
}

void shown_settle(struct display *d)
{
    struct display_event e;
    int64_t until = now_ns() + 100 * MS;

    while (now_ns() < until)
        d->driver->wait(d->state, until, &e);
}

/* SDL counts them from 1, and one that was of no use may have been the first. */
static SDL_Window *shown_sdl(void)
{
    SDL_Window *first = SDL_GetWindowFromID(1);

    return first != NULL ? first : SDL_GetWindowFromID(2);
}

void shown_check(const struct xvfb *x, uint32_t want, unsigned slack)
{
    int column, row, width, height;
    SDL_Window *w = shown_sdl();

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

bool shown_by_renderer(void)
{
    return SDL_GetRenderer(shown_sdl()) != NULL;
}

void shown_check_pixels(unsigned depth, unsigned slack, const char *driver)
{
    struct xvfb x;
    struct display d;
    struct surface s;
    char why[DISPLAY_WHY];

    shown_start(&x, 1024, 768, depth);
    setenv("SDL_RENDER_DRIVER", driver, 1);
    assert_true(display_open(&d, "auto", &shown_window, why));
    if (strcmp(driver, "opengl") != 0)
        assert_false(shown_by_renderer());
    assert_string_equal(d.driver->name, "sdl");
    shown_settle(&d);
    memset(&s, 0xff, sizeof s); /* all of it is said anew */
    assert_true(d.driver->lend(d.state, &s));
    assert_true(s.device == false && s.copied == false);
    assert_int_equal(s.width, 640);
    assert_int_equal(s.height, 360);
    shown_fill(&d, 0x204080);
    shown_check(&x, 0x204080, slack);
    shown_fill(&d, 0xf0e010);
    shown_check(&x, 0xf0e010, slack);
    /* Another size: told once, and then that size is lent. */
    SDL_SetWindowSize(shown_sdl(), 500, 400);
    shown_settle(&d);
    assert_true(d.driver->lend(d.state, &s));
    assert_int_equal(s.width, 500);
    assert_int_equal(s.height, 400);
    shown_fill(&d, 0x10c030);
    shown_check(&x, 0x10c030, slack);
    display_close(&d);
    xvfb_stop(&x);
}

#endif
