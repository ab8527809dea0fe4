/* den's: through the hello into the room, as a member (src/wire/PROTOCOL.md). What comes sealed is not
 * opened. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "proto/envelope_outer.h"
#include "proto/hello.h"
#include "tests/bench/crowd/crowd.h"
#include "wire/hello.h"
#include "wire/room.h"

static void load_key(const struct conn *c, struct identity *id)
{
    const uint8_t *key = c->crowd->keys + (size_t)c->number * CROWD_KEY;

    *id = (struct identity){0};
    if (public_key_from_modulus(&id->public, key) != ERR_OK)
        crowd_fail("key %u is none", c->number);
    memcpy(id->secret, key + 256, 5 * 128);
    id->key = (br_rsa_private_key){.n_bitlen = 2048,
                                   .p = id->secret,
                                   .plen = 128,
                                   .q = id->secret + 128,
                                   .qlen = 128,
                                   .dp = id->secret + 256,
                                   .dplen = 128,
                                   .dq = id->secret + 384,
                                   .dqlen = 128,
                                   .iq = id->secret + 512,
                                   .iqlen = 128};
}

static void name_of(const struct conn *c, char name[static LIMIT_NAME + 1])
{
    snprintf(name, LIMIT_NAME + 1, "%s%u", c->crowd->prefix, c->number);
}

static void send_buf(struct conn *c, struct buf *out)
{
    conn_send(c, out->data, out->len);
    buf_free(out);
}

/* All features but the talk, whose signature is no part of what is measured here. */
static void begin(struct conn *c)
{
    struct wire_hello m = {.version = WIRE_VERSION,
                           .features = FEATURE_VIDEO | FEATURE_PAST | FEATURE_AUTO};
    struct identity id;
    struct buf pem, out;

    load_key(c, &id);
    buf_init(&pem, LIMIT_PEM);
    buf_init(&out, LIMIT_HELLO);
    public_key_to_pem(&id.public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    name_of(c, m.name);
    wire_put_hello(&out, &m);
    send_buf(c, &out);
    buf_free(&pem);
}

static void prove(struct conn *c)
{
    uint8_t exporter[SIZE_EXPORTER], signature[SIZE_SIGNATURE];
    char name[LIMIT_NAME + 1];
    struct identity id;
    const struct wire_ack m = {.signature = signature};
    struct hello_proof proof;
    struct buf out;

    load_key(c, &id);
    name_of(c, name);
    proof = (struct hello_proof){.exporter = exporter,
                                 .server = c->pin.key.fingerprint,
                                 .client = id.public.fingerprint,
                                 .name = name};
    if (!profile_exporter(&c->tls.eng, exporter) ||
        !hello_sign(signature, &id, &c->crowd->random, &proof))
        crowd_fail("%s can't prove its key", name);
    buf_init(&out, LIMIT_HELLO);
    wire_put_ack(&out, &m);
    send_buf(c, &out);
}

static void on_message(struct conn *c, const struct message *m)
{
    switch (m->type) {
    case MESSAGE_HELLO_ACK:
        c->framer.phase = PHASE_ACK;
        prove(c);
        break;
    case MESSAGE_WELCOME:
        c->framer.phase = PHASE_ROOM;
        break;
    case MESSAGE_MEMBERS:
        if (!c->ready && m->payload.data[0] == 0)
            crowd_ready(c);
        break;
    case MESSAGE_SEALED:
        crowd_heard(c, m->payload.data + m->payload.len - CROWD_DIGITS);
        break;
    case MESSAGE_ERROR:
    case MESSAGE_REFUSED:
        crowd_fail("%s%u: the server says: %.*s", c->crowd->prefix, c->number,
                   (int)m->payload.len - 4, (const char *)m->payload.data + 4);
    default:
        break;
    }
}

static void take(struct conn *c, const uint8_t *p, size_t len)
{
    struct cursor in = cursor_over(p, len);
    struct message m;
    const char *why = "";
    enum framer_result got;

    while ((got = framer_next(&c->framer, &in, &m, &why)) == FRAMER_MESSAGE)
        on_message(c, &m);
    if (got == FRAMER_REFUSED)
        crowd_fail("from the server: %s", why);
}

/* The outside of an envelope to one; nobody looks inside. */
static void say(struct conn *c, const uint8_t message[static CROWD_MESSAGE])
{
    static uint64_t id = UINT64_C(1) << 60;
    uint8_t envelope[CROWD_MESSAGE];
    struct buf out;

    memcpy(envelope, message, sizeof envelope);
    memset(envelope, 0, ENVELOPE_HEAD);
    envelope[0] = ENVELOPE_VERSION;
    envelope[1] = ENVELOPE_SUITE;
    envelope[2] = ENVELOPE_ONE;
    envelope[ENVELOPE_HEAD] &= 0x7f;
    bytes_put32(envelope + ENVELOPE_HEAD + SIZE_WRAPPED,
                CROWD_MESSAGE - ENVELOPE_HEAD - SIZE_WRAPPED - 4);
    buf_init(&out, 4096);
    wire_put_send(&out, ++id, (struct span){envelope, sizeof envelope});
    send_buf(c, &out);
}

const struct speech speech_den = {"den", begin, take, say};
