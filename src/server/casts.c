#include "server/casts.h"

#include <stdlib.h>
#include <string.h>

#include "server/room.h"
#include "server/viewing.h"
#include "server/watcher.h"
#include "video/library.h"
#include "wire/hello.h"

struct live_cast *casts_find(const struct room *r, const char *name)
{
    struct live_cast *c = r->casts.first;

    while (c != NULL && (!c->open || strcmp(c->name, name) != 0))
        c = c->next;
    return c;
}

struct live_cast *casts_of(const struct session *s, uint32_t number)
{
    struct live_cast *c = s->room->casts.first;

    while (c != NULL && (c->caster != s || c->number != number))
        c = c->next;
    return c;
}

void casts_list(struct session *s)
{
    struct buf out;
    size_t begin;

    buf_init(&out, MESSAGE_HEADER + LIMIT_LIST);
    begin = message_begin(&out, MESSAGE_CASTS);
    for (const struct live_cast *c = s->room->casts.first; c != NULL; c = c->next) {
        struct wire_cast m = {
            .flags = c->flags,
            .name = {(const uint8_t *)c->name, strlen(c->name)},
            .title = {(const uint8_t *)c->title, strlen(c->title)},
        };

        memcpy(m.from, c->caster->name, sizeof m.from);
        if (c->open)
            wire_casts_add(&out, &m);
    }
    message_end(&out, begin);
    session_send_buf(s, &out);
}

void casts_drop_shot(struct room *r, struct shot *shot)
{
    if (shot == NULL || --shot->refs > 0)
        return;
    r->casts.bytes -= shot->length;
    free(shot);
}

/* Out of the list, so that whatever follows does not find it. */
static void detach(struct room *r, struct live_cast *c)
{
    struct live_cast **at = &r->casts.first;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    r->casts.count--;
    clips_forget(r->clips, &c->wait);
}

static void end(struct room *r, struct live_cast *c, enum wire_end reason, const char *text)
{
    detach(r, c);
    c->open = false;
    while (c->watchers != NULL)
        watcher_end(c->watchers, reason, text);
    casts_drop_shot(r, c->coming);
    casts_drop_shot(r, c->newest);
    free(c);
}

static void send_number(struct session *s, enum message_type type, uint32_t number)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_number(&out, type, number);
    session_send_buf(s, &out);
}

/* Whether there is a clip of that name is known now. */
static void looked(struct clips_wait *w, enum err e, struct shared_clip *clip, const char *why)
{
    struct live_cast *c = (struct live_cast *)((char *)w - offsetof(struct live_cast, wait));
    struct session *s = c->caster;
    uint32_t number = c->number;

    (void)why;
    if (e == ERR_UNKNOWN) {
        c->open = true;
        send_number(s, MESSAGE_CASTING, number);
        return;
    }
    if (e == ERR_OK)
        clips_drop(s->room->clips, clip);
    end(s->room, c, END_CAST_OVER, "");
    relay_refuse(s, number, CODE_NAME_TAKEN, "there is a clip of that name");
}

static size_t count_own(const struct session *s)
{
    size_t count = 0;

    for (const struct live_cast *c = s->room->casts.first; c != NULL; c = c->next)
        count += c->caster == s;
    return count;
}

static bool name_used(const struct room *r, const char *name)
{
    const struct live_cast *c = r->casts.first;

    while (c != NULL && strcmp(c->name, name) != 0)
        c = c->next;
    return c != NULL;
}

static void add(struct session *s, const struct wire_cast *m, const char *name)
{
    struct room *r = s->room;
    struct live_cast *c = calloc(1, sizeof *c);

    if (c == NULL) {
        relay_refuse(s, m->cast, CODE_FULL, "the server is out of memory: try again");
        return;
    }
    c->caster = s;
    c->number = m->cast;
    c->flags = m->flags & CAST_SEALED;
    memcpy(c->id, m->id, sizeof c->id);
    strcpy(c->name, name);
    memcpy(c->title, m->title.data, m->title.len);
    c->wait.loaded = looked;
    c->next = r->casts.first;
    r->casts.first = c;
    r->casts.count++;
    if (clips_load(r->clips, name, &c->wait))
        return;
    end(r, c, END_CAST_OVER, "");
    relay_refuse(s, m->cast, CODE_FULL, "the server is busy: try again");
}

enum err casts_begin(struct session *s, struct span payload)
{
    char name[LIMIT_CLIP + 1] = {0};
    struct wire_cast m;
    enum err e = wire_get_cast(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.cast == 0 || (s->features & FEATURE_LIVE) == 0)
        return ERR_FORMAT;
    if (casts_of(s, m.cast) != NULL || viewing_uses(s, m.cast))
        return ERR_EXISTS;
    memcpy(name, m.name.data, m.name.len);
    if (memchr(m.name.data, 0, m.name.len) != NULL || memchr(m.title.data, 0, m.title.len) != NULL)
        return ERR_FORMAT;
    if (!library_name_valid(name))
        relay_refuse(s, m.cast, CODE_LIMIT, "not a name for a cast (as a clip's)");
    else if (name_used(s->room, name))
        relay_refuse(s, m.cast, CODE_NAME_TAKEN, "somebody casts under that name");
    else if (count_own(s) >= LIMIT_CASTS_OWN || s->room->casts.count >= LIMIT_CASTS)
        relay_refuse(s, m.cast, CODE_LIMIT, "too many casts at once");
    else
        add(s, &m, name);
    return ERR_OK;
}

