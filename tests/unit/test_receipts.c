/* Receipts: when they go, how many ids are in one, and what is owed until it is through. The client's
 * time is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/bytes.h"
#include "client/trust.h"
#include "platform/now.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"

#define SECOND INT64_C(1000000000)

static struct visitor v;
static struct scratch scratch;

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 16 * 1024 * 1024);
    return b;
}

/* In the room of the directory's state; time stands still. */
static void enter(void)
{
    visitor_open(&v);
    v.config.reconnect = v.config.receipts = true;
    v.config.state = scratch.path;
    v.stands = 1;
    visitor_forget(&v);
    visitor_go_in(&v);
    assert_int_equal(v.client.state, CLIENT_ROOM);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    enter();
    return 0;
}

static int leave(void **state)
{
    (void)state;
    visitor_close(&v);
    scratch_remove(&scratch);
    return 0;
}

/* Texts of bob to us. The client reads the real clock to draw from: so its time goes back to that. */
static void texts(uint64_t first, uint64_t last)
{
    struct buf out = messages();

    v.stands = 1;
    for (uint64_t id = first; id <= last; id++)
        visitor_put_text(&v, id, "text", &out);
    visitor_send(&v, &out);
}

/* The one receipt that was sent holds the ids from first to last. It is returned to be answered. */
static uint64_t receipt(uint64_t first, uint64_t last)
{
    struct envelope_content content;
    struct wire_send m;
    struct span payload;
    struct buf plain;

    assert_int_equal(visitor_saw(&v, MESSAGE_SEND, &payload), 1);
    assert_int_equal(wire_get_send(payload, &m), ERR_OK);
    content = visitor_opened(&m, VISITOR_BOB, &plain);
    assert_int_equal(content.kind, ENVELOPE_RECEIPT);
    assert_int_equal(content.to, ENVELOPE_ONE);
    assert_int_equal(content.body.len, 8 * (last - first + 1));
    for (uint64_t id = first; id <= last; id++)
        assert_true(bytes_get64(content.body.data + 8 * (id - first)) == id);
    buf_free(&plain);
    buf_clear(&v.pair.server.seen);
    return m.id;
}

static void taken(uint64_t id)
{
    struct buf out = messages();

    v.stands = 1;
    wire_put_accepted(&out, id, ++v.number);
    visitor_send(&v, &out);
}

/* Nothing goes before it is due; returns when. */
static int64_t waits(void)
{
    int64_t due = receipts_due(&v.client);

    assert_true(due != INT64_MAX && client_due(&v.client) == due);
    visitor_at(&v, due - 1);
    assert_int_equal(visitor_saw(&v, MESSAGE_SEND, NULL), 0);
    return due;
}

static void goes(void)
{
    visitor_at(&v, waits());
}

static void none_is_due(void)
{
    assert_true(receipts_due(&v.client) == INT64_MAX);
    assert_int_equal(visitor_saw(&v, MESSAGE_SEND, NULL), 0);
}

/* One to ten seconds after the first, whatever comes later; all of them in one. */
static void several_in_one(void **state)
{
    int64_t before = now_ns(), due;

    (void)state;
    none_is_due();
    texts(1, 1);
    due = waits();
    assert_true(due >= before + SECOND && due < now_ns() + 10 * SECOND);
    texts(2, 5);
    assert_true(receipts_due(&v.client) == due);
    goes();
    assert_true(receipts_due(&v.client) == INT64_MAX);
    /* While it is under way no other goes; then one for what came meanwhile. */
    texts(6, 7);
    assert_true(receipts_due(&v.client) == INT64_MAX);
    before = now_ns();
    taken(receipt(1, 5));
    due = waits();
    assert_true(due >= before + SECOND && due < now_ns() + 10 * SECOND);
    goes();
    taken(receipt(6, 7));
    none_is_due();
}

/* The wait is drawn from all of the nine seconds. */
static void by_chance(void **state)
{
    int64_t least = INT64_MAX, most = 0;

    (void)state;
    for (uint64_t id = 1; id <= 24; id++) {
        int64_t before = now_ns(), wait;

        texts(id, id);
        wait = waits() - before;
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
        goes();
        taken(receipt(id, id));
    }
    assert_true(least >= SECOND && least < 3 * SECOND);
    assert_true(most > 8 * SECOND);
}

/* Thirty-eight in one; a hundred are owed at most, the newest. */
static void more_than_are_owed(void **state)
{
    (void)state;
    texts(1, 120);
    goes();
    taken(receipt(21, 58));
    goes();
    taken(receipt(59, 96));
    goes();
    taken(receipt(97, 120));
    none_is_due();
}

/* The server has no room: later again, by a new draw. */
static void refused(void **state)
{
    struct buf out = messages();
    int64_t before;

    (void)state;
    texts(1, 2);
    goes();
    before = now_ns();
    v.stands = 1;
    wire_put_refused(&out, receipt(1, 2), CODE_STORE, "no room");
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"event\":\"error\""), 0);
    texts(3, 3);
    assert_true(waits() >= before + SECOND);
    goes();
    taken(receipt(1, 3));
    none_is_due();
}

