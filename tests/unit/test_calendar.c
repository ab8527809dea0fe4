/* When the wall clock is believed: it may be set back, and ahead by less than a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "server/calendar.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define TODAY INT64_C(1790000000)

static void time_goes_on(void **state)
{
    struct calendar c;
    int64_t wall = TODAY, passed = 5;

    (void)state;
    calendar_start(&c, wall, passed, TODAY - 89 * DAY, 90 * DAY);
    for (int i = 0; i < 100; i++) {
        wall += HOUR * i;
        passed += HOUR * i;
        assert_true(calendar_trusts(&c, wall, passed));
    }
    assert_true(calendar_trusts(&c, wall + CALENDAR_JUMP, passed));
    assert_true(calendar_trusts(&c, 0, passed));
    assert_true(calendar_trusts(&c, DAY, passed));
}

static void ahead(void **state)
{
    struct calendar c;

    (void)state;
    calendar_start(&c, 0, 5, 0, 90 * DAY);
    assert_false(calendar_trusts(&c, TODAY, 60));
    assert_false(calendar_trusts(&c, TODAY + 100, 160));
    /* Back to the wrong one: it is no better than before. */
    assert_false(calendar_trusts(&c, 200, 200));
    assert_false(calendar_trusts(&c, TODAY + HOUR, 60 + HOUR));
    assert_false(calendar_trusts(&c, TODAY + CALENDAR_DOUBT, 60 + CALENDAR_DOUBT));
    assert_true(calendar_trusts(&c, TODAY + HOUR + CALENDAR_DOUBT, 60 + HOUR + CALENDAR_DOUBT));
}

static void far_from_what_was_written(void **state)
{
    struct calendar c;

    (void)state;
    calendar_start(&c, TODAY, 5, TODAY - 91 * DAY, 90 * DAY);
    assert_false(calendar_trusts(&c, TODAY, 5));
    assert_true(calendar_trusts(&c, TODAY + CALENDAR_DOUBT, 5 + CALENDAR_DOUBT));
    calendar_start(&c, TODAY, 5, TODAY - 9100 * DAY, 0);
    assert_true(calendar_trusts(&c, TODAY, 5));
    calendar_start(&c, TODAY, 5, TODAY + 91 * DAY, 90 * DAY);
    assert_true(calendar_trusts(&c, TODAY, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_goes_on),
        cmocka_unit_test(ahead),
        cmocka_unit_test(far_from_what_was_written),
    };

    log_start("test", LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
