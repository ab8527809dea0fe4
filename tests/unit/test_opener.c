/* Envelopes that come: shown, or told as not shown, and never answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "crypto/gcm.h"
#include "crypto/oaep.h"
#include "proto/envelope_content.h"
#include "proto/envelope_outer.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 64 * 1024 * 1024);
    return b;
}

static struct buf seal(struct visitor *v, const struct identity *from,
                       const struct envelope_content *content, unsigned to)
{
    struct buf b = messages();

    assert_int_equal(envelope_seal_one(&b, from, &v->random, content, &keys_get(to)->public),
                     ERR_OK);
    return b;
}

/* The server passes it on as one from that name and key. */
static void pass(struct visitor *v, const char *name, unsigned key, const struct buf *envelope)
{
    struct buf out = messages();

    visitor_put_sealed(v, name, key, envelope, &out);
    visitor_send(v, &out);
}

/* One thing was said since the last time; it holds that text. Nothing went to the server. */
static void said_only(struct visitor *v, const char *text)
{
    assert_int_equal(visitor_said(v, "\"event\""), 1);
    assert_int_equal(visitor_said(v, text), 1);
    assert_int_equal(v->pair.server.messages, 0);
    assert_int_equal(v->client.state, CLIENT_ROOM);
    assert_false(opener_busy(&v->client.opener));
    visitor_forget(v);
}

static void shows_what_is_for_us(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 12345, "hello \033[2J");
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    pass(&v, "bob", VISITOR_BOB, &b);
    said_only(&v, "{\"event\":\"message\",\"from\":\"bob\",\"text\":\"hello \\u001b[2J\","
                  "\"id\":\"12345\",\"number\":1,\"time\":1700000000000,\"verified\":true,"
                  "\"trust\":\"new\",\"to\":\"one\"}\n");
    buf_free(&b);
    visitor_close(&v);
}

static void not_for_us_is_shown_sealed(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 1, "secret");
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_CAROL);
    pass(&v, "bob", VISITOR_BOB, &b);
    said_only(&v, "{\"event\":\"sealed\",\"from\":\"bob\",\"number\":1,\"base64\":\"");
    v.client.observe = false;
    pass(&v, "bob", VISITOR_BOB, &b);
    assert_int_equal(v.said.len, 0);
    assert_int_equal(v.pair.server.messages, 0);
    buf_free(&b);
    visitor_close(&v);
}

static void to_all(void **state)
{
    const struct public_key *to[] = {&keys_get(VISITOR_CAROL)->public,
                                     &keys_get(VISITOR_ME)->public};
    struct visitor v;
    struct envelope_content c;
    struct buf whole = messages(), ours = messages();

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 1, "to you all");
    assert_int_equal(envelope_seal_all(&whole, keys_get(VISITOR_BOB), &v.random, &c, to, 2),
                     ERR_OK);
    envelope_pass(&ours, whole.data, whole.len, to[1]->fingerprint);
    pass(&v, "bob", VISITOR_BOB, &ours);
    said_only(&v, "\"text\":\"to you all\",\"id\":\"1\",\"number\":1,\"time\":1700000000000,"
                  "\"verified\":true,\"trust\":\"new\",\"to\":\"all\"");
    /* all slots were somebody else's: it is not for us */
    buf_clear(&ours);
    envelope_pass(&ours, whole.data, whole.len, keys_get(VISITOR_BOB)->public.fingerprint);
    pass(&v, "bob", VISITOR_BOB, &ours);
    said_only(&v, "\"event\":\"sealed\"");
    buf_free(&whole);
    buf_free(&ours);
    visitor_close(&v);
}

static void is_shown_once(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b, again;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 5, "once");
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    again = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    pass(&v, "bob", VISITOR_BOB, &b);
    said_only(&v, "\"event\":\"message\"");
    pass(&v, "bob", VISITOR_BOB, &b);
    said_only(&v, "a message from bob (#2) is not shown: seen before");
    pass(&v, "bob", VISITOR_BOB, &again);
    said_only(&v, "\"code\":\"bad-envelope\"");
    buf_free(&b);
    buf_free(&again);
    visitor_close(&v);
}

/* One that only came to say something is no member. Its name is free again: nothing is pinned. */
static void an_ephemeral_name_is_anybodys(void **state)
{
    static const unsigned keys[] = {VISITOR_BOB, VISITOR_CAROL};
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    for (size_t i = 0; i < 2; i++) {
        c = visitor_content(&v, 9, "passing by");
        strcpy(c.sender, "guest");
        b = seal(&v, keys_get(keys[i]), &c, VISITOR_ME);
        pass(&v, "guest", keys[i], &b);
        said_only(&v, "\"trust\":\"new\"");
        buf_free(&b);
    }
    assert_null(contacts_find(&v.client.contacts, v.client.server.fingerprint, "guest"));
    visitor_close(&v);
}

