#include "tests/kit/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "proto/envelope.h"
#include "proto/hello.h"
#include "server/stream.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"

static void log_durable(void *owner, uint64_t number)
{
    relay_durable(owner, number);
}

static void log_failed(void *owner, uint64_t number)
{
    relay_failed(owner, number);
}

static void names_durable(void *owner, uint64_t n)
{
    room_names_durable(owner, n);
}

static void names_failed(void *owner, uint64_t n)
{
    room_names_failed(owner, n);
}

static const struct sealed_log_events log_events = {log_durable, log_failed};
static const struct names_events name_events = {names_durable, names_failed};

static void room_open(struct stage *s)
{
    const struct identity *id = keys_get(STAGE_SERVER);

    const struct shelf_bounds bounds = {.bytes = 1 << 24};
    struct names_log log = {.id = s->room.log.log_id};

    s->room = (struct room){.name = "hall",
                            .identity = id,
                            .clips = &s->clips,
                            .reader = s->desk.worker,
                            .limit = 50,
                            .now = 10000000000};
    limits_default(&s->room.limits);
    if (!s->rates)
        s->room.limits.value[LIMITS_ROOM_RATE] = s->room.limits.value[LIMITS_MESSAGE_RATE] =
            s->room.limits.value[LIMITS_BYTE_RATE] = 0;
    intake_open(&s->room);
    clips_init(&s->clips, s->library, s->cache, s->desk.worker);
    if (sealed_log_open(&s->room.log, s->log, &bounds, &s->desk.random, s->desk.worker, &log_events,
                        &s->room) != ERR_OK)
        abort();
    log.last = s->room.log.last;
    if (names_open(&s->room.names, s->names, id->public.fingerprint, &log, &s->desk.random,
                   s->desk.worker, &name_events, &s->room) != ERR_OK)
        abort();
}

void stage_open(struct stage *s)
{
    desk_open(&s->desk);
    s->features = FEATURE_VIDEO;
    scratch_path(&s->desk.scratch, "clips", s->library);
    scratch_path(&s->desk.scratch, "indexes", s->cache);
    scratch_path(&s->desk.scratch, "names.bin", s->names);
    scratch_path(&s->desk.scratch, "log", s->log);
    room_open(s);
}

static void room_close(struct stage *s)
{
    clips_stop(&s->clips);
    worker_close(s->desk.worker);
    clips_free(&s->clips);
    room_free(&s->room);
    sealed_log_close(&s->room.log);
    names_close(&s->room.names);
    s->desk.worker = NULL;
}

void stage_close(struct stage *s)
{
    room_close(s);
    desk_close(&s->desk);
}

void stage_restart(struct stage *s)
{
    room_close(s);
    s->desk.worker = worker_open(2, 64);
    if (s->desk.worker == NULL)
        abort();
    room_open(s);
}

void stage_later(struct stage *s, int64_t ns)
{
    desk_finish(&s->desk);
    s->room.now += ns;
    room_tick(&s->room);
}

static bool port_send(void *link, struct blob *b)
{
    struct actor *a = link;

    buf_add(&a->out, b->data, b->len);
    assert_false(a->out.failed);
    assert_false(a->finished);
    return true;
}

static size_t port_queued(void *link)
{
    return ((struct actor *)link)->queued;
}

static void port_phase(void *link, enum message_phase phase)
{
    ((struct actor *)link)->phase = phase;
}

static void port_pause(void *link, bool paused)
{
    ((struct actor *)link)->paused = paused;
}

static void port_kick(void *link)
{
    ((struct actor *)link)->kicks++;
}

static void port_finish(void *link)
{
    ((struct actor *)link)->finished = true;
}

static void port_exporter(void *link, uint8_t out[static SIZE_EXPORTER])
{
    memcpy(out, ((struct actor *)link)->exporter, SIZE_EXPORTER);
}

static const struct session_port port = {
    .send = port_send,
    .queued = port_queued,
    .phase = port_phase,
    .pause = port_pause,
    .kick = port_kick,
    .finish = port_finish,
    .exporter = port_exporter,
};

void actor_start(struct actor *a, struct stage *s, unsigned key)
{
    *a = (struct actor){.stage = s, .identity = keys_get(key)};
    buf_init(&a->out, 1 << 26);
    memset(a->exporter, (int)(key + 1), sizeof a->exporter);
    session_start(&a->session, &s->room, &port, a, "192.0.2.1");
}

void actor_end(struct actor *a)
{
    if (a->stage == NULL)
        return;
    session_end(&a->session);
    session_end(&a->session);
    buf_free(&a->out);
    a->stage = NULL;
}