enum err casts_uncast(struct session *s, struct span payload)
{
    struct live_cast *c;
    uint32_t number;
    enum err e = wire_get_number(payload, &number);

    if (e != ERR_OK)
        return e;
    c = casts_of(s, number);
    if (c == NULL) /* it was just refused */
        return ERR_OK;
    end(s->room, c, END_CAST_OVER, "the cast is over");
    send_number(s, MESSAGE_UNCAST, number);
    return ERR_OK;
}

/* As much as its rate brings in a tenth of a second. */
static uint32_t window(const struct live_cast *c)
{
    int64_t rate = c->caster->tempo.bytes.rate, least = LIMIT_GRANT / 16;

    if (rate == 0 || rate / 10 > LIMIT_GRANT)
        return LIMIT_GRANT;
    return (uint32_t)(rate / 10 > least ? rate / 10 : least);
}

void casts_grant(struct live_cast *c)
{
    struct session *s = c->caster;
    uint32_t most = window(c), bytes;
    struct buf out;

    c->starved = false;
    if (!c->open || c->watchers == NULL || c->granted > most / 2)
        return;
    /* Who is over its rate would not be read, and all that it sent would come late. */
    if (bucket_level(&s->tempo.bytes, s->room->now) <= 0) {
        c->starved = true;
        return;
    }
    bytes = most - c->granted;
    c->granted = most;
    buf_init(&out, LIMIT_HELLO);
    wire_put_pair(&out, MESSAGE_GRANT, c->number, bytes);
    session_send_buf(s, &out);
}

/* A place for a frame of that length; what slow ones hold of older ones gives way. */
static struct shot *make(struct room *r, const struct wire_shot *m)
{
    struct shot *shot;

    while (r->casts.bytes + m->length > LIMIT_CAST_BYTES && watcher_give_up(r))
        ;
    if (r->casts.bytes + m->length > LIMIT_CAST_BYTES)
        return NULL;
    shot = malloc(sizeof *shot + m->length);
    if (shot == NULL)
        return NULL;
    *shot = (struct shot){.refs = 1,
                          .number = m->number,
                          .epoch = m->epoch,
                          .pts_ns = m->pts_ns,
                          .length = m->length};
    r->casts.bytes += m->length;
    return shot;
}

static enum err begin_shot(struct live_cast *c, const struct wire_shot *m)
{
    if (c->coming != NULL || c->lost || m->number < c->last || m->number == UINT64_MAX ||
        (m->epoch != 0) != ((c->flags & CAST_SEALED) != 0))
        return ERR_FORMAT;
    c->last = m->number + 1;
    c->coming = make(c->caster->room, m);
    c->lost = c->coming == NULL;
    return ERR_OK;
}

static enum err add_piece(struct live_cast *c, const struct wire_shot *m)
{
    struct shot *shot = c->coming;

    if (c->lost && m->number == c->last - 1) {
        c->lost = (m->flags & FRAME_LAST) == 0;
        return ERR_OK;
    }
    if (shot == NULL || m->number != shot->number || m->data.len > shot->length - shot->got)
        return ERR_FORMAT;
    memcpy(shot->data + shot->got, m->data.data, m->data.len);
    shot->got += (uint32_t)m->data.len;
    if (((m->flags & FRAME_LAST) != 0) != (shot->got == shot->length))
        return ERR_FORMAT;
    if (shot->got < shot->length)
        return ERR_OK;
    casts_drop_shot(c->caster->room, c->newest);
    c->newest = shot;
    c->coming = NULL;
    watcher_wake(c);
    return ERR_OK;
}

enum err casts_shot(struct session *s, struct span payload)
{
    struct wire_shot m;
    struct live_cast *c;
    enum err e = wire_get_shot(payload, &m);

    if (e != ERR_OK)
        return e;
    c = casts_of(s, m.stream);
    if (c == NULL)
        return ERR_UNKNOWN;
    if (m.data.len > c->granted)
        return ERR_LIMIT;
    c->granted -= (uint32_t)m.data.len;
    if (m.track == 0 && (m.flags & FRAME_FIRST) != 0)
        e = begin_shot(c, &m);
    if (m.track == 0 && e == ERR_OK)
        e = add_piece(c, &m);
    if (e == ERR_OK)
        casts_grant(c);
    return e;
}

int64_t casts_due(const struct room *r)
{
    int64_t first = INT64_MAX;

    for (const struct live_cast *c = r->casts.first; c != NULL; c = c->next) {
        int64_t due = c->starved ? bucket_due(&c->caster->tempo.bytes, 1, r->now) : INT64_MAX;

        first = due < first ? due : first;
    }
    return first;
}

/* Each is looked for anew: what is sent may end a session, and its casts with it. */
void casts_tick(struct room *r)
{
    struct live_cast *c = r->casts.first;

    while (c != NULL) {
        if (c->starved && bucket_level(&c->caster->tempo.bytes, r->now) > 0) {
            casts_grant(c);
            c = r->casts.first;
        } else {
            c = c->next;
        }
    }
}

void casts_forget(struct session *s, bool well)
{
    struct room *r = s->room;
    struct live_cast *c = r->casts.first;

    watcher_forget(s);
    while (c != NULL) {
        if (c->caster != s) {
            c = c->next;
            continue;
        }
        end(r, c, well ? END_CAST_OVER : END_CAST_LOST,
            well ? "the cast is over" : "the caster is gone");
        c = r->casts.first;
    }
}
