/* The key of a conversation, and lines under it: two sides that agree, and all that may be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/pss.h"
#include "proto/talk_key.h"
#include "proto/talk_line.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
#include "wire/talk.h"

enum { SERVER, CLIENT, OTHER };

static uint8_t exporter[SIZE_EXPORTER], another[SIZE_EXPORTER];
static uint8_t key[GCM_KEY], got[GCM_KEY];
static struct random randomness;
static struct talk_keys client, server;
static struct buf out, plain;

static struct talk_terms terms(const uint8_t *e, unsigned s, unsigned c)
{
    return (struct talk_terms){e, &keys_get(s)->public, &keys_get(c)->public};
}

static int start(void **state)
{
    (void)state;
    randomness = keys_random(7);
    memset(exporter, 0xe1, sizeof exporter);
    memset(another, 0xe2, sizeof another);
    random_bytes(&randomness, key, sizeof key);
    talk_line_start(&client, TALK_CLIENT, key, exporter);
    talk_line_start(&server, TALK_SERVER, key, exporter);
    buf_init(&out, 1 << 20);
    buf_init(&plain, WIRE_TALK_LINE);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buf_free(&out);
    buf_free(&plain);
    return 0;
}

static void both_have_the_key(void **state)
{
    struct talk_terms t = terms(exporter, SERVER, CLIENT);
    struct talk_wrapped w, second;

    (void)state;
    assert_true(talk_key_make(key, &w, keys_get(SERVER), &randomness, &t));
    assert_int_equal(talk_key_open(got, &w, keys_get(CLIENT), &t), ERR_OK);
    assert_memory_equal(got, key, sizeof key);
    assert_true(talk_key_make(got, &second, keys_get(SERVER), &randomness, &t));
    assert_memory_not_equal(got, key, sizeof key);
    assert_memory_not_equal(second.key, w.key, sizeof w.key);
}

static void check_not_opened(const struct talk_wrapped *w, const struct talk_terms *t,
                             unsigned client_key, enum err expected)
{
    static const uint8_t zero[GCM_KEY];

    memset(got, 'x', sizeof got);
    assert_int_equal(talk_key_open(got, w, keys_get(client_key), t), expected);
    assert_memory_equal(got, zero, sizeof got);
}

static void another_session_server_or_client(void **state)
{
    struct talk_terms t = terms(exporter, SERVER, CLIENT), u;
    struct talk_wrapped w, changed;

    (void)state;
    assert_true(talk_key_make(key, &w, keys_get(SERVER), &randomness, &t));
    u = terms(another, SERVER, CLIENT);
    check_not_opened(&w, &u, CLIENT, ERR_SIGNATURE);
    u = terms(exporter, OTHER, CLIENT);
    check_not_opened(&w, &u, CLIENT, ERR_SIGNATURE);
    u = terms(exporter, SERVER, OTHER);
    check_not_opened(&w, &u, OTHER, ERR_SIGNATURE);
    check_not_opened(&w, &t, OTHER, ERR_SEALED);
    for (size_t i = 0; i < sizeof w.key; i += 51) {
        changed = w;
        changed.key[i] ^= 1;
        check_not_opened(&changed, &t, CLIENT, ERR_SIGNATURE);
        changed = w;
        changed.signature[i] ^= 1;
        check_not_opened(&changed, &t, CLIENT, ERR_SIGNATURE);
    }
}

static struct talk_line line_of(const void *text, size_t len, uint64_t counter)
{
    return (struct talk_line){.kind = TALK_LINE, .counter = counter, .text = {text, len}};
}

static struct span payload_of(const struct buf *b)
{
    return (struct span){b->data + MESSAGE_HEADER, b->len - MESSAGE_HEADER};
}

/* Seals a line of that side, signed by that key, into out. */
static void seal(struct talk_keys *k, unsigned signer, struct talk_line *line)
{
    buf_clear(&out);
    if (line->kind == TALK_SAY)
        assert_true(talk_line_sign_say(line, keys_get(signer), &randomness));
    else
        assert_true(talk_line_sign(line, k->exporter, k->side, keys_get(signer), &randomness));
    assert_int_equal(talk_line_seal(k, &out, line), ERR_OK);
}

static void check_line(struct talk_keys *to, const struct public_key *peer,
                       const struct talk_line *sent)
{
    struct talk_line came;

    assert_int_equal(talk_line_open(to, payload_of(&out), &plain, &came), ERR_OK);
    assert_int_equal(came.kind, sent->kind);
    assert_true(came.id == sent->id && came.text.len == sent->text.len);
    assert_memory_equal(came.text.data, sent->text.data, sent->text.len);
    assert_true(talk_line_holds(&came, to, peer));
    assert_false(talk_line_holds(&came, to, &keys_get(OTHER)->public));
}

