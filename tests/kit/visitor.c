#include "tests/kit/visitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/inbox.h"
#include "platform/now.h"
#include "proto/bindings.h"
#include "tests/kit/grammar.h"
#include "tests/kit/keys.h"
#include "wire/hello.h"
#include "wire/past.h"

#define SAID (64 * 1024 * 1024)

static void must(bool held)
{
    if (!held)
        abort();
}

static bool on_print(void *owner, const char *text, size_t len)
{
    struct visitor *v = owner;

    must(grammar_json_lines(text, len) && grammar_harmless(text, len));
    buf_add(&v->said, text, len);
    return true;
}

static void on_entered(void *owner)
{
    struct visitor *v = owner;

    v->entered++;
}

/* What client_open does, without files and without dialling. */
static void make_client(struct visitor *v)
{
    struct client *c = &v->client;

    snprintf(v->config.place, sizeof v->config.place, "test:7411");
    snprintf(v->config.name, sizeof v->config.name, "me");
    v->config.pin = keys_get(VISITOR_SERVER)->public.fingerprint;
    v->config.display = "headless";
    *c = (struct client){
        .config = &v->config,
        .loop = v->pair.loop,
        .state = CLIENT_DIALLING,
        .report = {.json = true, .print = on_print, .owner = v},
        .hooks = {.entered = on_entered, .owner = v},
        .lock = -1,
        .patience = INT64_MAX,
        .observe = true,
        .dial = {.fd = -1},
        .random = keys_random(91),
        .identity = *keys_get(VISITOR_ME),
    };
    must(ids_open(&c->ids, NULL) == ERR_OK && pins_open(&c->pins, NULL) == ERR_OK &&
         contacts_open(&c->contacts, NULL) == ERR_OK);
    link_hub_init(&c->hub, c->loop, &c->random);
    must(pool_open(&c->pool, c->loop, 2, 64));
}

bool visitor_turn(struct visitor *v)
{
    bool working = worker_pending(v->client.pool.worker) > 0, moved;

    link_hub_turn(&v->pair.hub);
    client_before(&v->client);
    link_hub_flush(&v->pair.hub);
    moved = loop_turn(v->pair.loop, working ? now_ns() + 1000000000 : 0) > 0;
    client_after(&v->client, v->stands != 0 ? v->stands : now_ns());
    link_hub_flush(&v->pair.hub);
    return moved;
}

void visitor_settle(struct visitor *v)
{
    int idle = 0;

    for (int turns = 0; idle < 3; turns++) {
        idle = visitor_turn(v) ? 0 : idle + 1;
        must(turns < 100000);
    }
}

static void bind_all(struct visitor *v)
{
    static const char *const names[] = {"me", "bob", "carol"};
    bool added;

    bindings_init(&v->bindings, keys_get(VISITOR_SERVER)->public.fingerprint, &v->random);
    for (unsigned i = 0; i < 3; i++)
        must(bindings_bind(&v->bindings, names[i], keys_get(1 + i)->public.fingerprint, &added) ==
             ERR_OK);
}

void visitor_open(struct visitor *v)
{
    int fd;

    *v = (struct visitor){.random = keys_random(92), .log = 7};
    buf_init(&v->said, SAID);
    pair_open_raw(&v->pair);
    fd = v->pair.raw;
    v->pair.raw = -1;
    make_client(v);
    bind_all(v);
    v->client.link = link_open_client(&v->client.hub, fd, v->config.pin, &inbox_events, &v->client);
    must(v->client.link != NULL);
    visitor_settle(v);
    must(v->client.state == CLIENT_HELLO && v->pair.server.messages == 1 &&
         v->pair.server.seen.data[0] == MESSAGE_HELLO);
}

void visitor_close(struct visitor *v)
{
    client_close(&v->client);
    pair_close(&v->pair);
    bindings_free(&v->bindings);
    buf_free(&v->said);
}

