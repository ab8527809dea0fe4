/* Who is in the room: sorted, without case, one key a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "client/members.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"

static struct wire_member with_key(const char *name, const uint8_t *spki, uint8_t flags)
{
    struct wire_member w = {.flags = flags, .spki = spki};

    snprintf(w.name, sizeof w.name, "%s", name);
    return w;
}

static struct wire_member entry(const char *name, unsigned key)
{
    return with_key(name, keys_get(key)->public.spki, 0);
}

static void add(struct members *m, const char *name, unsigned key, bool expect_new)
{
    struct wire_member w = entry(name, key);
    bool added = !expect_new;

    assert_int_equal(members_add(m, &w, &added), ERR_OK);
    assert_int_equal(added, expect_new);
}

static void finds_without_case(void **state)
{
    struct members m = {0};

    (void)state;
    assert_null(members_find(&m, "bob"));
    add(&m, "Bob", 1, true);
    add(&m, "alice", 2, true);
    assert_string_equal(members_find(&m, "bOB")->name, "Bob");
    assert_string_equal(members_find(&m, "ALICE")->name, "alice");
    assert_null(members_find(&m, "bo"));
    assert_null(members_find(&m, "bobb"));
    assert_null(members_find(&m, ""));
    members_clear(&m);
    members_clear(&m);
    assert_null(members_find(&m, "bob"));
}

static void same_again_is_nothing_new(void **state)
{
    struct members m = {0};

    (void)state;
    add(&m, "bob", 1, true);
    add(&m, "bob", 1, false);
    add(&m, "BOB", 1, false);
    assert_int_equal(m.count, 1);
    members_clear(&m);
}

static void another_key_replaces(void **state)
{
    struct members m = {0};
    struct wire_member w = entry("bob", 2);
    bool added;

    (void)state;
    add(&m, "bob", 1, true);
    w.flags = MEMBER_EPHEMERAL;
    assert_int_equal(members_add(&m, &w, &added), ERR_OK);
    assert_true(added);
    assert_int_equal(m.count, 1);
    assert_true(public_key_same(&members_find(&m, "bob")->key, &keys_get(2)->public));
    assert_true(members_find(&m, "bob")->ephemeral);
    members_clear(&m);
}

/* A LEFT of somebody who came back with another key meanwhile is about the one before. */
static void removes_only_with_its_key(void **state)
{
    struct members m = {0};
    struct member gone;
    const uint8_t *one = keys_get(1)->public.fingerprint, *two = keys_get(2)->public.fingerprint;

    (void)state;
    assert_false(members_remove(&m, "bob", one, &gone));
    add(&m, "Bob", 1, true);
    assert_false(members_remove(&m, "bob", two, &gone));
    assert_false(members_remove(&m, "bo", one, &gone));
    assert_int_equal(m.count, 1);
    assert_true(members_remove(&m, "BOB", one, &gone));
    assert_string_equal(gone.name, "Bob");
    assert_int_equal(m.count, 0);
    assert_false(members_remove(&m, "bob", one, &gone));
    members_clear(&m);
}

static void refuses_what_is_no_key(void **state)
{
    uint8_t spki[SIZE_SPKI];
    struct members m = {0};
    struct wire_member w = with_key("bob", spki, 0);
    bool added = true;

    (void)state;
    memcpy(spki, keys_get(1)->public.spki, sizeof spki);
    spki[0] ^= 1;
    assert_int_equal(members_add(&m, &w, &added), ERR_KEY);
    assert_false(added);
    assert_int_equal(m.count, 0);
    /* and does not harm who was there */
    add(&m, "bob", 1, true);
    assert_int_equal(members_add(&m, &w, &added), ERR_KEY);
    assert_true(public_key_same(&members_find(&m, "bob")->key, &keys_get(1)->public));
    members_clear(&m);
}

static void check_sorted(const struct members *m)
{
    for (size_t i = 1; i < m->count; i++)
        assert_true(text_name_compare(m->list[i - 1]->name, m->list[i]->name) < 0);
}

/* Against a table of flags. */
static void comes_and_goes(void **state)
{
    enum { NAMES = 40 };
    bool here[NAMES] = {0};
    struct members m = {0};
    struct member gone;
    struct dice d = dice_make(5);
    size_t count = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        size_t i = dice_below(&d, NAMES);
        char name[LIMIT_NAME + 1];

        snprintf(name, sizeof name, i % 2 == 0 ? "Name%02zu" : "name%02zu", i);
        if (dice_below(&d, 2) == 0) {
            add(&m, name, 1, !here[i]);
            count += !here[i];
            here[i] = true;
        } else {
            assert_int_equal(members_remove(&m, name, keys_get(1)->public.fingerprint, &gone),
                             here[i]);
            count -= here[i];
            here[i] = false;
        }
        assert_int_equal(m.count, count);
        assert_int_equal(members_find(&m, name) != NULL, here[i]);
        check_sorted(&m);
    }
    members_clear(&m);
}

static void stops_at_the_limit(void **state)
{
    struct members m = {0};
    char name[LIMIT_NAME + 1];
    struct wire_member w;
    bool added;

    (void)state;
    for (int i = 0; i < LIMIT_MEMBERS; i++) {
        snprintf(name, sizeof name, "n%05d", i);
        add(&m, name, 1, true);
    }
    w = entry("one-more", 1);
    assert_int_equal(members_add(&m, &w, &added), ERR_LIMIT);
    assert_int_equal(m.count, LIMIT_MEMBERS);
    add(&m, "N00000", 2, true);
    members_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_without_case),     cmocka_unit_test(same_again_is_nothing_new),
        cmocka_unit_test(another_key_replaces),   cmocka_unit_test(removes_only_with_its_key),
        cmocka_unit_test(refuses_what_is_no_key), cmocka_unit_test(comes_and_goes),
        cmocka_unit_test(stops_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
