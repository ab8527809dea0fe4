#include "client/receivers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/trust.h"

static enum err complain(struct client *c, const char *word, enum err e, const char *text)
{
    report_error(&c->report, word, text, 0);
    return e;
}

static enum err no_memory(struct client *c)
{
    return complain(c, "memory", ERR_MEMORY, "out of memory");
}

void receivers_init(struct receivers *r, const char *to)
{
    *r = (struct receivers){0};
    snprintf(r->to, sizeof r->to, "%s", to);
    buf_init(&r->names, LIMIT_SLOTS * (LIMIT_NAME + 1));
}

void receivers_free(struct receivers *r)
{
    free(r->keys);
    r->keys = NULL;
    buf_free(&r->names);
}

/* Everyone but ourselves. A member whose key has changed is left out, and said so. */
enum err receivers_all(struct client *c, struct receivers *r)
{
    const struct trust_objection *objection;
    char text[192];

    r->keys = calloc(c->members.count > 0 ? c->members.count : 1, sizeof *r->keys);
    if (r->keys == NULL)
        return no_memory(c);
    for (size_t k = 0; k < c->members.count; k++) {
        const struct member *m = c->members.list[k];

        if (text_name_same(m->name, c->config->name))
            continue;
        objection = trust_objects(c, m);
        if (objection != NULL) {
            snprintf(text, sizeof text, "%s is left out: the key %s (/trust %s)", m->name,
                     objection->what, m->name);
            report_error(&c->report, objection->code, text, 0);
            continue;
        }
        r->keys[r->count++] = m->key;
        buf_add(&r->names, m->name, strlen(m->name) + 1);
    }
    if (r->count == 0)
        return complain(c, "no-member", ERR_UNKNOWN, "nobody else is here");
    if (r->count > LIMIT_SLOTS)
        return complain(c, "limit", ERR_LIMIT, "too many members for one message to all");
    return ERR_OK;
}

/* r->to is set. */
static bool set_one(struct receivers *r, const struct public_key *to)
{
    buf_add(&r->names, r->to, strlen(r->to) + 1);
    r->keys = malloc(sizeof *r->keys);
    if (r->keys == NULL)
        return false;
    r->keys[0] = *to;
    memcpy(r->first, to->fingerprint, sizeof r->first);
    r->count = 1;
    return true;
}

/* Who is away reads it on return. The name must still be that key's, and no doubt about it. */
static const struct contact *find_away(const struct client *c, const char *to)
{
    const struct contact *known = contacts_find(&c->contacts, c->server.fingerprint, to);
    const uint8_t *owner = bindings_find(&c->bindings, to);

    if (c->config->one_shot || known == NULL || known->shown != NULL || owner == NULL ||
        text_name_same(to, c->config->name) || witness_disputes(&c->witness, to) ||
        memcmp(owner, known->key.fingerprint, SIZE_FINGERPRINT) != 0)
        return NULL;
    return known;
}

enum err receivers_one(struct client *c, struct receivers *r, const char *to)
{
    const struct member *m = members_find(&c->members, to);
    const struct contact *away = m == NULL ? find_away(c, to) : NULL;
    const struct trust_objection *objection;
    char text[192];

    if (away != NULL) {
        snprintf(r->to, sizeof r->to, "%s", away->name);
        return set_one(r, &away->key) ? ERR_OK : no_memory(c);
    }
    if (m == NULL) {
        snprintf(text, sizeof text, "no such member: %.64s", to);
        return complain(c, "no-member", ERR_UNKNOWN, text);
    }
    /* A one-shot may well write to the member with its key, which is another session. */
    if (!c->config->one_shot && text_name_same(m->name, c->config->name))
        return complain(c, "usage", ERR_UNKNOWN, "that is yourself");
    objection = trust_objects(c, m);
    if (objection != NULL) {
        snprintf(text, sizeof text, "not sent: the key of %s %s (/trust %s)", m->name,
                 objection->what, m->name);
        return complain(c, objection->code, ERR_KEY, text);
    }
    snprintf(r->to, sizeof r->to, "%s", m->name);
    return set_one(r, &m->key) ? ERR_OK : no_memory(c);
}

enum err receivers_key(struct client *c, struct receivers *r, const struct public_key *key)
{
    return set_one(r, key) ? ERR_OK : no_memory(c);
}
