/* Memory that runs out in a client in its room: what it was to send or show it did, or said that it did
 * not, or its link ended; nothing leaks and nothing happens twice.
 *
 * The server that the test plays is in the same process: it may be its side of the link that ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/talk_key.h"
#include "tests/kit/famine.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/past.h"
#include "wire/talk.h"

#define ROOM (1 << 20) /* for what the kit notes meanwhile */

static struct visitor v;

static void open_room(void)
{
    visitor_open_room(&v);
    assert_non_null(buf_reserve(&v.said, ROOM));
    assert_non_null(buf_reserve(&v.pair.server.seen, ROOM));
}

static bool is_here(void)
{
    return v.client.state == CLIENT_ROOM && !v.pair.server.ended && !v.pair.server.broken;
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, ROOM);
    return b;
}

/* As visitor_send, which insists. */
static void hear(struct buf *out)
{
    assert_false(out->failed);
    if (!v.pair.server.ended && link_send(v.pair.server.link, out))
        visitor_settle(&v);
    buf_free(out);
}

static void write_one(const char *to)
{
    bool struck;
    enum err e;

    open_room();
    famine_begin();
    e = mail_send(&v.client, to, span_of("hello"));
    visitor_settle(&v);
    struck = famine_end();
    visitor_settle(&v);
    assert_true(struck || (e == ERR_OK && v.pair.server.messages == 1));
    assert_true(v.pair.server.messages <= 1);
    /* Not sent, and the link is there: then it was said. */
    if (is_here() && v.pair.server.messages == 0)
        assert_true(e != ERR_OK || v.client.exit_code == CLIENT_EXIT_FAILED);
    if (is_here()) {
        size_t before = v.pair.server.messages;

        assert_int_equal(mail_send(&v.client, to, span_of("again")), ERR_OK);
        visitor_settle(&v);
        assert_int_equal(v.pair.server.messages, before + 1);
    }
    visitor_close(&v);
}

static void write_to_bob(void)
{
    write_one("bob");
}

static void write_to_all(void)
{
    write_one(NULL);
}

static void a_message_is_sent(void **state)
{
    (void)state;
    famine_walk(write_to_bob);
    famine_walk(write_to_all);
}

static struct buf sealed_by_bob(uint64_t id, const char *text)
{
    struct envelope_content c = visitor_content(&v, id, text);
    struct buf envelope = messages(), out = messages();

    assert_int_equal(envelope_seal_one(&envelope, keys_get(VISITOR_BOB), &v.random, &c,
                                       &keys_get(VISITOR_ME)->public),
                     ERR_OK);
    visitor_put_sealed(&v, "bob", VISITOR_BOB, &envelope, &out);
    buf_free(&envelope);
    return out;
}

/* What could not be shown for want of memory is said not to be; it never is shown twice. */
static void one_comes(void)
{
    struct buf out;
    size_t shown;
    bool struck;

    open_room();
    out = sealed_by_bob(1000, "first");
    famine_begin();
    hear(&out);
    struck = famine_end();
    visitor_settle(&v);
    shown = visitor_said(&v, "\"text\":\"first\"");
    assert_true(shown == 1 || (struck && shown == 0));
    if (shown == 0)
        assert_int_equal(v.client.received.number, 0); /* it is asked for again */
    if (is_here() && !opener_busy(&v.client.opener)) {
        out = sealed_by_bob(1001, "second");
        hear(&out);
        assert_int_equal(visitor_said(&v, "\"text\":\"second\""), 1);
    }
    visitor_close(&v);
}

static void a_message_is_opened(void **state)
{
    (void)state;
    famine_walk(one_comes);
}

static void put_entrance(struct buf *out)
{
    visitor_put_welcome(&v, out);
    visitor_put_bindings(&v, 1, out);
    visitor_put_member(out, MESSAGE_MEMBERS, "me", VISITOR_ME, 0, true);
    visitor_put_member(out, MESSAGE_MEMBERS, "bob", VISITOR_BOB, 0, false);
}

