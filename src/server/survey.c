#include "server/survey.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/fingerprint.h"
#include "platform/usage.h"
#include "server/stream.h"

static void put_session(struct buf *out, const struct session *s, const char *mark)
{
    char text[FINGERPRINT_TEXT];

    fingerprint_text(text, s->key.fingerprint);
    buf_printf(out, "%-16s %s %s%s%s\n", s->name, text, s->address,
               s->ephemeral ? " ephemeral" : "", mark);
}

void survey_who(struct buf *out, const struct room *r)
{
    for (size_t i = 0; i < r->count; i++)
        put_session(out, r->members[i], "");
    for (const struct session *s = r->visiting; s != NULL; s = s->next)
        put_session(out, s, " one-shot");
    if (out->len == 0)
        buf_add_text(out, "nobody is here\n");
}

void survey_bans(struct buf *out, const struct bans *b)
{
    char text[FINGERPRINT_TEXT];

    for (size_t i = 0; i < b->count; i++) {
        fingerprint_text(text, b->list[i].fingerprint);
        buf_printf(out, "%-16s %s\n", b->list[i].name[0] != 0 ? b->list[i].name : "(no name)",
                   text);
    }
    if (b->count == 0)
        buf_add_text(out, "no key is banned\n");
}

static void put_clip(struct buf *out, const struct wire_clip *m)
{
    buf_printf(out, "%.*s  %lu frames  ", (int)m->name.len, (const char *)m->name.data,
               (unsigned long)m->frames);
    if (m->fps_den == 1)
        buf_printf(out, "%lu fps ", (unsigned long)m->fps_num);
    else
        buf_printf(out, "%lu/%lu fps ", (unsigned long)m->fps_num, (unsigned long)m->fps_den);
    for (size_t i = 0; i < m->count; i++)
        buf_printf(out, " %up", (unsigned)m->heights[i]);
    buf_printf(out, "  %.*s\n", (int)m->title.len, (const char *)m->title.data);
}

void survey_clips(struct buf *out, const uint8_t *messages, size_t len)
{
    while (len >= MESSAGE_HEADER) {
        size_t payload = bytes_get32(messages + 1);
        struct wire_clip m;
        bool more;
        enum err e;
        struct cursor c = wire_clips_open((struct span){messages + MESSAGE_HEADER, payload}, &more);

        while (wire_clips_next(&c, &m, &e))
            put_clip(out, &m);
        messages += MESSAGE_HEADER + payload;
        len -= MESSAGE_HEADER + payload;
    }
    if (out->len == 0)
        buf_add_text(out, "the library has no clip\n");
}

/* What all sessions of the room have in common. */
struct tally {
    size_t ephemeral, playing, queued;
};

static void count_session(struct tally *t, const struct session *s)
{
    t->ephemeral += s->ephemeral;
    t->queued += s->port->queued(s->link);
    for (size_t i = 0; i < LIMIT_STREAMS; i++) {
        const struct stream *st = s->streams[i];

        t->playing += st != NULL && st->shared != NULL && !st->ended && !st->refused;
    }
}

static void put_number(struct buf *out, const char *what, uint64_t value)
{
    buf_printf(out, "%s: %llu\n", what, (unsigned long long)value);
}

void survey_stats(struct buf *out, const struct room *r, size_t strangers, int64_t started,
                  int usage)
{
    struct tally t = {0};
    uint64_t resident;

    for (size_t i = 0; i < r->count; i++)
        count_session(&t, r->members[i]);
    for (const struct session *s = r->visiting; s != NULL; s = s->next)
        count_session(&t, s);
    put_number(out, "members", r->count);
    put_number(out, "one-shot", r->visitors);
    put_number(out, "ephemeral", t.ephemeral);
    put_number(out, "strangers", strangers);
    put_number(out, "names", r->names.list.bound);
    put_number(out, "bans", r->bans.count);
    put_number(out, "uptime seconds", (uint64_t)((r->now - started) / 1000000000));
    put_number(out, "log number", r->log.durable);
    put_number(out, "log oldest", r->log.first);
    put_number(out, "log bytes", sealed_log_bytes(&r->log));
    put_number(out, "clips playing", t.playing);
    put_number(out, "bytes waiting", t.queued);
    if (usage_resident(usage, &resident))
        put_number(out, "resident bytes", resident);
}
