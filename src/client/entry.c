#include "client/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "client/client.h"
#include "client/inbox.h"
#include "crypto/fingerprint.h"
#include "platform/now.h"
#include "proto/hello.h"
#include "wire/hello.h"

#define HELLO_PATIENCE_NS INT64_C(15000000000)

static struct span invitation(const struct client *c)
{
    return (struct span){c->invitation, c->invited ? sizeof c->invitation : 0};
}

/* The signature of the proof, made on the worker. */
struct proof_job {
    struct worker_job job;
    struct client *client;
    struct random random;
    uint8_t exporter[SIZE_EXPORTER];
    uint8_t signature[SIZE_SIGNATURE];
    bool ok;
};

/* What the key must be: what the user said, else what was just agreed to, else what we know. */
static const uint8_t *expected_key(const struct client *c)
{
    if (reconnect_away(c))
        return c->server.fingerprint;
    if (c->config->pin != NULL)
        return c->config->pin;
    if (c->pinned)
        return c->asked_key;
    return pins_find(&c->pins, c->config->place);
}

static void on_dialled(void *owner, int fd, const char *why)
{
    struct client *c = owner;
    char text[ADDRESS_HOST + 256];

    if (fd < 0) {
        snprintf(text, sizeof text, "can't reach %s: %s", c->config->place, why);
        client_lost(c, CLIENT_EXIT_FAILED, "unreachable", text);
        return;
    }
    direct_reached(c, fd);
    c->link = link_open_client(&c->hub, fd, expected_key(c), &inbox_events, c);
    if (c->link == NULL)
        client_fail(c, CLIENT_EXIT_FAILED, "memory", "out of memory");
    c->patience = now_ns() + HELLO_PATIENCE_NS;
}

void entry_start(struct client *c)
{
    c->state = CLIENT_DIALLING;
    c->dial.done = on_dialled;
    c->dial.owner = c;
    if (!dial_start(&c->dial, c->loop, c->pool.worker, c->config->host, c->config->port))
        client_fail(c, CLIENT_EXIT_FAILED, "memory", "out of memory");
}

static void remember_server(struct client *c, const uint8_t *fingerprint)
{
    const uint8_t *known = pins_find(&c->pins, c->config->place);

    if (known != NULL && memcmp(known, fingerprint, SIZE_FINGERPRINT) == 0)
        return;
    if (pins_set(&c->pins, c->config->place, fingerprint) != ERR_OK)
        report_error(&c->report, "state", "can't remember the server's key", 0);
}

