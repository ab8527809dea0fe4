/* What no server has accepted yet: kept, sent again as the same bytes, in order, and forgotten when it
 * is through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>

#include "client/outbox.h"
#include "tests/kit/scratch.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"

static struct visitor v;
static struct scratch scratch;

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 16 * 1024 * 1024);
    return b;
}

/* In the room, with that directory for state, or none. */
static void enter(bool kept)
{
    visitor_open(&v);
    v.config.reconnect = true;
    v.config.state = kept ? scratch.path : NULL;
    visitor_forget(&v);
    visitor_go_in(&v);
    assert_int_equal(v.client.state, CLIENT_ROOM);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    visitor_close(&v);
    scratch_remove(&scratch);
    return 0;
}

static void come_back(void)
{
    visitor_return(&v);
    visitor_go_in(&v);
}

static void say(const char *text)
{
    const struct span span = {(const uint8_t *)text, strlen(text)};

    assert_int_equal(mail_send(&v.client, "bob", span), ERR_OK);
    visitor_settle(&v);
}

/* All SENDs that the server saw since the last time, one behind the other. */
static struct buf sent(size_t count)
{
    struct cursor c = cursor_over(v.pair.server.seen.data, v.pair.server.seen.len);
    struct buf all = messages();

    while (c.left > 0) {
        uint8_t type = cursor_get8(&c);
        struct span payload = cursor_sized32(&c, LIMIT_MESSAGE);

        if (type == MESSAGE_SEND)
            buf_add_sized32(&all, payload.data, payload.len);
    }
    assert_int_equal(visitor_saw(&v, MESSAGE_SEND, NULL), count);
    buf_clear(&v.pair.server.seen);
    return all;
}

/* They are texts to bob with these first letters, ids rising. */
static void are(const struct buf *all, const char *letters)
{
    struct cursor c = cursor_over(all->data, all->len);
    uint64_t before = 0;

    for (; *letters != 0; letters++) {
        struct envelope_content content;
        struct wire_send m;
        struct buf plain;

        assert_int_equal(wire_get_send(cursor_sized32(&c, LIMIT_MESSAGE), &m), ERR_OK);
        content = visitor_opened(&m, VISITOR_BOB, &plain);
        assert_int_equal(content.body.data[0], *letters);
        assert_true(content.id > before);
        before = content.id;
        buf_free(&plain);
    }
    assert_int_equal(c.left, 0);
}

static void same(struct buf *a, struct buf *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->data, b->data, a->len);
    buf_free(a);
    buf_free(b);
}

static size_t files(void)
{
    char path[512];
    struct dirent *e;
    size_t count = 0;
    DIR *d;

    scratch_path(&scratch, "unsent", path);
    d = opendir(path);
    assert_non_null(d);
    while ((e = readdir(d)) != NULL)
        count += e->d_name[0] != '.';
    closedir(d);
    return count;
}

/* The answer to the nth of those. */
static void answer(const struct buf *all, size_t nth, uint16_t refused)
{
    struct cursor c = cursor_over(all->data, all->len);
    struct buf out = messages();
    struct wire_send m;

    for (size_t i = 0; i <= nth; i++)
        assert_int_equal(wire_get_send(cursor_sized32(&c, LIMIT_MESSAGE), &m), ERR_OK);
    if (refused != 0)
        wire_put_refused(&out, m.id, refused, "because");
    else
        wire_put_accepted(&out, m.id, ++v.number);
    visitor_send(&v, &out);
}

/* Sent and lost, written while away, sent and lost again: the same bytes each time, oldest first. */
static void again_until_it_is_accepted(void **state)
{
    struct buf first, second;

    (void)state;
    enter(true);
    say("a");
    first = sent(1);
    are(&first, "a");
    buf_free(&first);
    visitor_lose(&v);
    say("b");
    say("c");
    assert_int_equal(visitor_saw(&v, MESSAGE_SEND, NULL), 0);
    assert_int_equal(visitor_said(&v, "\"event\":\"queued\""), 3);
    assert_int_equal(files(), 3);
    come_back();
    first = sent(3);
    are(&first, "abc");
    answer(&first, 1, 0);
    assert_int_equal(files(), 2);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\""), 1);
    buf_free(&first);
    visitor_lose(&v);
    come_back();
    first = sent(2);
    are(&first, "ac");
    visitor_lose(&v);
    come_back();
    second = sent(2);
    answer(&second, 0, 0);
    answer(&second, 1, 0);
    same(&first, &second);
    assert_int_equal(files(), 0);
    assert_int_equal(v.client.mail.count, 0);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\""), 3);
    visitor_lose(&v);
    come_back();
    first = sent(0);
    buf_free(&first);
}