/* Changes one thing of a good envelope; what is then said. */
static const struct wrong {
    const char *name;
    unsigned key; /* that the server names */
    uint8_t kind;
    bool other_server, forged;
    const char *sender; /* inside */
    const char *said;
} wrongs[] = {
    {"carol", VISITOR_BOB, ENVELOPE_TEXT, false, false, "bob", "not shown: somebody else wrote it"},
    {"bob", VISITOR_CAROL, ENVELOPE_TEXT, false, false, "bob", "not shown: somebody else wrote it"},
    {"bob", VISITOR_BOB, ENVELOPE_TEXT, true, false, "bob",
     "not shown: addressed to somebody else"},
    {"bob", VISITOR_BOB, ENVELOPE_TEXT, false, true, "bob", "not shown: signature does not hold"},
    {"carol", VISITOR_BOB, ENVELOPE_TEXT, false, false, "carol", "not shown: not the right key"},
    {"bob", VISITOR_BOB, 77, false, false, "bob", "not shown: it is of a kind that this version"},
};

/* Sealed for us in form, but its signature is changed: proto/ has no function for that. */
static struct buf forge(struct visitor *v, const struct envelope_content *content)
{
    static const char label[] = "den1 envelope";
    uint8_t key[GCM_KEY] = {1}, nonce[GCM_NONCE] = {0}, plain[1024 + GCM_TAG];
    uint8_t wrapped[SIZE_WRAPPED];
    struct envelope_content c = *content;
    struct buf b = messages();

    c.key = keys_get(VISITOR_BOB)->public;
    c.to = ENVELOPE_ONE;
    memcpy(c.receiver, keys_get(VISITOR_ME)->public.fingerprint, sizeof c.receiver);
    assert_int_equal(envelope_content_write(plain, 1024, &c, keys_get(VISITOR_BOB), &v->random),
                     ERR_OK);
    plain[100] ^= 1;
    assert_true(oaep_wrap(wrapped, &v->random, &keys_get(VISITOR_ME)->public,
                          (struct span){(const uint8_t *)label, sizeof label - 1}, key, GCM_KEY));
    buf_add(&b, "\1\1\1................", ENVELOPE_HEAD);
    gcm_seal(key, nonce, (struct span){b.data, ENVELOPE_HEAD}, plain, 1024, plain + 1024);
    buf_add(&b, wrapped, sizeof wrapped);
    buf_add32(&b, sizeof plain);
    buf_add(&b, plain, sizeof plain);
    return b;
}

static void what_is_wrong_inside_stays_here(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        const struct wrong *w = &wrongs[i];
        struct envelope_content c;
        struct visitor v;
        struct buf b;

        visitor_open_room(&v);
        c = visitor_content(&v, 1, "wrong");
        c.kind = w->kind;
        snprintf(c.sender, sizeof c.sender, "%s", w->sender);
        c.server[0] ^= w->other_server;
        b = w->forged ? forge(&v, &c) : seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
        pass(&v, w->name, w->key, &b);
        assert_int_equal(visitor_said(&v, "\"text\":\"wrong\""), 0);
        said_only(&v, w->said);
        /* and what is right still comes through */
        buf_free(&b);
        c = visitor_content(&v, 2, "right");
        b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
        pass(&v, "bob", VISITOR_BOB, &b);
        said_only(&v, "\"text\":\"right\"");
        buf_free(&b);
        visitor_close(&v);
    }
}

static void receipts_are_taken_in_silence(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 1, "12345678");
    c.kind = ENVELOPE_RECEIPT;
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    pass(&v, "bob", VISITOR_BOB, &b);
    assert_int_equal(v.said.len, 0);
    assert_int_equal(v.pair.server.messages, 0);
    buf_free(&b);
    visitor_close(&v);
}

/* Altered for us alone, or no envelope at all: the server learns nothing. */
static void damaged_ones(void **state)
{
    struct dice d = dice_make(9);
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 1, "altered");
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    for (int i = 0; i < 40; i++) {
        size_t at = dice_below(&d, b.len);
        uint8_t bit = (uint8_t)(1u << dice_below(&d, 8));

        b.data[at] ^= bit;
        pass(&v, "bob", VISITOR_BOB, &b);
        b.data[at] ^= bit;
        assert_int_equal(visitor_said(&v, "\"event\":\"message\""), 0);
        assert_int_equal(visitor_said(&v, "\"event\""), 1);
        assert_int_equal(v.pair.server.messages, 0);
        visitor_forget(&v);
    }
    b.len = 1;
    pass(&v, "bob", VISITOR_BOB, &b);
    said_only(&v, "\"code\":\"bad-envelope\"");
    buf_free(&b);
    visitor_close(&v);
}

