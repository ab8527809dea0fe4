#include "server/session.h"

#include <stdio.h>
#include <string.h>

#include "server/entry.h"
#include "server/past.h"
#include "server/room.h"
#include "server/viewing.h"
#include "wire/hello.h"

/* Reading stops while more waits for a session, and goes on below. */
#define QUEUE_HIGH (256 * 1024)

void session_start(struct session *s, struct room *room, const struct session_port *port,
                   void *link, const char *address)
{
    *s = (struct session){.room = room, .port = port, .link = link};
    strncpy(s->address, address, sizeof s->address - 1);
    intake_start(s);
    tempo_start(s);
    port->phase(link, PHASE_HELLO);
}

void session_send_buf(struct session *s, struct buf *out)
{
    struct blob *b = out->failed ? NULL : blob_make(out->data, out->len);

    if (b != NULL)
        session_send(s, b);
    else if (s->state != SESSION_OVER)
        session_starve(s);
    blob_drop(b);
    buf_free(out);
}

/* False if it is over, or is now because too much waits for it. */
static bool may_send(struct session *s, size_t len)
{
    size_t most = (size_t)s->room->limits.value[LIMITS_QUEUE] + s->allowance;
    size_t queued = s->port->queued(s->link);

    if (s->state != SESSION_OVER && queued + len > most && queued > 0)
        session_refuse(s, CODE_SLOW, "too much waited for you");
    return s->state != SESSION_OVER;
}

void session_send(struct session *s, struct blob *b)
{
    if (!may_send(s, b->len))
        return;
    if (s->port->send(s->link, b))
        session_balance(s);
    else
        session_starve(s);
}

void session_balance(struct session *s)
{
    bool full = s->port->queued(s->link) > QUEUE_HIGH;
    bool pause = full || intake_full(s) || s->tempo.resting;

    if (s->state == SESSION_OVER)
        return;
    /* When all is sent session_fill is asked, and comes here again. */
    if (full)
        s->port->kick(s->link);
    if (pause == s->paused)
        return;
    s->paused = pause;
    s->port->pause(s->link, pause);
}

/* Last words: whatever is queued before them is sent first. */
static void leave_with(struct session *s, struct buf *words, enum wire_left_reason reason)
{
    struct blob *b = words->failed ? NULL : blob_make(words->data, words->len);

    if (b != NULL && s->state != SESSION_OVER)
        (void)s->port->send(s->link, b);
    blob_drop(b);
    buf_free(words);
    if (s->state != SESSION_OVER)
        room_remove(s->room, s, reason);
    s->state = SESSION_OVER;
    s->port->finish(s->link);
}

void session_send_parts(struct session *s, struct blob *head, struct blob *tail)
{
    struct buf nothing = {.failed = true};

    if (!may_send(s, head->len + tail->len))
        return;
    if (!s->port->send(s->link, head))
        session_starve(s);
    else if (s->port->send(s->link, tail))
        session_balance(s);
    else
        leave_with(s, &nothing, LEFT_REMOVED); /* a word would stand in the middle of the message */
}

void session_refuse(struct session *s, enum message_code code, const char *text)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_error(&out, (uint16_t)code, text);
    leave_with(s, &out, LEFT_REMOVED);
}

void session_starve(struct session *s)
{
    session_refuse(s, CODE_FULL, "the server is out of memory");
}

void session_dismiss(struct session *s, const char *text)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_quit(&out, text);
    leave_with(s, &out, LEFT_REMOVED);
}

void session_broken(struct session *s, enum message_code code, const char *why)
{
    session_refuse(s, code, why);
}

void session_end(struct session *s)
{
    viewing_end(s);
    past_close(s->past);
    clips_forget(s->room->clips, &s->list_wait);
    if (s->state != SESSION_OVER)
        room_remove(s->room, s, LEFT_LOST);
    s->state = SESSION_OVER;
}

void session_serve(struct share *share, int64_t now)
{
    struct share_seat *seat;

    while ((seat = share_next(share, now)) != NULL) {
        struct session *s = (struct session *)((char *)seat - offsetof(struct session, seat));

        s->port->kick(s->link);
    }
}

