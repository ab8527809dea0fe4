#include "client/trust.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/contacts_mark.h"
#include "crypto/fingerprint.h"
#include "crypto/safety.h"
#include "platform/now.h"
#include "proto/qr.h"

static void keep(struct client *c)
{
    if (contacts_save(&c->contacts) != ERR_OK)
        report_error(&c->report, "state", "can't save the contacts", 0);
}

static void announce(struct client *c, const char *name, const struct public_key *key)
{
    char text[320], fingerprint[FINGERPRINT_TEXT];

    fingerprint_text(fingerprint, key->fingerprint);
    snprintf(text, sizeof text,
             "THE KEY OF %s HAS CHANGED: it is now %s. Nothing is sent to this name until you "
             "accept that key: /trust %s",
             name, fingerprint, name);
    report_error(&c->report, "key-changed", text, 0);
}

void trust_joined(struct client *c, const struct member *m)
{
    enum contact_trust t = contacts_meet(&c->contacts, c->server.fingerprint, m->name, &m->key,
                                         m->ephemeral, now_wall_ms() / 1000);
    bool changed = t == CONTACT_CHANGED, news;

    contacts_mark_show(&c->contacts, c->server.fingerprint, m->name, changed ? &m->key : NULL,
                       &news);
    if (changed)
        announce(c, m->name, &m->key);
}

/* Tried once for each: what can't be written is complained about, and written with the next. */
void trust_keep_met(struct client *c)
{
    bool due = c->state == CLIENT_ROOM && c->contacts.unkept;

    if (!due)
        return;
    c->contacts.unkept = false;
    keep(c);
}

enum contact_trust trust_sender(struct client *c, const char *name, const struct public_key *key)
{
    /* Not who is here counts, for the sender may have left: lasting names stand in the list. */
    const uint8_t *owner = bindings_find(&c->bindings, name);
    bool lasting = owner != NULL && memcmp(owner, key->fingerprint, SIZE_FINGERPRINT) == 0;
    enum contact_trust t = contacts_meet(&c->contacts, c->server.fingerprint, name, key, !lasting,
                                         now_wall_ms() / 1000);
    bool news;

    if (t != CONTACT_CHANGED)
        return t;
    contacts_mark_show(&c->contacts, c->server.fingerprint, name, key, &news);
    if (news)
        announce(c, name, key);
    return t;
}

static bool is_changed(const struct client *c, const struct member *m)
{
    return contacts_trust(&c->contacts, c->server.fingerprint, m->name, &m->key) == CONTACT_CHANGED;
}

const struct trust_objection *trust_objects(const struct client *c, const struct member *m)
{
    static const struct trust_objection changed = {"key-changed", "has changed"},
                                        disputed = {"key-disputed", "is disputed"};

    if (is_changed(c, m))
        return &changed;
    return witness_disputes(&c->witness, m->name) ? &disputed : NULL;
}

bool trust_ignores(const struct client *c, const char *name,
                   const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    const struct member *m = members_find(&c->members, name);

    if (m != NULL && m->ignored && memcmp(m->key.fingerprint, fingerprint, SIZE_FINGERPRINT) == 0)
        return true;
    return contacts_mark_ignores(&c->contacts, c->server.fingerprint, fingerprint);
}

bool trust_allows(const struct client *c, const struct member *m)
{
    return trust_objects(c, m) == NULL;
}

/* Whom a command is about. */
struct subject {
    const struct member *member;   /* NULL: not here */
    const struct contact *contact; /* NULL: never met, or not remembered */
    const char *name;              /* as the member writes it, if here */
};

static void complain(struct client *c, const char *word, const char *name, const char *why)
{
    char text[256];

    snprintf(text, sizeof text, "%s: %s", name, why);
    report_error(&c->report, word, text, 0);
}