static void lines_both_ways(void **state)
{
    struct dice dice = dice_make(3);
    uint8_t text[LIMIT_TALK];

    (void)state;
    memset(text, 'x', sizeof text);
    for (uint64_t up = 0, down = 0, id = 1; up + down < 40;) {
        size_t len = dice_below(&dice, 8) == 0 ? LIMIT_TALK : 1 + dice_below(&dice, 100);
        struct talk_line line = line_of(text, len, 0);

        if (dice_below(&dice, 2) == 0) {
            line.counter = up++;
            seal(&client, CLIENT, &line);
            check_line(&server, &keys_get(CLIENT)->public, &line);
        } else {
            line.counter = down++;
            if (dice_below(&dice, 2) == 0) {
                line.kind = TALK_SAY;
                line.id = id += 1 + dice_below(&dice, 9);
            }
            seal(&server, SERVER, &line);
            check_line(&client, &keys_get(SERVER)->public, &line);
        }
    }
}

/* The bytes, made here from the document's words alone. */
static void a_line_is_what_the_document_says(void **state)
{
    struct talk_line line = line_of("hello", 5, 0);
    uint8_t nonce[GCM_NONCE] = {0, 0, 0, 1}, body[5 + 8 + 1 + 256 + 5];
    struct span fields[] = {{exporter, 32},
                            {(const uint8_t *)"\0\0\0\1", 4},
                            {(const uint8_t *)"\0\0\0\0\0\0\0\0", 8},
                            line.text};

    (void)state;
    seal(&client, CLIENT, &line);
    assert_int_equal(out.len, sizeof body + GCM_TAG);
    assert_memory_equal(out.data, "\x15\0\0\1\x1e\0\0\0\0\0\0\0\0", 13);
    memcpy(body, out.data, sizeof body);
    assert_true(gcm_open(key, nonce, (struct span){0}, body + 13, sizeof body - 13,
                         out.data + sizeof body));
    assert_int_equal(body[13], 1);
    assert_memory_equal(body + sizeof body - 5, "hello", 5);
    assert_true(pss_verify(body + 14, &keys_get(CLIENT)->public, "line", fields, 4));
}

static void only_the_next_one_opens(void **state)
{
    struct talk_line first = line_of("one", 3, 0), second = line_of("two", 3, 1), came;
    struct buf kept;

    (void)state;
    buf_init(&kept, 1 << 16);
    seal(&client, CLIENT, &first);
    buf_add(&kept, out.data, out.len);
    seal(&client, CLIENT, &second);
    assert_int_equal(talk_line_open(&server, payload_of(&out), &plain, &came), ERR_REPLAY);
    assert_int_equal(talk_line_open(&server, payload_of(&kept), &plain, &came), ERR_OK);
    assert_int_equal(talk_line_open(&server, payload_of(&kept), &plain, &came), ERR_REPLAY);
    assert_int_equal(talk_line_open(&server, payload_of(&out), &plain, &came), ERR_OK);
    /* Turned around it is another nonce. */
    assert_int_equal(talk_line_open(&client, payload_of(&kept), &plain, &came), ERR_SEALED);
    buf_free(&kept);
}

static void every_changed_byte_is_noticed(void **state)
{
    struct talk_line line = line_of("hello", 5, 0), came;

    (void)state;
    seal(&client, CLIENT, &line);
    for (size_t i = MESSAGE_HEADER; i < out.len; i++) {
        out.data[i] ^= 0x10;
        assert_int_equal(talk_line_open(&server, payload_of(&out), &plain, &came),
                         i < MESSAGE_HEADER + 8 ? ERR_REPLAY : ERR_SEALED);
        out.data[i] ^= 0x10;
    }
    for (size_t cut = 1; cut < out.len - MESSAGE_HEADER; cut++) {
        struct span p = payload_of(&out);

        p.len -= cut;
        assert_int_not_equal(talk_line_open(&server, p, &plain, &came), ERR_OK);
    }
    assert_int_equal(talk_line_open(&server, payload_of(&out), &plain, &came), ERR_OK);
}

/* A plaintext that no honest side makes, under the right key. */
static enum err open_plain(struct talk_keys *to, enum talk_side from, const void *p, size_t len)
{
    uint8_t nonce[GCM_NONCE] = {0}, tag[GCM_TAG];
    struct wire_line m = {.counter = to->received};
    struct talk_line came;
    struct buf sealed;
    enum err e;

    buf_init(&sealed, 1 << 16);
    buf_add(&sealed, p, len);
    nonce[3] = (uint8_t)from;
    bytes_put64(nonce + 4, m.counter);
    gcm_seal(key, nonce, (struct span){0}, sealed.data, len, tag);
    buf_add(&sealed, tag, sizeof tag);
    m.sealed = (struct span){sealed.data, sealed.len};
    buf_clear(&out);
    wire_put_line(&out, &m);
    e = talk_line_open(to, payload_of(&out), &plain, &came);
    buf_free(&sealed);
    return e;
}

