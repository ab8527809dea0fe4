/* What the user decided about keys: bound to the key, kept, and not lost between processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "client/contacts_mark.h"
#include "tests/kit/keys.h"
#include "tests/kit/notebook.h"

static const uint8_t here[SIZE_FINGERPRINT] = {1}, there[SIZE_FINGERPRINT] = {2};

static enum contact_trust meet(struct contacts *c, const char *name, unsigned which, uint64_t now_s)
{
    return contacts_meet(c, here, name, notebook_key(which), false, now_s);
}

static void save_and_close(struct contacts *c)
{
    assert_int_equal(contacts_save(c), ERR_OK);
    contacts_close(c);
}

static bool ignores(const struct contacts *c, unsigned which)
{
    return contacts_mark_ignores(c, here, notebook_key(which)->fingerprint);
}

static void verified_is_the_key_not_the_name(void **state)
{
    struct contacts c = notebook_contacts("verified");

    (void)state;
    assert_int_equal(contacts_mark_verify(&c, here, "bob", notebook_key(1)), ERR_UNKNOWN);
    meet(&c, "bob", 1, 1);
    assert_int_equal(contacts_mark_verify(&c, here, "bob", notebook_key(2)), ERR_KEY);
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_NEW);
    assert_int_equal(contacts_mark_verify(&c, here, "BOB", notebook_key(1)), ERR_OK);
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_CHECKED);
    save_and_close(&c);
    c = notebook_contacts("verified");
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_CHECKED);
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(2)), CONTACT_CHANGED);
    assert_int_equal(contacts_trust(&c, there, "bob", notebook_key(1)), CONTACT_NEW);
    assert_int_equal(contacts_trust(&c, here, "carol", notebook_key(1)), CONTACT_NEW);
    assert_int_equal(meet(&c, "bob", 2, 2), CONTACT_CHANGED);
    assert_int_equal(meet(&c, "bob", 1, 3), CONTACT_CHECKED);
    contacts_close(&c);
}

static void only_the_key_last_shown_is_accepted(void **state)
{
    struct contacts c = notebook_contacts("accept");
    bool news;

    (void)state;
    assert_int_equal(contacts_mark_accept(&c, here, "bob", 1), ERR_UNKNOWN);
    assert_int_equal(contacts_mark_show(&c, here, "bob", notebook_key(2), &news), ERR_UNKNOWN);
    meet(&c, "bob", 1, 1);
    contacts_mark_verify(&c, here, "bob", notebook_key(1));
    contacts_mark_ignore(&c, here, "bob", true);
    assert_int_equal(contacts_mark_accept(&c, here, "bob", 1), ERR_STATE);
    assert_int_equal(contacts_mark_show(&c, here, "bob", notebook_key(2), &news), ERR_OK);
    assert_true(news);
    assert_int_equal(contacts_mark_show(&c, here, "bob", notebook_key(2), &news), ERR_OK);
    assert_false(news);
    assert_int_equal(contacts_mark_show(&c, here, "bob", notebook_key(3), &news), ERR_OK);
    assert_true(news);
    /* the key that we knew is back: there is nothing to accept */
    assert_int_equal(contacts_mark_show(&c, here, "bob", NULL, &news), ERR_OK);
    assert_true(news);
    assert_int_equal(contacts_mark_accept(&c, here, "bob", 1), ERR_STATE);
    contacts_mark_show(&c, here, "bob", notebook_key(3), &news);
    assert_int_equal(contacts_save(&c), ERR_OK); /* a save forgets no key that was shown */
    assert_int_equal(contacts_mark_accept(&c, here, "bob", 7), ERR_OK);
    assert_int_equal(contacts_mark_accept(&c, here, "bob", 7), ERR_STATE);
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_CHANGED);
    assert_int_not_equal(contacts_trust(&c, here, "bob", notebook_key(3)), CONTACT_CHECKED);
    save_and_close(&c);
    c = notebook_contacts("accept");
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(3)), CONTACT_PINNED);
    assert_false(ignores(&c, 1) || ignores(&c, 3));
    assert_int_equal(contacts_find(&c, here, "bob")->first, 7);
    contacts_close(&c);
}

