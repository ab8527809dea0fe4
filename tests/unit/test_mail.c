/* What we write: sealed, numbered, sent in order, and reported when the server answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 64 * 1024 * 1024);
    return b;
}

static void cannot_open(const struct wire_send *m, unsigned key)
{
    struct envelope_content c;
    struct buf plain;

    buf_init(&plain, LIMIT_SEALED);
    assert_int_equal(envelope_open(&c, &plain, keys_get(key), m->envelope.data, m->envelope.len),
                     ERR_SEALED);
    buf_free(&plain);
}

static void answer(struct visitor *v, uint64_t id, uint64_t number)
{
    struct buf out = messages();

    wire_put_accepted(&out, id, number);
    visitor_send(v, &out);
}

static void to_one(void **state)
{
    struct visitor v;
    struct wire_send m;
    struct envelope_content c;
    struct buf plain;
    char sent[128];

    (void)state;
    visitor_open_room(&v);
    assert_int_equal(mail_send(&v.client, "BOB", text_span("hello")), ERR_OK);
    assert_true(client_busy(&v.client));
    visitor_settle(&v);
    assert_int_equal(v.pair.server.messages, 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\""), 0); /* not before the server says so */
    m = visitor_seen(&v, 0);
    c = visitor_opened(&m, VISITOR_BOB, &plain);
    assert_string_equal(c.sender, "me");
    assert_int_equal(c.kind, ENVELOPE_TEXT);
    assert_int_equal(c.to, ENVELOPE_ONE);
    assert_int_equal(c.n, 3);
    assert_int_equal(c.body.len, 5);
    assert_memory_equal(c.body.data, "hello", 5);
    assert_int_equal(envelope_expect(&c, keys_get(VISITOR_SERVER)->public.fingerprint,
                                     keys_get(VISITOR_ME)->public.fingerprint, "me"),
                     ERR_OK);
    cannot_open(&m, VISITOR_CAROL);
    answer(&v, m.id, 77);
    snprintf(sent, sizeof sent, "{\"event\":\"sent\",\"to\":\"bob\",\"id\":\"%llu\",\"number\":77}",
             (unsigned long long)m.id);
    assert_int_equal(visitor_said(&v, sent), 1);
    assert_false(client_busy(&v.client));
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
    buf_free(&plain);
    visitor_close(&v);
}

static void to_all(void **state)
{
    struct visitor v;
    struct wire_send m;

    (void)state;
    visitor_open_room(&v);
    assert_int_equal(mail_send(&v.client, NULL, text_span("all of you")), ERR_OK);
    visitor_settle(&v);
    m = visitor_seen(&v, 0);
    for (unsigned key = VISITOR_BOB; key <= VISITOR_CAROL; key++) {
        struct buf plain;
        struct envelope_content c = visitor_opened(&m, key, &plain);

        assert_int_equal(c.to, ENVELOPE_ALL);
        assert_memory_equal(c.body.data, "all of you", 10);
        buf_free(&plain);
    }
    cannot_open(&m, VISITOR_ME);
    answer(&v, m.id, 78);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\",\"to\":\"all\""), 1);
    visitor_close(&v);
}

/* Those that were typed first go first, whatever was ready first. */
static void order_stays(void **state)
{
    enum { MANY = 20 };
    struct visitor v;
    uint64_t last = 0;
    char text[16];

    (void)state;
    visitor_open_room(&v);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(mail_send(&v.client, i % 3 == 0 ? NULL : "bob", text_span(text)), ERR_OK);
    }
    assert_int_equal(v.client.mail.count, MANY);
    visitor_settle(&v);
    assert_int_equal(v.pair.server.messages, MANY);
    for (int i = 0; i < MANY; i++) {
        struct wire_send m = visitor_seen(&v, (size_t)i);
        struct buf plain;
        struct envelope_content c = visitor_opened(&m, VISITOR_BOB, &plain);

        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(c.body.len, strlen(text));
        assert_memory_equal(c.body.data, text, c.body.len);
        assert_true(m.id > last);
        last = m.id;
        buf_free(&plain);
    }
    /* answered in another order */
    for (int i = MANY - 1; i >= 0; i -= 2)
        answer(&v, visitor_seen(&v, (size_t)i).id, 1);
    for (int i = 0; i < MANY; i += 2)
        answer(&v, visitor_seen(&v, (size_t)i).id, 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"sent\""), MANY);
    assert_int_equal(v.client.mail.count, 0);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    visitor_close(&v);
}

/* Said, and nothing goes out. */
static void refused(struct visitor *v, const char *to, struct span text, enum err e,
                    const char *code)
{
    char event[64];

    snprintf(event, sizeof event, "\"event\":\"error\",\"code\":\"%s\"", code);
    assert_int_equal(mail_send(&v->client, to, text), e);
    visitor_settle(v);
    assert_int_equal(visitor_said(v, event), 1);
    assert_int_equal(visitor_said(v, "\"event\""), 1);
    assert_int_equal(v->pair.server.messages, 0);
    assert_int_equal(v->client.mail.count, 0);
    visitor_forget(v);
}

