/* Who draws a window: a GPU through SDL's renderer, or this processor into the window's surface. There
 * is only OpenGL done in software to try it with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/display.h"
#include "platform/display/renderer.h"
#include "tests/kit/shown.h"
#include "tests/kit/xvfb.h"

/* The sanitizers ask: OpenGL's libraries keep what they took. */
int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return 1;
}

/* What Mesa, VirGL, Zink and others say of themselves. */
static void test_choice(void **state)
{
    static const struct {
        struct renderer renderer;
        bool draws, wished;
    } cases[] = {
        {{true, "opengl", "Mesa Intel(R) UHD Graphics 620 (KBL GT2)"}, true, true},
        {{true, "opengles2", "V3D 4.2"}, true, true},
        {{true, "opengl", "AMD Radeon RX 580 Series (polaris10, LLVM 15.0.6, DRM 3.49)"},
         true,
         true},
        {{true, "opengl", "NVIDIA GeForce GTX 1650/PCIe/SSE2"}, true, true},
        {{true, "opengl", "virgl (Mesa Intel(R) HD Graphics 620)"}, true, true},
        {{true, "opengl", "llvmpipe (LLVM 15.0.6, 256 bits)"}, false, true},
        {{true, "opengl", "virgl (LLVMPIPE (LLVM 15.0.6 256 Bits))"}, false, true},
        {{true, "opengles2", "zink Vulkan 1.3(llvmpipe (LLVM 15.0.6, 256 bits))"}, false, true},
        {{true, "opengl", "softpipe"}, false, true},
        {{true, "opengl", "Software Rasterizer"}, false, true},
        {{true, "opengles2", "Google SwiftShader"}, false, true},
        {{true, "opengl", ""}, false, true},
        {{true, "opengl", NULL}, false, true},
        {{false, "software", NULL}, false, false},
        {{true, "software", NULL}, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(renderer_draws(&cases[i].renderer, ""), cases[i].draws);
        assert_int_equal(renderer_draws(&cases[i].renderer, "metal"), cases[i].draws);
        assert_int_equal(renderer_draws(&cases[i].renderer, cases[i].renderer.driver),
                         cases[i].wished);
    }
    assert_false(renderer_there("/nonexistent"));
    assert_false(renderer_there("/proc/self"));
}

#if DEN_SDL

static void test_pixels_renderer(void **state)
{
    (void)state;
    shown_check_pixels(24, 0, "opengl");
}

/* What SDL then takes draws by this processor, and nobody asked for that. */
static void test_renderer_of_no_use(void **state)
{
    (void)state;
    shown_check_pixels(24, 0, "nonsense");
}

/* A picture of odd sides goes to the renderer as planes, and black around it; text as pixels. */
static void test_planes(void **state)
{
    static uint8_t luma[241][448], blue[121][224], red[121][224];
    const struct display_planes planes = {{&luma[0][0], &blue[0][0], &red[0][0]},
                                          {sizeof luma[0], sizeof blue[0], sizeof red[0]},
                                          427,
                                          241};
    const struct display_rect rect = {40, 0, 560, 360};
    struct xvfb x;
    struct display d;
    struct surface s;
    char why[DISPLAY_WHY];

    (void)state;
    memset(luma, 120, sizeof luma);
    memset(blue, 90, sizeof blue);
    memset(red, 200, sizeof red);
    shown_start(&x, 640, 360, 24);
    assert_true(display_open(&d, "sdl", &shown_window, why));
    assert_true(d.driver->lend(d.state, &s));
    assert_false(d.driver->picture(d.state, &planes, &rect));
    display_close(&d);
    setenv("SDL_RENDER_DRIVER", "opengl", 1);
    assert_true(display_open(&d, "sdl", &shown_window, why));
    if (!shown_by_renderer()) {
        print_message("there is no OpenGL\n");
        display_close(&d);
        xvfb_stop(&x);
        skip();
    }
    shown_settle(&d);
    assert_true(d.driver->lend(d.state, &s));
    assert_true(d.driver->picture(d.state, &planes, &rect));
    assert_true(d.driver->present(d.state));
    shown_settle(&d);
    for (unsigned i = 0; i < 9; i++) {
        uint32_t got = xvfb_pixel(&x, 41 + 557 * (i % 3) / 2, 359 * (i / 3) / 2);
        assert_in_range(got >> 16, 221 - 2, 221 + 2);
        assert_in_range(got >> 8 & 255, 82 - 2, 82 + 2);
        assert_in_range(got & 255, 53 - 2, 53 + 2);
    }
    assert_int_equal(xvfb_pixel(&x, 38, 180), 0);
    assert_int_equal(xvfb_pixel(&x, 601, 180), 0);
    shown_fill(&d, 0x204080);
    shown_settle(&d);
    shown_check(&x, 0x204080, 0);
    display_close(&d);
    xvfb_stop(&x);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
#if DEN_SDL
        cmocka_unit_test(test_pixels_renderer),
        cmocka_unit_test(test_renderer_of_no_use),
        cmocka_unit_test(test_planes),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