static void ignored_is_the_key_under_any_name(void **state)
{
    struct contacts c = notebook_contacts("ignore");

    (void)state;
    assert_int_equal(contacts_mark_ignore(&c, here, "bob", true), ERR_UNKNOWN);
    meet(&c, "bob", 1, 1);
    meet(&c, "carol", 2, 1);
    assert_int_equal(contacts_mark_ignore(&c, here, "Bob", true), ERR_OK);
    save_and_close(&c);
    c = notebook_contacts("ignore");
    assert_true(ignores(&c, 1));
    assert_false(ignores(&c, 2) || ignores(&c, 3));
    assert_false(contacts_mark_ignores(&c, there, notebook_key(1)->fingerprint));
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_PINNED);
    contacts_mark_verify(&c, here, "bob", notebook_key(1));
    save_and_close(&c);
    c = notebook_contacts("ignore");
    assert_true(ignores(&c, 1));
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_CHECKED);
    contacts_mark_ignore(&c, here, "bob", false);
    save_and_close(&c);
    c = notebook_contacts("ignore");
    assert_false(ignores(&c, 1));
    assert_int_equal(contacts_trust(&c, here, "bob", notebook_key(1)), CONTACT_CHECKED);
    contacts_close(&c);
}

static void two_processes_lose_nothing(void **state)
{
    struct contacts a = notebook_contacts("both"), b;

    (void)state;
    meet(&a, "bob", 1, 10);
    meet(&a, "dave", 1, 10);
    save_and_close(&a);
    a = notebook_contacts("both");
    b = notebook_contacts("both");
    contacts_mark_verify(&a, here, "bob", notebook_key(1));
    meet(&a, "carol", 2, 20);
    meet(&b, "bob", 1, 30);
    meet(&b, "eve", 3, 30);
    contacts_mark_ignore(&b, here, "dave", true);
    assert_int_equal(contacts_save(&a), ERR_OK);
    assert_int_equal(contacts_save(&b), ERR_OK);
    /* who saves later knows what the other wrote, at once */
    assert_int_equal(contacts_trust(&b, here, "bob", notebook_key(1)), CONTACT_CHECKED);
    assert_int_equal(b.count, 4);
    meet(&a, "bob", 1, 25);
    save_and_close(&a);
    contacts_close(&b);
    a = notebook_contacts("both");
    assert_int_equal(a.count, 4);
    assert_int_equal(contacts_trust(&a, here, "bob", notebook_key(1)), CONTACT_CHECKED);
    assert_int_equal(contacts_find(&a, here, "bob")->first, 10);
    assert_int_equal(contacts_find(&a, here, "bob")->last, 30);
    assert_true(contacts_find(&a, here, "dave")->ignored);
    contacts_close(&a);
}

static void the_first_key_that_was_stored_stays(void **state)
{
    struct contacts a = notebook_contacts("race"), b = notebook_contacts("race");
    bool news;

    (void)state;
    meet(&a, "bob", 1, 1);
    meet(&b, "bob", 2, 1);
    assert_int_equal(contacts_save(&a), ERR_OK);
    assert_int_equal(contacts_save(&b), ERR_OK);
    assert_int_equal(meet(&b, "bob", 2, 2), CONTACT_CHANGED);
    /* but what the user accepted counts, whoever else saw the old key meanwhile */
    contacts_mark_show(&b, here, "bob", notebook_key(2), &news);
    assert_int_equal(contacts_mark_accept(&b, here, "bob", 3), ERR_OK);
    meet(&a, "bob", 1, 4);
    contacts_mark_verify(&a, here, "bob", notebook_key(1));
    assert_int_equal(contacts_save(&a), ERR_OK);
    assert_int_equal(contacts_save(&b), ERR_OK);
    assert_int_equal(contacts_trust(&b, here, "bob", notebook_key(2)), CONTACT_PINNED);
    meet(&a, "bob", 1, 5);
    assert_int_equal(contacts_save(&a), ERR_OK);
    assert_int_equal(contacts_trust(&a, here, "bob", notebook_key(1)), CONTACT_CHANGED);
    assert_int_equal(contacts_trust(&a, here, "bob", notebook_key(2)), CONTACT_PINNED);
    contacts_close(&a);
    contacts_close(&b);
}

