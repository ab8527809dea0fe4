#include "tests/kit/comer.h"

#include <stdio.h>

#include "proto/hello.h"
#include "wire/hello.h"

static void flush(struct comer *c, struct buf *out)
{
    tap_send(&c->tap, out->data, out->len);
    buf_free(out);
}

static void greet(struct tap *t)
{
    struct comer *c = t->owner;
    struct wire_hello m = {
        .version = WIRE_VERSION, .features = FEATURE_VIDEO | c->features, .flags = HELLO_EPHEMERAL};
    struct buf pem, out;

    buf_init(&pem, LIMIT_PEM);
    buf_init(&out, LIMIT_HELLO);
    public_key_to_pem(&c->identity->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    snprintf(m.name, sizeof m.name, "%s", c->name);
    wire_put_hello(&out, &m);
    flush(c, &out);
    buf_free(&pem);
}

static void prove(struct comer *c)
{
    uint8_t exporter[SIZE_EXPORTER], signature[SIZE_SIGNATURE];
    struct wire_ack m = {.signature = signature};
    struct hello_proof p = {.exporter = exporter,
                            .server = c->tap.pin.key.fingerprint,
                            .client = c->identity->public.fingerprint,
                            .name = c->name};
    struct buf out;

    c->failed = c->failed || !profile_exporter(&c->tap.tls.eng, exporter) ||
                !hello_sign(signature, c->identity, c->random, &p);
    buf_init(&out, LIMIT_HELLO);
    wire_put_ack(&out, &m);
    flush(c, &out);
    c->framer.phase = PHASE_ACK;
}

static void take(struct comer *c, const struct message *m)
{
    struct wire_error e;

    if (m->type == MESSAGE_ERROR && wire_get_error(m->payload, &e) == ERR_OK)
        fprintf(stderr, "%s: %.*s\n", c->name, (int)e.text.len, (const char *)e.text.data);
    if (m->type == MESSAGE_ERROR || m->type == MESSAGE_QUIT) {
        c->failed = true;
    } else if (m->type == MESSAGE_HELLO_ACK) {
        prove(c);
    } else if (m->type == MESSAGE_WELCOME) {
        c->framer.phase = PHASE_ROOM;
        c->entered = true;
        if (c->came_in != NULL)
            c->came_in(c);
    } else if (c->message != NULL) {
        c->message(c, m);
    }
}

static void got(struct tap *t, const uint8_t *p, size_t len)
{
    struct comer *c = t->owner;
    struct cursor in = cursor_over(p, len);
    struct message m;
    const char *why;
    enum framer_result r;

    while ((r = framer_next(&c->framer, &in, &m, &why)) == FRAMER_MESSAGE)
        take(c, &m);
    c->failed = c->failed || r == FRAMER_REFUSED;
}

bool comer_open(struct comer *c, uint16_t port, uint16_t suite, const char *name,
                const struct identity *identity, struct random *random)
{
    c->tap.opened = greet;
    c->tap.got = got;
    c->tap.owner = c;
    c->identity = identity;
    c->random = random;
    c->entered = c->failed = false;
    snprintf(c->name, sizeof c->name, "%s", name);
    framer_init(&c->framer, MESSAGE_FROM_SERVER);
    return tap_open(&c->tap, port, suite, random);
}

void comer_close(struct comer *c)
{
    tap_close(&c->tap);
    framer_free(&c->framer);
}

bool comer_work(struct comer *c)
{
    return tap_work(&c->tap) && !c->failed;
}
