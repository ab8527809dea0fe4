/* The way in and who is here: what the server tells is checked before it is believed. */
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

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 1024 * 1024);
    return b;
}

/* The server has been told why, with that code, and the client goes. */
static void distrusted_as(struct visitor *v, enum message_code code, const char *word,
                          enum client_exit exit_code)
{
    struct span payload = {v->pair.server.seen.data + MESSAGE_HEADER,
                           v->pair.server.seen.len - MESSAGE_HEADER};
    struct wire_error m;

    assert_true(v->client.state >= CLIENT_LEAVING);
    assert_int_equal(v->client.exit_code, exit_code);
    assert_int_equal(visitor_said(v, word), 1);
    assert_int_equal(v->pair.server.messages, 1);
    assert_int_equal(v->pair.server.seen.data[0], MESSAGE_ERROR);
    assert_int_equal(wire_get_error(payload, &m), ERR_OK);
    assert_int_equal(m.code, code);
    visitor_close(v);
}

static void distrusted(struct visitor *v)
{
    distrusted_as(v, CODE_PROTOCOL, "\"code\":\"protocol\"", CLIENT_EXIT_FAILED);
}

static void enters(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open(&v);
    visitor_ack(&v);
    assert_int_equal(v.said.len, 0);
    visitor_put_welcome(&v, &out);
    visitor_put_bindings(&v, 1, &out);
    visitor_put_member(&out, MESSAGE_MEMBERS, "bob", VISITOR_BOB, 0, true);
    visitor_send(&v, &out);
    assert_int_equal(v.client.state, CLIENT_ENTERING);
    assert_int_equal(v.entered, 0);
    visitor_put_member(&out, MESSAGE_MEMBERS, "me", VISITOR_ME, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    assert_int_equal(v.entered, 1);
    assert_int_equal(visitor_said(&v, "\"event\""), 2);
    assert_int_equal(visitor_said(&v, "\"event\":\"ready\",\"name\":\"me\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"directory\",\"n\":3,"), 1);
    assert_int_equal(v.client.members.count, 2);
    visitor_close(&v);
}

/* A HELLO+ACK that is not from the server whose certificate we saw. */
static void answer(uint16_t version, unsigned key, enum message_code code, const char *word,
                   enum client_exit exit_code)
{
    struct wire_hello_ack m = {.version = version};
    struct visitor v;
    struct buf out = messages(), pem = messages();

    visitor_open(&v);
    visitor_forget(&v);
    public_key_to_pem(&keys_get(key)->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    wire_put_hello_ack(&out, &m);
    visitor_send(&v, &out);
    buf_free(&pem);
    distrusted_as(&v, code, word, exit_code);
}

static void answers_that_are_wrong(void **state)
{
    (void)state;
    answer(WIRE_VERSION, VISITOR_BOB, CODE_PROOF, "\"code\":\"server-key\"", CLIENT_EXIT_REFUSED);
    answer(WIRE_VERSION + 1, VISITOR_SERVER, CODE_VERSION, "\"code\":\"version\"",
           CLIENT_EXIT_FAILED);
    answer(0, VISITOR_SERVER, CODE_VERSION, "\"code\":\"version\"", CLIENT_EXIT_FAILED);
}

/* After WELCOME and bindings comes one member; is it believed? */
static void lone_member(const char *name, unsigned key, uint8_t flags, bool good)
{
    struct visitor v;
    struct buf out = messages();

    visitor_open(&v);
    visitor_ack(&v);
    visitor_forget(&v);
    visitor_put_welcome(&v, &out);
    visitor_put_bindings(&v, 1, &out);
    visitor_put_member(&out, MESSAGE_MEMBERS, name, key, flags, false);
    visitor_send(&v, &out);
    assert_int_equal(v.entered, good);
    if (good)
        visitor_close(&v);
    else
        distrusted(&v);
}

static void members_have_the_keys_that_are_bound(void **state)
{
    (void)state;
    lone_member("bob", VISITOR_BOB, 0, true);
    lone_member("BOB", VISITOR_BOB, 0, true);
    lone_member("bob", VISITOR_CAROL, 0, false);
    lone_member("dave", VISITOR_CAROL, 0, false);
    lone_member("dave", VISITOR_CAROL, MEMBER_EPHEMERAL, true);
    lone_member("bob", VISITOR_CAROL, MEMBER_EPHEMERAL, false);
}

/* change: what the server does to its list behind the hash that it promised. */
static void list_against_promise(void (*change)(struct visitor *v, struct buf *out))
{
    struct visitor v;
    struct buf out = messages();

    visitor_open(&v);
    visitor_ack(&v);
    visitor_forget(&v);
    visitor_put_welcome(&v, &out);
    change(&v, &out);
    visitor_put_member(&out, MESSAGE_MEMBERS, "me", VISITOR_ME, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(v.entered, 0);
    distrusted(&v);
}

static void put_binding(struct buf *out, uint64_t n, uint8_t kind, const char *name, unsigned key)
{
    struct wire_binding m = {
        .n = n, .kind = kind, .fingerprint = keys_get(key)->public.fingerprint};
    size_t begin = wire_bindings_begin(out);

    snprintf(m.name, sizeof m.name, "%s", name);
    wire_bindings_add(out, &m);
    message_end(out, begin);
}

static void too_few(struct visitor *v, struct buf *out)
{
    (void)v;
    put_binding(out, 1, BINDING_BIND, "me", VISITOR_ME);
}

static void one_differs(struct visitor *v, struct buf *out)
{
    (void)v;
    put_binding(out, 1, BINDING_BIND, "me", VISITOR_ME);
    put_binding(out, 2, BINDING_BIND, "bob", VISITOR_CAROL);
    put_binding(out, 3, BINDING_BIND, "carol", VISITOR_BOB);
}

static void with_a_gap(struct visitor *v, struct buf *out)
{
    visitor_put_bindings(v, 1, out);
    put_binding(out, 5, BINDING_BIND, "dave", VISITOR_BOB);
}

static void twice_and_not_the_same(struct visitor *v, struct buf *out)
{
    visitor_put_bindings(v, 1, out);
    put_binding(out, 2, BINDING_BIND, "bob", VISITOR_CAROL);
}

static void a_name_that_is_taken(struct visitor *v, struct buf *out)
{
    visitor_put_bindings(v, 1, out);
    put_binding(out, 4, BINDING_BIND, "BOB", VISITOR_CAROL);
}

static void release_of_nobody(struct visitor *v, struct buf *out)
{
    visitor_put_bindings(v, 1, out);
    put_binding(out, 4, BINDING_RELEASE, "dave", VISITOR_CAROL);
}

static void lists_that_are_wrong(void **state)
{
    (void)state;
    list_against_promise(too_few);
    list_against_promise(one_differs);
    list_against_promise(with_a_gap);
    list_against_promise(twice_and_not_the_same);
    list_against_promise(a_name_that_is_taken);
    list_against_promise(release_of_nobody);
}

/* Repeated entries are no harm, and longer lists than promised neither. */
static void lists_that_are_right(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open(&v);
    visitor_ack(&v);
    visitor_put_welcome(&v, &out);
    visitor_put_bindings(&v, 1, &out);
    visitor_put_bindings(&v, 2, &out);
    put_binding(&out, 4, BINDING_RELEASE, "carol", VISITOR_CAROL);
    put_binding(&out, 5, BINDING_BIND, "carol", VISITOR_BOB);
    /* the list may be ahead of the members: both keys were carol's */
    visitor_put_member(&out, MESSAGE_MEMBERS, "carol", VISITOR_CAROL, 0, true);
    visitor_put_member(&out, MESSAGE_MEMBERS, "carol", VISITOR_BOB, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(v.entered, 1);
    assert_int_equal(v.client.bindings.count, 5);
    visitor_close(&v);
}

static void put_left(struct buf *out, const char *name, unsigned key, uint8_t reason)
{
    struct wire_left m = {.reason = reason, .fingerprint = keys_get(key)->public.fingerprint};
    size_t begin = wire_left_begin(out);

    snprintf(m.name, sizeof m.name, "%s", name);
    wire_left_add(out, &m);
    message_end(out, begin);
}

static void comes_and_goes(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    visitor_put_member(&out, MESSAGE_JOINED, "bob", VISITOR_BOB, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(v.said.len, 0); /* is here already */
    visitor_put_member(&out, MESSAGE_JOINED, "eve", VISITOR_CAROL, MEMBER_EPHEMERAL, false);
    visitor_put_member(&out, MESSAGE_JOINED, "eve", VISITOR_CAROL, MEMBER_EPHEMERAL, false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"event\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"joined\",\"name\":\"eve\""), 1);
    visitor_forget(&v);
    put_left(&out, "eve", VISITOR_BOB, LEFT_QUIT); /* about another eve */
    put_left(&out, "nobody", VISITOR_BOB, LEFT_QUIT);
    visitor_send(&v, &out);
    assert_int_equal(v.said.len, 0);
    put_left(&out, "EVE", VISITOR_CAROL, 99);
    put_left(&out, "eve", VISITOR_CAROL, LEFT_LOST);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"event\":\"left\",\"name\":\"eve\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\""), 1);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    assert_int_equal(v.pair.server.messages, 0);
    visitor_close(&v);
}

static void newcomers_are_checked_too(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    put_binding(&out, 4, BINDING_BIND, "dave", VISITOR_SERVER);
    visitor_put_member(&out, MESSAGE_JOINED, "dave", VISITOR_SERVER, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"event\":\"joined\",\"name\":\"dave\""), 1);
    visitor_forget(&v);
    visitor_put_member(&out, MESSAGE_JOINED, "dave", VISITOR_CAROL, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "joined"), 0);
    distrusted(&v);
}

