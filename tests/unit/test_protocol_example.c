/* PROTOCOL.md tells the truth: its tables are those of the code, and its example is, byte for byte,
 * what the code makes of the keys and the seed that stand in it. With --print this writes the
 * example's blocks instead, for whoever changes the protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "proto/direct.h"
#include "proto/envelope.h"
#include "proto/envelope_outer.h"
#include "proto/hello.h"
#include "tests/kit/document.h"
#include "tests/kit/example.h"
#include "wire/direct.h"
#include "wire/framer.h"
#include "wire/hello.h"
#include "wire/room.h"

#define LIMIT_DOCUMENT (1024 * 1024)

static struct example *x;

static int start(void **state)
{
    (void)state;
    x = example_open();
    return x == NULL ? -1 : 0;
}

static int finish(void **state)
{
    (void)state;
    example_close();
    return 0;
}

static void every_value_is_what_the_code_makes(void **state)
{
    struct buf made, written;

    (void)state;
    for (size_t i = 0; i < example_count; i++) {
        buf_init(&made, LIMIT_DOCUMENT);
        buf_init(&written, LIMIT_DOCUMENT);
        example_values[i].make(&made);
        if (!document_hex(&x->document, example_values[i].name, &written))
            fail_msg("no block of hex named %s", example_values[i].name);
        if (made.len != written.len || memcmp(made.data, written.data, made.len) != 0)
            fail_msg("%s is not what the code makes", example_values[i].name);
        buf_free(&made);
        buf_free(&written);
    }
}

static void the_proof_holds(void **state)
{
    struct wire_ack m;

    (void)state;
    assert_true(document_hex(&x->document, "ack", &x->scratch));
    assert_int_equal(wire_get_ack((struct span){x->scratch.data + 5, x->scratch.len - 5}, &m),
                     ERR_OK);
    assert_int_equal(m.invitation.len, 0);
    assert_true(hello_verify(m.signature, &x->alice.public, &x->proof));
}

static void the_proof_of_a_call_holds(void **state)
{
    struct direct_proof p = {.exporter = x->exporter,
                             .callee = x->bob.public.fingerprint,
                             .caller = x->alice.public.fingerprint,
                             .name = "alice",
                             .server = x->server.fingerprint};
    struct public_key key;
    struct wire_call m;

    (void)state;
    assert_true(document_hex(&x->document, "call", &x->scratch));
    assert_int_equal(wire_get_call((struct span){x->scratch.data + 5, x->scratch.len - 5}, &m),
                     ERR_OK);
    assert_int_equal(public_key_from_spki(&key, m.spki, SIZE_SPKI), ERR_OK);
    assert_true(direct_verify(m.signature, &key, &p));
}

static void bob_alone_opens_the_envelope(void **state)
{
    struct envelope_content c;
    struct wire_send m;
    struct buf plain;

    (void)state;
    buf_init(&plain, LIMIT_SEALED);
    assert_true(document_hex(&x->document, "send", &x->scratch));
    assert_int_equal(wire_get_send((struct span){x->scratch.data + 5, x->scratch.len - 5}, &m),
                     ERR_OK);
    assert_int_equal(envelope_open(&c, &plain, &x->alice, m.envelope.data, m.envelope.len),
                     ERR_SEALED);
    assert_int_equal(envelope_open(&c, &plain, &x->bob, m.envelope.data, m.envelope.len), ERR_OK);
    assert_int_equal(
        envelope_expect(&c, x->server.fingerprint, x->alice.public.fingerprint, "Alice"), ERR_OK);
    assert_true(c.id == m.id && c.time_ms == EXAMPLE_TIME_MS && c.n == 2 &&
                c.kind == ENVELOPE_TEXT);
    assert_int_equal(c.body.len, strlen(EXAMPLE_BODY));
    assert_memory_equal(c.body.data, EXAMPLE_BODY, strlen(EXAMPLE_BODY));
    buf_free(&plain);
}

/* Every message of the code has its row, and no row is of another. */
static void the_table_of_messages_is_the_codes(void **state)
{
    static const char *const from[] = {NULL, "client", "server", "both"};
    static const char *const phase[] = {
        [PHASE_HELLO] = "hello", [PHASE_ACK] = "ack",
        [PHASE_ROOM] = "room",   [PHASE_CALL] = "call",
        [PHASE_RING] = "ring",   [PHASE_CHAT] = "chat",
        [PHASE_FILES] = "files", [PHASE_CHAT | PHASE_FILES] = "chat, files",
        [PHASE_ANY] = "any"};
    const char *text = (const char *)x->document.data;
    size_t rules = 0, rows = 0;
    char row[128];

    (void)state;
    for (unsigned type = 0; type <= UINT8_MAX; type++) {
        const struct message_rule *r = message_rule((uint8_t)type);

        if (r == NULL)
            continue;
        rules++;
        snprintf(row, sizeof row, "\n| 0x%02X | %s | %s | %s | %u |", type, r->name, from[r->from],
                 phase[r->phase], (unsigned)r->limit);
        if (strstr(text, row) == NULL)
            fail_msg("no such row:%s", row + 1);
    }
    for (const char *p = text; (p = strstr(p, "\n| 0x")) != NULL; p++)
        rows++;
    assert_int_equal(rows, rules);
}

