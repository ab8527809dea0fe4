/* Members whose lists of names and keys are not ours: what they are asked, what the user is told,
 * and that nobody can make den say more than is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "client/shell.h"
#include "client/trust.h"
#include "platform/now.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"

enum { MALLORY = 4 };

/* A room in which bob was shown another list than us. */
struct scene {
    struct visitor v;
    struct bindings bobs;
    uint64_t id; /* of bob's last envelope */
};

static void bind_name(struct bindings *b, const char *name, unsigned key)
{
    bool added;

    assert_int_equal(bindings_bind(b, name, keys_get(key)->public.fingerprint, &added), ERR_OK);
}

/* Bob was shown these keys: of carol, and of somebody whom we were not shown if more. */
static void open_scene(struct scene *s, unsigned carols, bool more)
{
    *s = (struct scene){.id = 100};
    visitor_open_room(&s->v);
    bindings_init(&s->bobs, keys_get(VISITOR_SERVER)->public.fingerprint, &s->v.random);
    bind_name(&s->bobs, "me", VISITOR_ME);
    bind_name(&s->bobs, "bob", VISITOR_BOB);
    bind_name(&s->bobs, "carol", carols);
    if (more)
        bind_name(&s->bobs, "dora", MALLORY);
}

static void close_scene(struct scene *s)
{
    bindings_free(&s->bobs);
    visitor_close(&s->v);
}

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 64 * 1024 * 1024);
    return b;
}

/* An envelope of bob's with his state comes. */
static void bob_sends(struct scene *s, enum envelope_kind kind, enum envelope_form form,
                      struct span body)
{
    const struct public_key *me = &keys_get(VISITOR_ME)->public;
    struct envelope_content c = visitor_content(&s->v, ++s->id, "");
    struct buf envelope = messages(), out = messages();

    c.kind = (uint8_t)kind;
    c.body = body;
    c.n = s->bobs.count;
    assert_true(bindings_hash(&s->bobs, c.n, c.h));
    if (form == ENVELOPE_ONE)
        envelope_seal_one(&envelope, keys_get(VISITOR_BOB), &s->v.random, &c, me);
    else
        envelope_seal_all(&envelope, keys_get(VISITOR_BOB), &s->v.random, &c, &me, 1);
    visitor_put_sealed(&s->v, "bob", VISITOR_BOB, &envelope, &out);
    visitor_send(&s->v, &out);
    buf_free(&envelope);
}

static void bob_writes(struct scene *s, const char *text, enum envelope_form form)
{
    bob_sends(s, ENVELOPE_TEXT, form, (struct span){(const uint8_t *)text, strlen(text)});
}

static void bob_testifies(struct scene *s, struct buf *body)
{
    assert_false(body->failed);
    bob_sends(s, ENVELOPE_BINDINGS, ENVELOPE_ONE, (struct span){body->data, body->len});
    buf_free(body);
}

static void bob_asks(struct scene *s)
{
    struct buf body = messages();

    testimony_ask(&body, &s->bobs, s->bobs.count);
    bob_testifies(s, &body);
}

static bool pending(const struct scene *s)
{
    int64_t due = witness_due(&s->v.client.witness);

    if (due == INT64_MAX)
        return false;
    assert_in_range(due - now_ns(), INT64_C(0), INT64_C(10000000000));
    return true;
}

/* The time comes; how many messages went out. */
static size_t time_passes(struct scene *s)
{
    size_t before = s->v.pair.server.messages;

    witness_tick(&s->v.client, now_ns() + INT64_C(10000000000));
    visitor_settle(&s->v);
    assert_int_equal(witness_due(&s->v.client.witness), INT64_MAX);
    return s->v.pair.server.messages - before;
}

/* What we sent last, as bob takes it; the server accepts it. */
static struct testimony bob_reads(struct scene *s, enum testimony_finding *finding,
                                  struct testimony_gap *gap)
{
    struct wire_send m = visitor_seen(&s->v, s->v.pair.server.messages - 1);
    struct buf plain, out = messages();
    struct envelope_content c = visitor_opened(&m, VISITOR_BOB, &plain);
    struct testimony t;

