/* Memory that runs out in the room: who comes in, comes again, speaks and leaves meanwhile either does,
 * or is told that it did not; and the others see the room as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "proto/envelope.h"
#include "proto/hello.h"
#include "tests/kit/famine.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"

#define OUT (1 << 20)    /* bytes that one actor is sent at most here */
#define MANY 3           /* enough to make every array grow, see squeeze */
#define NUMBERED "p%02u" /* their names */

/* The room as one who is in it knows it, by what it was told. */
struct view {
    struct actor actor;
    char names[MANY + 10][LIMIT_NAME + 1];
    size_t count;
    char ever[MANY + 10][LIMIT_NAME + 1]; /* also those who left */
    size_t ever_count;
    uint64_t bindings; /* entries that it was given */
    size_t accepted, refused;
    uint64_t sealed[50]; /* numbers of the envelopes that it got */
    size_t sealed_count;
    uint16_t error; /* of the ERROR that it got, 0: none */
};

static struct stage stage;
static struct view alice, bob, carol;
static struct buf hello, ack, one, all, out;

static void fill_hello(unsigned key, const char *name)
{
    struct wire_hello m = {.version = WIRE_VERSION, .features = UINT64_MAX};
    struct buf pem;

    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(&keys_get(key)->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    memcpy(m.name, name, strlen(name) + 1);
    buf_clear(&hello);
    wire_put_hello(&hello, &m);
    buf_free(&pem);
}

static void fill_ack(const struct actor *a, const char *name)
{
    struct random random = keys_random(11);
    uint8_t signature[SIZE_SIGNATURE];
    struct hello_proof proof = {.exporter = a->exporter,
                                .server = keys_get(STAGE_SERVER)->public.fingerprint,
                                .client = a->identity->public.fingerprint,
                                .name = name};
    struct wire_ack m = {.signature = signature};

    assert_true(hello_sign(signature, a->identity, &random, &proof));
    buf_clear(&ack);
    wire_put_ack(&ack, &m);
}

static void fill_envelopes(void)
{
    const struct public_key *to[] = {&keys_get(2)->public, &keys_get(3)->public};
    struct envelope_content content = {
        .sender = "alice", .id = 9, .kind = ENVELOPE_TEXT, .body = {(const uint8_t *)"hello", 5}};
    struct random random = keys_random(1);
    struct buf envelope;

    buf_init(&envelope, LIMIT_ENVELOPE);
    stage_envelope(&envelope, 1);
    wire_put_send(&one, 1, (struct span){envelope.data, envelope.len});
    buf_clear(&envelope);
    assert_int_equal(envelope_seal_all(&envelope, keys_get(1), &random, &content, to, 2), ERR_OK);
    wire_put_send(&all, 2, (struct span){envelope.data, envelope.len});
    buf_free(&envelope);
}

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&hello, LIMIT_HELLO);
    buf_init(&ack, LIMIT_HELLO);
    buf_init(&one, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&all, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    assert_non_null(buf_reserve(&out, OUT));
    fill_envelopes();
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    buf_free(&hello);
    buf_free(&ack);
    buf_free(&one);
    buf_free(&all);
    buf_free(&out);
    return 0;
}

static bool was_told(const struct view *v, const char *name)
{
    for (size_t i = 0; i < v->ever_count; i++) {
        if (strcmp(v->ever[i], name) == 0)
            return true;
    }
    return false;
}

static void know(struct view *v, const char *name, bool there)
{
    size_t at = 0;

    if (!was_told(v, name))
        strcpy(v->ever[v->ever_count++], name);
    while (at < v->count && strcmp(v->names[at], name) != 0)
        at++;
    if (there && at == v->count)
        strcpy(v->names[v->count++], name);
    else if (!there && at < v->count)
        memcpy(v->names[at], v->names[--v->count], sizeof v->names[at]);
}

static void know_members(struct view *v, uint8_t type)
{
    struct wire_list list = wire_members_open(actor_next(&v->actor, type));
    struct wire_member m;
    enum err e;

    while (wire_members_next(&list, &m, &e))
        know(v, m.name, true);
    assert_int_equal(e, ERR_OK);
}

static void know_left(struct view *v)
{
    struct wire_list list = wire_left_open(actor_next(&v->actor, MESSAGE_LEFT));
    struct wire_left m;
    enum err e;

    while (wire_left_next(&list, &m, &e))
        know(v, m.name, false);
    assert_int_equal(e, ERR_OK);
}