/* A link that broke before it was accepted: the same one again, and no other beside it. */
static void sent_and_lost(void **state)
{
    uint64_t id;

    (void)state;
    texts(1, 2);
    goes();
    id = receipt(1, 2);
    visitor_lose(&v);
    assert_true(client_due(&v.client) == v.client.reconnect.due);
    visitor_return(&v);
    visitor_go_in(&v);
    assert_true(receipt(1, 2) == id);
    taken(id);
    none_is_due();
}

/* What is owed outlives den, until it is accepted. */
static void owed_by_the_next_den(void **state)
{
    (void)state;
    texts(1, 3);
    goes();
    receipt(1, 3);
    visitor_close(&v);
    enter();
    goes();
    taken(receipt(1, 3));
    visitor_close(&v);
    enter();
    none_is_due();
}

/* Neither for what went to all nor for whom the user does not hear, nor if it is not wanted. */
static void not_for_everything(void **state)
{
    const struct public_key *to[] = {&v.client.identity.public};
    struct envelope_content c = visitor_content(&v, 1, "to all");
    struct buf envelope = messages(), out = messages();

    (void)state;
    assert_int_equal(envelope_seal_all(&envelope, keys_get(VISITOR_BOB), &v.random, &c, to, 1),
                     ERR_OK);
    visitor_put_sealed(&v, "bob", VISITOR_BOB, &envelope, &out);
    buf_free(&envelope);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "to all"), 1);
    none_is_due();
    v.config.receipts = false;
    texts(2, 2);
    none_is_due();
    v.config.receipts = true;
    trust_ignore(&v.client, "bob", true);
    texts(3, 3);
    none_is_due();
    trust_ignore(&v.client, "bob", false);
    texts(4, 4);
    goes();
    taken(receipt(4, 4));
}

/* Who is ignored, or changed the key, before it is due gets none, and nothing stays owed. */
static void gone_before_it_is_due(void **state)
{
    (void)state;
    texts(1, 2);
    trust_ignore(&v.client, "bob", true);
    goes();
    none_is_due();
    trust_ignore(&v.client, "bob", false);
    texts(3, 3);
    goes();
    taken(receipt(3, 3));
}

/* To more keys at a time than there is room for: those stay owed. */
static void so_many_keys(void **state)
{
    struct receipts *r = &v.client.receipts;
    uint8_t key[SIZE_FINGERPRINT] = {0};

    (void)state;
    for (unsigned i = 0; i < LIMIT_RECEIPTS; i++) {
        bytes_put32le(key, i);
        receipts_owe(&v.client, key);
        receipts_owe(&v.client, key);
    }
    assert_int_equal(r->count, LIMIT_RECEIPTS);
    texts(1, 1);
    assert_int_equal(r->count, LIMIT_RECEIPTS);
    /* Nobody has those keys: they get none, and room is made. */
    visitor_at(&v, now_ns() + 11 * SECOND);
    assert_int_equal(r->count, 0);
    visitor_lose(&v);
    visitor_return(&v);
    visitor_go_in(&v);
    goes();
    taken(receipt(1, 1));
    none_is_due();
}

static void answer(uint64_t text, uint64_t id)
{
    uint8_t body[8];
    struct envelope_content c = visitor_content(&v, id, "");
    struct buf envelope = messages(), out = messages();

    bytes_put64(body, text);
    c.kind = ENVELOPE_RECEIPT;
    c.body = (struct span){body, sizeof body};
    assert_int_equal(envelope_seal_one(&envelope, keys_get(VISITOR_BOB), &v.random, &c,
                                       &keys_get(VISITOR_ME)->public),
                     ERR_OK);
    visitor_put_sealed(&v, "bob", VISITOR_BOB, &envelope, &out);
    buf_free(&envelope);
    visitor_send(&v, &out);
}

/* Told once: also if it came before the server said that the text was accepted, or in a later run. */
static void ours_are_told_once(void **state)
{
    uint64_t ids[2];

    (void)state;
    visitor_forget(&v);
    mail_send(&v.client, "bob", (struct span){(const uint8_t *)"one", 3});
    mail_send(&v.client, "bob", (struct span){(const uint8_t *)"two", 3});
    visitor_settle(&v);
    for (size_t i = 0; i < 2; i++)
        ids[i] = visitor_seen(&v, i).id;
    answer(ids[0], 10);
    assert_int_equal(visitor_said(&v, "\"event\":\"delivered\""), 1);
    taken(ids[0]);
    taken(ids[1]);
    answer(ids[0], 20);
    assert_int_equal(visitor_said(&v, "\"event\":\"delivered\""), 1);
    visitor_close(&v);
    enter();
    answer(ids[1], 30);
    answer(ids[1], 40);
    assert_int_equal(visitor_said(&v, "\"event\":\"delivered\""), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_in_one, make, leave),
        cmocka_unit_test_setup_teardown(by_chance, make, leave),
        cmocka_unit_test_setup_teardown(more_than_are_owed, make, leave),
        cmocka_unit_test_setup_teardown(refused, make, leave),
        cmocka_unit_test_setup_teardown(sent_and_lost, make, leave),
        cmocka_unit_test_setup_teardown(owed_by_the_next_den, make, leave),
        cmocka_unit_test_setup_teardown(not_for_everything, make, leave),
        cmocka_unit_test_setup_teardown(gone_before_it_is_due, make, leave),
        cmocka_unit_test_setup_teardown(so_many_keys, make, leave),
        cmocka_unit_test_setup_teardown(ours_are_told_once, make, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
