/* What an import is going to make of which film. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/plan.h"
#include "video/library.h"

static struct plan plan(unsigned width, unsigned height, const struct clip_options *o)
{
    const struct probe film = {.width = width, .height = height, .fps = {24, 1}, .seconds = 7200};
    struct plan p;

    assert_true(plan_make(&p, o, &film));
    return p;
}

static void heights_follow_the_film(void **state)
{
    static const struct {
        unsigned width, height, count, heights[3], widths[3];
    } cases[] = {
        {2560, 1440, 3, {240, 720, 1440}, {426, 1280, 2560}},
        {3840, 2160, 3, {240, 720, 1440}, {426, 1280, 2560}},
        {1920, 1080, 3, {240, 720, 1080}, {426, 1280, 1920}},
        {1920, 800, 2, {240, 720}, {576, 1728}}, /* 800 is hardly more than 720 */
        {1280, 720, 2, {240, 720}, {426, 1280}},
        {640, 480, 2, {240, 480}, {320, 640}},
        {853, 481, 2, {240, 480}, {426, 852}},
        {480, 272, 1, {240}, {424}},
        {320, 180, 1, {180}, {320}},
        {1, 1, 1, {2}, {2}},
        {1080, 1920, 3, {240, 720, 1440}, {136, 406, 810}}, /* a phone held upright */
    };
    const struct clip_options o = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan p = plan(cases[i].width, cases[i].height, &o);

        assert_int_equal(p.count, cases[i].count);
        for (size_t k = 0; k < p.count; k++) {
            assert_int_equal(p.heights[k], cases[i].heights[k]);
            assert_int_equal(p.widths[k], cases[i].widths[k]);
        }
        assert_int_equal(p.left_out, 0);
    }
}

static void heights_asked_for_are_not_exceeded(void **state)
{
    struct clip_options o = {.heights = {480, 1080}, .count = 2};
    struct plan p = plan(1280, 720, &o);

    (void)state;
    assert_int_equal(p.count, 1);
    assert_int_equal(p.heights[0], 480);
    assert_int_equal(p.left_out, 1080);
    o.all_heights = true;
    p = plan(1280, 720, &o);
    assert_int_equal(p.count, 2);
    assert_int_equal(p.heights[1], 1080);
    assert_int_equal(p.widths[1], 1920);
    o = (struct clip_options){.all_heights = true};
    p = plan(320, 180, &o);
    assert_int_equal(p.count, 3);
    assert_int_equal(p.heights[2], 1440);
}

/* measured.md: two hours of 1440p are 40 GB. */
static void two_hours_of_1440p_are_40_gb(void **state)
{
    struct clip_options o = {.heights = {1440}, .count = 1};
    struct plan p = plan(2560, 1440, &o);

    (void)state;
    assert_int_equal(p.frames, 172800);
    assert_true(p.bytes > 38000000000 && p.bytes < 42000000000);
    o.quality = 100;
    assert_true(plan(2560, 1440, &o).bytes > 2 * p.bytes);
    o.quality = 30;
    assert_true(plan(2560, 1440, &o).bytes < p.bytes / 2);
}

static void quality_becomes_ffmpegs_scale(void **state)
{
    struct clip_options o = {0};

    (void)state;
    assert_int_equal(plan(640, 480, &o).scale, 6);
    for (o.quality = 1; o.quality <= 100; o.quality++) {
        unsigned scale = plan(640, 480, &o).scale;

        assert_true(scale >= 2 && scale <= 31);
    }
    o.quality = 1;
    assert_int_equal(plan(640, 480, &o).scale, 31);
}

static void what_is_over_a_limit_is_refused(void **state)
{
    struct clip_options o = {0};
    struct probe film = {.width = 60000, .height = 720, .fps = {24, 1}, .seconds = 60};
    struct plan p;

    (void)state;
    assert_false(plan_make(&p, &o, &film)); /* wider than 8192 */
    film.width = 1280;
    film.seconds = 500000;
    assert_false(plan_make(&p, &o, &film)); /* 12 million frames */
    film.seconds = 60;
    film.fps.num = 0;
    assert_false(plan_make(&p, &o, &film)); /* nobody knows the rate */
    o.fps = (struct fraction){25, 1};
    assert_true(plan_make(&p, &o, &film));
    assert_int_equal(p.frames, 1500);
}

static void names_are_cleaned(void **state)
{
    static const char *const cases[][2] = {
        {"film.mp4", "film"},
        {"/a/b.c/film", "film"},
        {"Ein Sommer, 1987 .final.mkv", "Ein-Sommer-1987-.final"},
        {"../..", "film"},
        {".hidden", "hidden"},
        {"-f.avi", "f"},
        {"\xc3\xa4\xc3\xb6.mp4", "film"},
        {"na\xc3\xafve.mp4", "na-ve"},
        {"a/", "film"},
        {"x.tar.gz", "x.tar"},
        {"a b  c!.mov", "a-b-c"},
    };
    char name[LIMIT_CLIP + 1], longest[300];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plan_name(name, cases[i][0]);
        assert_string_equal(name, cases[i][1]);
        assert_true(library_name_valid(name));
    }
    snprintf(longest, sizeof longest, "%0250d.mp4", 1);
    plan_name(name, longest);
    assert_int_equal(strlen(name), LIMIT_CLIP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_follow_the_film),
        cmocka_unit_test(heights_asked_for_are_not_exceeded),
        cmocka_unit_test(two_hours_of_1440p_are_40_gb),
        cmocka_unit_test(quality_becomes_ffmpegs_scale),
        cmocka_unit_test(what_is_over_a_limit_is_refused),
        cmocka_unit_test(names_are_cleaned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
