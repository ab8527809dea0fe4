/* Whose key it is, in a room that the test plays: what is told, and what the commands do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "client/contacts_mark.h"
#include "client/shell.h"
#include "client/trust.h"
#include "crypto/safety.h"
#include "proto/qr.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"

enum { MALLORY = 4, TRENT = 5 };

/* The server gives the name to another key, and its holder comes. */
static void give_name(struct visitor *v, const char *name, unsigned key)
{
    struct binding out_of = {.n = v->bindings.count + 1, .kind = BINDING_RELEASE};
    struct binding into = {.n = v->bindings.count + 2, .kind = BINDING_BIND};
    const uint8_t *owner = bindings_find(&v->bindings, name);
    struct buf out;

    buf_init(&out, 1024 * 1024);
    snprintf(out_of.name, sizeof out_of.name, "%s", name);
    memcpy(into.name, out_of.name, sizeof into.name);
    memcpy(out_of.fingerprint, owner, SIZE_FINGERPRINT);
    memcpy(into.fingerprint, keys_get(key)->public.fingerprint, SIZE_FINGERPRINT);
    assert_int_equal(bindings_append(&v->bindings, &out_of), ERR_OK);
    assert_int_equal(bindings_append(&v->bindings, &into), ERR_OK);
    visitor_put_bindings(v, out_of.n, &out);
    visitor_put_member(&out, MESSAGE_JOINED, name, key, 0, false);
    visitor_forget(v);
    visitor_send(v, &out);
    assert_int_equal(v->client.state, CLIENT_ROOM);
}

static void type(struct visitor *v, const char *line)
{
    struct shell s = {.client = &v->client};

    visitor_forget(v);
    shell_line(&s, line);
    visitor_settle(v);
}

static void refused(struct visitor *v, const char *line, const char *code)
{
    char text[64];

    type(v, line);
    snprintf(text, sizeof text, "\"code\":\"%s\"", code);
    if (visitor_said(v, text) != 1 || visitor_said(v, "\"event\"") != 1)
        fail_msg("%s: %s", line, buf_text(&v->said));
    assert_int_equal(v->pair.server.messages, 0);
}

static enum contact_trust trust(const struct visitor *v, const char *name, unsigned key)
{
    return contacts_trust(&v->client.contacts, v->client.server.fingerprint, name,
                          &keys_get(key)->public);
}

/* The key changes twice before the user says a word: only the one last shown is meant. */
static void accepts_the_key_last_shown(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    type(&v, "/verify bob ok");
    assert_int_equal(trust(&v, "bob", VISITOR_BOB), CONTACT_CHECKED);
    give_name(&v, "bob", MALLORY);
    assert_int_equal(visitor_said(&v, "\"code\":\"key-changed\""), 1);
    assert_int_equal(visitor_said(&v, "\"verified\":false,\"trust\":\"changed\""), 1);
    give_name(&v, "bob", TRENT);
    assert_int_equal(visitor_said(&v, "\"code\":\"key-changed\""), 1);
    refused(&v, "/msg bob secret", "key-changed");
    refused(&v, "/verify bob ok", "key-changed");
    type(&v, "/trust BOB");
    assert_int_equal(visitor_said(&v, "\"event\":\"trusted\",\"name\":\"bob\""), 1);
    assert_int_equal(trust(&v, "bob", TRENT), CONTACT_NEW); /* and in no way checked */
    assert_int_equal(trust(&v, "bob", MALLORY), CONTACT_CHANGED);
    assert_int_equal(trust(&v, "bob", VISITOR_BOB), CONTACT_CHANGED);
    refused(&v, "/trust bob", "unchanged");
    type(&v, "/msg bob secret");
    assert_int_equal(v.pair.server.messages, 1);
    visitor_close(&v);
}

static void the_old_key_comes_back(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    type(&v, "/verify bob ok");
    give_name(&v, "bob", MALLORY);
    give_name(&v, "bob", VISITOR_BOB);
    assert_int_equal(visitor_said(&v, "key-changed"), 0);
    assert_int_equal(visitor_said(&v, "\"trust\":\"checked\""), 1);
    refused(&v, "/trust bob", "unchanged");
    type(&v, "/msg bob it is you");
    assert_int_equal(v.pair.server.messages, 1);
    visitor_close(&v);
}

static void message(struct visitor *v, unsigned key, uint64_t id, const char *text)
{
    struct envelope_content c = visitor_content(v, id, text);
    struct buf envelope, out;

    buf_init(&envelope, LIMIT_ENVELOPE);
    buf_init(&out, 1024 * 1024);
    assert_int_equal(
        envelope_seal_one(&envelope, keys_get(key), &v->random, &c, &keys_get(VISITOR_ME)->public),
        ERR_OK);
    visitor_put_sealed(v, "bob", key, &envelope, &out);
    buf_free(&envelope);
    visitor_forget(v);
    visitor_send(v, &out);
}

