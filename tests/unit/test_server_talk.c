/* The server's side of its conversations, in a room without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "proto/talk_key.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"
#include "wire/talk.h"

enum { ALICE = 1, BOB, CAROL };

/* A client that talks. */
struct talker {
    struct actor actor;
    struct talk_keys keys;
    struct talk_line came;
    struct buf plain;
};

static struct stage stage;
static struct talker alice, bob;
static struct random randomness;
static struct buf shown, out;

static void on_show(void *owner, const char *text, size_t len)
{
    (void)owner;
    buf_add(&shown, text, len);
}

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    stage_open(&stage);
    stage.features |= FEATURE_TALK;
    randomness = keys_random(8);
    stage.room.talks = (struct talks){.random = &randomness, .show = on_show};
    buf_init(&shown, 1 << 20);
    buf_init(&out, 1 << 16);
    return 0;
}

static void end(struct talker *t)
{
    actor_end(&t->actor);
    buf_free(&t->plain);
}

static int unmake(void **state)
{
    (void)state;
    end(&alice);
    end(&bob);
    assert_false(talk_waiting(&stage.room));
    stage_close(&stage);
    buf_free(&shown);
    buf_free(&out);
    return 0;
}

static void enter(struct talker *t, unsigned key, const char *name)
{
    actor_enter(&t->actor, &stage, key, name, 0);
    actor_skip(&t->actor);
    buf_init(&t->plain, WIRE_TALK_LINE);
    assert_int_equal(t->actor.session.talk.state, TALK_WAITING);
}

static void take_key(struct talker *t)
{
    struct talk_terms terms = {t->actor.exporter, &keys_get(STAGE_SERVER)->public,
                               &t->actor.identity->public};
    struct talk_wrapped wrapped;
    struct wire_session_key m;
    uint8_t key[GCM_KEY];

    assert_int_equal(wire_get_session_key(actor_next(&t->actor, MESSAGE_SESSION_KEY), &m), ERR_OK);
    memcpy(wrapped.key, m.wrapped, sizeof wrapped.key);
    memcpy(wrapped.signature, m.signature, sizeof wrapped.signature);
    assert_int_equal(talk_key_open(key, &wrapped, t->actor.identity, &terms), ERR_OK);
    talk_line_start(&t->keys, TALK_CLIENT, key, t->actor.exporter);
    assert_int_equal(t->actor.session.talk.state, TALK_OPEN);
}

/* Both are in, with keys. */
static void begin(void)
{
    enter(&alice, ALICE, "alice");
    enter(&bob, BOB, "bob");
    actor_skip(&alice.actor);
    talk_serve(&stage.room);
    talk_serve(&stage.room);
    take_key(&alice);
    take_key(&bob);
}

/* signer: ALICE, unless it lies. */
static void say(struct talker *t, unsigned signer, const char *text)
{
    struct talk_line line = {.kind = TALK_LINE, .counter = t->keys.sent};

    line.text = (struct span){(const uint8_t *)text, strlen(text)};
    assert_true(
        talk_line_sign(&line, t->keys.exporter, TALK_CLIENT, keys_get(signer), &randomness));
    assert_int_equal(talk_line_seal(&t->keys, &out, &line), ERR_OK);
    actor_send(&t->actor, &out);
}

static void hear(struct talker *t, enum talk_kind kind, const char *text)
{
    assert_int_equal(
        talk_line_open(&t->keys, actor_next(&t->actor, MESSAGE_LINE), &t->plain, &t->came), ERR_OK);
    assert_true(talk_line_holds(&t->came, &t->keys, &keys_get(STAGE_SERVER)->public));
    assert_int_equal(t->came.kind, kind);
    assert_true(t->came.text.len == strlen(text));
    assert_memory_equal(t->came.text.data, text, strlen(text));
}