static bool find(struct client *c, const char *name, struct subject *s)
{
    s->member = members_find(&c->members, name);
    s->contact = contacts_find(&c->contacts, c->server.fingerprint, name);
    if (text_name_same(name, c->config->name)) {
        complain(c, "usage", name, "that is yourself");
        return false;
    }
    if (s->member == NULL && s->contact == NULL) {
        complain(c, "no-member", name, "nobody of that name is here or was met before");
        return false;
    }
    s->name = s->member != NULL ? s->member->name : s->contact->name;
    return true;
}

static bool has_changed(const struct client *c, const struct subject *s)
{
    if (s->contact == NULL)
        return false;
    return s->contact->shown != NULL || (s->member != NULL && is_changed(c, s->member));
}

static void show_number(struct client *c, const struct subject *s)
{
    const struct public_key *key = s->member != NULL ? &s->member->key : &s->contact->key;
    bool verified = s->contact != NULL && s->contact->verified;
    char number[SAFETY_TEXT];
    struct buf picture;

    buf_init(&picture, 64 * 1024);
    safety_number(number, c->identity.public.fingerprint, key->fingerprint);
    if (c->config->interactive)
        qr_draw(&picture, number, "  ");
    report_safety(&c->report, s->name, number, verified, &picture);
    buf_free(&picture);
}

static void mark_checked(struct client *c, const struct subject *s)
{
    char name[LIMIT_NAME + 1], number[SAFETY_TEXT];

    /* The save may move the contact. */
    memcpy(name, s->name, sizeof name);
    safety_number(number, c->identity.public.fingerprint, s->contact->key.fingerprint);
    contacts_mark_verify(&c->contacts, c->server.fingerprint, name, &s->contact->key);
    witness_decided(&c->witness, name);
    keep(c);
    report_checked(&c->report, name, number);
}

void trust_verify(struct client *c, const char *name, bool checked)
{
    struct subject s;

    if (!find(c, name, &s))
        return;
    if (has_changed(c, &s))
        complain(c, "key-changed", s.name, "the key has changed: /trust comes first");
    else if (!checked)
        show_number(c, &s);
    else if (s.contact == NULL)
        complain(c, "ephemeral", s.name, "the key is for this visit alone: no mark is kept for it");
    else
        mark_checked(c, &s);
}

void trust_accept(struct client *c, const char *name)
{
    char kept[LIMIT_NAME + 1];
    struct public_key key;
    struct subject s;

    if (!find(c, name, &s))
        return;
    if (witness_decided(&c->witness, s.name) && (s.contact == NULL || s.contact->shown == NULL)) {
        report_trusted(&c->report, s.name, s.member != NULL ? &s.member->key : &s.contact->key);
        return;
    }
    if (s.contact == NULL || s.contact->shown == NULL) {
        complain(c, "unchanged", s.name, "there is no other key than before to accept");
        return;
    }
    key = *s.contact->shown;
    if (s.member != NULL && s.member->ephemeral && public_key_same(&s.member->key, &key)) {
        complain(c, "ephemeral", s.name, "the key is for this visit alone: it can't be remembered");
        return;
    }
    memcpy(kept, s.name, sizeof kept);
    contacts_mark_accept(&c->contacts, c->server.fingerprint, kept, now_wall_ms() / 1000);
    keep(c);
    report_trusted(&c->report, kept, &key);
}

void trust_ignore(struct client *c, const char *name, bool on)
{
    char kept[LIMIT_NAME + 1];
    struct subject s;

    if (!find(c, name, &s))
        return;
    memcpy(kept, s.name, sizeof kept);
    /* A key that is not the one we know is nobody's that we keep a mark for. */
    if (s.member != NULL && (s.contact == NULL || is_changed(c, s.member)))
        members_ignore(&c->members, kept, on);
    else
        contacts_mark_ignore(&c->contacts, c->server.fingerprint, kept, on);
    keep(c);
    if (on)
        report_note(&c->report, "Messages of %s's key are not shown any more (/ignore %s off).",
                    kept, kept);
    else
        report_note(&c->report, "Messages of %s's key are shown.", kept);
}
