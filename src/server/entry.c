#include "server/entry.h"

#include <string.h>

#include "proto/hello.h"
#include "server/room.h"
#include "wire/hello.h"

#define FEATURES (FEATURE_VIDEO | FEATURE_TALK | FEATURE_PAST | FEATURE_AUTO | FEATURE_LIVE)

/* BINDINGS and MEMBERS of the largest room. */
#define LIMIT_ENTRANCE (64 * 1024 * 1024)

/* Half a key would look like another one. */
static enum err answer_hello(struct session *s)
{
    struct wire_hello_ack ack = {.version = WIRE_VERSION, .features = FEATURES};
    struct buf pem, out;
    enum err e;

    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(&s->room->identity->public, &pem);
    e = pem.failed ? ERR_MEMORY : ERR_OK;
    if (e == ERR_OK) {
        ack.pem = (struct span){pem.data, pem.len};
        buf_init(&out, LIMIT_HELLO);
        wire_put_hello_ack(&out, &ack);
        s->state = SESSION_PROOF;
        s->port->phase(s->link, PHASE_ACK);
        session_send_buf(s, &out);
    }
    buf_free(&pem);
    return e;
}

enum err entry_hello(struct session *s, struct span payload)
{
    struct wire_hello m;
    enum err e = wire_get_hello(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.version < WIRE_VERSION) {
        session_refuse(s, CODE_VERSION, "this server speaks version 1 of the protocol");
        return ERR_OK;
    }
    e = public_key_from_pem(&s->key, m.pem.data, m.pem.len);
    if (e == ERR_MEMORY)
        return e;
    if (e != ERR_OK) {
        session_refuse(s, CODE_PROOF, "HELLO: not an RSA-2048 public key in PEM");
        return ERR_OK;
    }
    memcpy(s->name, m.name, sizeof s->name);
    s->features = m.features & FEATURES;
    s->ephemeral = (m.flags & HELLO_EPHEMERAL) != 0;
    s->one_shot = (m.flags & HELLO_ONE_SHOT) != 0;
    s->direct_port = m.direct_port;
    return answer_hello(s);
}

enum err entry_ack(struct session *s, struct span payload)
{
    uint8_t exporter[SIZE_EXPORTER];
    struct wire_ack m;
    struct hello_proof proof = {
        .exporter = exporter,
        .server = s->room->identity->public.fingerprint,
        .client = s->key.fingerprint,
        .name = s->name,
    };
    enum err e = wire_get_ack(payload, &m);

    if (e != ERR_OK)
        return e;
    if (s->state != SESSION_PROOF)
        return ERR_STATE;
    s->port->exporter(s->link, exporter);
    proof.invitation = m.invitation;
    if (hello_verify(m.signature, &s->key, &proof))
        room_admit(s->room, s, m.invitation);
    else
        session_refuse(s, CODE_PROOF, "ACK: the signature does not hold");
    return ERR_OK;
}

static void put_welcome(struct buf *out, const struct room *r)
{
    uint8_t h[BINDINGS_HASH];
    struct wire_welcome m = {
        .room = {(const uint8_t *)r->name, strlen(r->name)},
        .log_id = r->log.log_id,
        .last = r->log.durable,
        .n = r->names.durable,
        .h = h,
    };

    bindings_hash(&r->names.list, m.n, h);
    wire_put_welcome(out, &m);
}

static void put_members(struct buf *out, const struct room *r)
{
    size_t begin = wire_members_begin(out, MESSAGE_MEMBERS);

    for (size_t i = 0; i < r->count; i++) {
        struct wire_member m = notices_member(r->members[i]);

        if (!wire_list_fits(out, begin)) {
            wire_members_end(out, begin, true);
            begin = wire_members_begin(out, MESSAGE_MEMBERS);
        }
        wire_members_add(out, &m);
    }
    wire_members_end(out, begin, false);
}

/* What it hears live begins behind past_last. */
static void set_past(struct session *s)
{
    const struct room *r = s->room;
    bool visitor = s->ephemeral || s->one_shot;

    s->past_last = r->log.durable;
    s->past_from = visitor ? s->past_last : names_mark(&r->names, s->name);
}

void entry_welcome(struct session *s)
{
    struct buf out;

    if (!room_add(s->room, s))
        return;
    s->state = SESSION_ROOM;
    s->port->phase(s->link, PHASE_ROOM);
    set_past(s);
    buf_init(&out, LIMIT_ENTRANCE);
    put_welcome(&out, s->room);
    notices_bindings(s->room, 0, &out);
    put_members(&out, s->room);
    /* Of a huge room this alone may fill the queue: what follows must not end who had no time to read. */
    s->allowance = out.len;
    session_send_buf(s, &out);
    if (s->state == SESSION_ROOM && (s->features & FEATURE_TALK) != 0)
        talk_want(s);
}