size_t session_fill(struct session *s, uint8_t *out, size_t room)
{
    s->allowance = 0;
    session_balance(s);
    if (s->past != NULL && s->state == SESSION_ROOM)
        past_fill(s->past);
    return viewing_fill(s, out, room);
}

static enum err on_quit(struct session *s, struct span payload)
{
    struct span text;
    enum err e = wire_get_quit(payload, &text);

    if (e == ERR_OK) {
        room_remove(s->room, s, LEFT_QUIT);
        s->state = SESSION_OVER;
        s->port->finish(s->link);
    }
    return e;
}

/* The client found a mistake of ours; it will be gone at once. */
static enum err on_error(struct session *s, struct span payload)
{
    struct wire_error m;
    enum err e = wire_get_error(payload, &m);

    if (e == ERR_OK) {
        room_remove(s->room, s, LEFT_LOST);
        s->state = SESSION_OVER;
        s->port->finish(s->link);
    }
    return e;
}

static enum err on_send(struct session *s, struct span payload)
{
    struct wire_send m;
    enum err e = wire_get_send(payload, &m);

    if (e == ERR_OK)
        intake_take(s, &m);
    return e;
}

static enum err on_resume(struct session *s, struct span payload)
{
    struct wire_resume m;
    enum err e = wire_get_resume(payload, &m);

    return e == ERR_OK ? past_open(s, &m) : e;
}

static void listed(struct clips_wait *w, struct blob *messages, enum err e)
{
    struct session *s = (struct session *)((char *)w - offsetof(struct session, list_wait));
    struct buf out;

    if ((s->features & FEATURE_LIVE) != 0)
        casts_list(s);
    if (messages != NULL) {
        session_send(s, messages);
        return;
    }
    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, 0, (uint16_t)clips_code(e), err_text(e));
    session_send_buf(s, &out);
}

static enum err on_list(struct session *s, struct span payload)
{
    struct buf out;

    if (payload.len > 0)
        return ERR_TRAILING;
    s->list_wait.listed = listed;
    if (s->list_wait.waiting || clips_list(s->room->clips, &s->list_wait))
        return ERR_OK;
    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, 0, CODE_FULL, "the server is busy: try again");
    session_send_buf(s, &out);
    return ERR_OK;
}

static const struct {
    uint8_t type;
    enum err (*take)(struct session *s, struct span payload);
} handlers[] = {
    {MESSAGE_HELLO, entry_hello}, {MESSAGE_ACK, entry_ack},
    {MESSAGE_ERROR, on_error},    {MESSAGE_QUIT, on_quit},
    {MESSAGE_SEND, on_send},      {MESSAGE_LIST, on_list},
    {MESSAGE_PLAY, viewing_play}, {MESSAGE_CREDIT, viewing_credit},
    {MESSAGE_SEEK, viewing_seek}, {MESSAGE_STOP, viewing_stop},
    {MESSAGE_LINE, talk_take},    {MESSAGE_CLOSE, talk_closed},
    {MESSAGE_RESUME, on_resume},  {MESSAGE_RENDITION, viewing_rendition},
    {MESSAGE_CAST, casts_begin},  {MESSAGE_UNCAST, casts_uncast},
    {MESSAGE_SHOT, casts_shot},   {MESSAGE_GIVE, casts_give},
    {MESSAGE_ASK, casts_ask},     {MESSAGE_OUST, casts_oust},
};

/* The framer has checked sender, phase and length by the table; an ignorable type has no handler. */
void session_message(struct session *s, const struct message *m)
{
    char text[LIMIT_REASON];
    const struct message_rule *rule = message_rule(m->type);
    enum err e = ERR_OK;

    if (s->state == SESSION_OVER)
        return;
    if (!tempo_count(s, m)) {
        session_refuse(s, CODE_FAST, "far too many messages at once");
        return;
    }
    if (rule == NULL)
        return;
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        if (handlers[i].type == m->type)
            e = handlers[i].take(s, m->payload);
    }
    if (e == ERR_OK || s->state == SESSION_OVER)
        return;
    if (e == ERR_MEMORY) {
        session_starve(s);
        return;
    }
    snprintf(text, sizeof text, "%s: %s", rule->name, err_text(e));
    session_refuse(s, CODE_PROTOCOL, text);
}