/* From a key that is not among the members any more: it is told as well, once. */
static void messages_tell_of_a_changed_key(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    give_name(&v, "bob", MALLORY);
    give_name(&v, "bob", VISITOR_BOB);
    message(&v, MALLORY, 1, "one");
    assert_int_equal(visitor_said(&v, "\"code\":\"key-changed\""), 1);
    assert_int_equal(visitor_said(&v, "\"trust\":\"changed\""), 1);
    message(&v, MALLORY, 2, "two");
    assert_int_equal(visitor_said(&v, "\"code\":\"key-changed\""), 0);
    assert_int_equal(visitor_said(&v, "\"trust\":\"changed\""), 1);
    message(&v, VISITOR_BOB, 3, "three");
    assert_int_equal(visitor_said(&v, "\"trust\":\"new\""), 1);
    type(&v, "/msg bob to the key we know");
    assert_int_equal(v.pair.server.messages, 1);
    visitor_close(&v);
}

static void ignoring_is_of_the_key(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    type(&v, "/ignore bob");
    assert_int_equal(visitor_said(&v, "\"event\":\"note\""), 1);
    message(&v, VISITOR_BOB, 1, "one");
    message(&v, VISITOR_BOB, 1, "one"); /* nor what is wrong with it */
    assert_int_equal(v.said.len, 0);
    give_name(&v, "bob", MALLORY);
    message(&v, MALLORY, 1, "another bob");
    assert_int_equal(visitor_said(&v, "\"event\":\"message\""), 1);
    type(&v, "/ignore bob");
    message(&v, MALLORY, 2, "ignored for now");
    assert_int_equal(v.said.len, 0);
    type(&v, "/ignore");
    assert_int_equal(visitor_said(&v, "\"name\":\"bob\""), 2);
    type(&v, "/ignore bob off");
    message(&v, MALLORY, 3, "heard");
    assert_int_equal(visitor_said(&v, "\"event\":\"message\""), 1);
    message(&v, VISITOR_BOB, 2, "still not");
    assert_int_equal(v.said.len, 0);
    visitor_close(&v);
}

static void wrong_use(void **state)
{
    static const struct {
        const char *line, *code;
    } table[] = {
        {"/verify", "usage"},
        {"/verify bob okay", "usage"},
        {"/verify bob ok ok", "usage"},
        {"/verify me", "usage"},
        {"/verify ME ok", "usage"},
        {"/verify nobody", "no-member"},
        {"/trust", "usage"},
        {"/trust bob now", "usage"},
        {"/trust bob", "unchanged"},
        {"/trust nobody", "no-member"},
        {"/trust me", "usage"},
        {"/ignore me", "usage"},
        {"/ignore nobody", "no-member"},
        {"/ignore bob on", "usage"},
        {"/ignore bob off x", "usage"},
    };
    struct visitor v;

    (void)state;
    visitor_open_room(&v);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        refused(&v, table[i].line, table[i].code);
    visitor_close(&v);
}

#if DEN_QR

/* Version 2 (ISO/IEC 18004), with its three finders and the quiet zone around. */
static void draws_a_code(void **state)
{
    enum { WIDTH = 25, QUIET = 4, ROWS = 17 };
    static const char quiet[] = "\u2588\u2588\u2588\u2588";
    char number[SAFETY_TEXT], rows[ROWS][(WIDTH + 2 * QUIET) * 3 + 1];
    const uint8_t *a = keys_get(1)->public.fingerprint, *b = keys_get(2)->public.fingerprint;
    struct buf out;
    char *line, *text;
    size_t n = 0;

    (void)state;
    buf_init(&out, 65536);
    safety_number(number, a, b);
    assert_true(qr_draw(&out, number, "  "));
    text = strdup(buf_text(&out));
    for (char *at = text; (line = strsep(&at, "\n")) != NULL && *line != 0; n++) {
        assert_true(n < ROWS);
        assert_memory_equal(line, "  ", 2);
        snprintf(rows[n], sizeof rows[n], "%s", line + 2);
        assert_memory_equal(rows[n], n < ROWS - 1 ? quiet : "\u2580\u2580\u2580\u2580", 12);
    }
    assert_int_equal(n, ROWS);
    /* the finder at the upper left: a dark ring, a light one, and a dark square */
    assert_memory_equal(rows[2] + 12, " \u2584\u2584\u2584\u2584\u2584 ", 17);
    assert_memory_equal(rows[3] + 12, " \u2588   \u2588 ", 11);
    assert_memory_equal(rows[4] + 12, " \u2588\u2584\u2584\u2584\u2588 ", 17);
    free(text);
    buf_free(&out);
}

#else

static void draws_a_code(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 65536);
    assert_false(qr_draw(&out, "1", ""));
    assert_int_equal(out.len, 0);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_key_last_shown),
        cmocka_unit_test(the_old_key_comes_back),
        cmocka_unit_test(messages_tell_of_a_changed_key),
        cmocka_unit_test(ignoring_is_of_the_key),
        cmocka_unit_test(wrong_use),
        cmocka_unit_test(draws_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