    assert_int_equal(c.kind, ENVELOPE_BINDINGS);
    assert_int_equal(testimony_read(&t, c.body, c.server, c.n, c.h), ERR_OK);
    assert_int_equal(testimony_compare(&t, &s->bobs, finding, gap), ERR_OK);
    wire_put_accepted(&out, m.id, 1);
    visitor_send(&s->v, &out);
    assert_int_equal(visitor_said(&s->v, "\"sent\""), 0);
    assert_int_equal(s->v.client.mail.count, 0);
    buf_free(&plain);
    return t;
}

static void said(struct scene *s, const char *text, size_t times)
{
    if (visitor_said(&s->v, text) != times)
        fail_msg("%s: not %zu times in %s", text, times, buf_text(&s->v.said));
}

static void type(struct scene *s, const char *line)
{
    struct shell shell = {.client = &s->v.client};

    visitor_forget(&s->v);
    shell_line(&shell, line);
    visitor_settle(&s->v);
}

static void asks_and_is_answered(void **state)
{
    enum testimony_finding finding;
    struct testimony_gap gap;
    struct buf body = messages();
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    bob_writes(&s, "hello", ENVELOPE_ONE);
    said(&s, "\"code\":\"server-lies\",\"text\":\"bob and you were shown different lists", 1);
    said(&s, "\"text\":\"hello\"", 1);
    assert_int_equal(s.v.pair.server.messages, 0);
    assert_true(pending(&s));
    assert_int_equal(time_passes(&s), 1);
    assert_true(bob_reads(&s, &finding, &gap).asks);
    assert_int_equal(finding, TESTIMONY_NAMED); /* the whole list is in it */
    said(&s, "\"difference\"", 0);
    testimony_answer(&body, &s.bobs, &gap, false);
    bob_testifies(&s, &body);
    said(&s,
         "{\"event\":\"difference\",\"from\":\"bob\",\"n\":3,\"name\":\"carol\",\"your_kind\":"
         "\"bind\",",
         1);
    assert_false(pending(&s));
    /* From now on a word each, and nothing is asked again. */
    visitor_forget(&s.v);
    bob_writes(&s, "again", ENVELOPE_ONE);
    said(&s, "different lists of names and keys\"", 1);
    assert_false(pending(&s));
    close_scene(&s);
}

static void answers_a_question(void **state)
{
    enum testimony_finding finding;
    struct testimony_gap gap;
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    bob_asks(&s);
    said(&s, "\"event\":\"difference\"", 1);
    said(&s, "\"event\"", 1);
    assert_int_equal(s.v.pair.server.messages, 0);
    assert_int_equal(time_passes(&s), 1);
    assert_false(bob_reads(&s, &finding, &gap).asks);
    assert_int_equal(finding, TESTIMONY_NAMED);
    assert_string_equal(gap.ours.name, "carol");
    assert_memory_equal(gap.theirs.fingerprint, keys_get(VISITOR_CAROL)->public.fingerprint, 32);
    /* Who goes on asking gets no more than two. */
    for (size_t i = 0; i < 5; i++) {
        bob_asks(&s);
        assert_int_equal(time_passes(&s), i == 0 ? 1 : 0);
    }
    said(&s, "\"event\":\"difference\"", 1);
    close_scene(&s);
}

static void what_is_disputed_gets_nothing(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    bob_asks(&s);
    said(&s, "Nothing is sent to carol until", 1);
    assert_false(trust_allows(&s.v.client, members_find(&s.v.client.members, "carol")));
    assert_true(trust_allows(&s.v.client, members_find(&s.v.client.members, "bob")));
    type(&s, "/msg carol secret");
    said(&s,
         "\"code\":\"key-disputed\",\"text\":\"not sent: the key of carol is disputed (/trust "
         "carol)\"",
         1);
    type(&s, "/all for bob");
    said(&s, "carol is left out: the key is disputed", 1);
    type(&s, "/trust carol");
    said(&s, "\"event\":\"trusted\",\"name\":\"carol\"", 1);
    type(&s, "/msg carol now");
    said(&s, "\"error\"", 0);
    type(&s, "/trust carol");
    said(&s, "\"unchanged\"", 1);
    close_scene(&s);
}

