/* The schedule, by its properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "video/schedule.h"

static const unsigned heights[LIMIT_RENDITIONS] = {144, 240, 480, 720, 1080, 1440};

/* Every rendition gets floor or ceil of n / r frames, the sum is n: all frames, each once. */
static void shares(const struct schedule *s, size_t r, size_t n)
{
    size_t got[LIMIT_RENDITIONS] = {0}, sum = 0;

    for (size_t i = 0; i < n; i++) {
        size_t pick = schedule_pick(s, heights, r, n, i);

        assert_true(pick < r);
        got[pick]++;
    }
    for (size_t k = 0; k < r; k++) {
        assert_true(got[k] == n / r || got[k] == (n + r - 1) / r);
        sum += got[k];
    }
    assert_int_equal(sum, n);
}

static void thirds_share_out_in_rising_order(void **state)
{
    const struct schedule s = {.kind = SCHEDULE_THIRDS};

    (void)state;
    for (size_t r = 1; r <= LIMIT_RENDITIONS; r++) {
        for (size_t n = 0; n <= 500; n++) {
            size_t before = 0;

            shares(&s, r, n);
            for (size_t i = 0; i < n; i++) {
                size_t pick = schedule_pick(&s, heights, r, n, i);

                assert_true(pick == before || (pick > before && (pick == before + 1 || n < r)));
                assert_int_equal(pick, i * r / n);
                before = pick;
            }
            if (n >= r)
                assert_int_equal(before, r - 1);
        }
    }
}

static void three_renditions_are_exact_thirds(void **state)
{
    const struct schedule s = {.kind = SCHEDULE_THIRDS};

    (void)state;
    for (size_t i = 0; i < 216; i++)
        assert_int_equal(schedule_pick(&s, heights, 3, 216, i), i / 72);
    /* With a remainder the later thirds begin on the first frame past their share. */
    assert_int_equal(schedule_pick(&s, heights, 3, 10, 3), 0);
    assert_int_equal(schedule_pick(&s, heights, 3, 10, 4), 1);
    assert_int_equal(schedule_pick(&s, heights, 3, 10, 6), 1);
    assert_int_equal(schedule_pick(&s, heights, 3, 10, 7), 2);
}

static void alternate_takes_turns(void **state)
{
    const struct schedule s = {.kind = SCHEDULE_ALTERNATE};

    (void)state;
    for (size_t r = 1; r <= LIMIT_RENDITIONS; r++) {
        for (size_t n = 0; n <= 500; n++) {
            shares(&s, r, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(schedule_pick(&s, heights, r, n, i), i % r);
        }
    }
}

static void fixed_stays(void **state)
{
    (void)state;
    for (size_t r = 1; r <= LIMIT_RENDITIONS; r++) {
        for (size_t k = 0; k < r; k++) {
            const struct schedule s = {SCHEDULE_FIXED, heights[k]};

            for (size_t i = 0; i < 50; i++)
                assert_int_equal(schedule_pick(&s, heights, r, 50, i), k);
        }
    }
}

/* The highest that is no higher than what was wished, and the lowest for less than all of them. */
static void auto_follows_a_height(void **state)
{
    (void)state;
    for (size_t r = 1; r <= LIMIT_RENDITIONS; r++) {
        for (unsigned height = 0; height <= LIMIT_HEIGHT + 1; height++) {
            const struct schedule s = {SCHEDULE_AUTO, height};
            size_t k = schedule_pick(&s, heights, r, 50, height % 50);

            assert_true(k < r && (k == 0 || heights[k] <= height));
            assert_true(k + 1 == r || heights[k + 1] > height);
        }
    }
}

static void long_films_do_not_overflow(void **state)
{
    const struct schedule s = {.kind = SCHEDULE_THIRDS};
    size_t n = UINT32_MAX;

    (void)state;
    assert_int_equal(schedule_pick(&s, heights, 6, n, n - 1), 5);
    assert_int_equal(schedule_pick(&s, heights, 6, n, n / 2), 2);
    assert_int_equal(schedule_pick(&s, heights, 6, n, n / 2 + 1), 3);
}

static void texts(void **state)
{
    static const struct {
        const char *text, *back;
        enum schedule_kind kind;
        unsigned height;
    } good[] = {
        {"thirds", "thirds", SCHEDULE_THIRDS, 0}, {"alternate", "alternate", SCHEDULE_ALTERNATE, 0},
        {"auto", "auto", SCHEDULE_AUTO, 0},       {"720", "720", SCHEDULE_FIXED, 720},
        {"240p", "240", SCHEDULE_FIXED, 240},     {"4320", "4320", SCHEDULE_FIXED, 4320},
    };
    static const char *const bad[] = {
        "",     "third", "Thirds", "thirds ", "0",     "p",   "-1",  "+5",
        "4321", "720pp", "7 20",   "p720",    "720px", "1e2", "0x9", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct schedule s;
        char text[SCHEDULE_TEXT];

        assert_int_equal(schedule_parse(good[i].text, &s), ERR_OK);
        assert_int_equal(s.kind, good[i].kind);
        assert_int_equal(s.height, good[i].height);
        schedule_format(&s, text);
        assert_string_equal(text, good[i].back);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct schedule s;

        assert_int_equal(schedule_parse(bad[i], &s), ERR_FORMAT);
    }
}

static void what_cannot_be_played_is_said(void **state)
{
    struct schedule s = {SCHEDULE_FIXED, 720};
    char why[LIMIT_REASON] = "";

    (void)state;
    assert_int_equal(schedule_check(&s, heights, 4, why), ERR_OK);
    assert_int_equal(schedule_check(&s, heights, 3, why), ERR_UNKNOWN);
    assert_string_equal(why, "there is no 720p, only 144p, 240p, 480p");
    assert_int_equal(schedule_check(&s, heights, 0, why), ERR_EMPTY);
    s.kind = SCHEDULE_AUTO;
    assert_int_equal(schedule_check(&s, heights, 3, why), ERR_OK);
    assert_int_equal(schedule_check(&s, heights, 0, why), ERR_EMPTY);
    s.kind = SCHEDULE_THIRDS;
    assert_int_equal(schedule_check(&s, heights, 1, why), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirds_share_out_in_rising_order),
        cmocka_unit_test(three_renditions_are_exact_thirds),
        cmocka_unit_test(alternate_takes_turns),
        cmocka_unit_test(fixed_stays),
        cmocka_unit_test(auto_follows_a_height),
        cmocka_unit_test(long_films_do_not_overflow),
        cmocka_unit_test(texts),
        cmocka_unit_test(what_cannot_be_played_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