/* Every entry, in order; who just came is given the newest twice. */
static void know_bindings(struct view *v)
{
    struct wire_list list = wire_bindings_open(actor_next(&v->actor, MESSAGE_BINDINGS));
    struct wire_binding m;
    enum err e;

    while (wire_bindings_next(&list, &m, &e)) {
        assert_true(m.n <= v->bindings + 1);
        v->bindings = m.n > v->bindings ? m.n : v->bindings;
    }
    assert_int_equal(e, ERR_OK);
}

static void know_sealed(struct view *v)
{
    struct wire_sealed m;

    assert_int_equal(wire_get_sealed(actor_next(&v->actor, MESSAGE_SEALED), &m), ERR_OK);
    assert_true(was_told(v, m.from)); /* may have left since */
    assert_int_equal(envelope_check(m.envelope.data, m.envelope.len), ERR_OK);
    v->sealed[v->sealed_count++] = m.number;
}

static void know_error(struct view *v)
{
    struct wire_error m;

    assert_int_equal(wire_get_error(actor_next(&v->actor, MESSAGE_ERROR), &m), ERR_OK);
    assert_true(m.text.len > 0);
    v->error = m.code;
}

/* Reads all that it was sent; each message is whole and can be read. */
static void look(struct view *v)
{
    for (uint8_t type; (type = actor_peek(&v->actor)) != 0;) {
        assert_int_equal(v->error, 0); /* which is the last word */
        if (type == MESSAGE_MEMBERS || type == MESSAGE_JOINED)
            know_members(v, type);
        else if (type == MESSAGE_LEFT)
            know_left(v);
        else if (type == MESSAGE_BINDINGS)
            know_bindings(v);
        else if (type == MESSAGE_ERROR)
            know_error(v);
        else if (type == MESSAGE_SEALED)
            know_sealed(v);
        else
            actor_next(&v->actor, type);
        v->accepted += type == MESSAGE_ACCEPTED;
        v->refused += type == MESSAGE_REFUSED;
    }
}

static void start(struct view *v, unsigned key)
{
    memset(v, 0, sizeof *v);
    actor_start(&v->actor, &stage, key);
    assert_non_null(buf_reserve(&v->actor.out, OUT));
}

static void send_copy(struct view *v, const struct buf *message)
{
    if (v->actor.session.state == SESSION_OVER)
        return;
    buf_clear(&out);
    buf_add(&out, message->data, message->len);
    actor_send(&v->actor, &out);
}

static void enter(struct view *v)
{
    send_copy(v, &hello);
    send_copy(v, &ack);
    desk_finish(&stage.desk);
    room_tick(&stage.room);
}

static bool is_here(const struct view *v)
{
    return v->actor.session.state == SESSION_ROOM;
}

/* In the room and told so, or out of it with an ERROR; with no memory even for that, a goodbye. */
static void in_or_out(struct view *v)
{
    look(v);
    assert_true(is_here(v) || v->actor.session.state == SESSION_OVER);
    assert_int_equal(is_here(v), !v->actor.finished);
    if (v->error != 0)
        assert_true(v->error == CODE_FULL || v->error == CODE_STORE);
    if (is_here(v))
        assert_true(v->actor.phase == PHASE_ROOM && v->count > 0 && v->error == 0);
}

/* Who is in the room knows exactly who else is, and all bindings. */
static void check_view(struct view *v)
{
    if (v->actor.stage == NULL || !is_here(v))
        return;
    look(v);
    assert_int_equal(v->count, stage.room.count);
    for (size_t i = 0; i < v->count; i++)
        assert_non_null(room_member(&stage.room, v->names[i]));
    assert_int_equal(v->bindings, stage.room.names.durable);
}

static void check_views(void)
{
    stage_later(&stage, NOTICES_GAP_NS);
    stage_later(&stage, NOTICES_GAP_NS);
    check_view(&alice);
    check_view(&bob);
    check_view(&carol);
}

static void come_in(struct view *v, unsigned key, const char *name)
{
    start(v, key);
    fill_hello(key, name);
    fill_ack(&v->actor, name);
    enter(v);
    look(v);
    assert_true(is_here(v));
}

