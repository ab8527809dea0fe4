#include <string.h>

#include "client/json.h"
#include "client/report_event.h"
#include "crypto/fingerprint.h"
#include "crypto/safety.h"

enum contact_trust report_trust(const struct report *r, const struct member *m)
{
    if (r->contacts == NULL)
        return CONTACT_NEW;
    return contacts_trust(r->contacts, r->server, m->name, &m->key);
}

const char *report_trust_mark(const struct report *r, const struct member *m)
{
    static const char *const marks[] = {"", "", " (checked)", " (CHANGED KEY)"};

    return marks[report_trust(r, m)];
}

void report_trust_json(const struct report *r, struct buf *b, const struct member *m)
{
    enum contact_trust t = report_trust(r, m);

    json_bool(b, "verified", t == CONTACT_CHECKED);
    json_text(b, "trust", contacts_trust_text(t));
}

static void safety_json(struct buf *b, const char *name, const char *number, bool verified)
{
    json_text(b, "name", name);
    json_text(b, "number", number);
    json_bool(b, "verified", verified);
}

/* Three rows of four groups. */
static void add_rows(struct buf *b, const char *number)
{
    for (size_t i = 0; i < SAFETY_GROUPS; i++)
        buf_printf(b, "%s%.5s%s", i % 4 == 0 ? "*   " : " ", number + i * SAFETY_GROUP,
                   i % 4 == 3 ? "\n" : "");
}

void report_safety(const struct report *r, const char *name, const char *number, bool verified,
                   const struct buf *picture)
{
    struct buf b = report_begin(r, "safety");

    if (r->json) {
        safety_json(&b, name, number, verified);
    } else {
        buf_printf(&b, "* Safety number of %s and you%s:\n", name,
                   verified ? ", checked before" : ", not checked yet");
        add_rows(&b, number);
        buf_add(&b, picture->data, picture->len);
        buf_printf(&b, "* On %s's screen the same must stand; ask over another way.", name);
        buf_printf(&b, verified ? "\n" : " If it does: /verify %s ok\n", name);
    }
    report_send(r, &b);
}

void report_checked(const struct report *r, const char *name, const char *number)
{
    struct buf b = report_begin(r, "safety");

    if (r->json)
        safety_json(&b, name, number, true);
    else
        buf_printf(&b, "* %s's key is checked: from now on that stands beside the name.\n", name);
    report_send(r, &b);
}

void report_trusted(const struct report *r, const char *name, const struct public_key *key)
{
    struct buf b = report_begin(r, "trusted");
    char text[FINGERPRINT_TEXT];

    fingerprint_text(text, key->fingerprint);
    if (r->json) {
        json_text(&b, "name", name);
        json_text(&b, "fingerprint", text);
    } else {
        buf_printf(&b, "* %s's key is %s from now on. It is not checked: /verify %s\n", name, text,
                   name);
    }
    report_send(r, &b);
}

static void difference_json(struct buf *b, const char *const keys[static 3],
                            const struct binding *entry)
{
    char text[FINGERPRINT_TEXT];

    if (entry->n == 0) {
        json_text(b, keys[0], "none");
        return;
    }
    fingerprint_text(text, entry->fingerprint);
    json_text(b, keys[0], entry->kind == BINDING_RELEASE ? "release" : "bind");
    json_text(b, keys[1], entry->name);
    json_text(b, keys[2], text);
}

static void difference_line(struct buf *b, const char *who, const struct binding *entry)
{
    char text[FINGERPRINT_TEXT];

    if (entry->n == 0) {
        buf_printf(b, "!   %s: no such entry\n", who);
        return;
    }
    fingerprint_text(text, entry->fingerprint);
    buf_printf(b, "!   %s: %s%s %s\n", who, entry->name,
               entry->kind == BINDING_RELEASE ? " is no longer" : " is", text);
}

void report_difference(const struct report *r, const char *from, uint64_t n,
                       const struct binding *ours, const struct binding *theirs, const char *advice)
{
    static const char *const your_keys[] = {"your_kind", "your_name", "your_fingerprint"};
    static const char *const their_keys[] = {"their_kind", "their_name", "their_fingerprint"};
    struct buf b = report_begin(r, "difference");

    if (r->json) {
        json_text(&b, "from", from);
        json_number(&b, "n", n);
        json_text(&b, "name", ours->n != 0 ? ours->name : theirs->name);
        difference_json(&b, your_keys, ours);
        difference_json(&b, their_keys, theirs);
        json_text(&b, "text", advice);
    } else {
        buf_printf(
            &b, "! DIFFERENT KEYS: %s was shown another list than you, or says so. Entry %llu:\n",
            from, (unsigned long long)n);
        difference_line(&b, "you", ours);
        difference_line(&b, from, theirs);
        buf_printf(&b, "! %s\n", advice);
    }
    report_send(r, &b);
}

static void add_ignored(const struct report *r, struct buf *b, size_t *n, const char *name,
                        const struct public_key *key)
{
    char text[FINGERPRINT_TEXT];

    fingerprint_text(text, key->fingerprint);
    if (r->json) {
        json_item(b, *n == 0);
        json_text(b, "name", name);
        json_text(b, "fingerprint", text);
        json_item_end(b);
    } else {
        if (*n == 0)
            buf_add_text(b, "* Messages of these are not shown:\n");
        buf_printf(b, "*   %-32s %s\n", name, text);
    }
    (*n)++;
}

void report_ignored(const struct report *r, const struct members *m)
{
    struct buf b = report_begin(r, "ignored");
    size_t n = 0;

    if (r->json)
        json_list(&b, "members");
    for (size_t i = 0; r->contacts != NULL && i < r->contacts->count; i++) {
        const struct contact *one = r->contacts->list[i];

        if (one->ignored && memcmp(one->server, r->server, SIZE_FINGERPRINT) == 0)
            add_ignored(r, &b, &n, one->name, &one->key);
    }
    for (size_t i = 0; i < m->count; i++) {
        if (m->list[i]->ignored)
            add_ignored(r, &b, &n, m->list[i]->name, &m->list[i]->key);
    }
    if (r->json)
        json_list_end(&b);
    else if (n == 0)
        buf_add_text(&b, "* Nobody is ignored.\n");
    report_send(r, &b);
}