static void another_list_is_told(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 1, "I see other keys");
    c.h[0] ^= 1;
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    pass(&v, "bob", VISITOR_BOB, &b);
    assert_int_equal(visitor_said(&v, "\"code\":\"server-lies\""), 1);
    assert_int_equal(visitor_said(&v, "I see other keys"), 1);
    assert_int_equal(v.pair.server.messages, 0);
    visitor_forget(&v);
    buf_free(&b);
    /* as is one longer than ours: the server tells us every entry first */
    c.id = 2;
    c.h[0] ^= 1;
    c.n++;
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    pass(&v, "bob", VISITOR_BOB, &b);
    assert_int_equal(visitor_said(&v, "\"code\":\"server-lies\""), 1);
    buf_free(&b);
    visitor_close(&v);
}

static void take(struct visitor *v, const char *from, unsigned key, const struct buf *envelope)
{
    struct wire_sealed m = {.number = ++v->number,
                            .fingerprint = keys_get(key)->public.fingerprint,
                            .envelope = {envelope->data, envelope->len}};

    snprintf(m.from, sizeof m.from, "%s", from);
    opener_take(&v->client, &m, false);
}

/* One who floods the room does not hold up another: carol's one comes second, not last. */
static void senders_take_turns(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b;
    const char *text, *at;
    size_t before = 0;

    (void)state;
    visitor_open_room(&v);
    for (uint64_t i = 1; i <= 100; i++) {
        c = visitor_content(&v, i, "flood");
        b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
        take(&v, "bob", VISITOR_BOB, &b);
        buf_free(&b);
    }
    c = visitor_content(&v, 7, "may I");
    snprintf(c.sender, sizeof c.sender, "carol");
    b = seal(&v, keys_get(VISITOR_CAROL), &c, VISITOR_ME);
    take(&v, "carol", VISITOR_CAROL, &b);
    buf_free(&b);
    visitor_settle(&v);
    assert_int_equal(visitor_said(&v, "\"text\":\"flood\""), 100);
    assert_int_equal(visitor_said(&v, "\"text\":\"may I\""), 1);
    text = buf_text(&v.said);
    at = strstr(text, "may I");
    for (const char *p = text; (p = strstr(p, "flood")) != NULL && p < at; p++)
        before++;
    assert_true(before <= 1);
    /* and bob's own stay in order */
    at = text;
    for (unsigned i = 1; i <= 100; i++) {
        char id[32];

        snprintf(id, sizeof id, "\"id\":\"%u\",\"number\":%u,", i, i);
        at = strstr(at, id);
        assert_non_null(at);
    }
    visitor_close(&v);
}

/* When much waits the link is not read, and then again. */
static void much_that_waits_stops_the_link(void **state)
{
    static uint8_t bytes[100000];
    struct buf junk = {.data = bytes, .len = sizeof bytes};
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    for (size_t n = 0; n <= OPENER_HIGH; n += sizeof bytes)
        take(&v, "bob", VISITOR_BOB, &junk);
    assert_true(v.client.opener.paused);
    assert_true(client_busy(&v.client));
    visitor_settle(&v);
    assert_false(v.client.opener.paused);
    assert_int_equal(v.client.opener.bytes, 0);
    assert_false(client_busy(&v.client));
    visitor_close(&v);
}

/* What holds an envelope counts too: many small ones stop the link as well. */
static void many_that_are_tiny_stop_the_link(void **state)
{
    uint8_t fingerprint[SIZE_FINGERPRINT] = {0};
    struct wire_sealed m = {.number = 1, .from = "bob", .fingerprint = fingerprint};
    struct visitor v;
    size_t count = 0;

    (void)state;
    visitor_open_room(&v);
    while (!v.client.opener.paused && count < OPENER_HIGH / 64) {
        count++;
        opener_take(&v.client, &m, false);
    }
    assert_in_range(count, 1000, OPENER_HIGH / 256);
    visitor_close(&v);
}

static void closes_with_much_waiting(void **state)
{
    struct visitor v;
    struct envelope_content c;
    struct buf b;

    (void)state;
    visitor_open_room(&v);
    c = visitor_content(&v, 1, "late");
    b = seal(&v, keys_get(VISITOR_BOB), &c, VISITOR_ME);
    for (int i = 0; i < 20; i++)
        take(&v, i % 2 == 0 ? "bob" : "carol", i % 2 == 0 ? VISITOR_BOB : VISITOR_CAROL, &b);
    buf_free(&b);
    visitor_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_is_for_us),
        cmocka_unit_test(not_for_us_is_shown_sealed),
        cmocka_unit_test(to_all),
        cmocka_unit_test(is_shown_once),
        cmocka_unit_test(an_ephemeral_name_is_anybodys),
        cmocka_unit_test(what_is_wrong_inside_stays_here),
        cmocka_unit_test(receipts_are_taken_in_silence),
        cmocka_unit_test(damaged_ones),
        cmocka_unit_test(another_list_is_told),
        cmocka_unit_test(senders_take_turns),
        cmocka_unit_test(much_that_waits_stops_the_link),
        cmocka_unit_test(many_that_are_tiny_stop_the_link),
        cmocka_unit_test(closes_with_much_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