static void open_room(void)
{
    stage_open(&stage);
    come_in(&alice, 1, "alice");
    come_in(&carol, 3, "carol");
    check_views();
}

/* What is on disk is read by the next server: no entry is lost, none made up. */
static void close_room(void)
{
    uint64_t names = stage.room.names.durable, last = stage.room.log.durable;

    desk_finish(&stage.desk);
    actor_end(&alice.actor);
    actor_end(&bob.actor);
    actor_end(&carol.actor);
    stage_restart(&stage);
    assert_int_equal(stage.room.names.list.count, names);
    assert_int_equal(stage.room.log.last, last);
    stage_close(&stage);
}

static void check_talk(struct view *from, struct view *to)
{
    size_t before = to->sealed_count, accepted = from->accepted;

    send_copy(from, &one);
    desk_finish(&stage.desk);
    look(from);
    look(to);
    assert_int_equal(from->accepted, accepted + 1);
    assert_int_equal(to->sealed_count, before + 1);
}

/* The room's arrays have no place to spare, so that they grow with who comes next. */
static void squeeze(void)
{
    stage.room.cap = stage.room.count;
    stage.room.notices.cap = stage.room.notices.count + stage.room.count;
}

static void bob_comes(void)
{
    open_room();
    start(&bob, 2);
    fill_hello(2, "bob");
    fill_ack(&bob.actor, "bob");
    squeeze();
    famine_begin();
    enter(&bob);
    if (!famine_end())
        assert_true(is_here(&bob));
    in_or_out(&bob);
    assert_true(is_here(&alice) && is_here(&carol));
    check_views();
    if (!is_here(&bob)) {
        actor_end(&bob.actor);
        come_in(&bob, 2, "bob");
        check_views();
    }
    check_talk(&bob, &alice);
    close_room();
}

static void somebody_comes(void **state)
{
    (void)state;
    famine_walk(bob_comes);
}

/* The same key from elsewhere: one of the two has the name, never nobody who was told so. */
static void alice_comes_again(void)
{
    open_room();
    start(&bob, 1);
    fill_hello(1, "alice");
    fill_ack(&bob.actor, "alice");
    famine_begin();
    enter(&bob);
    if (!famine_end())
        assert_true(is_here(&bob));
    in_or_out(&bob);
    look(&alice);
    assert_true(is_here(&carol));
    assert_false(is_here(&alice) && is_here(&bob));
    assert_int_equal(room_member(&stage.room, "alice") != NULL, is_here(&alice) || is_here(&bob));
    check_views();
    if (is_here(&alice) || is_here(&bob))
        check_talk(is_here(&bob) ? &bob : &alice, &carol);
    close_room();
}

static void somebody_comes_again(void **state)
{
    (void)state;
    famine_walk(alice_comes_again);
}

static void a_crowd_comes(void)
{
    static struct view crowd[MANY];
    char name[8];

    open_room();
    for (unsigned i = 0; i < MANY; i++) {
        start(&crowd[i], 2);
        snprintf(name, sizeof name, NUMBERED, i);
        fill_hello(2, name);
        fill_ack(&crowd[i].actor, name);
        squeeze();
        famine_begin();
        send_copy(&crowd[i], &hello);
        send_copy(&crowd[i], &ack);
        desk_finish(&stage.desk);
        famine_end();
        in_or_out(&crowd[i]);
    }
    check_views();
    for (unsigned i = 0; i < MANY; i += 2) {
        famine_begin();
        session_end(&crowd[i].actor.session);
        famine_end();
    }
    check_views();
    for (unsigned i = 0; i < MANY; i++)
        actor_end(&crowd[i].actor);
    check_views();
    assert_int_equal(alice.count, 2);
    close_room();
}

static void many_come_and_go(void **state)
{
    (void)state;
    famine_walk(a_crowd_comes);
}

static size_t count_of(const struct view *v, uint64_t number)
{
    size_t n = 0;

    for (size_t i = 0; i < v->sealed_count; i++)
        n += v->sealed[i] == number;
    return n;
}

/* What is in the log reached everybody who is still here, once; what is not reached nobody. */
static void check_delivered(struct view *v)
{
    look(v);
    if (!is_here(v))
        return;
    for (uint64_t n = 1; n <= stage.room.log.durable; n++)
        assert_int_equal(count_of(v, n), 1);
    assert_int_equal(v->sealed_count, stage.room.log.durable);
}