static void a_number_that_was_compared_settles_it(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    bob_asks(&s);
    type(&s, "/verify carol");
    said(&s, "\"event\":\"safety\"", 1);
    type(&s, "/verify carol ok");
    type(&s, "/msg carol now");
    said(&s, "\"error\"", 0);
    close_scene(&s);
    /* Known to be right before: told, and no hindrance. */
    open_scene(&s, MALLORY, false);
    type(&s, "/verify carol ok");
    bob_asks(&s);
    said(&s, "You have checked the key of carol", 1);
    type(&s, "/msg carol now");
    said(&s, "\"error\"", 0);
    close_scene(&s);
}

static void an_entry_that_we_were_not_shown(void **state)
{
    enum testimony_finding finding;
    struct testimony_gap gap;
    struct buf body = messages();
    struct scene s;

    (void)state;
    open_scene(&s, VISITOR_CAROL, true);
    bob_writes(&s, "dora says hello", ENVELOPE_ONE);
    said(&s, "\"server-lies\"", 1);
    assert_int_equal(time_passes(&s), 1);
    bob_reads(&s, &finding, &gap);
    assert_int_equal(finding, TESTIMONY_NAMED);
    testimony_answer(&body, &s.bobs, &gap, false);
    bob_testifies(&s, &body);
    said(&s,
         "\"name\":\"dora\",\"your_kind\":\"none\",\"their_kind\":\"bind\",\"their_name\":\"dora\"",
         1);
    said(&s, "Nothing is sent", 0);
    close_scene(&s);
}

/* The list is there before the question goes out: nothing differs, nothing is sent. */
static void an_entry_that_came_late(void **state)
{
    struct buf out = messages();
    struct scene s;

    (void)state;
    open_scene(&s, VISITOR_CAROL, true);
    bob_writes(&s, "hello", ENVELOPE_ONE);
    bind_name(&s.v.bindings, "dora", MALLORY);
    visitor_put_bindings(&s.v, 4, &out);
    visitor_send(&s.v, &out);
    assert_int_equal(time_passes(&s), 0);
    close_scene(&s);
}

/* A member can claim what it wants: den says who says so, and no more. */
static void claims_that_do_not_hold(void **state)
{
    struct buf body = messages();
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    buf_add_text(&body, "anything");
    bob_testifies(&s, &body);
    said(&s,
         "what bob says of the list of names and keys does not hold together: this says nothing "
         "about the server",
         1);
    testimony_ask(&body, &s.bobs, 3);
    body.data[body.len - 1] ^= 1;
    bob_testifies(&s, &body);
    said(&s, "\"event\"", 1);
    assert_false(pending(&s));
    close_scene(&s);

    open_scene(&s, MALLORY, false);
    bob_writes(&s, "I see ghosts", ENVELOPE_ONE);
    bindings_free(&s.bobs);
    bindings_init(&s.bobs, keys_get(VISITOR_SERVER)->public.fingerprint, &s.v.random);
    bind_name(&s.bobs, "me", VISITOR_ME), bind_name(&s.bobs, "bob", VISITOR_BOB);
    bind_name(&s.bobs, "carol", VISITOR_CAROL);
    bob_asks(&s);
    said(&s, "is now the same as what you were shown", 1);
    said(&s, "\"difference\"", 0);
    close_scene(&s);
}