void visitor_send(struct visitor *v, struct buf *messages)
{
    must(!messages->failed);
    must(link_send(v->pair.server.link, messages));
    buf_free(messages);
    visitor_settle(v);
}

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, SAID);
    return b;
}

void visitor_ack(struct visitor *v)
{
    struct wire_hello_ack m = {.version = WIRE_VERSION,
                               .features = FEATURE_VIDEO | FEATURE_TALK | v->features};
    struct buf pem = messages(), out = messages();

    public_key_to_pem(&keys_get(VISITOR_SERVER)->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    wire_put_hello_ack(&out, &m);
    link_phase(v->pair.server.link, PHASE_ACK);
    visitor_send(v, &out);
    buf_free(&pem);
    must(v->client.state == CLIENT_PROVING && visitor_saw(v, MESSAGE_ACK, NULL) == 1);
    link_phase(v->pair.server.link, PHASE_ROOM);
}

void visitor_put_welcome(struct visitor *v, struct buf *out)
{
    uint8_t log_id[SIZE_LOG_ID] = {v->log}, h[BINDINGS_HASH];
    struct wire_welcome m = {.room = {(const uint8_t *)"den", 3},
                             .log_id = log_id,
                             .last = v->last,
                             .n = v->bindings.count,
                             .h = h};

    must(bindings_hash(&v->bindings, m.n, h));
    wire_put_welcome(out, &m);
}

void visitor_put_bindings(const struct visitor *v, uint64_t from, struct buf *out)
{
    size_t begin = wire_bindings_begin(out);
    struct binding b;

    for (uint64_t n = from; bindings_get(&v->bindings, n, &b); n++) {
        struct wire_binding m = {.n = n, .kind = (uint8_t)b.kind, .fingerprint = b.fingerprint};

        memcpy(m.name, b.name, sizeof m.name);
        wire_bindings_add(out, &m);
    }
    message_end(out, begin);
}

void visitor_put_member(struct buf *out, uint8_t type, const char *name, unsigned key,
                        uint8_t flags, bool more)
{
    struct wire_member m = {.flags = flags, .spki = keys_get(key)->public.spki};
    size_t begin = wire_members_begin(out, type);

    snprintf(m.name, sizeof m.name, "%s", name);
    wire_members_add(out, &m);
    wire_members_end(out, begin, more);
}

void visitor_go_in(struct visitor *v)
{
    struct buf out = messages();

    visitor_ack(v);
    visitor_put_welcome(v, &out);
    visitor_put_bindings(v, 1, &out);
    visitor_put_member(&out, MESSAGE_MEMBERS, "me", VISITOR_ME, 0, true);
    visitor_put_member(&out, MESSAGE_MEMBERS, "bob", VISITOR_BOB, 0, true);
    visitor_put_member(&out, MESSAGE_MEMBERS, "carol", VISITOR_CAROL, 0, false);
    visitor_send(v, &out);
}

void visitor_open_room(struct visitor *v)
{
    visitor_open(v);
    visitor_go_in(v);
    must(v->client.state == CLIENT_ROOM && v->entered == 1);
    visitor_forget(v);
}

void visitor_lose(struct visitor *v)
{
    v->stands = now_ns();
    link_close(v->pair.server.link);
    v->pair.server.link = NULL;
    visitor_settle(v);
    must(v->client.state == CLIENT_WAITING && v->client.reconnect.due > v->stands);
}

void visitor_return(struct visitor *v)
{
    struct client *c = &v->client;
    int fd;

    buf_clear(&v->pair.server.seen);
    v->pair.server.messages = 0;
    pair_renew_raw(&v->pair);
    fd = v->pair.raw;
    v->pair.raw = -1;
    c->state = CLIENT_DIALLING;
    c->link = link_open_client(&c->hub, fd, v->config.pin, &inbox_events, c);
    must(c->link != NULL);
    visitor_settle(v);
    must(c->state == CLIENT_HELLO && visitor_saw(v, MESSAGE_HELLO, NULL) == 1);
}

void visitor_at(struct visitor *v, int64_t now)
{
    v->stands = now;
    visitor_settle(v);
}

void visitor_put_sealed(struct visitor *v, const char *from, unsigned key,
                        const struct buf *envelope, struct buf *out)
{
    size_t begin = wire_sealed_begin(out, ++v->number, from, keys_get(key)->public.fingerprint);

    buf_add(out, envelope->data, envelope->len);
    message_end(out, begin);
}

struct envelope_content visitor_content(const struct visitor *v, uint64_t id, const char *text)
{
    struct envelope_content c = {.sender = "bob",
                                 .id = id,
                                 .time_ms = 1700000000000,
                                 .n = v->bindings.count,
                                 .kind = ENVELOPE_TEXT,
                                 .body = {(const uint8_t *)text, strlen(text)}};

    memcpy(c.server, keys_get(VISITOR_SERVER)->public.fingerprint, sizeof c.server);
    must(bindings_hash(&v->bindings, c.n, c.h));
    return c;
}

static void seal_text(struct visitor *v, uint64_t id, const char *text, struct buf *out)
{
    const struct envelope_content c = visitor_content(v, id, text);

    must(envelope_seal_one(out, keys_get(VISITOR_BOB), &v->random, &c,
                           &keys_get(VISITOR_ME)->public) == ERR_OK);
}

void visitor_put_text(struct visitor *v, uint64_t id, const char *text, struct buf *out)
{
    struct buf envelope = messages();

    seal_text(v, id, text, &envelope);
    visitor_put_sealed(v, "bob", VISITOR_BOB, &envelope, out);
    buf_free(&envelope);
}

void visitor_put_past(struct visitor *v, uint64_t number, uint64_t id, const char *text,
                      struct buf *out)
{
    const uint8_t *bob = keys_get(VISITOR_BOB)->public.fingerprint;
    size_t begin = wire_past_begin(out, number, "bob", bob, 1700000000000);
    struct buf envelope = messages();

    seal_text(v, id, text, &envelope);
    buf_add(out, envelope.data, envelope.len);
    message_end(out, begin);
    buf_free(&envelope);
}

size_t visitor_saw(const struct visitor *v, uint8_t type, struct span *last)
{
    struct cursor c = cursor_over(v->pair.server.seen.data, v->pair.server.seen.len);
    size_t count = 0;

    while (c.left > 0) {
        uint8_t got = cursor_get8(&c);
        struct span payload = cursor_sized32(&c, LIMIT_MESSAGE);

        must(!c.failed);
        if (got != type)
            continue;
        count++;
        if (last != NULL)
            *last = payload;
    }
    return count;
}

struct wire_send visitor_seen(const struct visitor *v, size_t nth)
{
    struct cursor c = cursor_over(v->pair.server.seen.data, v->pair.server.seen.len);
    struct wire_send m;

    for (size_t i = 0;; i++) {
        uint8_t type = cursor_get8(&c);
        struct span payload = cursor_sized32(&c, LIMIT_MESSAGE);

        must(!c.failed && type == MESSAGE_SEND && wire_get_send(payload, &m) == ERR_OK);
        if (i == nth)
            return m;
    }
}

struct envelope_content visitor_opened(const struct wire_send *m, unsigned key, struct buf *plain)
{
    struct envelope_content c;

    buf_init(plain, LIMIT_SEALED);
    must(envelope_check(m->envelope.data, m->envelope.len) == ERR_OK);
    must(envelope_open(&c, plain, keys_get(key), m->envelope.data, m->envelope.len) == ERR_OK);
    must(c.id == m->id);
    return c;
}

size_t visitor_said(struct visitor *v, const char *text)
{
    const char *at = buf_text(&v->said);
    size_t n = 0;

    while ((at = strstr(at, text)) != NULL) {
        at += strlen(text);
        n++;
    }
    return n;
}

void visitor_forget(struct visitor *v)
{
    buf_clear(&v->said);
    buf_clear(&v->pair.server.seen);
    v->pair.server.messages = 0;
}
