#include <string.h>

#include "base/text.h"
#include "client/json.h"
#include "client/report_event.h"

#define NAMED 12 /* so many are named; of more only how many */

void report_away(const struct report *r, const char *why)
{
    struct buf b = report_begin(r, "away");

    if (r->json) {
        json_text(&b, "text", why);
    } else {
        buf_add_text(&b, "! ");
        text_clean(&b, why, strlen(why), false);
        buf_add_text(&b, "; trying again. What you write is sent later.\n");
    }
    report_send(r, &b);
}

/* Those of one list that the other has not, in a sentence. */
static void add_missing(struct buf *b, const char *before, const struct members *of,
                        const struct members *in)
{
    size_t count = 0;

    for (size_t i = 0; i < of->count; i++) {
        if (members_find(in, of->list[i]->name) != NULL)
            continue;
        if (count < NAMED)
            buf_printf(b, "%s%s", count == 0 ? before : ", ", of->list[i]->name);
        count++;
    }
    if (count > NAMED)
        buf_printf(b, " and %zu more", count - NAMED);
    if (count > 0)
        buf_add_text(b, ".");
}

void report_back(const struct report *r, uint64_t n, const struct members *before,
                 const struct members *now)
{
    struct buf b = report_begin(r, "back");

    if (r->json) {
        json_number(&b, "n", n);
        report_members_json(r, &b, now);
    } else {
        buf_add_text(&b, "* Back in the room.");
        add_missing(&b, " Came: ", now, before);
        add_missing(&b, " Gone: ", before, now);
        buf_add8(&b, '\n');
    }
    report_send(r, &b);
}

void report_past(const struct report *r, const struct wire_past_end *m)
{
    struct buf b = report_begin(r, "past");

    if (r->json) {
        json_number(&b, "from", m->from);
        json_number(&b, "last", m->last);
        json_number(&b, "lost", m->lost);
    } else if (m->lost > 0) {
        buf_printf(&b, "! %llu message%s in the room expired before you came back.\n",
                   (unsigned long long)m->lost, m->lost == 1 ? "" : "s");
    }
    report_send(r, &b);
}

void report_queued(const struct report *r, const struct report_queued *q)
{
    struct buf b = report_begin(r, "queued");

    if (report_unasked(r))
        return;
    if (r->json) {
        json_text(&b, "to", q->to);
        json_id(&b, "id", q->id);
        json_bytes(&b, "text", q->text.data, q->text.len);
        json_bool(&b, "kept", q->kept);
        json_list(&b, "for");
        for (const uint8_t *p = q->names.data, *end = p + q->names.len; p < end;
             p += strlen((const char *)p) + 1) {
            json_item(&b, p == q->names.data);
            json_text(&b, "name", (const char *)p);
            json_item_end(&b);
        }
        json_list_end(&b);
    } else if (q->waits) {
        buf_printf(&b, ".. %s: ", q->to);
        report_lines(&b, q->text);
    }
    report_send(r, &b);
}

/* For programs one event each. */
void report_delivered(const struct report *r, const char *to, const uint64_t *ids, size_t count)
{
    struct buf b;

    for (size_t i = 0; r->json && i < count; i++) {
        b = report_begin(r, "delivered");
        json_text(&b, "to", to);
        json_id(&b, "id", ids[i]);
        report_send(r, &b);
    }
    if (r->json || report_unasked(r))
        return;
    if (count == 1)
        report_note(r, "Delivered to %s.", to);
    else
        report_note(r, "Delivered to %s: %zu messages.", to, count);
}
