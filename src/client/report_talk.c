#include "client/report.h"

#include "base/text.h"
#include "client/json.h"
#include "client/report_event.h"

void report_talk(const struct report *r, const struct report_talk *m)
{
    struct buf b = report_begin(r, "talk");

    if (r->json) {
        json_text(&b, "from", "server");
        json_text(&b, "to", m->to_all ? "all" : "one");
        json_base64(&b, "base64", m->sealed.data, m->sealed.len);
        json_bool(&b, "signature", m->holds);
        if (m->holds)
            json_bytes(&b, "text", m->text.data, m->text.len);
    } else {
        buf_add_text(&b, "~ from the server: ");
        text_base64(&b, m->sealed.data, m->sealed.len);
        buf_add_text(&b, m->holds ? "\n* signature holds\n" : "\n");
        if (m->holds) {
            buf_add_text(&b, m->to_all ? "[say] " : "[server] ");
            text_clean(&b, m->text.data, m->text.len, false);
            buf_add8(&b, '\n');
        }
    }
    report_send(r, &b);
    if (!m->holds)
        report_error(r, "signature", "Signature verification failed", 0);
}

void report_talk_sent(const struct report *r, const struct report_talk *m)
{
    struct buf b = report_begin(r, "talk_sent");

    if (r->json) {
        json_text(&b, "to", "server");
        json_base64(&b, "base64", m->sealed.data, m->sealed.len);
    } else {
        buf_add_text(&b, "-> server: ");
        text_clean(&b, m->text.data, m->text.len, false);
        buf_add8(&b, '\n');
    }
    report_send(r, &b);
}

void report_talk_over(const struct report *r)
{
    struct buf b = report_begin(r, "talk_over");

    if (r->json)
        json_text(&b, "text", "Chat ended. Keys erased.");
    else
        buf_add_text(&b, "* Chat ended. Keys erased.\n");
    report_send(r, &b);
}
