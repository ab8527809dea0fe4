#include "tests/kit/cast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "proto/envelope.h"
#include "proto/hello.h"
#include "tests/kit/keys.h"

#define OUT (1 << 20) /* bytes that one actor is sent at most here */

struct cast cast;

void cast_hello(unsigned key, const char *name)
{
    struct wire_hello m = {.version = WIRE_VERSION, .features = UINT64_MAX};
    struct buf pem;

    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(&keys_get(key)->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    memcpy(m.name, name, strlen(name) + 1);
    buf_clear(&cast.hello);
    wire_put_hello(&cast.hello, &m);
    buf_free(&pem);
}

void cast_ack(const struct actor *a, const char *name)
{
    struct random random = keys_random(11);
    uint8_t signature[SIZE_SIGNATURE];
    struct hello_proof proof = {.exporter = a->exporter,
                                .server = keys_get(STAGE_SERVER)->public.fingerprint,
                                .client = a->identity->public.fingerprint,
                                .name = name};
    struct wire_ack m = {.signature = signature};

    assert_true(hello_sign(signature, a->identity, &random, &proof));
    buf_clear(&cast.ack);
    wire_put_ack(&cast.ack, &m);
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
    wire_put_send(&cast.one, 1, (struct span){envelope.data, envelope.len});
    buf_clear(&envelope);
    assert_int_equal(envelope_seal_all(&envelope, keys_get(1), &random, &content, to, 2), ERR_OK);
    wire_put_send(&cast.all, 2, (struct span){envelope.data, envelope.len});
    buf_free(&envelope);
}

int cast_make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&cast.hello, LIMIT_HELLO);
    buf_init(&cast.ack, LIMIT_HELLO);
    buf_init(&cast.one, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&cast.all, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&cast.out, MESSAGE_HEADER + LIMIT_MESSAGE);
    assert_non_null(buf_reserve(&cast.out, OUT));
    fill_envelopes();
    return 0;
}

int cast_unmake(void **state)
{
    (void)state;
    buf_free(&cast.hello);
    buf_free(&cast.ack);
    buf_free(&cast.one);
    buf_free(&cast.all);
    buf_free(&cast.out);
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

void cast_look(struct view *v)
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

void cast_start(struct view *v, unsigned key)
{
    memset(v, 0, sizeof *v);
    actor_start(&v->actor, &cast.stage, key);
    assert_non_null(buf_reserve(&v->actor.out, OUT));
}

void cast_send(struct view *v, const struct buf *message)
{
    if (v->actor.session.state == SESSION_OVER)
        return;
    buf_clear(&cast.out);
    buf_add(&cast.out, message->data, message->len);
    actor_send(&v->actor, &cast.out);
}

void cast_enter(struct view *v)
{
    cast_send(v, &cast.hello);
    cast_send(v, &cast.ack);
    desk_finish(&cast.stage.desk);
    room_tick(&cast.stage.room);
}

bool cast_is_here(const struct view *v)
{
    return v->actor.session.state == SESSION_ROOM;
}

void cast_in_or_out(struct view *v)
{
    cast_look(v);
    assert_true(cast_is_here(v) || v->actor.session.state == SESSION_OVER);
    assert_int_equal(cast_is_here(v), !v->actor.finished);
    if (v->error != 0)
        assert_true(v->error == CODE_FULL || v->error == CODE_STORE);
    if (cast_is_here(v))
        assert_true(v->actor.phase == PHASE_ROOM && v->count > 0 && v->error == 0);
}

/* Who is in the room knows exactly who else is, and all bindings. */
static void check_view(struct view *v)
{
    if (v->actor.stage == NULL || !cast_is_here(v))
        return;
    cast_look(v);
    assert_int_equal(v->count, cast.stage.room.count);
    for (size_t i = 0; i < v->count; i++)
        assert_non_null(room_member(&cast.stage.room, v->names[i]));
    assert_int_equal(v->bindings, cast.stage.room.names.durable);
}

void cast_check(void)
{
    stage_later(&cast.stage, NOTICES_GAP_NS);
    stage_later(&cast.stage, NOTICES_GAP_NS);
    check_view(&cast.alice);
    check_view(&cast.bob);
    check_view(&cast.carol);
}

void cast_come_in(struct view *v, unsigned key, const char *name)
{
    cast_start(v, key);
    cast_hello(key, name);
    cast_ack(&v->actor, name);
    cast_enter(v);
    cast_look(v);
    assert_true(cast_is_here(v));
}

void cast_open_room(void)
{
    stage_open(&cast.stage);
    cast_come_in(&cast.alice, 1, "alice");
    cast_come_in(&cast.carol, 3, "carol");
    cast_check();
}

void cast_close_room(void)
{
    uint64_t names = cast.stage.room.names.durable, last = cast.stage.room.log.durable;

    desk_finish(&cast.stage.desk);
    actor_end(&cast.alice.actor);
    actor_end(&cast.bob.actor);
    actor_end(&cast.carol.actor);
    stage_restart(&cast.stage);
    assert_int_equal(cast.stage.room.names.list.count, names);
    assert_int_equal(cast.stage.room.log.last, last);
    stage_close(&cast.stage);
}

void cast_check_talk(struct view *from, struct view *to)
{
    size_t before = to->sealed_count, accepted = from->accepted;

    cast_send(from, &cast.one);
    desk_finish(&cast.stage.desk);
    cast_look(from);
    cast_look(to);
    assert_int_equal(from->accepted, accepted + 1);
    assert_int_equal(to->sealed_count, before + 1);
}

void cast_squeeze(void)
{
    cast.stage.room.cap = cast.stage.room.count;
    cast.stage.room.notices.cap = cast.stage.room.notices.count + cast.stage.room.count;
}