static void send_close(struct talker *t)
{
    wire_put_close(&out);
    actor_send(&t->actor, &out);
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void check_shown(const char *text)
{
    assert_string_equal(buf_text(&shown), text);
    buf_clear(&shown);
}

static void keys_come_one_by_one_in_order(void **state)
{
    (void)state;
    assert_false(talk_waiting(&stage.room));
    talk_serve(&stage.room);
    enter(&alice, ALICE, "alice");
    enter(&bob, BOB, "bob");
    actor_skip(&alice.actor);
    assert_true(talk_waiting(&stage.room));
    talk_serve(&stage.room);
    take_key(&alice);
    assert_int_equal(actor_peek(&bob.actor), 0);
    talk_serve(&stage.room);
    take_key(&bob);
    assert_memory_not_equal(alice.keys.key, bob.keys.key, GCM_KEY);
    assert_false(talk_waiting(&stage.room));
}

static void who_leaves_the_queue_gets_none(void **state)
{
    struct talker carol;

    (void)state;
    enter(&alice, ALICE, "alice");
    enter(&bob, BOB, "bob");
    enter(&carol, CAROL, "carol");
    end(&bob);   /* in the middle, */
    end(&carol); /* the last */
    actor_skip(&alice.actor);
    enter(&bob, BOB, "bob");
    actor_skip(&alice.actor);
    talk_serve(&stage.room);
    take_key(&alice);
    talk_serve(&stage.room);
    take_key(&bob);
    assert_false(talk_waiting(&stage.room));
    check_shown("");
}

static void without_the_feature_there_is_none(void **state)
{
    (void)state;
    stage.features = FEATURE_VIDEO;
    actor_enter(&alice.actor, &stage, ALICE, "alice", 0);
    assert_false(talk_waiting(&stage.room));
    assert_int_equal(alice.actor.session.talk.state, TALK_NONE);
    assert_int_equal(talk_tell(&alice.actor.session, span_of("x")), ERR_STATE);
    send_close(&alice);
    actor_skip(&alice.actor);
    assert_true(alice.actor.finished);
}

static void the_operator_sees_three_things(void **state)
{
    (void)state;
    begin();
    say(&alice, ALICE,
        "gr\xc3\xbc\xc3\x9f"
        "e\n\x1b[1m");
    assert_true(strncmp(buf_text(&shown), "[alice] received ", 17) == 0);
    assert_non_null(strstr(buf_text(&shown), "\n[alice] signature holds\n[alice] gr\xc3\xbc\xc3\x9f"
                                             "e \xef\xbf\xbd[1m\n"));
    buf_clear(&shown);
    say(&alice, BOB, "a lie");
    assert_non_null(strstr(buf_text(&shown), "\n[alice] Signature verification failed\n"));
    assert_null(strstr(buf_text(&shown), "a lie"));
    buf_clear(&shown);
    say(&alice, ALICE, "the truth");
    assert_non_null(strstr(buf_text(&shown), "holds\n[alice] the truth\n"));
    assert_false(alice.actor.finished);
}

static void the_operator_speaks(void **state)
{
    static const char large[LIMIT_TALK + 1];
    size_t with, without;

    (void)state;
    begin();
    assert_int_equal(talk_tell(&alice.actor.session, span_of("hello")), ERR_OK);
    hear(&alice, TALK_LINE, "hello");
    assert_int_equal(talk_say(&stage.room, span_of("all"), &with, &without), ERR_OK);
    assert_true(with == 2 && without == 0);
    hear(&alice, TALK_SAY, "all");
    hear(&bob, TALK_SAY, "all");
    assert_true(alice.came.id == bob.came.id);
    assert_memory_equal(alice.came.signature, bob.came.signature, SIZE_SIGNATURE);
    assert_int_equal(talk_say(&stage.room, span_of("more"), &with, &without), ERR_OK);
    hear(&bob, TALK_SAY, "more");
    assert_int_equal(talk_tell(&alice.actor.session, span_of("")), ERR_LIMIT);
    assert_int_equal(
        talk_tell(&bob.actor.session, (struct span){(const uint8_t *)large, sizeof large}),
        ERR_LIMIT);
    assert_int_equal(talk_say(&stage.room, span_of(""), &with, &without), ERR_LIMIT);
    assert_int_equal(talk_tell(&bob.actor.session, span_of("still here")), ERR_OK);
    hear(&bob, TALK_LINE, "still here");
}

static void check_wiped(const struct talker *t)
{
    static const struct talk_keys zero;

    assert_memory_equal(&t->actor.session.talk.keys, &zero, sizeof zero);
    assert_int_equal(t->actor.session.talk.state, TALK_OVER);
}

static void either_side_ends_it(void **state)
{
    size_t with, without;

    (void)state;
    begin();
    send_close(&alice);
    actor_next(&alice.actor, MESSAGE_CLOSE);
    check_wiped(&alice);
    check_shown("[alice] Chat ended. Keys erased.\n");
    assert_int_equal(talk_end(&bob.actor.session), ERR_OK);
    actor_next(&bob.actor, MESSAGE_CLOSE);
    check_wiped(&bob);
    check_shown("[bob] Chat ended. Keys erased.\n");
    /* What comes then was under way. */
    for (struct talker *t = &alice; t != NULL; t = t == &alice ? &bob : NULL) {
        say(t, ALICE, "late");
        send_close(t);
        assert_int_equal(actor_peek(&t->actor), 0);
        assert_int_equal(talk_tell(&t->actor.session, span_of("x")), ERR_STATE);
        assert_int_equal(talk_end(&t->actor.session), ERR_STATE);
    }
    assert_int_equal(talk_say(&stage.room, span_of("x"), &with, &without), ERR_OK);
    assert_true(with == 0 && without == 2);
    check_shown("");
}

static void leaving_ends_it(void **state)
{
    (void)state;
    begin();
    say(&alice, ALICE, "hello");
    buf_clear(&shown);
    session_dismiss(&alice.actor.session, "bye");
    check_wiped(&alice);
    check_shown("[alice] Chat ended. Keys erased.\n");
    session_dismiss(&bob.actor.session, "bye");
    check_wiped(&bob);
    check_shown(""); /* it was never used */
}

static void what_breaks_it_ends_the_session(void **state)
{
    struct wire_line m = {.sealed = {(const uint8_t *)"0123456789abcdefg", 17}};

    (void)state;
    begin();
    wire_put_line(&out, &m);
    actor_send(&alice.actor, &out);
    actor_check_error(&alice.actor, CODE_PROTOCOL);
    buf_add(&out, "\x16\0\0\0\1x", 6);
    actor_skip(&bob.actor);
    actor_send(&bob.actor, &out);
    actor_check_error(&bob.actor, CODE_PROTOCOL);
}

static void before_the_key_nothing_is_said(void **state)
{
    struct wire_line m = {.sealed = {(const uint8_t *)"0123456789abcdefg", 17}};

    (void)state;
    enter(&alice, ALICE, "alice");
    wire_put_line(&out, &m);
    actor_send(&alice.actor, &out);
    actor_check_error(&alice.actor, CODE_PROTOCOL);
    assert_false(talk_waiting(&stage.room));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    static const struct CMUnitTest tests[] = {
        TEST(keys_come_one_by_one_in_order),
        TEST(who_leaves_the_queue_gets_none),
        TEST(without_the_feature_there_is_none),
        TEST(the_operator_sees_three_things),
        TEST(the_operator_speaks),
        TEST(either_side_ends_it),
        TEST(leaving_ends_it),
        TEST(what_breaks_it_ends_the_session),
        TEST(before_the_key_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