static void alice_speaks(void)
{
    bool struck;

    open_room();
    come_in(&bob, 2, "bob");
    check_views();
    famine_begin();
    for (int i = 0; i < 4; i++) {
        send_copy(&alice, i % 2 == 0 ? &one : &all);
        if (i == 1)
            desk_finish(&stage.desk);
    }
    desk_finish(&stage.desk);
    struck = famine_end();
    stage_later(&stage, NOTICES_GAP_NS);
    in_or_out(&alice);
    in_or_out(&bob);
    in_or_out(&carol);
    check_delivered(&bob);
    check_delivered(&carol);
    if (is_here(&alice))
        assert_int_equal(alice.accepted, stage.room.log.durable);
    if (is_here(&alice))
        assert_int_equal(alice.accepted + alice.refused, 4);
    assert_true(struck || alice.accepted == 4);
    check_views();
    if (!is_here(&carol)) {
        actor_end(&carol.actor);
        come_in(&carol, 3, "carol");
    }
    if (!is_here(&alice)) {
        actor_end(&alice.actor);
        come_in(&alice, 1, "alice");
    }
    check_talk(&alice, &carol);
    check_talk(&carol, &alice);
    close_room();
}

static void somebody_speaks(void **state)
{
    (void)state;
    famine_walk(alice_speaks);
}

/* Bob's coming is still to be told when he speaks. */
static void bob_comes_and_speaks(void)
{
    open_room();
    start(&bob, 2);
    fill_hello(2, "bob");
    fill_ack(&bob.actor, "bob");
    famine_begin();
    send_copy(&bob, &hello);
    send_copy(&bob, &ack);
    desk_finish(&stage.desk);
    if (is_here(&bob))
        send_copy(&bob, &one);
    desk_finish(&stage.desk);
    famine_end();
    stage_later(&stage, NOTICES_GAP_NS);
    stage_later(&stage, NOTICES_GAP_NS);
    in_or_out(&bob);
    assert_true(is_here(&alice) && is_here(&carol));
    check_delivered(&alice);
    check_delivered(&carol);
    check_views();
    close_room();
}

static void a_newcomer_speaks(void **state)
{
    (void)state;
    famine_walk(bob_comes_and_speaks);
}

/* The disk is full as well. */
static void nothing_can_be_stored(void)
{
    open_room();
    famine_begin();
    desk_limit_files((size_t)stage.room.log.file.size + 100);
    send_copy(&alice, &one);
    send_copy(&carol, &one);
    desk_finish(&stage.desk);
    desk_limit_files(0);
    famine_end();
    in_or_out(&alice);
    in_or_out(&carol);
    assert_int_equal(stage.room.log.durable, 0);
    assert_true(alice.accepted == 0 && carol.accepted == 0);
    if (is_here(&alice) && is_here(&carol))
        check_talk(&alice, &carol);
    close_room();
}

static void a_full_disk(void **state)
{
    (void)state;
    famine_walk(nothing_can_be_stored);
}

static void bob_leaves(void)
{
    struct buf quit;

    open_room();
    come_in(&bob, 2, "bob");
    buf_init(&quit, LIMIT_HELLO);
    wire_put_quit(&quit, "bye");
    famine_begin();
    send_copy(&bob, &quit);
    session_refuse(&carol.actor.session, CODE_FULL, "no room for carol");
    room_tick(&stage.room);
    famine_end();
    buf_free(&quit);
    assert_true(bob.actor.finished && carol.actor.finished && is_here(&alice));
    look(&carol); /* half an ERROR is none */
    check_views();
    assert_int_equal(alice.count, 1);
    close_room();
}

static void somebody_leaves(void **state)
{
    (void)state;
    famine_walk(bob_leaves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(somebody_comes, make, unmake),
        cmocka_unit_test_setup_teardown(somebody_comes_again, make, unmake),
        cmocka_unit_test_setup_teardown(many_come_and_go, make, unmake),
        cmocka_unit_test_setup_teardown(somebody_speaks, make, unmake),
        cmocka_unit_test_setup_teardown(a_newcomer_speaks, make, unmake),
        cmocka_unit_test_setup_teardown(a_full_disk, make, unmake),
        cmocka_unit_test_setup_teardown(somebody_leaves, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
