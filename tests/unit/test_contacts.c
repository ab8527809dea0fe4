/* Whom we have met: kept, compared, and never lost to a file that is not understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "client/contacts.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
#include "tests/kit/notebook.h"

static const uint8_t here[SIZE_FINGERPRINT] = {1}, there[SIZE_FINGERPRINT] = {2};

static enum contact_trust meet(struct contacts *c, const uint8_t *server, const char *name,
                               unsigned which, uint64_t now_s)
{
    return contacts_meet(c, server, name, notebook_key(which), false, now_s);
}

static void trust_grows_from_run_to_run(void **state)
{
    struct contacts c = notebook_contacts("trust");

    (void)state;
    assert_int_equal(meet(&c, here, "Bob", 1, 100), CONTACT_NEW);
    assert_int_equal(meet(&c, here, "bob", 1, 200), CONTACT_NEW);
    assert_int_equal(meet(&c, here, "bob", 2, 200), CONTACT_CHANGED);
    assert_int_equal(meet(&c, there, "bob", 2, 200), CONTACT_NEW);
    assert_int_equal(contacts_save(&c), ERR_OK);
    contacts_close(&c);
    contacts_close(&c);

    c = notebook_contacts("trust");
    assert_int_equal(meet(&c, here, "BOB", 1, 300), CONTACT_PINNED);
    assert_int_equal(meet(&c, here, "bob", 2, 300), CONTACT_CHANGED);
    assert_int_equal(meet(&c, there, "bob", 2, 300), CONTACT_PINNED);
    assert_int_equal(meet(&c, there, "bob", 1, 300), CONTACT_CHANGED);
    /* a changed key changes nothing that we know */
    assert_int_equal(meet(&c, here, "bob", 1, 300), CONTACT_PINNED);
    assert_int_equal(contacts_find(&c, here, "bOb")->first, 100);
    assert_int_equal(contacts_find(&c, here, "bob")->last, 300);
    assert_null(contacts_find(&c, here, "bobb"));
    contacts_close(&c);
}

static void ephemeral_ones_are_not_kept(void **state)
{
    struct contacts c = notebook_contacts("ephemeral");

    (void)state;
    assert_int_equal(contacts_meet(&c, here, "eve", notebook_key(1), true, 1), CONTACT_NEW);
    assert_int_equal(contacts_meet(&c, here, "eve", notebook_key(2), true, 2), CONTACT_NEW);
    assert_null(contacts_find(&c, here, "eve"));
    assert_false(c.changed);
    /* but one under the name of somebody we know is told apart */
    assert_int_equal(meet(&c, here, "bob", 1, 3), CONTACT_NEW);
    assert_int_equal(contacts_meet(&c, here, "bob", notebook_key(2), true, 4), CONTACT_CHANGED);
    contacts_close(&c);
}

static void nothing_changed_writes_nothing(void **state)
{
    struct contacts c = notebook_contacts("unchanged");
    char path[512];

    (void)state;
    scratch_path(&notebook, "unchanged", path);
    assert_int_equal(contacts_save(&c), ERR_OK);
    assert_int_equal(access(path, F_OK), -1);
    meet(&c, here, "bob", 1, 1);
    assert_int_equal(contacts_save(&c), ERR_OK);
    assert_int_equal(unlink(path), 0);
    meet(&c, here, "bob", 1, 1);
    assert_int_equal(contacts_save(&c), ERR_OK);
    assert_int_equal(access(path, F_OK), -1);
    contacts_close(&c);
    assert_int_equal(contacts_open(&c, NULL), ERR_OK);
    meet(&c, here, "bob", 1, 1);
    assert_int_equal(contacts_save(&c), ERR_OK);
    contacts_close(&c);
}

static void many_come_back_the_same(void **state)
{
    enum { MANY = 200 };
    struct contacts c = notebook_contacts("many");
    struct dice d = dice_make(3);
    char name[LIMIT_NAME + 1], path[512];
    struct stat st;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "N%u.%zu", i, dice_below(&d, 1000));
        assert_int_equal(meet(&c, i % 2 == 0 ? here : there, name, i % KEYS_COUNT, i), CONTACT_NEW);
    }
    c.list[7]->verified = true;
    assert_int_equal(contacts_save(&c), ERR_OK);
    scratch_path(&notebook, "many", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    struct contacts again = notebook_contacts("many");
    assert_int_equal(again.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        struct contact *a = c.list[i], *b = again.list[i];

        assert_memory_equal(a->server, b->server, SIZE_FINGERPRINT);
        assert_string_equal(a->name, b->name);
        assert_true(public_key_same(&a->key, &b->key));
        assert_int_equal(a->first, b->first);
        assert_int_equal(a->last, b->last);
        assert_int_equal(a->verified, b->verified);
        assert_false(b->fresh);
    }
    assert_int_equal(
        contacts_meet(&again, c.list[7]->server, c.list[7]->name, &c.list[7]->key, false, 9),
        CONTACT_CHECKED);
    contacts_close(&again);
    contacts_close(&c);
}

