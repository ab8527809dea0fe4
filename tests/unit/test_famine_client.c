/* Memory that runs out in what the client keeps: who is here, whom it met, what it has seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/contacts_mark.h"
#include "client/members.h"
#include "client/pins.h"
#include "client/replay.h"
#include "tests/kit/famine.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"

#define MANY 20 /* more than the arrays begin with */

static struct scratch scratch;

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void name_of(char out[static LIMIT_NAME + 1], unsigned i)
{
    snprintf(out, LIMIT_NAME + 1, "n%02u", i * 7 % MANY);
}

static enum err add_member(struct members *m, unsigned i, bool *added)
{
    struct wire_member w = {.spki = keys_get(1)->public.spki};

    name_of(w.name, i);
    return members_add(m, &w, added);
}

static void members_come(void)
{
    struct members m = {0};
    char name[LIMIT_NAME + 1];
    bool added;

    famine_begin();
    for (unsigned i = 0; i < MANY; i++) {
        size_t before = m.count;
        enum err e = add_member(&m, i, &added);

        name_of(name, i);
        assert_true(e == ERR_OK || e == ERR_MEMORY);
        assert_int_equal(m.count, before + (e == ERR_OK));
        assert_int_equal(members_find(&m, name) != NULL, e == ERR_OK);
        assert_int_equal(added, e == ERR_OK);
    }
    assert_int_equal(m.count < MANY, famine_end());
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(add_member(&m, i, &added), ERR_OK);
    assert_int_equal(m.count, MANY);
    members_clear(&m);
}

static void members_of_a_room(void **state)
{
    (void)state;
    famine_walk(members_come);
}

/* An id that could not be recorded was not seen: it is not shown, and not refused for ever. */
static void ids_come(void)
{
    struct replay r = {0};
    uint8_t sender[SIZE_FINGERPRINT] = {0};
    bool failed = false;

    famine_begin();
    for (unsigned i = 0; i < MANY; i++) {
        enum err e;

        sender[0] = (uint8_t)(i * 7 % MANY);
        e = replay_check(&r, sender, 5);
        if (e != ERR_OK)
            assert_int_equal(e, ERR_MEMORY);
        failed = failed || e != ERR_OK;
    }
    assert_int_equal(failed, famine_end());
    for (unsigned i = 0; i < MANY; i++) {
        sender[0] = (uint8_t)i;
        replay_check(&r, sender, 5);
        assert_int_equal(replay_check(&r, sender, 5), ERR_REPLAY);
        assert_int_equal(replay_check(&r, sender, 6), ERR_OK);
    }
    assert_int_equal(r.count, MANY);
    replay_free(&r);
}

static void ids_of_senders(void **state)
{
    (void)state;
    famine_walk(ids_come);
}

/* Bob is known, his key has changed, and the user was told; others are met. Then it is saved. */
static void save(void)
{
    const uint8_t *server = keys_get(0)->public.fingerprint;
    struct contacts c, again;
    char path[512], name[LIMIT_NAME + 1];
    bool news;
    enum err e;

    scratch_run(&scratch, "rm -f contacts*");
    scratch_path(&scratch, "contacts", path);
    assert_int_equal(contacts_open(&c, path), ERR_OK);
    contacts_meet(&c, server, "bob", &keys_get(2)->public, false, 10);
    for (unsigned i = 0; i < MANY; i++) {
        name_of(name, i);
        contacts_meet(&c, server, name, &keys_get(1)->public, false, 20);
    }
    assert_int_equal(contacts_mark_show(&c, server, "bob", &keys_get(3)->public, &news), ERR_OK);
    famine_begin();
    e = contacts_save(&c);
    if (famine_end()) {
        assert_true(e == ERR_MEMORY || e == ERR_IO);
        assert_int_equal(c.count, MANY + 1);
        assert_true(c.changed);
        assert_int_equal(contacts_open(&again, path), ERR_OK);
        assert_int_equal(again.count, 0);
        contacts_close(&again);
        e = contacts_save(&c);
    }
    assert_int_equal(e, ERR_OK);
    /* What the user was told of is still what he may accept. */
    assert_int_equal(contacts_mark_accept(&c, server, "bob", 30), ERR_OK);
    assert_int_equal(contacts_save(&c), ERR_OK);
    contacts_close(&c);
    assert_int_equal(contacts_open(&again, path), ERR_OK);
    assert_int_equal(again.count, MANY + 1);
    assert_int_equal(contacts_trust(&again, server, "bob", &keys_get(3)->public), CONTACT_PINNED);
    contacts_close(&again);
}

static void open_file(void)
{
    struct contacts c;
    char path[512];
    enum err e;

    scratch_path(&scratch, "contacts", path);
    famine_begin();
    e = contacts_open(&c, path);
    assert_int_equal(e != ERR_OK, famine_end());
    contacts_close(&c);
    assert_int_equal(contacts_open(&c, path), ERR_OK);
    assert_int_equal(c.count, MANY + 1);
    contacts_close(&c);
}

static void contacts_in_a_file(void **state)
{
    (void)state;
    famine_walk(save);
    famine_walk(open_file);
}

/* The pin is known at once, or not at all; the file has what it had, or all. */
static void pin(void)
{
    static const uint8_t one[32] = {1}, two[32] = {2};
    struct pins p, again;
    char path[512];
    enum err e;

    scratch_run(&scratch, "rm -f servers*");
    scratch_path(&scratch, "servers", path);
    assert_int_equal(pins_open(&p, path), ERR_OK);
    assert_int_equal(pins_set(&p, "pi:1", one), ERR_OK);
    famine_begin();
    e = pins_set(&p, "pi:2", two);
    if (famine_end()) {
        assert_true(e == ERR_MEMORY || e == ERR_IO);
        assert_int_equal(pins_open(&again, path), ERR_OK);
        assert_true(again.count == 1 && pins_find(&again, "pi:1") != NULL);
        pins_close(&again);
        e = pins_set(&p, "pi:2", two);
    }
    assert_int_equal(e, ERR_OK);
    assert_int_equal(p.count, 2);
    pins_close(&p);
    famine_begin();
    e = pins_open(&again, path);
    assert_true(e == ERR_OK ? again.count == 2 : famine_end());
    famine_end();
    pins_close(&again);
}

static void servers_in_a_file(void **state)
{
    (void)state;
    famine_walk(pin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_of_a_room, make, unmake),
        cmocka_unit_test_setup_teardown(ids_of_senders, make, unmake),
        cmocka_unit_test_setup_teardown(contacts_in_a_file, make, unmake),
        cmocka_unit_test_setup_teardown(servers_in_a_file, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