static void a_line_taken_out_by_hand_stays_out(void **state)
{
    struct contacts c = notebook_contacts("hand");

    (void)state;
    meet(&c, "bob", 1, 1);
    assert_int_equal(contacts_save(&c), ERR_OK);
    scratch_put(&notebook, "hand", "den contacts 1\n", 15);
    meet(&c, "carol", 2, 2);
    save_and_close(&c);
    c = notebook_contacts("hand");
    assert_int_equal(c.count, 1);
    assert_non_null(contacts_find(&c, here, "carol"));
    contacts_close(&c);
}

/* The file became one that we must not touch: what we know stays, and nothing is written. */
static void a_newer_file_is_left_alone(void **state)
{
    struct contacts c = notebook_contacts("newer");
    struct buf now;

    (void)state;
    meet(&c, "bob", 1, 1);
    scratch_put(&notebook, "newer", "den contacts 2\n", 15);
    assert_int_equal(contacts_save(&c), ERR_VERSION);
    assert_non_null(contacts_find(&c, here, "bob"));
    assert_true(c.changed);
    contacts_close(&c);
    buf_init(&now, 1024);
    scratch_get(&notebook, "newer", &now);
    assert_int_equal(now.len, 15);
    buf_free(&now);
}

static void many_processes_at_once(void **state)
{
    enum { PROCESSES = 6, ROUNDS = 10 };
    struct contacts c;
    char name[LIMIT_NAME + 1];
    int status;

    (void)state;
    for (int p = 0; p < PROCESSES; p++) {
        if (fork() == 0) {
            bool good = true;

            for (int i = 0; good && i < ROUNDS; i++) {
                char path[512];

                scratch_path(&notebook, "crowd", path);
                good = contacts_open(&c, path) == ERR_OK;
                snprintf(name, sizeof name, "n%d.%d", p, i);
                meet(&c, name, (unsigned)i % KEYS_COUNT, 1);
                good = good && contacts_save(&c) == ERR_OK;
                contacts_close(&c);
            }
            _exit(good ? 0 : 1);
        }
    }
    for (int p = 0; p < PROCESSES; p++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    c = notebook_contacts("crowd");
    assert_int_equal(c.count, PROCESSES * ROUNDS);
    contacts_close(&c);
}

/* Every mark is read, also those of files from before there was ignoring. */
static void marks_are_read_and_written(void **state)
{
    static const char *const marks[] = {"-", "v", "i", "vi"};
    char server[2 * SIZE_FINGERPRINT + 1], spki[2 * SIZE_SPKI + 1];
    struct buf b, after;
    struct contacts c;

    (void)state;
    buf_init(&b, 1024 * 1024);
    buf_init(&after, 1024 * 1024);
    text_hex(server, here, SIZE_FINGERPRINT);
    text_hex(spki, notebook_key(1)->spki, SIZE_SPKI);
    buf_add_text(&b, "den contacts 1\n");
    for (size_t i = 0; i < 4; i++)
        buf_printf(&b, "%s n%zu %s 100 200 %s\n", server, i, spki, marks[i]);
    scratch_put(&notebook, "marks", b.data, b.len);
    c = notebook_contacts("marks");
    assert_int_equal(c.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(c.list[i]->verified, i & 1);
        assert_int_equal(c.list[i]->ignored, i >> 1);
    }
    c.changed = true;
    save_and_close(&c);
    scratch_get(&notebook, "marks", &after);
    assert_int_equal(after.len, b.len);
    assert_memory_equal(after.data, b.data, b.len);
    buf_free(&after);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verified_is_the_key_not_the_name),
        cmocka_unit_test(only_the_key_last_shown_is_accepted),
        cmocka_unit_test(ignored_is_the_key_under_any_name),
        cmocka_unit_test(two_processes_lose_nothing),
        cmocka_unit_test(the_first_key_that_was_stored_stays),
        cmocka_unit_test(a_line_taken_out_by_hand_stays_out),
        cmocka_unit_test(a_newer_file_is_left_alone),
        cmocka_unit_test(many_processes_at_once),
        cmocka_unit_test(marks_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, notebook_make, notebook_remove);
}
