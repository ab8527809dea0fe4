#include "server/viewing.h"

#include "server/room.h"
#include "server/stream.h"
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

static void reap_stream(struct stream **at)
{
    stream_close(*at);
    *at = NULL;
}

/* A place for one more; one that is over counts as free. NULL if all are in use. */
static struct stream **free_stream(struct session *s)
{
    size_t most = (size_t)s->room->limits.value[LIMITS_CLIPS];
    struct stream **at = NULL;

    for (size_t i = 0; i < most; i++) {
        if (s->streams[i] != NULL && stream_idle(s->streams[i]))
            reap_stream(&s->streams[i]);
        if (s->streams[i] == NULL)
            at = &s->streams[i];
    }
    return at;
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
        if (s->streams[i] != NULL)
            return true;
    }
    return false;
}

size_t viewing_fill(struct session *s, uint8_t *out, size_t room)
{
    /* Its turn is not lost for a record that is nearly full. */
    if (!plays(s) || room < STREAM_ROOM_LEAST)
        return 0;
    room = share_ask(&s->room->share, &s->seat, room);
    if (room == 0)
        return 0;
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        size_t at = (s->next_stream + i) % LIMIT_STREAMS;
        size_t n = s->streams[at] == NULL ? 0 : stream_fill(s->streams[at], out, room);

        if (n > 0) {
            s->next_stream = at + 1;
            share_spent(&s->room->share, &s->seat, n);
            return n;
        }
    }
    share_leave(&s->room->share, &s->seat);
    return 0;
}

enum err viewing_play(struct session *s, struct span payload)
{
    struct wire_play m;
    struct buf out;
    struct stream **at = free_stream(s);
    enum err e = wire_get_play(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.stream == 0)
        return ERR_FORMAT;
    if (find_stream(s, m.stream) != NULL)
        return ERR_EXISTS;
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
    struct stream **at;
    enum err e = wire_get_credit(payload, &m);

    if (e != ERR_OK)
        return e;
    at = find_stream(s, m.stream);
    if (at == NULL)
        return ERR_OK;
    s->port->kick(s->link);
    return stream_credit(*at, &m);
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
    if (m.as != m.stream && find_stream(s, m.as) != NULL)
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
    struct stream **at;
    enum err e = wire_get_stop(payload, &id);

    if (e != ERR_OK)
        return e;
    at = find_stream(s, id);
    if (at == NULL)
        return ERR_OK;
    stream_stop(*at);
    if (stream_idle(*at))
        reap_stream(at);
    return ERR_OK;
}