static void the_limits_are_the_codes(void **state)
{
#define ROW(limit)    \
    {                 \
#limit, limit \
    }
    static const struct {
        const char *name;
        unsigned long value;
    } limits[] = {
        ROW(LIMIT_NAME),
        ROW(LIMIT_ROOM),
        ROW(LIMIT_REASON),
        ROW(LIMIT_PEM),
        ROW(LIMIT_BODY),
        ROW(LIMIT_SEALED),
        ROW(LIMIT_SLOTS),
        ROW(LIMIT_HINTS),
        ROW(LIMIT_ENVELOPE),
        ROW(LIMIT_HELLO),
        ROW(LIMIT_MESSAGE),
        ROW(LIMIT_LIST),
        ROW(LIMIT_CHUNK),
        ROW(LIMIT_MEMBERS),
        ROW(LIMIT_BINDINGS),
        ROW(LIMIT_QUEUE),
        ROW(LIMIT_HOARD),
        ROW(LIMIT_WAITING),
        ROW(LIMIT_STRANGERS),
        ROW(LIMIT_STRANGERS_ADDRESS),
        ROW(LIMIT_CLIP),
        ROW(LIMIT_TITLE),
        ROW(LIMIT_HELLO_SECONDS),
        ROW(LIMIT_RENDITIONS),
        ROW(LIMIT_HEIGHT),
        ROW(LIMIT_WIDTH),
        ROW(LIMIT_FRAME),
        ROW(LIMIT_FRAMES),
        ROW(LIMIT_CLIPS),
        ROW(LIMIT_STREAMS),
        ROW(LIMIT_CREDIT),
        ROW(LIMIT_TEXT),
        ROW(LIMIT_TEXT_MESSAGE),
        ROW(LIMIT_KNOCKS),
        ROW(LIMIT_KNOCKS_ADDRESS),
        ROW(LIMIT_CHATS),
        ROW(LIMIT_RINGING),
        ROW(LIMIT_RINGING_KEY),
        ROW(LIMIT_RING_SECONDS),
        ROW(LIMIT_CHAT_QUEUE),
        ROW(LIMIT_MARKS),
        ROW(LIMIT_TALK),
        ROW(LIMIT_NEW_NAMES),
        ROW(LIMIT_ROOM_RATE),
        ROW(LIMIT_MESSAGE_RATE),
        ROW(LIMIT_BYTE_RATE),
        ROW(LIMIT_FILE_NAME),
        ROW(LIMIT_OFFERS),
        ROW(LIMIT_OFFERS_VAIN),
        ROW(LIMIT_FILE_LINKS),
        ROW(LIMIT_FILE_IDLE_SECONDS),
        ROW(LIMIT_FILES_AT_ONCE),
    };
    char row[128];

    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        snprintf(row, sizeof row, "\n| `%s` | %lu |", limits[i].name, limits[i].value);
        if (strstr((const char *)x->document.data, row) == NULL)
            fail_msg("no such row:%s", row + 1);
    }
}

static void the_size_classes_are_the_codes(void **state)
{
    char expected[256] = "";
    size_t at = 0;

    (void)state;
    for (size_t c = envelope_outer_class(0); c != 0; c = envelope_outer_class(c + 1))
        at += (size_t)snprintf(expected + at, sizeof expected - at, "%s%zu", at == 0 ? "" : " ", c);
    assert_true(document_block(&x->document, "numbers", "size-classes", &x->scratch));
    assert_int_equal(x->scratch.len, at + 1);
    assert_memory_equal(x->scratch.data, expected, at);
}

static void print_values(void)
{
    struct buf made;

    for (size_t i = 0; i < example_count; i++) {
        buf_init(&made, LIMIT_DOCUMENT);
        example_values[i].make(&made);
        printf("```hex %s", example_values[i].name);
        for (size_t j = 0; j < made.len; j++)
            printf("%s%02x", j % 32 == 0 ? "\n" : "", made.data[j]);
        printf("\n```\n");
        buf_free(&made);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_what_the_code_makes),
        cmocka_unit_test(the_proof_holds),
        cmocka_unit_test(the_proof_of_a_call_holds),
        cmocka_unit_test(bob_alone_opens_the_envelope),
        cmocka_unit_test(the_table_of_messages_is_the_codes),
        cmocka_unit_test(the_limits_are_the_codes),
        cmocka_unit_test(the_size_classes_are_the_codes),
    };

    if (argc == 2 && strcmp(argv[1], "--print") == 0) {
        if (start(NULL) != 0)
            return 1;
        print_values();
        return finish(NULL);
    }
    return cmocka_run_group_tests(tests, start, finish);
}
