/* Memory that runs out in the room: who comes in, comes again and leaves meanwhile either does, or is
 * told that it did not; and the others see the room as it is. */
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

#define MANY 3           /* enough to make every array grow, see cast_squeeze */
#define NUMBERED "p%02u" /* their names */

static void bob_comes(void)
{
    cast_open_room();
    cast_start(&cast.bob, 2);
    cast_hello(2, "bob");
    cast_ack(&cast.bob.actor, "bob");
    cast_squeeze();
    famine_begin();
    cast_enter(&cast.bob);
    if (!famine_end())
        assert_true(cast_is_here(&cast.bob));
    cast_in_or_out(&cast.bob);
    assert_true(cast_is_here(&cast.alice) && cast_is_here(&cast.carol));
    cast_check();
    if (!cast_is_here(&cast.bob)) {
        actor_end(&cast.bob.actor);
        cast_come_in(&cast.bob, 2, "bob");
        cast_check();
    }
    cast_check_talk(&cast.bob, &cast.alice);
    cast_close_room();
}

static void somebody_comes(void **state)
{
    (void)state;
    famine_walk(bob_comes);
}

/* The same key from elsewhere: one of the two has the name, never nobody who was told so. */
static void alice_comes_again(void)
{
    cast_open_room();
    cast_start(&cast.bob, 1);
    cast_hello(1, "alice");
    cast_ack(&cast.bob.actor, "alice");
    famine_begin();
    cast_enter(&cast.bob);
    if (!famine_end())
        assert_true(cast_is_here(&cast.bob));
    cast_in_or_out(&cast.bob);
    cast_look(&cast.alice);
    assert_true(cast_is_here(&cast.carol));
    assert_false(cast_is_here(&cast.alice) && cast_is_here(&cast.bob));
    assert_int_equal(room_member(&cast.stage.room, "alice") != NULL,
                     cast_is_here(&cast.alice) || cast_is_here(&cast.bob));
    cast_check();
    if (cast_is_here(&cast.alice) || cast_is_here(&cast.bob))
        cast_check_talk(cast_is_here(&cast.bob) ? &cast.bob : &cast.alice, &cast.carol);
    cast_close_room();
}

static void somebody_comes_again(void **state)
{
    (void)state;
    famine_walk(alice_comes_again);
}

static void a_crowd_comes(void)
{
    static struct view crowd[MANY];
    char name[8];

    cast_open_room();
    for (unsigned i = 0; i < MANY; i++) {
        cast_start(&crowd[i], 2);
        snprintf(name, sizeof name, NUMBERED, i);
        cast_hello(2, name);
        cast_ack(&crowd[i].actor, name);
        cast_squeeze();
        famine_begin();
        cast_send(&crowd[i], &cast.hello);
        cast_send(&crowd[i], &cast.ack);
        desk_finish(&cast.stage.desk);
        famine_end();
        cast_in_or_out(&crowd[i]);
    }
    cast_check();
    for (unsigned i = 0; i < MANY; i += 2) {
        famine_begin();
        session_end(&crowd[i].actor.session);
        famine_end();
    }
    cast_check();
    for (unsigned i = 0; i < MANY; i++)
        actor_end(&crowd[i].actor);
    cast_check();
    assert_int_equal(cast.alice.count, 2);
    cast_close_room();
}

static void many_come_and_go(void **state)
{
    (void)state;
    famine_walk(a_crowd_comes);
}

static void bob_leaves(void)
{
    struct buf quit;

    cast_open_room();
    cast_come_in(&cast.bob, 2, "bob");
    buf_init(&quit, LIMIT_HELLO);
    wire_put_quit(&quit, "bye");
    famine_begin();
    cast_send(&cast.bob, &quit);
    session_refuse(&cast.carol.actor.session, CODE_FULL, "no room for carol");
    room_tick(&cast.stage.room);
    famine_end();
    buf_free(&quit);
    assert_true(cast.bob.actor.finished && cast.carol.actor.finished && cast_is_here(&cast.alice));
    cast_look(&cast.carol); /* half an ERROR is none */
    cast_check();
    assert_int_equal(cast.alice.count, 1);
    cast_close_room();
}

static void somebody_leaves(void **state)
{
    (void)state;
    famine_walk(bob_leaves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(somebody_comes, cast_make, cast_unmake),
        cmocka_unit_test_setup_teardown(somebody_comes_again, cast_make, cast_unmake),
        cmocka_unit_test_setup_teardown(many_come_and_go, cast_make, cast_unmake),
        cmocka_unit_test_setup_teardown(somebody_leaves, cast_make, cast_unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
