#include "server/watcher.h"

#include <stdlib.h>
#include <string.h>

#include "server/room.h"
#include "server/stream.h"

#define PIECE_LEAST 2048 /* of frame data, however little credit is open */
#define PIECE_MOST (LIMIT_CHUNK - SHOT_CHUNK_HEAD - SHOT_FIRST_HEAD)

struct watcher *watcher_find(const struct session *s, uint32_t stream)
{
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        if (s->watchers[i] != NULL && s->watchers[i]->stream == stream)
            return s->watchers[i];
    }
    return NULL;
}

size_t watcher_count(const struct session *s)
{
    size_t count = 0;

    for (size_t i = 0; i < LIMIT_STREAMS; i++)
        count += s->watchers[i] != NULL;
    return count;
}

struct watcher *watcher_of(const struct live_cast *c, uint32_t viewer)
{
    struct watcher *w = c->watchers;

    while (w != NULL && w->viewer != viewer)
        w = w->next;
    return w;
}

static void tell_live(const struct watcher *w)
{
    const struct live_cast *c = w->cast;
    struct wire_cast m = {
        .cast = w->stream,
        .flags = c->flags,
        .id = c->id,
        .name = {(const uint8_t *)c->name, strlen(c->name)},
        .title = {(const uint8_t *)c->title, strlen(c->title)},
        .spki = c->caster->key.spki,
    };
    struct buf out;

    memcpy(m.from, c->caster->name, sizeof m.from);
    buf_init(&out, LIMIT_HELLO);
    wire_put_live(&out, &m);
    session_send_buf(w->session, &out);
}

enum err watcher_open(struct session *s, struct live_cast *c, const struct wire_play *m)
{
    struct watcher *w = calloc(1, sizeof *w);
    size_t at = 0;

    if (w == NULL)
        return ERR_MEMORY;
    while (s->watchers[at] != NULL)
        at++;
    *w = (struct watcher){.next = c->watchers,
                          .cast = c,
                          .session = s,
                          .stream = m->stream,
                          .viewer = ++c->last_viewer,
                          .credit = m->credit};
    s->watchers[at] = c->watchers = w;
    c->watching++;
    tell_live(w);
    casts_grant(c);
    return ERR_OK;
}

/* Out of both lists; what it is sent is forgotten. */
static void detach(struct watcher *w)
{
    struct watcher **at = &w->cast->watchers;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    w->cast->watching--;
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        if (w->session->watchers[i] == w)
            w->session->watchers[i] = NULL;
    }
    casts_drop_shot(w->session->room, w->shot);
    w->shot = NULL;
}

/* Who has the key is gone: the caster may want another one. */
static void tell_caster(const struct watcher *w)
{
    struct buf out;

    if (!w->asked || !w->cast->open)
        return;
    buf_init(&out, LIMIT_HELLO);
    wire_put_pair(&out, MESSAGE_UNWATCHED, w->cast->number, w->viewer);
    session_send_buf(w->cast->caster, &out);
}

/* Sending may end the session it is sent to, and with it casts and watchers: so this one is in no list
 * before. Its cast may be gone after the first. */
void watcher_end(struct watcher *w, enum wire_end reason, const char *text)
{
    struct session *s = w->session;
    uint32_t stream = w->stream;
    struct buf out;

    detach(w);
    tell_caster(w);
    free(w);
    buf_init(&out, LIMIT_HELLO);
    wire_put_stream_end(&out, stream, reason, text);
    session_send_buf(s, &out);
}

void watcher_forget(struct session *s)
{
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        struct watcher *w = s->watchers[i];

        if (w == NULL)
            continue;
        detach(w);
        tell_caster(w);
        free(w);
    }
}

enum err watcher_credit(struct watcher *w, const struct wire_credit *m)
{
    if (m->bytes > LIMIT_CREDIT - w->credit)
        return ERR_LIMIT;
    w->credit += m->bytes;
    return ERR_OK;
}

static bool begin(struct watcher *w)
{
    struct shot *newest = w->cast->newest;

    if (w->credit == 0 || newest == NULL || newest->number < w->last)
        return false;
    newest->refs++;
    w->shot = newest;
    w->sent = 0;
    w->last = newest->number + 1;
    return true;
}

/* As of a clip's frame: pieces shrink with the credit that is open. */
static uint32_t piece_length(const struct watcher *w, size_t room)
{
    size_t len = w->shot->length - w->sent;
    size_t most = w->credit / 8 > PIECE_LEAST ? w->credit / 8 : PIECE_LEAST;

    most = most < PIECE_MOST ? most : PIECE_MOST;
    most = most < room ? most : room;
    most = most < w->credit ? most : w->credit;
    return (uint32_t)(len < most ? len : most);
}

static size_t put_piece(struct watcher *w, uint8_t *out, uint32_t len)
{
    const struct shot *shot = w->shot;
    struct wire_shot m = {
        .stream = w->stream,
        .flags = (uint8_t)((w->sent == 0 ? FRAME_FIRST : 0) |
                           (w->sent + len == shot->length ? FRAME_LAST : 0)),
        .number = shot->number,
        .epoch = shot->epoch,
        .length = shot->length,
        .pts_ns = shot->pts_ns,
    };
    size_t head = wire_shot_head(out, &m, len);

    memcpy(out + head, shot->data + w->sent, len);
    w->sent += len;
    w->credit -= len;
    if (w->sent == shot->length) {
        casts_drop_shot(w->session->room, w->shot);
        w->shot = NULL;
    }
    return head + len;
}

size_t watcher_fill(struct watcher *w, uint8_t *out, size_t room)
{
    if (room < STREAM_ROOM_LEAST || (w->shot == NULL && !begin(w)) || w->credit == 0)
        return 0;
    return put_piece(w, out, piece_length(w, room - SHOT_HEAD));
}

void watcher_wake(const struct live_cast *c)
{
    for (struct watcher *w = c->watchers; w != NULL; w = w->next)
        w->session->port->kick(w->session->link);
}

bool watcher_give_up(struct room *r)
{
    struct watcher *found = NULL;

    for (const struct live_cast *c = r->casts.first; c != NULL; c = c->next) {
        for (struct watcher *w = c->watchers; w != NULL; w = w->next) {
            bool old = w->shot != NULL && w->shot != c->newest;

            if (old && (found == NULL || w->shot->length > found->shot->length))
                found = w;
        }
    }
    if (found == NULL)
        return false;
    casts_drop_shot(r, found->shot);
    found->shot = NULL;
    return true;
}
