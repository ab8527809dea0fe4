#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>

#include "video/scale.h"

static void check_fit(unsigned w, unsigned h, unsigned tw, unsigned th, struct display_rect want)
{
    struct display_rect r = scale_fit(w, h, tw, th);

    assert_int_equal(r.x, want.x);
    assert_int_equal(r.y, want.y);
    assert_int_equal(r.width, want.width);
    assert_int_equal(r.height, want.height);
}

static void test_fit(void **state)
{
    (void)state;
    check_fit(1280, 720, 1280, 720, (struct display_rect){0, 0, 1280, 720});
    check_fit(2560, 1440, 1280, 720, (struct display_rect){0, 0, 1280, 720});
    check_fit(1280, 720, 1000, 1000, (struct display_rect){0, 218, 1000, 563});
    check_fit(1280, 720, 2000, 720, (struct display_rect){360, 0, 1280, 720});
    check_fit(640, 480, 1280, 720, (struct display_rect){160, 0, 960, 720});
    /* Widths that were rounded to even numbers, either way, still mean 16:9. */
    check_fit(426, 240, 1280, 720, (struct display_rect){0, 0, 1280, 720});
    check_fit(428, 240, 1280, 720, (struct display_rect){0, 0, 1280, 720});
    check_fit(426, 240, 1920, 1080, (struct display_rect){0, 0, 1920, 1080});
    check_fit(854, 480, 1280, 720, (struct display_rect){0, 0, 1280, 720});
    check_fit(8192, 1, 10, 10, (struct display_rect){0, 4, 10, 1});
    check_fit(1, 4320, 10, 10, (struct display_rect){4, 0, 1, 10});
}

static void test_fit_properties(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        unsigned v[4];
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525 + 1013904223;
            v[k] = 1 + (seed >> 8) % (i % 2 ? 8192 : 40);
        }
        struct display_rect r = scale_fit(v[0], v[1], v[2], v[3]);
        assert_true(r.width >= 1 && r.height >= 1);
        assert_true(r.x + r.width <= v[2] && r.y + r.height <= v[3]);
        assert_true(r.width == v[2] || r.height == v[3]);
        assert_true(scale_near(&r, &r));
    }
}

static void test_near(void **state)
{
    struct display_rect a = {0, 0, 1000, 563}, b = {0, 0, 1000, 562}, c = {0, 0, 1000, 600};

    (void)state;
    assert_true(scale_near(&a, &b));
    assert_false(scale_near(&a, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_fit_properties),
        cmocka_unit_test(test_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
