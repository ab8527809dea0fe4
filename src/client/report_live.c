#include "client/report_live.h"

#include "base/text.h"
#include "client/caster.h"
#include "client/json.h"
#include "client/report_event.h"

void report_cast(const struct report *r, const struct casting *k)
{
    struct buf b = report_begin(r, "cast");

    if (r->json) {
        json_text(&b, "name", k->name);
        json_bool(&b, "sealed", !k->plain);
        json_text(&b, "viewers", k->plain ? "all" : k->viewers);
        report_send(r, &b);
        return;
    }
    buf_free(&b);
    if (report_unasked(r))
        return;
    if (k->plain)
        report_note(r, "Casting %s. THE SERVER CAN SEE IT.", k->name);
    else
        report_note(r, "Casting %s, sealed. Who may watch: %s.", k->name, k->viewers);
}

void report_cast_end(const struct report *r, const struct casting *k, const char *reason)
{
    struct buf b = report_begin(r, "cast_end");

    if (r->json) {
        json_text(&b, "name", k->name);
        json_text(&b, "reason", reason);
        json_number(&b, "frames", k->frames);
        json_number(&b, "sent", k->sent);
        json_number(&b, "broken", k->broken);
    } else if (!report_unasked(r)) {
        buf_printf(&b, "* The cast %s is over (%s): %llu frames, %llu sent.\n", k->name, reason,
                   (unsigned long long)k->frames, (unsigned long long)k->sent);
    }
    report_send(r, &b);
}

void report_cast_viewer(const struct report *r, const char *cast, const char *name,
                        const char *what)
{
    struct buf b = report_begin(r, "viewer");

    if (r->json) {
        json_text(&b, "cast", cast);
        json_text(&b, "name", name);
        json_text(&b, "what", what);
    } else if (!report_unasked(r)) {
        buf_printf(&b, "* %s: %s %s.\n", cast, name, what);
    }
    report_send(r, &b);
}

void report_cast_key(const struct report *r, const char *cast, uint32_t epoch)
{
    struct buf b = report_begin(r, "cast_key");

    if (r->json) {
        json_text(&b, "cast", cast);
        json_number(&b, "epoch", epoch);
    }
    report_send(r, &b);
}

static void cast_json(struct buf *b, const char *key, const struct wire_cast *m)
{
    json_bytes(b, key, m->name.data, m->name.len);
    json_bytes(b, "title", m->title.data, m->title.len);
    json_text(b, "from", m->from);
    json_bool(b, "sealed", (m->flags & CAST_SEALED) != 0);
}

static void cast_text(struct buf *b, const struct wire_cast *m)
{
    text_clean(b, m->name.data, m->name.len, false);
    buf_printf(b, "  live from %s%s  ", m->from,
               (m->flags & CAST_SEALED) != 0 ? ", sealed" : ", seen by the server");
    text_clean(b, m->title.data, m->title.len, false);
    buf_add8(b, '\n');
}

void report_live(const struct report *r, const struct wire_cast *m)
{
    struct buf b = report_begin(r, "live");

    if (r->json) {
        cast_json(&b, "name", m);
    } else if (!report_unasked(r)) {
        buf_add_text(&b, "* Playing ");
        cast_text(&b, m);
    }
    report_send(r, &b);
}

void report_videos_live(const struct report *r, struct report_videos *v, struct cursor list,
                        enum err *e)
{
    struct wire_cast m;
    bool first = true;

    v->out = report_begin(r, "videos");
    v->count = 0;
    if (r->json)
        json_list(&v->out, "live");
    while (wire_casts_next(&list, &m, e)) {
        if (r->json) {
            json_item(&v->out, first);
            cast_json(&v->out, "name", &m);
            json_item_end(&v->out);
        } else {
            buf_add_text(&v->out, "*   ");
            cast_text(&v->out, &m);
        }
        first = false;
        v->count += !r->json; /* of an object it counts the clips alone */
    }
    if (r->json)
        json_list_end(&v->out);
}