static void failed_save_loses_nothing(void **state)
{
    struct contacts c = notebook_contacts("gone/contacts");

    (void)state;
    meet(&c, here, "bob", 1, 1);
    assert_int_equal(contacts_save(&c), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_true(c.changed);
    assert_non_null(contacts_find(&c, here, "bob"));
    contacts_close(&c);
}

/* What can't be opened stays as it is, also when it is closed as the client closes it. */
static void refuse(const void *text, size_t len, enum err expected)
{
    char path[512];
    struct contacts c;
    struct buf now;

    scratch_put(&notebook, "refused", text, len);
    scratch_path(&notebook, "refused", path);
    assert_int_equal(contacts_open(&c, path), expected);
    assert_int_equal(contacts_save(&c), ERR_OK);
    contacts_close(&c);
    buf_init(&now, 1024 * 1024);
    scratch_get(&notebook, "refused", &now);
    assert_int_equal(now.len, len);
    assert_memory_equal(now.data, text, len);
    buf_free(&now);
}

static void refuse_text(const char *text, enum err expected)
{
    refuse(text, strlen(text), expected);
}

static void newer_ones_and_others_are_refused(void **state)
{
    (void)state;
    refuse_text("den contacts 2\n", ERR_VERSION);
    refuse_text("den contacts 10\nwhatever\n", ERR_VERSION);
    refuse_text("den contacts \n", ERR_VERSION);
    refuse_text("den contacts", ERR_BROKEN);
    refuse_text("den servers 1\n", ERR_BROKEN);
    refuse_text("", ERR_BROKEN);
    refuse_text("\n", ERR_BROKEN);
    refuse_text("den contacts 1\n\n\n", ERR_BROKEN);
    refuse("den contacts 1\n\0", 16, ERR_BROKEN);
}

/* One line as it is written. */
static void put_line(struct buf *out, const char *name, unsigned which)
{
    char server[2 * SIZE_FINGERPRINT + 1], spki[2 * SIZE_SPKI + 1];

    text_hex(server, here, SIZE_FINGERPRINT);
    text_hex(spki, notebook_key(which)->spki, SIZE_SPKI);
    buf_printf(out, "%s %s %s 100 200 -\n", server, name, spki);
}

static void lines_that_are_wrong_are_refused(void **state)
{
    static const char *const ends[] = {" 1 2 x\n",   " 1 2 vv\n", " 1 2 - \n",
                                       " 1 2 - -\n", " 1 2\n",    " -1 2 -\n",
                                       " 1 2x -\n",  "  1 2 -\n", " 1 2 -\r\n"};
    struct buf b;
    size_t good;

    (void)state;
    buf_init(&b, 1024 * 1024);
    buf_add_text(&b, "den contacts 1\n");
    put_line(&b, "bob", 1);
    good = b.len;
    put_line(&b, "BOB", 2);
    refuse(b.data, b.len, ERR_BROKEN); /* twice */
    b.len = good;
    put_line(&b, "no name", 1);
    refuse(b.data, b.len, ERR_BROKEN);
    b.len = good;
    buf_add_text(&b, "\n");
    put_line(&b, "carol", 1);
    refuse(b.data, b.len, ERR_BROKEN); /* an empty line between */
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        b.len = good - strlen(" 100 200 -\n");
        buf_add_text(&b, ends[i]);
        refuse(b.data, b.len, ERR_BROKEN);
    }
    buf_free(&b);
}

/* Cut anywhere but at the end of a line it is refused; changed anywhere it does no harm. */
static void cut_and_changed(void **state)
{
    struct dice d = dice_make(8);
    char path[512];
    struct buf b;
    struct contacts c;

    (void)state;
    buf_init(&b, 1024 * 1024);
    buf_add_text(&b, "den contacts 1\n");
    put_line(&b, "bob", 1);
    for (size_t len = 16; len < b.len - 1; len++)
        refuse(b.data, len, ERR_BROKEN);
    scratch_path(&notebook, "changed", path);
    for (int round = 0; round < 500; round++) {
        size_t at = dice_below(&d, b.len);
        uint8_t before = b.data[at];

        b.data[at] = (uint8_t)dice_below(&d, 256);
        scratch_put(&notebook, "changed", b.data, b.len);
        if (contacts_open(&c, path) == ERR_OK)
            assert_int_equal(c.count, 1);
        contacts_close(&c);
        b.data[at] = before;
    }
    buf_free(&b);
}

static void follows_no_link(void **state)
{
    char path[512], link[512];
    struct contacts c;

    (void)state;
    scratch_put(&notebook, "target", "den contacts 1\n", 15);
    scratch_path(&notebook, "target", path);
    scratch_path(&notebook, "link", link);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(contacts_open(&c, link), ERR_IO);
    assert_int_equal(errno, ELOOP);
    contacts_close(&c);
}

static void texts(void **state)
{
    (void)state;
    assert_string_equal(contacts_trust_text(CONTACT_NEW), "new");
    assert_string_equal(contacts_trust_text(CONTACT_PINNED), "pinned");
    assert_string_equal(contacts_trust_text(CONTACT_CHECKED), "checked");
    assert_string_equal(contacts_trust_text(CONTACT_CHANGED), "changed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_grows_from_run_to_run),
        cmocka_unit_test(ephemeral_ones_are_not_kept),
        cmocka_unit_test(nothing_changed_writes_nothing),
        cmocka_unit_test(many_come_back_the_same),
        cmocka_unit_test(failed_save_loses_nothing),
        cmocka_unit_test(newer_ones_and_others_are_refused),
        cmocka_unit_test(lines_that_are_wrong_are_refused),
        cmocka_unit_test(cut_and_changed),
        cmocka_unit_test(follows_no_link),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, notebook_make, notebook_remove);
}