/* The list allows it, for the name was released: we remember another key all the same. */
static void a_changed_key_is_told(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    put_left(&out, "bob", VISITOR_BOB, LEFT_QUIT);
    put_binding(&out, 4, BINDING_RELEASE, "bob", VISITOR_BOB);
    put_binding(&out, 5, BINDING_BIND, "bob", VISITOR_CAROL);
    visitor_send(&v, &out);
    visitor_forget(&v);
    visitor_put_member(&out, MESSAGE_JOINED, "bob", VISITOR_CAROL, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"key-changed\""), 1);
    assert_int_equal(visitor_said(&v, "THE KEY OF bob HAS CHANGED"), 1);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    visitor_close(&v);
}

/* What is right in itself, but not now; and what is cut. */
static void not_now_and_cut(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    visitor_put_member(&out, MESSAGE_MEMBERS, "bob", VISITOR_BOB, 0, false);
    visitor_send(&v, &out);
    distrusted(&v);
    visitor_open_room(&v);
    visitor_put_welcome(&v, &out);
    visitor_send(&v, &out);
    distrusted(&v);
    visitor_open_room(&v);
    visitor_put_member(&out, MESSAGE_JOINED, "bob", VISITOR_BOB, 0, false);
    out.len--;
    message_end(&out, 0);
    visitor_send(&v, &out);
    distrusted(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enters),
        cmocka_unit_test(answers_that_are_wrong),
        cmocka_unit_test(members_have_the_keys_that_are_bound),
        cmocka_unit_test(lists_that_are_wrong),
        cmocka_unit_test(lists_that_are_right),
        cmocka_unit_test(comes_and_goes),
        cmocka_unit_test(newcomers_are_checked_too),
        cmocka_unit_test(a_changed_key_is_told),
        cmocka_unit_test(not_now_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
