/* Numbers that came and which of them are dealt with: against a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/marks.h"
#include "tests/kit/dice.h"

#define MANY 3000

static void in_order_and_not(void **state)
{
    struct marks m = {0};
    uint64_t reached = 0;

    (void)state;
    assert_true(marks_add(&m, 3));
    assert_true(marks_add(&m, 5));
    assert_true(marks_add(&m, 6));
    assert_false(marks_add(&m, 6));
    assert_false(marks_add(&m, 1));
    assert_false(marks_done(&m, 5, &reached));
    assert_false(marks_done(&m, 4, &reached));
    assert_int_equal(reached, 0);
    assert_true(marks_done(&m, 3, &reached));
    assert_int_equal(reached, 5);
    assert_false(marks_done(&m, 3, &reached));
    assert_true(marks_done(&m, 6, &reached));
    assert_int_equal(reached, 6);
    assert_true(marks_add(&m, 7));
    marks_clear(&m);
    marks_clear(&m);
}

/* What is reached is the highest number below which nothing is open, whatever the order. */
static void as_a_model_says(void **state)
{
    static bool done[2 * MANY + 2];
    struct marks m = {0};
    struct dice d = dice_make(20);
    uint64_t reached = 0, came = 0;

    (void)state;
    for (int step = 0; step < 4 * MANY; step++) {
        uint64_t at, low;

        if (came < MANY && dice_below(&d, 2) == 0) {
            assert_true(marks_add(&m, 2 * ++came));
            continue;
        }
        if (came == 0)
            continue;
        at = 1 + dice_below(&d, (size_t)came);
        marks_done(&m, 2 * at, &reached);
        done[at] = true;
        for (low = 0; low < came && done[low + 1]; low++)
            ;
        assert_int_equal(reached, 2 * low);
    }
    marks_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_and_not),
        cmocka_unit_test(as_a_model_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
