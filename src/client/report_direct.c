#include "client/report_direct.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/json.h"
#include "client/report_event.h"
#include "crypto/fingerprint.h"

static void call_json(struct buf *b, const struct report_call *k)
{
    char text[FINGERPRINT_TEXT];

    fingerprint_text(text, k->key->fingerprint);
    json_text(b, "name", k->name);
    json_text(b, "fingerprint", text);
    json_text(b, "trust", contacts_trust_text(k->trust));
    json_text(b, "direction", k->caller ? "out" : "in");
}

void report_calling(const struct report *r, const struct report_call *k)
{
    struct buf b = report_begin(r, "call");

    if (r->json) {
        call_json(&b, k);
        json_text(&b, "state", "calling");
        json_text(&b, "address", k->at);
    } else {
        buf_printf(&b, "* Calling %s at %s, without the server (EOM gives it up).\n", k->name,
                   k->at);
    }
    report_send(r, &b);
}

void report_rings(const struct report *r, const struct report_call *k)
{
    struct buf b = report_begin(r, "call");

    if (r->json) {
        call_json(&b, k);
        json_text(&b, "state", "ringing");
        json_text(&b, "address", k->at);
    } else if (k->caller) {
        buf_printf(&b, "* It rings at %s's.\n", k->name);
    } else {
        buf_printf(&b, "* %s%s calls, for a direct chat: /accept %s or /decline %s\n", k->name,
                   report_key_mark(k->trust), k->name, k->name);
    }
    report_send(r, &b);
}

void report_chat(const struct report *r, const struct report_call *k)
{
    struct buf b = report_begin(r, "chat");

    if (r->json) {
        call_json(&b, k);
        json_text(&b, "address", k->at);
    } else {
        buf_printf(&b, "* [direct] %s%s and you are connected, without the server. EOM ends it.\n",
                   k->name, report_key_mark(k->trust));
    }
    report_send(r, &b);
}

void report_direct(const struct report *r, const struct report_call *k, struct span text)
{
    struct buf b = report_begin(r, "direct");

    if (r->json) {
        json_text(&b, "from", k->name);
        json_bytes(&b, "text", text.data, text.len);
        json_text(&b, "trust", contacts_trust_text(k->trust));
    } else {
        buf_printf(&b, "[direct] %s%s: ", k->name, report_key_mark(k->trust));
        report_lines(&b, text);
    }
    report_send(r, &b);
}

void report_direct_sent(const struct report *r, const char *to, struct span text)
{
    struct buf b = report_begin(r, "direct_sent");

    if (r->json) {
        json_text(&b, "to", to);
        json_bytes(&b, "text", text.data, text.len);
    } else {
        buf_printf(&b, "[direct] -> %s: ", to);
        report_lines(&b, text);
    }
    report_send(r, &b);
}

/* One sentence with one %s for the name; caller's and callee's differ. */
static const struct {
    const char *ours, *theirs; /* we called; we were called. NULL: the same */
    bool well;
} sentences[] = {
    [CALL_END_NONE] = {"%s", NULL, true},
    [CALL_END_EOM] = {"The direct chat with %s is over.", NULL, true},
    [CALL_END_HUNG_UP] = {"The call to %s is given up.", "%s hung up.", true},
    [CALL_END_DECLINED] = {"%s declined.", "The call of %s is declined.", true},
    [CALL_END_NO_ANSWER] = {"%s does not answer.", "The call of %s was not answered.", false},
    [CALL_END_REFUSED] = {"%s does not take this call.", NULL, false},
    [CALL_END_BUSY] = {"%s is busy: too many direct chats, or calls from here.", NULL, false},
    [CALL_END_WRONG_KEY] = {"SOMEBODY ELSE IS AT %s's ADDRESS: the key there is another one. "
                            "Nothing was said.",
                            NULL, false},
    [CALL_END_UNREACHABLE] = {"%s can't be reached", NULL, false},
    [CALL_END_GONE] = {"The direct link to %s is lost", NULL, false},
    [CALL_END_SLOW] = {"The direct chat with %s is ended: nothing is read there.", NULL, false},
    [CALL_END_PROTOCOL] = {"The direct link to %s is ended: what came breaks the protocol.", NULL,
                           false},
    [CALL_END_AGAIN] = {"%s calls again; what was before is over.", NULL, true},
    [CALL_END_NO_FILES] = {"%s's den can't take files.", NULL, false},
};

static void end_sentence(const struct report_call *k, enum call_end end, const char *why,
                         char out[static 512])
{
    const char *sentence =
        k->caller || sentences[end].theirs == NULL ? sentences[end].ours : sentences[end].theirs;
    const char *name = strstr(sentence, "%s");
    size_t len = (size_t)(name - sentence);

    snprintf(out, 512, "%.*s%s%s", (int)len, sentence, k->name, name + 2);
    len = strlen(out);
    if (end == CALL_END_UNREACHABLE)
        snprintf(out + len, 512 - len, " at %s: %s", k->at, why);
    else if (end == CALL_END_GONE)
        snprintf(out + len, 512 - len, ": %s", *why != 0 ? why : "closed");
}

void report_call_end(const struct report *r, const struct report_call *k, enum call_end end,
                     const char *why)
{
    struct buf b = report_begin(r, "chat_end");
    char text[512];

    end_sentence(k, end, why, text);
    if (r->json) {
        call_json(&b, k);
        json_text(&b, "reason", call_end_word(end));
        json_text(&b, "text", text);
    } else {
        buf_add_text(&b, sentences[end].well ? "* " : "! ");
        text_clean(&b, text, strlen(text), false);
        buf_add8(&b, '\n');
    }
    report_send(r, &b);
}

void report_reachable(const struct report *r, const struct members *m, const char *self)
{
    struct buf b = report_buf();
    size_t n = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (m->list[i]->direct_port == 0 || text_name_same(m->list[i]->name, self))
            continue;
        buf_printf(&b, "%s%s", n++ == 0 ? "* Can be called directly (/chat): " : ", ",
                   m->list[i]->name);
    }
    if (n > 0)
        buf_add8(&b, '\n');
    if (r->json || report_unasked(r))
        buf_clear(&b);
    report_send_lines(r, &b);
}
