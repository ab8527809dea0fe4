#include "client/report.h"

#include "base/text.h"
#include "client/json.h"
#include "client/report_event.h"

static void fps_json(struct buf *b, uint32_t num, uint32_t den)
{
    uint64_t micro = (uint64_t)num * 1000000 / den;

    buf_printf(b, ",\"fps\":%llu.%06llu,\"fps_num\":%u,\"fps_den\":%u",
               (unsigned long long)(micro / 1000000), (unsigned long long)(micro % 1000000), num,
               den);
}

static void clip_json(struct buf *b, const char *key, const struct wire_clip *m)
{
    json_bytes(b, key, m->name.data, m->name.len);
    json_bytes(b, "title", m->title.data, m->title.len);
    fps_json(b, m->fps_num, m->fps_den);
    json_number(b, "frames", m->frames);
    json_list(b, "heights");
    for (size_t i = 0; i < m->count; i++)
        buf_printf(b, "%s%u", i == 0 ? "" : ",", m->heights[i]);
    json_list_end(b);
}

static void add_fps(struct buf *b, uint32_t num, uint32_t den)
{
    uint64_t milli = ((uint64_t)num * 1000 + den / 2) / den;

    if (milli % 1000 == 0)
        buf_printf(b, "%llu fps", (unsigned long long)(milli / 1000));
    else
        buf_printf(b, "%llu.%03llu fps", (unsigned long long)(milli / 1000),
                   (unsigned long long)(milli % 1000));
}

static void clip_text(struct buf *b, const struct wire_clip *m)
{
    uint64_t seconds = (uint64_t)m->frames * m->fps_den / m->fps_num;

    text_clean(b, m->name.data, m->name.len, false);
    buf_printf(b, "  %llu:%02llu  ", (unsigned long long)(seconds / 60),
               (unsigned long long)(seconds % 60));
    add_fps(b, m->fps_num, m->fps_den);
    buf_printf(b, "  %u frames ", m->frames);
    for (size_t i = 0; i < m->count; i++)
        buf_printf(b, " %up", m->heights[i]);
    buf_add_text(b, "  ");
    text_clean(b, m->title.data, m->title.len, false);
    buf_add8(b, '\n');
}

void report_videos_begin(const struct report *r, struct report_videos *v)
{
    if (v->out.len == 0) { /* no casts were told before */
        v->out = report_begin(r, "videos");
        v->count = 0;
    }
    if (r->json)
        json_list(&v->out, "clips");
}

void report_videos_add(const struct report *r, struct report_videos *v, const struct wire_clip *m)
{
    if (r->json) {
        json_item(&v->out, v->count == 0);
        clip_json(&v->out, "name", m);
        json_item_end(&v->out);
    } else {
        buf_add_text(&v->out, "*   ");
        clip_text(&v->out, m);
    }
    v->count++;
}

void report_videos_end(const struct report *r, struct report_videos *v)
{
    if (r->json)
        json_list_end(&v->out);
    else if (v->count == 0)
        buf_add_text(&v->out, "* There are no clips.\n");
    report_send(r, &v->out);
}

void report_stream(const struct report *r, const struct wire_stream *m)
{
    struct buf b = report_begin(r, "stream");

    if (r->json) {
        clip_json(&b, "clip", &m->clip);
        json_bytes(&b, "schedule", m->schedule.data, m->schedule.len);
    } else {
        buf_add_text(&b, "* Playing ");
        clip_text(&b, &m->clip);
    }
    report_send(r, &b);
}

void report_rendition(const struct report *r, unsigned from, unsigned height)
{
    struct buf b = report_begin(r, "rendition");

    if (r->json) {
        json_number(&b, "height", height);
        json_number(&b, "from", from);
    } else {
        buf_printf(&b, "* Now %up, after %up.\n", height, from);
    }
    report_send(r, &b);
}

void report_stream_away(const struct report *r, uint32_t frame)
{
    struct buf b = report_begin(r, "stream_away");

    if (r->json)
        json_number(&b, "frame", frame);
    else
        buf_printf(&b, "* The clip has come up to frame %u: it waits there for the room.\n", frame);
    report_send(r, &b);
}

void report_stream_back(const struct report *r, uint32_t frame)
{
    struct buf b = report_begin(r, "stream_back");

    if (r->json)
        json_number(&b, "frame", frame);
    else
        buf_printf(&b, "* The clip goes on with frame %u.\n", frame);
    report_send(r, &b);
}

void report_frame(const struct report *r, const struct player_event *e)
{
    static const char *const outcomes[] = {"shown", "late", "dropped", "skipped"};
    struct buf b;

    if (!r->json)
        return;
    b = report_begin(r, "frame");
    json_number(&b, "number", e->number);
    json_number(&b, "height", e->height);
    json_number(&b, "source_number", e->source_number);
    json_number(&b, "bytes", e->bytes);
    json_hex(&b, "sha256", e->sha256, sizeof e->sha256);
    json_text(&b, "outcome", outcomes[e->outcome]);
    if (e->pts_ns >= 0)
        json_ms(&b, "pts_ms", e->pts_ns);
    if (e->shown_ns >= 0)
        json_ms(&b, "shown_ms", e->shown_ns);
    report_send(r, &b);
}

void report_stream_end(const struct report *r, const char *reason, const struct player_counts *c)
{
    struct buf b = report_begin(r, "stream_end");

    if (r->json) {
        json_text(&b, "reason", reason);
        json_number(&b, "shown", c->shown);
        json_number(&b, "late", c->late);
        json_number(&b, "dropped", c->dropped);
        json_number(&b, "skipped", c->skipped);
    } else {
        buf_printf(&b,
                   "* The clip is over (%s): %llu frames shown, %llu late, %llu dropped, "
                   "%llu skipped.\n",
                   reason, (unsigned long long)c->shown, (unsigned long long)c->late,
                   (unsigned long long)c->dropped, (unsigned long long)c->skipped);
    }
    report_send(r, &b);
}