static void what_can_not_be_sent(void **state)
{
    static uint8_t large[LIMIT_BODY + 1];
    struct visitor v;

    (void)state;
    memset(large, 'x', sizeof large);
    visitor_open_room(&v);
    refused(&v, "nobody", text_span("hi"), ERR_UNKNOWN, "no-member");
    refused(&v, "me", text_span("hi"), ERR_UNKNOWN, "usage");
    refused(&v, "bob", text_span(""), ERR_FORMAT, "usage");
    refused(&v, NULL, text_span(""), ERR_FORMAT, "usage");
    refused(&v, "bob", text_span("\xff"), ERR_UTF8, "utf-8");
    refused(&v, "bob", (struct span){large, sizeof large}, ERR_LIMIT, "limit");
    assert_int_equal(mail_send(&v.client, "bob", (struct span){large, LIMIT_BODY}), ERR_OK);
    assert_int_equal(mail_send(&v.client, NULL, (struct span){large, LIMIT_BODY}), ERR_OK);
    visitor_settle(&v);
    assert_int_equal(v.pair.server.messages, 2);
    visitor_close(&v);
}

/* We know bob by another key than the server says now. */
static void a_changed_key_blocks(void **state)
{
    struct visitor v;
    struct buf plain;
    struct wire_send m;

    (void)state;
    visitor_open_room(&v);
    v.client.contacts.list[0]->key = keys_get(VISITOR_SERVER)->public;
    assert_string_equal(v.client.contacts.list[0]->name, "bob");
    refused(&v, "bob", text_span("hi"), ERR_KEY, "key-changed");
    assert_int_equal(mail_send(&v.client, NULL, text_span("hi")), ERR_OK);
    visitor_settle(&v);
    assert_int_equal(visitor_said(&v, "bob is left out: the key has changed"), 1);
    m = visitor_seen(&v, 0);
    cannot_open(&m, VISITOR_BOB);
    visitor_opened(&m, VISITOR_CAROL, &plain);
    buf_free(&plain);
    visitor_close(&v);
}

static void alone_in_the_room(void **state)
{
    struct visitor v;
    struct member gone;

    (void)state;
    visitor_open_room(&v);
    assert_true(
        members_remove(&v.client.members, "bob", keys_get(VISITOR_BOB)->public.fingerprint, &gone));
    assert_true(members_remove(&v.client.members, "carol",
                               keys_get(VISITOR_CAROL)->public.fingerprint, &gone));
    refused(&v, NULL, text_span("hi"), ERR_UNKNOWN, "no-member");
    visitor_close(&v);
}

static void the_server_refuses(void **state)
{
    struct visitor v;
    struct buf out = messages();
    char id[64];
    struct wire_send m;

    (void)state;
    visitor_open_room(&v);
    assert_int_equal(mail_send(&v.client, "bob", text_span("hi")), ERR_OK);
    visitor_settle(&v);
    m = visitor_seen(&v, 0);
    wire_put_refused(&out, m.id + 1, CODE_STORE, "about nothing of ours");
    visitor_send(&v, &out);
    visitor_forget(&v);
    wire_put_refused(&out, m.id, CODE_FULL, "disk full \033[2J");
    visitor_send(&v, &out);
    snprintf(id, sizeof id, ",\"id\":\"%llu\"}", (unsigned long long)m.id);
    assert_int_equal(visitor_said(&v, "\"code\":\"not-accepted\""), 1);
    assert_int_equal(visitor_said(&v, "not sent to bob: disk full \ufffd[2J"), 1);
    assert_int_equal(visitor_said(&v, id), 1);
    assert_false(client_busy(&v.client));
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    visitor_close(&v);
}

static void an_answer_to_nothing(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    answer(&v, 5, 6);
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
    visitor_close(&v);
}

static void only_so_many_wait(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    for (int i = 0; i < LIMIT_MAIL; i++)
        assert_int_equal(mail_send(&v.client, "bob", text_span("hi")), ERR_OK);
    assert_int_equal(mail_send(&v.client, "bob", text_span("hi")), ERR_LIMIT);
    assert_int_equal(v.client.mail.count, LIMIT_MAIL);
    assert_int_equal(visitor_said(&v, "\"code\":\"limit\""), 1);
    visitor_close(&v); /* with all of them waiting */
}

/* The numbers can't be reserved: better nothing than one used twice. */
static void without_a_number(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    v.client.ids.path = strdup("/nowhere/ids");
    refused(&v, "bob", text_span("hi"), ERR_IO, "state");
    visitor_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_one),
        cmocka_unit_test(to_all),
        cmocka_unit_test(order_stays),
        cmocka_unit_test(what_can_not_be_sent),
        cmocka_unit_test(a_changed_key_blocks),
        cmocka_unit_test(alone_in_the_room),
        cmocka_unit_test(the_server_refuses),
        cmocka_unit_test(an_answer_to_nothing),
        cmocka_unit_test(only_so_many_wait),
        cmocka_unit_test(without_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
