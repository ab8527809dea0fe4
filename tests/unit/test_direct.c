/* Where members take direct calls, as far as what the server says of that can be believed, and what
 * becomes of a client that has calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/chat.h"
#include "client/direct.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"

static bool reach(const char *address, uint16_t port, const char *own, char text[static 64])
{
    static struct client c;
    struct member m = {.direct_port = port};
    struct address at = {0};
    const char *why = NULL;
    bool good;

    c.direct.own = (struct address){0};
    if (own != NULL)
        assert_true(address_numeric(own, 7411, &c.direct.own));
    snprintf(m.address, sizeof m.address, "%s", address);
    good = direct_address(&c, &m, &at, &why);
    if (good)
        address_text(&at, text);
    assert_true(good || strlen(why) > 10);
    return good;
}

static void addresses_are_digits(void **state)
{
    static const char *const here[] = {"127.0.0.1", "127.9.9.9",        "0.0.0.0",       "::1",
                                       "::",        "::ffff:127.0.0.1", "::ffff:0.0.0.0"};
    char text[64];

    (void)state;
    assert_true(reach("192.0.2.7", 40000, "192.0.2.1", text));
    assert_string_equal(text, "192.0.2.7:40000");
    assert_true(reach("2001:DB8::7", 1, "192.0.2.1", text));
    assert_string_equal(text, "[2001:db8::7]:1");
    assert_true(reach("fe80::7", 5, "fe80::1", text));
    assert_false(reach("fe80::7", 5, "2001:db8::1", text));
    assert_false(reach("fe80::7", 5, NULL, text));
    /* Whoever reaches the server over a network finds nobody of the room here. */
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++) {
        assert_false(reach(here[i], 40000, "192.0.2.1", text));
        assert_false(reach(here[i], 40000, "2001:db8::1", text));
        assert_false(reach(here[i], 40000, NULL, text));
        assert_true(reach(here[i], 40000, "127.0.0.1", text));
        assert_true(reach(here[i], 40000, "::1", text));
    }
    assert_true(reach("::ffff:192.0.2.7", 40000, "192.0.2.1", text));
    assert_false(reach("192.0.2.7", 0, "192.0.2.1", text));
    assert_false(reach("", 40000, "192.0.2.1", text));
    assert_false(reach("*", 40000, "192.0.2.1", text));
    assert_false(reach("example.org", 40000, "192.0.2.1", text));
    assert_false(reach("fe80::1%eth0", 40000, "fe80::1", text));
    assert_false(reach("1.2.3", 40000, "192.0.2.1", text));
    assert_false(reach("bad", 40000, "192.0.2.1", text));
}

/* JOINED of bob with such a place. */
static void move_bob(struct visitor *v, const char *address, uint16_t port)
{
    struct wire_member m = {.name = "bob",
                            .spki = keys_get(VISITOR_BOB)->public.spki,
                            .address = {(const uint8_t *)address, strlen(address)},
                            .direct_port = port};
    struct buf out;
    size_t begin;

    buf_init(&out, 65536);
    begin = wire_members_begin(&out, MESSAGE_JOINED);
    wire_members_add(&out, &m);
    wire_members_end(&out, begin, false);
    visitor_send(v, &out);
}

static void who_can_not_be_called(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    assert_false(chat_call(&v.client, "nobody"));
    assert_false(chat_call(&v.client, "me"));
    assert_false(chat_call(&v.client, "bob"));
    assert_int_equal(visitor_said(&v, "no-member"), 1);
    assert_int_equal(visitor_said(&v, "that is yourself"), 1);
    assert_int_equal(visitor_said(&v, "not-reachable"), 1);
    move_bob(&v, "bob.example", 80);
    assert_false(chat_call(&v.client, "bob"));
    assert_int_equal(visitor_said(&v, "not-reachable"), 2);
    assert_null(chat_accept(&v.client, ""));
    chat_decline(&v.client, "bob");
    assert_int_equal(visitor_said(&v, "no-call"), 2);
    assert_null(v.client.direct.peers);
    visitor_close(&v);
}

/* Port 1 of the loopback refuses, or the kernel does so at once. */
static void a_call_that_fails(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    assert_true(address_numeric("127.0.0.1", 7411, &v.client.direct.own));
    move_bob(&v, "127.0.0.1", 1);
    visitor_forget(&v);
    chat_call(&v.client, "BOB");
    visitor_settle(&v);
    assert_int_equal(visitor_said(&v, "\"state\":\"calling\""), 1);
    assert_int_equal(visitor_said(&v, "\"reason\":\"unreachable\""), 1);
    assert_null(v.client.direct.peers);
    assert_int_equal(direct_count(&v.client), 0);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    visitor_close(&v);
}

/* A link that is no link of IP has no address to listen on. */
static void it_listens_on_ip_alone(void **state)
{
    struct visitor v;
    uint16_t port = 9;

    (void)state;
    visitor_open_room(&v);
    v.config.direct_port = 0;
    assert_true(direct_listen(&v.client, &port));
    assert_int_equal(port, 0);
    assert_true(address_numeric("127.0.0.1", 7411, &v.client.direct.own));
    assert_true(direct_listen(&v.client, &port));
    assert_int_not_equal(port, 0);
    v.config.direct_port = port;
    v.config.direct_off = true;
    assert_true(direct_listen(&v.client, &port));
    assert_int_equal(port, 0);
    visitor_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_digits),
        cmocka_unit_test(who_can_not_be_called),
        cmocka_unit_test(a_call_that_fails),
        cmocka_unit_test(it_listens_on_ip_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
