/* Memory that runs out while somebody speaks: what is in the log reached everybody who is still here,
 * once, and who said it was told so; what is not reached nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/cast.h"
#include "tests/kit/famine.h"

static size_t count_of(const struct view *v, uint64_t number)
{
    size_t n = 0;

    for (size_t i = 0; i < v->sealed_count; i++)
        n += v->sealed[i] == number;
    return n;
}

/* What is in the log reached everybody who is still here, once; what is not reached nobody. */
static void check_delivered(struct view *v)
{
    cast_look(v);
    if (!cast_is_here(v))
        return;
    for (uint64_t n = 1; n <= cast.stage.room.log.durable; n++)
        assert_int_equal(count_of(v, n), 1);
    assert_int_equal(v->sealed_count, cast.stage.room.log.durable);
}

static void alice_speaks(void)
{
    bool struck;

    cast_open_room();
    cast_come_in(&cast.bob, 2, "bob");
    cast_check();
    famine_begin();
    for (int i = 0; i < 4; i++) {
        cast_send(&cast.alice, i % 2 == 0 ? &cast.one : &cast.all);
        if (i == 1)
            desk_finish(&cast.stage.desk);
    }
    desk_finish(&cast.stage.desk);
    struck = famine_end();
    stage_later(&cast.stage, NOTICES_GAP_NS);
    cast_in_or_out(&cast.alice);
    cast_in_or_out(&cast.bob);
    cast_in_or_out(&cast.carol);
    check_delivered(&cast.bob);
    check_delivered(&cast.carol);
    if (cast_is_here(&cast.alice))
        assert_int_equal(cast.alice.accepted, cast.stage.room.log.durable);
    if (cast_is_here(&cast.alice))
        assert_int_equal(cast.alice.accepted + cast.alice.refused, 4);
    assert_true(struck || cast.alice.accepted == 4);
    cast_check();
    if (!cast_is_here(&cast.carol)) {
        actor_end(&cast.carol.actor);
        cast_come_in(&cast.carol, 3, "carol");
    }
    if (!cast_is_here(&cast.alice)) {
        actor_end(&cast.alice.actor);
        cast_come_in(&cast.alice, 1, "alice");
    }
    cast_check_talk(&cast.alice, &cast.carol);
    cast_check_talk(&cast.carol, &cast.alice);
    cast_close_room();
}

static void somebody_speaks(void **state)
{
    (void)state;
    famine_walk(alice_speaks);
}

/* Bob's coming is still to be told when he speaks. */
static void bob_comes_and_speaks(void)
{
    cast_open_room();
    cast_start(&cast.bob, 2);
    cast_hello(2, "bob");
    cast_ack(&cast.bob.actor, "bob");
    famine_begin();
    cast_send(&cast.bob, &cast.hello);
    cast_send(&cast.bob, &cast.ack);
    desk_finish(&cast.stage.desk);
    if (cast_is_here(&cast.bob))
        cast_send(&cast.bob, &cast.one);
    desk_finish(&cast.stage.desk);
    famine_end();
    stage_later(&cast.stage, NOTICES_GAP_NS);
    stage_later(&cast.stage, NOTICES_GAP_NS);
    cast_in_or_out(&cast.bob);
    assert_true(cast_is_here(&cast.alice) && cast_is_here(&cast.carol));
    check_delivered(&cast.alice);
    check_delivered(&cast.carol);
    cast_check();
    cast_close_room();
}

static void a_newcomer_speaks(void **state)
{
    (void)state;
    famine_walk(bob_comes_and_speaks);
}

/* The disk is full as well. */
static void nothing_can_be_stored(void)
{
    cast_open_room();
    famine_begin();
    desk_limit_files((size_t)cast.stage.room.log.file.size + 100);
    cast_send(&cast.alice, &cast.one);
    cast_send(&cast.carol, &cast.one);
    desk_finish(&cast.stage.desk);
    desk_limit_files(0);
    famine_end();
    cast_in_or_out(&cast.alice);
    cast_in_or_out(&cast.carol);
    assert_int_equal(cast.stage.room.log.durable, 0);
    assert_true(cast.alice.accepted == 0 && cast.carol.accepted == 0);
    if (cast_is_here(&cast.alice) && cast_is_here(&cast.carol))
        cast_check_talk(&cast.alice, &cast.carol);
    cast_close_room();
}

static void a_full_disk(void **state)
{
    (void)state;
    famine_walk(nothing_can_be_stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(somebody_speaks, cast_make, cast_unmake),
        cmocka_unit_test_setup_teardown(a_newcomer_speaks, cast_make, cast_unmake),
        cmocka_unit_test_setup_teardown(a_full_disk, cast_make, cast_unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
