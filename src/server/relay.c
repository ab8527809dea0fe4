#include "server/relay.h"

#include <stdlib.h>
#include <string.h>

#include "platform/now.h"
#include "proto/envelope.h"
#include "proto/envelope_outer.h"
#include "server/room.h"
#include "wire/hello.h"

struct relayed {
    struct relayed *next;
    struct session *from; /* NULL once it is gone */
    uint64_t id, number;
    char name[LIMIT_NAME + 1];
    uint8_t fingerprint[SIZE_FINGERPRINT];
    struct blob *sealed; /* the whole message as all are given it, but for what form 2 leaves out */
    size_t head;         /* where in it the envelope begins */
};

void relay_refuse(struct session *s, uint64_t id, enum message_code code, const char *text)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, id, (uint16_t)code, text);
    session_send_buf(s, &out);
}

static void drop(struct relayed *p)
{
    if (p != NULL)
        blob_drop(p->sealed);
    free(p);
}

/* All that passing it on needs, before the log has it: what is in the log must reach the room. */
static struct relayed *prepare(struct session *from, const struct wire_send *m, uint64_t number)
{
    struct relayed *p = calloc(1, sizeof *p);
    struct buf out;
    size_t begin;

    if (p == NULL)
        return NULL;
    p->from = from;
    p->id = m->id;
    p->number = number;
    memcpy(p->name, from->name, sizeof p->name);
    memcpy(p->fingerprint, from->key.fingerprint, sizeof p->fingerprint);
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    begin = wire_sealed_begin(&out, number, p->name, p->fingerprint);
    p->head = out.len;
    buf_add(&out, m->envelope.data, m->envelope.len);
    message_end(&out, begin);
    p->sealed = out.failed ? NULL : blob_make(out.data, out.len);
    buf_free(&out);
    if (p->sealed != NULL)
        return p;
    drop(p);
    return NULL;
}

static void append(struct relay *relay, struct relayed *p)
{
    if (relay->last != NULL)
        relay->last->next = p;
    else
        relay->first = p;
    relay->last = p;
}

void relay_submit(struct room *r, struct session *from, const struct wire_send *m)
{
    struct segment_entry entry = {.time_ms = now_wall_ms(), .envelope = m->envelope};
    struct relayed *p;

    p = prepare(from, m, r->log.last + 1);
    if (p == NULL) {
        relay_refuse(from, m->id, CODE_STORE, "the server is out of memory: try again");
        return;
    }
    memcpy(entry.name, from->name, sizeof entry.name);
    memcpy(entry.fingerprint, from->key.fingerprint, sizeof entry.fingerprint);
    if (sealed_log_add(&r->log, &entry) != ERR_OK) {
        drop(p);
        relay_refuse(from, m->id, CODE_STORE, "the server can't store messages so fast: try again");
        return;
    }
    append(&r->relay, p);
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

/* One to all as it is passed on: what is before the slots, which is long, is the same for all who get as
 * many of them, so that what waits for many slow ones is there once. */
struct passing {
    const uint8_t *envelope;
    size_t len, common;
    struct buf out; /* the whole message for one receiver */
    struct blob *heads[LIMIT_HINTS + 1];
};

static void write_for(struct passing *w, const struct relayed *p, const uint8_t *receiver)
{
    size_t begin;

    buf_clear(&w->out);
    begin = wire_sealed_begin(&w->out, p->number, p->name, p->fingerprint);
    envelope_pass(&w->out, w->envelope, w->len, receiver);
    message_end(&w->out, begin);
}

/* With the slots of this receiver alone. */
static void pass_to(struct passing *w, const struct relayed *p, struct session *s)
{
    struct blob *tail = NULL, **head;
    size_t at = p->head + w->common;

    write_for(w, p, s->key.fingerprint);
    if (!w->out.failed) {
        head = &w->heads[(w->out.len - at) / ENVELOPE_SLOT];
        if (*head == NULL)
            *head = blob_make(w->out.data, at);
        tail = *head == NULL ? NULL : blob_make(w->out.data + at, w->out.len - at);
    }
    if (tail != NULL)
        session_send_parts(s, *head, tail);
    else
        session_starve(s);
    blob_drop(tail);
}

static void pass_to_all(struct room *r, const struct relayed *p)
{
    struct passing w = {.envelope = p->sealed->data + p->head, .len = p->sealed->len - p->head};

    w.common = envelope_common(w.envelope, w.len);
    buf_init(&w.out, MESSAGE_HEADER + LIMIT_MESSAGE);
    for (size_t i = r->count; i-- > 0;) {
        if (r->members[i] != p->from)
            pass_to(&w, p, r->members[i]);
    }
    for (size_t i = 0; i <= LIMIT_HINTS; i++)
        blob_drop(w.heads[i]);
    buf_free(&w.out);
}

/* One to one is the same for all; one to all differs by the slots of each receiver. */
static void pass_on(struct room *r, const struct relayed *p)
{
    if (envelope_form_of(p->sealed->data + p->head) == ENVELOPE_ONE)
        room_broadcast(r, p->sealed, p->from);
    else
        pass_to_all(r, p);
}

static struct relayed *take_first(struct relay *relay)
{
    struct relayed *p = relay->first;

    relay->first = p->next;
    if (relay->first == NULL)
        relay->last = NULL;
    return p;
}

void relay_tick(struct room *r)
{
    struct relay *relay = &r->relay;

    if (relay->first == NULL || relay->first->number > relay->durable)
        return;
    /* Nobody hears of a sender before hearing that it came. */
    if (!notices_tell(r))
        return;
    while (relay->first != NULL && relay->first->number <= relay->durable) {
        struct relayed *p = take_first(relay);

        answer(p);
        pass_on(r, p);
        drop(p);
    }
}

void relay_durable(struct room *r, uint64_t number)
{
    r->relay.durable = number;
    relay_tick(r);
}

void relay_failed(struct room *r, uint64_t number)
{
    struct relayed **at = &r->relay.first, *p;

    r->relay.last = NULL;
    for (; *at != NULL && (*at)->number <= number; at = &(*at)->next)
        r->relay.last = *at;
    while ((p = *at) != NULL) {
        *at = p->next;
        if (p->from != NULL) {
            p->from->unanswered--;
            relay_refuse(p->from, p->id, CODE_STORE, "the server could not store it");
            session_balance(p->from);
        }
        drop(p);
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
        drop(take_first(relay));
}