void actor_send(struct actor *a, struct buf *out)
{
    struct message m;
    const struct message_rule *rule = message_rule(out->data[0]);

    assert_false(out->failed);
    m.type = out->data[0];
    m.payload = (struct span){out->data + MESSAGE_HEADER, bytes_get32(out->data + 1)};
    assert_int_equal(m.payload.len, out->len - MESSAGE_HEADER);
    /* What the framer would not let through is no test of a session. */
    assert_true(a->finished || rule == NULL || (rule->phase & a->phase) != 0);
    session_message(&a->session, &m);
    buf_clear(out);
}

void actor_say_hello(struct actor *a, const char *name, uint8_t flags)
{
    struct wire_hello m = {.version = WIRE_VERSION, .features = a->stage->features, .flags = flags};
    struct buf pem, out;

    buf_init(&pem, LIMIT_PEM);
    buf_init(&out, LIMIT_HELLO);
    public_key_to_pem(&a->identity->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    memcpy(m.name, name, strlen(name) + 1);
    wire_put_hello(&out, &m);
    actor_send(a, &out);
    buf_free(&pem);
    buf_free(&out);
}

void actor_show_code(struct actor *a, const char *name, struct span invitation)
{
    struct random random = keys_random(11);
    uint8_t signature[SIZE_SIGNATURE];
    struct hello_proof proof = {.exporter = a->exporter,
                                .server = keys_get(STAGE_SERVER)->public.fingerprint,
                                .client = a->identity->public.fingerprint,
                                .name = name,
                                .invitation = invitation};
    struct wire_ack m = {.signature = signature, .invitation = invitation};
    struct buf out;

    assert_true(hello_sign(signature, a->identity, &random, &proof));
    buf_init(&out, LIMIT_HELLO);
    wire_put_ack(&out, &m);
    actor_send(a, &out);
    buf_free(&out);
}

void actor_say_ack(struct actor *a, const char *name)
{
    actor_show_code(a, name, (struct span){0});
}

void actor_enter(struct actor *a, struct stage *s, unsigned key, const char *name, uint8_t flags)
{
    actor_start(a, s, key);
    actor_say_hello(a, name, flags);
    actor_next(a, MESSAGE_HELLO_ACK);
    actor_say_ack(a, name);
    desk_finish(&s->desk);
    assert_int_equal(a->session.state, SESSION_ROOM);
    assert_int_equal(a->phase, PHASE_ROOM);
    actor_next(a, MESSAGE_WELCOME);
    while (actor_peek(a) == MESSAGE_BINDINGS)
        actor_next(a, MESSAGE_BINDINGS);
    actor_next(a, MESSAGE_MEMBERS);
}

uint8_t actor_peek(const struct actor *a)
{
    return a->at < a->out.len ? a->out.data[a->at] : 0;
}

struct span actor_next(struct actor *a, uint8_t type)
{
    const uint8_t *p = a->out.data + a->at;
    struct span payload;

    if (actor_peek(a) != type)
        fail_msg("message %02x instead of %02x", actor_peek(a), type);
    payload = (struct span){p + MESSAGE_HEADER, bytes_get32(p + 1)};
    a->at += MESSAGE_HEADER + payload.len;
    assert_true(a->at <= a->out.len);
    assert_true(payload.len <= message_rule(type)->limit);
    return payload;
}

void actor_skip(struct actor *a)
{
    while (actor_peek(a) != 0)
        actor_next(a, actor_peek(a));
}

void actor_check_error(struct actor *a, enum message_code code)
{
    struct wire_error m;

    assert_int_equal(wire_get_error(actor_next(a, MESSAGE_ERROR), &m), ERR_OK);
    assert_int_equal(m.code, code);
    assert_true(m.text.len > 0);
    assert_true(a->finished);
    assert_int_equal(a->session.state, SESSION_OVER);
    assert_int_equal(actor_peek(a), 0);
}

void actor_check_refused(struct actor *a, uint64_t about, enum message_code code)
{
    struct wire_refused m;

    assert_int_equal(wire_get_refused(actor_next(a, MESSAGE_REFUSED), &m), ERR_OK);
    assert_int_equal(m.code, code);
    assert_true(m.about == about);
    assert_false(a->finished);
}

void stage_envelope(struct buf *out, uint64_t seed)
{
    struct dice dice = dice_make(seed);
    uint8_t bytes[SIZE_WRAPPED];

    buf_add(out, "\1\1\1", 3);
    dice_bytes(&dice, bytes, 16);
    buf_add(out, bytes, 16);
    dice_bytes(&dice, bytes, sizeof bytes);
    bytes[0] &= 0x7f;
    buf_add(out, bytes, sizeof bytes);
    buf_add32(out, 1024 + 16);
    for (int i = 0; i < 1040; i++)
        buf_add8(out, (uint8_t)dice_u64(&dice));
    assert_int_equal(envelope_check(out->data, out->len), ERR_OK);
}
