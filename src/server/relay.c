#include "server/relay.h"

#include <stdlib.h>
#include <string.h>

#include "platform/now.h"
#include "proto/envelope.h"
#include "server/room.h"
#include "wire/hello.h"

struct relayed {
    struct relayed *next;
    struct session *from; /* NULL once it is gone */
    uint64_t id, number;
    char name[LIMIT_NAME + 1];
    uint8_t fingerprint[SIZE_FINGERPRINT];
    size_t len;
    uint8_t envelope[];
};

static void refuse(struct session *s, uint64_t id, enum message_code code, const char *text)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, id, (uint16_t)code, text);
    session_send_buf(s, &out);
}

static struct relayed *keep(struct room *r, struct session *from, const struct wire_send *m,
                            uint64_t number)
{
    struct relayed *p = malloc(sizeof *p + m->envelope.len);

    if (p == NULL)
        return NULL;
    *p = (struct relayed){.from = from, .id = m->id, .number = number, .len = m->envelope.len};
    memcpy(p->name, from->name, sizeof p->name);
    memcpy(p->fingerprint, from->key.fingerprint, sizeof p->fingerprint);
    memcpy(p->envelope, m->envelope.data, m->envelope.len);
    if (r->relay.last != NULL)
        r->relay.last->next = p;
    else
        r->relay.first = p;
    r->relay.last = p;
    return p;
}

void relay_submit(struct room *r, struct session *from, const struct wire_send *m)
{
    struct segment_entry entry = {.time_ms = now_wall_ms(), .envelope = m->envelope};

    if (envelope_check(m->envelope.data, m->envelope.len) != ERR_OK) {
        session_refuse(from, CODE_PROTOCOL, "SEND: not an envelope");
        return;
    }
    memcpy(entry.name, from->name, sizeof entry.name);
    memcpy(entry.fingerprint, from->key.fingerprint, sizeof entry.fingerprint);
    if (sealed_log_add(&r->log, &entry) != ERR_OK) {
        refuse(from, m->id, CODE_STORE, "the server can't store messages so fast: try again");
        return;
    }
    if (keep(r, from, m, entry.number) == NULL) {
        session_refuse(from, CODE_FULL, "the server is out of memory");
        return;
    }
    from->unanswered++;
    session_balance(from);
}

static void answer(struct relayed *p)
{
    struct buf out;

    if (p->from == NULL)
        return;
    p->from->unanswered--;
    buf_init(&out, LIMIT_HELLO);
    wire_put_accepted(&out, p->id, p->number);
    session_send_buf(p->from, &out);
    session_balance(p->from);
}

static struct blob *sealed_for(const struct relayed *p, const uint8_t *receiver, struct buf *out)
{
    size_t begin;

    buf_clear(out);
    begin = wire_sealed_begin(out, p->number, p->name, p->fingerprint);
    if (receiver == NULL)
        buf_add(out, p->envelope, p->len);
    else
        envelope_pass(out, p->envelope, p->len, receiver);
    message_end(out, begin);
    return out->failed ? NULL : blob_make(out->data, out->len);
}

/* One to one is framed once for all; one to all differs by the slots of each receiver. */
static void pass_on(struct room *r, const struct relayed *p)
{
    bool same = envelope_form_of(p->envelope) == ENVELOPE_ONE;
    struct buf out;
    struct blob *b;

    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    b = same ? sealed_for(p, NULL, &out) : NULL;
    for (size_t i = r->count; i-- > 0;) {
        struct session *s = r->members[i];

        if (s == p->from)
            continue;
        if (!same)
            b = sealed_for(p, s->key.fingerprint, &out);
        if (b != NULL)
            session_send(s, b);
        if (!same)
            blob_drop(b);
    }
    if (same)
        blob_drop(b);
    buf_free(&out);
}

static struct relayed *take_first(struct relay *relay)
{
    struct relayed *p = relay->first;

    relay->first = p->next;
    if (relay->first == NULL)
        relay->last = NULL;
    return p;
}

void relay_durable(struct room *r, uint64_t number)
{
    /* Nobody hears of a sender before hearing that it came. */
    notices_tell(r);
    while (r->relay.first != NULL && r->relay.first->number <= number) {
        struct relayed *p = take_first(&r->relay);

        answer(p);
        pass_on(r, p);
        free(p);
    }
}

void relay_failed(struct room *r, uint64_t number)
{
    /* What is left all has higher numbers: the log forgets from the end. */
    while (r->relay.first != NULL) {
        struct relayed *p = take_first(&r->relay);

        if (p->from != NULL && p->number > number) {
            p->from->unanswered--;
            refuse(p->from, p->id, CODE_STORE, "the server could not store it");
            session_balance(p->from);
        }
        free(p);
    }
}

void relay_forget(struct room *r, const struct session *s)
{
    for (struct relayed *p = r->relay.first; p != NULL; p = p->next) {
        if (p->from == s)
            p->from = NULL;
    }
}

void relay_free(struct relay *relay)
{
    while (relay->first != NULL)
        free(take_first(relay));
}