/* Two from before and one live, whose numbers are 1 to 3; and the end of the past. */
static void put_missed(struct buf *out)
{
    const struct wire_past_end end = {.last = 2};

    visitor_put_past(&v, 1, 100, "#1", out);
    visitor_put_text(&v, 300, "#3", out);
    visitor_put_past(&v, 2, 200, "#2", out);
    wire_put_past_end(out, &end);
}

/* Each is shown once at most, in order, and none is recorded that was not shown. */
static void the_past_comes(void)
{
    static const char *const texts[] = {"\"text\":\"#1\"", "\"text\":\"#2\"", "\"text\":\"#3\""};
    struct buf in = messages(), out = messages();
    size_t shown[3];
    bool struck;

    visitor_open(&v);
    v.features = FEATURE_PAST;
    v.last = v.number = 2;
    visitor_ack(&v);
    visitor_forget(&v);
    assert_non_null(buf_reserve(&v.said, ROOM));
    assert_non_null(buf_reserve(&v.pair.server.seen, ROOM));
    put_entrance(&in);
    put_missed(&out);
    famine_begin();
    hear(&in);
    hear(&out);
    struck = famine_end();
    visitor_settle(&v);
    for (size_t i = 0; i < 3; i++) {
        shown[i] = visitor_said(&v, texts[i]);
        assert_true(shown[i] <= 1);
        assert_true(v.client.received.number < i + 1 || shown[i] == 1);
    }
    assert_true(struck || (shown[0] == 1 && shown[1] == 1 && shown[2] == 1));
    if (!struck)
        assert_int_equal(v.client.received.number, 3);
    if (shown[1] == 1 && shown[2] == 1)
        assert_true(strstr(buf_text(&v.said), texts[1]) < strstr(buf_text(&v.said), texts[2]));
    visitor_close(&v);
}

static void what_was_missed_is_shown(void **state)
{
    (void)state;
    famine_walk(the_past_comes);
}

static void put_key(struct talk_keys *server, struct buf *out)
{
    uint8_t exporter[SIZE_EXPORTER], key[GCM_KEY];
    struct talk_terms terms = {exporter, &keys_get(VISITOR_SERVER)->public,
                               &keys_get(VISITOR_ME)->public};
    struct random random = keys_random(12);
    struct talk_wrapped w;
    struct wire_session_key m = {.wrapped = w.key, .signature = w.signature};

    link_exporter(v.pair.server.link, exporter);
    assert_true(talk_key_make(key, &w, keys_get(VISITOR_SERVER), &random, &terms));
    talk_line_start(server, TALK_SERVER, key, exporter);
    wire_put_session_key(out, &m);
}

static void put_line(struct talk_keys *server, struct buf *out, const char *text)
{
    struct random random = keys_random(13);
    struct talk_line line = {
        .kind = TALK_LINE, .counter = server->sent, .id = 1, .text = span_of(text)};

    assert_true(
        talk_line_sign(&line, server->exporter, TALK_SERVER, keys_get(VISITOR_SERVER), &random));
    assert_int_equal(talk_line_seal(server, out, &line), ERR_OK);
}

/* The key, a line each way, and the end. */
static void server_talks(void)
{
    static const struct talk_keys zero;
    struct buf out = messages(), end = messages();
    struct talk_keys server;
    bool struck;

    open_room();
    put_key(&server, &out);
    put_line(&server, &out, "good day");
    wire_put_close(&end);
    famine_begin();
    hear(&out);
    talk_write(&v.client, span_of("hello server"));
    visitor_settle(&v);
    hear(&end);
    struck = famine_end();
    visitor_settle(&v);
    assert_true(visitor_said(&v, "good day") <= 1);
    if (!struck) {
        assert_int_equal(visitor_said(&v, "good day"), 1);
        assert_int_equal(visitor_said(&v, "\"event\":\"talk_sent\""), 1);
        assert_int_equal(v.client.talk.state, TALK_OVER);
    }
    visitor_close(&v);
    assert_memory_equal(&v.client.talk.keys, &zero, sizeof zero);
    assert_true(v.client.talk.first == NULL);
}

static void the_server_talks(void **state)
{
    (void)state;
    famine_walk(server_talks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_sent),
        cmocka_unit_test(a_message_is_opened),
        cmocka_unit_test(what_was_missed_is_shown),
        cmocka_unit_test(the_server_talks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