/* A den that ended says what it leaves; the next one sends it, before all else. */
static void by_the_next_den(void **state)
{
    struct buf first, second;

    (void)state;
    enter(true);
    say("a");
    say("b");
    first = sent(2);
    assert_true(outbox_warn(&v.client));
    assert_true(outbox_warn(&v.client));
    assert_int_equal(visitor_said(&v, "2 messages were not accepted"), 1);
    visitor_close(&v);
    scratch_put(&scratch, "unsent/00000000000000ff.sealed", "nonsense", 8);
    enter(true);
    assert_int_equal(visitor_said(&v, "2 messages from before are sent now."), 1);
    assert_int_equal(visitor_said(&v, "can't be read"), 1);
    second = sent(2);
    say("c");
    answer(&second, 0, 0);
    answer(&second, 1, 0);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\""), 2);
    same(&first, &second);
    second = sent(1);
    are(&second, "c");
    buf_free(&second);
    /* That of now, and the one that nobody understands. */
    assert_int_equal(files(), 2);
    /* Coming back is no reason to read them anew. */
    visitor_lose(&v);
    come_back();
    second = sent(1);
    are(&second, "c");
    buf_free(&second);
}

/* It ends before all was sealed: what it said to be sent later is. */
static void ended_while_it_seals(void **state)
{
    static const char *const texts[] = {"a", "b", "c", "d", "e"};
    struct buf all;

    (void)state;
    enter(true);
    visitor_lose(&v);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(mail_send(&v.client, "bob", (struct span){(const uint8_t *)texts[i], 1}),
                         ERR_OK);
    client_leave(&v.client);
    assert_int_equal(v.client.state, CLIENT_OVER);
    assert_int_equal(visitor_said(&v, "5 messages were not accepted by the server yet: sent"), 1);
    visitor_close(&v);
    assert_int_equal(files(), 5);
    enter(true);
    all = sent(5);
    are(&all, "abcde");
    buf_free(&all);
}

/* No room on the server's disk: said once, tried again every 5 s, and only what was refused. */
static void a_server_that_can_not_store(void **state)
{
    struct buf first, second;
    int64_t due;

    (void)state;
    enter(true);
    v.stands = 1;
    say("a");
    say("b");
    say("c");
    first = sent(3);
    assert_true(outbox_due(&v.client) == INT64_MAX);
    answer(&first, 0, CODE_STORE);
    answer(&first, 2, CODE_STORE);
    assert_int_equal(visitor_said(&v, "\"code\":\"not-stored\""), 1);
    due = outbox_due(&v.client);
    visitor_at(&v, due - 1);
    second = sent(0);
    buf_free(&second);
    visitor_at(&v, due);
    second = sent(2);
    are(&second, "ac");
    assert_true(outbox_due(&v.client) == INT64_MAX);
    answer(&first, 1, 0);
    answer(&second, 0, CODE_STORE);
    visitor_at(&v, outbox_due(&v.client));
    answer(&second, 1, 0);
    buf_free(&second);
    second = sent(1);
    are(&second, "a");
    answer(&second, 0, 0);
    assert_int_equal(visitor_said(&v, "\"code\":\"not-stored\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\""), 3);
    assert_int_equal(files(), 0);
    buf_free(&first);
    buf_free(&second);
}

/* What comes behind one that was refused waits with it: a sender's order stays, and the one that waits
 * does not grow too old for who counts ids. */
static void nothing_overtakes_what_was_refused(void **state)
{
    struct buf first, second;

    (void)state;
    enter(true);
    v.stands = 1;
    say("a");
    first = sent(1);
    answer(&first, 0, CODE_STORE);
    say("b");
    say("c");
    buf_free(&first);
    first = sent(0);
    buf_free(&first);
    visitor_at(&v, outbox_due(&v.client));
    first = sent(3);
    are(&first, "abc");
    answer(&first, 0, CODE_STORE);
    answer(&first, 1, CODE_STORE);
    answer(&first, 2, CODE_STORE);
    /* Coming back tries all of them, and what is new, at once. */
    visitor_lose(&v);
    come_back();
    second = sent(3);
    same(&first, &second);
    say("d");
    first = sent(1);
    are(&first, "d");
    assert_true(outbox_due(&v.client) == INT64_MAX);
    buf_free(&first);
}

/* Refused for good: told, forgotten, and not sent again. */
static void refused_for_good(void **state)
{
    struct buf first;

    (void)state;
    enter(true);
    say("a");
    say("b");
    first = sent(2);
    answer(&first, 0, CODE_LIMIT);
    assert_int_equal(visitor_said(&v, "\"code\":\"not-accepted\""), 1);
    assert_int_equal(files(), 1);
    buf_free(&first);
    visitor_lose(&v);
    come_back();
    first = sent(1);
    are(&first, "b");
    buf_free(&first);
}

/* An identity of one run keeps it in memory as long as it runs, and says what that means. */
static void without_a_place(void **state)
{
    struct buf first;

    (void)state;
    enter(false);
    visitor_lose(&v);
    say("a");
    come_back();
    first = sent(1);
    are(&first, "a");
    buf_free(&first);
    assert_true(outbox_warn(&v.client));
    assert_int_equal(visitor_said(&v, "1 message was not accepted by the server yet: lost"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(again_until_it_is_accepted, make, leave),
        cmocka_unit_test_setup_teardown(by_the_next_den, make, leave),
        cmocka_unit_test_setup_teardown(ended_while_it_seals, make, leave),
        cmocka_unit_test_setup_teardown(a_server_that_can_not_store, make, leave),
        cmocka_unit_test_setup_teardown(nothing_overtakes_what_was_refused, make, leave),
        cmocka_unit_test_setup_teardown(refused_for_good, make, leave),
        cmocka_unit_test_setup_teardown(without_a_place, make, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
