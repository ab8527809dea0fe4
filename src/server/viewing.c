#include "server/viewing.h"

#include <string.h>

#include "server/room.h"
#include "server/stream.h"
#include "server/watcher.h"
#include "wire/hello.h"
#include "wire/video.h"

static struct stream **find_stream(struct session *s, uint32_t id)
{
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        if (s->streams[i] != NULL && s->streams[i]->id == id && !stream_refused(s->streams[i]))
            return &s->streams[i];
    }
    return NULL;
}

bool viewing_uses(const struct session *s, uint32_t number)
{
    if (watcher_find(s, number) != NULL)
        return true;
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        const struct stream *st = s->streams[i];

        if (st != NULL && st->id == number && !stream_refused(st))
            return true;
    }
    return false;
}

static void reap_stream(struct stream **at)
{
    stream_close(*at);
    *at = NULL;
}

/* A place for one more; one that is over counts as free. NULL if all are in use. */
static struct stream **free_stream(struct session *s)
{
    size_t most = (size_t)s->room->limits.value[LIMITS_CLIPS], used = watcher_count(s);
    struct stream **at = NULL;

    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        if (s->streams[i] != NULL && stream_idle(s->streams[i]))
            reap_stream(&s->streams[i]);
        if (s->streams[i] == NULL)
            at = &s->streams[i];
        else
            used++;
    }
    return used < most ? at : NULL;
}

void viewing_end(struct session *s)
{
    for (size_t i = 0; i < LIMIT_STREAMS; i++)
        reap_stream(&s->streams[i]);
    share_leave(&s->room->share, &s->seat);
}

static bool plays(const struct session *s)
{
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        if (s->streams[i] != NULL || s->watchers[i] != NULL)
            return true;
    }
    return false;
}

/* Of the clips first, then of the casts. */
static size_t fill_one(struct session *s, size_t at, uint8_t *out, size_t room)
{
    if (at < LIMIT_STREAMS)
        return s->streams[at] == NULL ? 0 : stream_fill(s->streams[at], out, room);
    at -= LIMIT_STREAMS;
    return s->watchers[at] == NULL ? 0 : watcher_fill(s->watchers[at], out, room);
}

size_t viewing_fill(struct session *s, uint8_t *out, size_t room)
{
    /* Its turn is not lost for a record that is nearly full. */
    if (!plays(s) || room < STREAM_ROOM_LEAST)
        return 0;
    room = share_ask(&s->room->share, &s->seat, room);
    if (room == 0)
        return 0;
    for (size_t i = 0; i < 2 * LIMIT_STREAMS; i++) {
        size_t at = (s->next_stream + i) % (2 * LIMIT_STREAMS);
        size_t n = fill_one(s, at, out, room);

        if (n > 0) {
            s->next_stream = at + 1;
            share_spent(&s->room->share, &s->seat, n);
            return n;
        }
    }
    share_leave(&s->room->share, &s->seat);
    return 0;
}

/* The cast of that name, if the client knows of casts and there is a place for one more who watches. */
static struct live_cast *wanted_cast(const struct session *s, struct span clip)
{
    char name[LIMIT_CLIP + 1] = {0};
    struct live_cast *c;

    if ((s->features & FEATURE_LIVE) == 0 || clip.len > LIMIT_CLIP)
        return NULL;
    if (clip.len > 0)
        memcpy(name, clip.data, clip.len);
    c = casts_find(s->room, name);
    return c != NULL && c->watching < LIMIT_WATCHERS ? c : NULL;
}

enum err viewing_play(struct session *s, struct span payload)
{
    struct live_cast *cast;
    struct wire_play m;
    struct buf out;
    struct stream **at = free_stream(s);
    enum err e = wire_get_play(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.stream == 0)
        return ERR_FORMAT;
    if (viewing_uses(s, m.stream) || casts_of(s, m.stream) != NULL)
        return ERR_EXISTS;
    cast = wanted_cast(s, m.clip);
    if (at != NULL && cast != NULL)
        return watcher_open(s, cast, &m);
    if (at != NULL) {
        *at = stream_open(s, s->room->clips, &m);
        return *at == NULL ? ERR_MEMORY : ERR_OK;
    }
    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, m.stream, CODE_LIMIT, "too many clips at once");
    session_send_buf(s, &out);
    return ERR_OK;
}

/* A stream may have ended at the server while the client still writes about it: that is no mistake.
 */
enum err viewing_credit(struct session *s, struct span payload)
{
    struct wire_credit m;
    struct watcher *w;
    struct stream **at;
    enum err e = wire_get_credit(payload, &m);

    if (e != ERR_OK)
        return e;
    at = find_stream(s, m.stream);
    w = watcher_find(s, m.stream);
    s->port->kick(s->link);
    if (w != NULL)
        return watcher_credit(w, &m);
    return at != NULL ? stream_credit(*at, &m) : ERR_OK;
}

enum err viewing_seek(struct session *s, struct span payload)
{
    struct wire_seek m;
    struct stream **at;
    enum err e = wire_get_seek(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.as == 0)
        return ERR_FORMAT;
    if (m.as != m.stream && viewing_uses(s, m.as))
        return ERR_EXISTS;
    at = find_stream(s, m.stream);
    if (at == NULL)
        return ERR_OK;
    stream_seek(*at, &m);
    s->port->kick(s->link);
    return ERR_OK;
}

enum err viewing_rendition(struct session *s, struct span payload)
{
    struct wire_rendition m;
    struct stream **at;
    enum err e = wire_get_rendition(payload, &m);

    if (e != ERR_OK)
        return e;
    at = find_stream(s, m.stream);
    if (at != NULL)
        stream_rendition(*at, &m);
    return ERR_OK;
}

enum err viewing_stop(struct session *s, struct span payload)
{
    uint32_t id;
    struct watcher *w;
    struct stream **at;
    enum err e = wire_get_stop(payload, &id);

    if (e != ERR_OK)
        return e;
    w = watcher_find(s, id);
    if (w != NULL)
        watcher_end(w, END_STOPPED, "");
    at = find_stream(s, id);
    if (at == NULL)
        return ERR_OK;
    stream_stop(*at);
    if (stream_idle(*at))
        reap_stream(at);
    return ERR_OK;
}