static void send_hello(struct client *c)
{
    struct wire_hello m = {.version = WIRE_VERSION, .features = FEATURE_VIDEO | FEATURE_AUTO};
    struct buf pem, out;

    if (!direct_listen(c, &m.direct_port))
        return;
    if (!kiosk_on(c)) /* it shows clips, and nothing that takes the name of one */
        m.features |= FEATURE_LIVE;
    if (!c->config->one_shot)
        m.features |= FEATURE_TALK | FEATURE_PAST;
    m.flags = (uint8_t)((c->config->ephemeral ? HELLO_EPHEMERAL : 0) |
                        (c->config->one_shot && !c->config->receives ? HELLO_ONE_SHOT : 0));
    memcpy(m.name, c->config->name, sizeof m.name);
    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(&c->identity.public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    buf_init(&out, LIMIT_HELLO);
    wire_put_hello(&out, &m);
    client_send(c, &out);
    buf_free(&pem);
    c->state = CLIENT_HELLO;
}

void entry_trusted(struct client *c)
{
    c->pinned = true;
    remember_server(c, c->asked_key);
    entry_start(c);
}

/* Leaves the server alone while the user thinks: the hello has a time limit there. */
static void ask(struct client *c, const char *fingerprint)
{
    char text[ADDRESS_HOST + 256];

    link_close(c->dead_link);
    c->dead_link = c->link;
    c->link = NULL;
    c->patience = INT64_MAX;
    c->state = CLIENT_ASKING;
    snprintf(text, sizeof text,
             "First visit to %s. Its key is\n  %s\n"
             "Compare it with what the server printed when it started.\n",
             c->config->place, fingerprint);
    c->hooks.ask(c->hooks.owner, text);
}

/* A key that no pin decided about: is it a room that moved, or one that we never met? */
static void first_contact(struct client *c)
{
    char fingerprint[FINGERPRINT_TEXT], text[ADDRESS_HOST + 512];
    const char *before = pins_place(&c->pins, c->server.fingerprint);

    fingerprint_text(fingerprint, c->server.fingerprint);
    memcpy(c->asked_key, c->server.fingerprint, sizeof c->asked_key);
    if (before != NULL || c->config->trust_first) {
        if (before != NULL)
            report_note(&c->report, "The room of %s now is at %s.", before, c->config->place);
        remember_server(c, c->server.fingerprint);
        send_hello(c);
        return;
    }
    if (c->config->interactive) {
        ask(c, fingerprint);
        return;
    }
    snprintf(text, sizeof text,
             "%s is unknown: its key is %s; give --pin with that key, or --trust-first",
             c->config->place, fingerprint);
    client_fail(c, CLIENT_EXIT_REFUSED, "unknown-server", text);
}

void entry_opened(struct client *c)
{
    c->server = *link_peer_key(c->link);
    c->report.contacts = &c->contacts;
    c->report.server = c->server.fingerprint;
    if (expected_key(c) == NULL) {
        first_contact(c);
        return;
    }
    remember_server(c, c->server.fingerprint);
    send_hello(c);
}

void entry_wrong_key(struct client *c)
{
    char expected[FINGERPRINT_TEXT], text[ADDRESS_HOST + 512];

    fingerprint_text(expected, expected_key(c));
    snprintf(text, sizeof text,
             "THE KEY OF THE SERVER %s IS NOT %s. Somebody may be in between, or the server was "
             "set up anew: then give --pin with its new key.",
             c->config->place, expected);
    client_fail(c, CLIENT_EXIT_REFUSED, "server-key", text);
}

bool entry_is_session(const struct client *c, const uint8_t *exporter)
{
    uint8_t now[SIZE_EXPORTER] = {0};
    bool same = c->link != NULL && link_is_open(c->link);

    if (same)
        link_exporter(c->link, now);
    same = same && memcmp(now, exporter, sizeof now) == 0;
    wipe(now, sizeof now);
    return same;
}

static void proof_run(struct worker_job *job)
{
    struct proof_job *j = (struct proof_job *)job;
    const struct client *c = j->client;
    struct hello_proof p = {
        .exporter = j->exporter,
        .server = c->server.fingerprint,
        .client = c->identity.public.fingerprint,
        .name = c->config->name,
        .invitation = invitation(c),
    };

    j->ok = hello_sign(j->signature, &c->identity, &j->random, &p);
}

static void proof_done(struct worker_job *job)
{
    struct proof_job *j = (struct proof_job *)job;
    struct client *c = j->client;
    struct wire_ack m = {.signature = j->signature, .invitation = invitation(c)};
    struct buf out;

    if (!job->cancelled && !j->ok) {
        client_fail(c, CLIENT_EXIT_FAILED, "key", "our key does not work");
    } else if (!job->cancelled && c->state == CLIENT_PROVING && entry_is_session(c, j->exporter)) {
        buf_init(&out, LIMIT_HELLO);
        wire_put_ack(&out, &m);
        client_send(c, &out);
    }
    random_wipe(&j->random);
    wipe(j, sizeof *j);
    free(j);
}

enum err entry_hello_ack(struct client *c, struct span payload)
{
    struct wire_hello_ack m;
    struct public_key key;
    struct proof_job *j;
    enum err e = wire_get_hello_ack(payload, &m);

    if (e != ERR_OK)
        return e;
    if (c->state != CLIENT_HELLO)
        return ERR_STATE;
    if (m.version != WIRE_VERSION)
        return ERR_VERSION;
    e = public_key_from_pem(&key, m.pem.data, m.pem.len);
    if (e != ERR_OK || !public_key_same(&key, &c->server))
        return ERR_KEY;
    c->features = m.features;
    talk_expect(c, m.features);
    j = calloc(1, sizeof *j);
    if (j == NULL)
        return ERR_MEMORY;
    j->job = (struct worker_job){.run = proof_run, .done = proof_done};
    j->client = c;
    random_fork(&j->random, &c->random);
    link_exporter(c->link, j->exporter);
    c->state = CLIENT_PROVING;
    link_phase(c->link, PHASE_ACK);
    /* Who comes back has a list already, and the server must go on with it. */
    if (!reconnect_away(c)) {
        bindings_free(&c->bindings);
        bindings_init(&c->bindings, c->server.fingerprint, &c->random);
    }
    if (!worker_submit(c->pool.worker, &j->job)) {
        wipe(j, sizeof *j);
        free(j);
        return ERR_LIMIT;
    }
    return ERR_OK;
}