static void plaintexts_that_break_it(void **state)
{
    uint8_t p[1 + 8 + SIZE_SIGNATURE + LIMIT_TALK + 1] = {1};

    (void)state;
    memset(p + 1 + SIZE_SIGNATURE, 'x', sizeof p - 1 - SIZE_SIGNATURE);
    for (size_t len = 1; len <= 1 + SIZE_SIGNATURE; len += 16)
        assert_int_equal(open_plain(&server, TALK_CLIENT, p, len), ERR_SHORT);
    assert_int_equal(open_plain(&server, TALK_CLIENT, p, 1 + SIZE_SIGNATURE + LIMIT_TALK + 1),
                     ERR_LIMIT);
    p[1 + SIZE_SIGNATURE] = 0xff;
    assert_int_equal(open_plain(&server, TALK_CLIENT, p, 300), ERR_UTF8);
    p[1 + SIZE_SIGNATURE] = 'x';
    p[0] = 2; /* a client says nothing to all */
    assert_int_equal(open_plain(&server, TALK_CLIENT, p, 300), ERR_FORMAT);
    p[0] = 0;
    assert_int_equal(open_plain(&client, TALK_SERVER, p, 300), ERR_FORMAT);
    p[0] = 3;
    assert_int_equal(open_plain(&client, TALK_SERVER, p, 300), ERR_FORMAT);
    assert_true(server.received == 0 && client.received == 0);
    p[0] = 1;
    assert_int_equal(open_plain(&server, TALK_CLIENT, p, 300), ERR_OK);
    assert_int_equal(open_plain(&server, TALK_CLIENT, p, 1 + SIZE_SIGNATURE + LIMIT_TALK), ERR_OK);
}

static void ids_only_rise(void **state)
{
    static const uint64_t ids[] = {5, 5, 4, 6, 1, UINT64_MAX};
    static const bool good[] = {true, false, false, true, false, true};
    struct talk_line came;

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct talk_line line = {.kind = TALK_SAY, .id = ids[i], .text = {(const uint8_t *)"x", 1}};

        server.sent = client.received;
        seal(&server, SERVER, &line);
        assert_int_equal(talk_line_open(&client, payload_of(&out), &plain, &came),
                         good[i] ? ERR_OK : ERR_REPLAY);
    }
}

static void a_signature_is_for_one_place(void **state)
{
    struct talk_line line = line_of("hello", 5, 0), came;

    (void)state;
    /* Of another text, counter, direction, session or key; each line opens, none holds. */
    for (int lie = 0; lie < 5; lie++) {
        line = line_of(lie == 0 ? "other" : "hello", 5, lie == 1 ? client.sent + 1 : client.sent);
        assert_true(talk_line_sign(&line, lie == 3 ? another : exporter,
                                   lie == 2 ? TALK_SERVER : TALK_CLIENT,
                                   keys_get(lie == 4 ? OTHER : CLIENT), &randomness));
        line.text.data = (const uint8_t *)"hello";
        line.counter = client.sent;
        buf_clear(&out);
        assert_int_equal(talk_line_seal(&client, &out, &line), ERR_OK);
        assert_int_equal(talk_line_open(&server, payload_of(&out), &plain, &came), ERR_OK);
        assert_false(talk_line_holds(&came, &server, &keys_get(CLIENT)->public));
    }
    line = line_of("hello", 5, client.sent);
    seal(&client, CLIENT, &line);
    check_line(&server, &keys_get(CLIENT)->public, &line);
}

static void what_can_not_be_sealed(void **state)
{
    static uint8_t text[LIMIT_TALK + 1];
    struct talk_line line = line_of(text, 0, 0);

    (void)state;
    assert_int_equal(talk_line_seal(&client, &out, &line), ERR_LIMIT);
    line.text.len = sizeof text;
    assert_int_equal(talk_line_seal(&client, &out, &line), ERR_LIMIT);
    line = line_of("x", 1, 1);
    assert_int_equal(talk_line_seal(&client, &out, &line), ERR_STATE);
    assert_true(client.sent == 0 && out.len == 0);
}

static void wiped_is_zero(void **state)
{
    static const struct talk_keys zero;

    (void)state;
    talk_line_wipe(&client);
    assert_memory_equal(&client, &zero, sizeof zero);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    static const struct CMUnitTest tests[] = {
        TEST(both_have_the_key),
        TEST(another_session_server_or_client),
        TEST(lines_both_ways),
        TEST(a_line_is_what_the_document_says),
        TEST(only_the_next_one_opens),
        TEST(every_changed_byte_is_noticed),
        TEST(plaintexts_that_break_it),
        TEST(ids_only_rise),
        TEST(a_signature_is_for_one_place),
        TEST(what_can_not_be_sealed),
        TEST(wiped_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