/* Nobody can make a whole room write by one message. */
static void few_ask_the_sender_of_a_message_to_all(void **state)
{
    struct buf out = messages();
    struct scene s;
    char name[8];
    int tries = 0;

    (void)state;
    open_scene(&s, MALLORY, false);
    for (unsigned i = 0; i < 400; i++) {
        snprintf(name, sizeof name, "n%u", i);
        visitor_put_member(&out, MESSAGE_JOINED, name, VISITOR_CAROL, 1, false);
    }
    visitor_send(&s.v, &out);
    while (!pending(&s)) {
        bob_writes(&s, "to everyone", ENVELOPE_ALL);
        assert_in_range(++tries, 1, 1000);
    }
    assert_in_range(tries, 5, 1000);
    close_scene(&s);
    open_scene(&s, MALLORY, false);
    bob_writes(&s, "to three", ENVELOPE_ALL);
    assert_true(pending(&s));
    close_scene(&s);
}

/* A question to everyone would make everyone answer, with a body each. */
static void a_question_to_all_is_none(void **state)
{
    struct buf body = messages();
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    testimony_ask(&body, &s.bobs, s.bobs.count);
    bob_sends(&s, ENVELOPE_BINDINGS, ENVELOPE_ALL, (struct span){body.data, body.len});
    said(&s, "\"event\"", 0);
    assert_false(pending(&s));
    assert_int_equal(s.v.client.witness.count, 0);
    buf_free(&body);
    close_scene(&s);
}

/* Who agrees takes no place from those who do not. */
static void nothing_is_kept_of_who_agrees(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s, VISITOR_CAROL, false);
    bob_asks(&s);
    said(&s, "\"event\"", 0);
    assert_false(pending(&s));
    assert_int_equal(s.v.client.witness.count, 0);
    close_scene(&s);
}

static void no_question_to_who_is_gone_or_ignored(void **state)
{
    struct buf out = messages();
    size_t begin = message_begin(&out, MESSAGE_LEFT);
    struct wire_left left = {
        .reason = 1, .fingerprint = keys_get(VISITOR_BOB)->public.fingerprint, .name = "bob"};
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    bob_writes(&s, "bye", ENVELOPE_ONE);
    wire_left_add(&out, &left);
    message_end(&out, begin);
    visitor_send(&s.v, &out);
    assert_int_equal(time_passes(&s), 0);
    close_scene(&s);

    open_scene(&s, MALLORY, false);
    type(&s, "/ignore bob");
    visitor_forget(&s.v);
    bob_writes(&s, "wolf", ENVELOPE_ONE);
    bob_asks(&s);
    said(&s, "\"event\"", 0);
    assert_false(pending(&s));
    close_scene(&s);
}

/* So many that there is no room for more: they are told, and not asked. */
static void there_is_an_end_to_it(void **state)
{
    struct envelope_content c;
    struct scene s;

    (void)state;
    open_scene(&s, MALLORY, false);
    c = visitor_content(&s.v, 1, "");
    c.to = ENVELOPE_ONE;
    c.h[0] ^= 1;
    for (unsigned i = 0; i < LIMIT_WITNESS + 10; i++) {
        c.key = keys_get(VISITOR_BOB)->public;
        c.key.spki[100] ^= (uint8_t)(i + 1);
        c.key.fingerprint[0] ^= (uint8_t)(i + 1);
        witness_notice(&s.v.client, "bob", &c);
    }
    said(&s, "\"server-lies\"", LIMIT_WITNESS + 10);
    assert_int_equal(s.v.client.witness.count, LIMIT_WITNESS);
    assert_int_equal(time_passes(&s), 0); /* none of them is bob */
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_and_is_answered),
        cmocka_unit_test(answers_a_question),
        cmocka_unit_test(what_is_disputed_gets_nothing),
        cmocka_unit_test(a_number_that_was_compared_settles_it),
        cmocka_unit_test(an_entry_that_we_were_not_shown),
        cmocka_unit_test(an_entry_that_came_late),
        cmocka_unit_test(claims_that_do_not_hold),
        cmocka_unit_test(few_ask_the_sender_of_a_message_to_all),
        cmocka_unit_test(a_question_to_all_is_none),
        cmocka_unit_test(nothing_is_kept_of_who_agrees),
        cmocka_unit_test(no_question_to_who_is_gone_or_ignored),
        cmocka_unit_test(there_is_an_end_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
