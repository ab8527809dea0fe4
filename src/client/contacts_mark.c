#include "client/contacts_mark.h"

#include <stdlib.h>
#include <string.h>

enum err contacts_mark_show(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                            const char *name, const struct public_key *key, bool *news)
{
    struct contact *known = contacts_edit(c, server, name);

    *news = false;
    if (known == NULL)
        return ERR_UNKNOWN;
    if (key == NULL || known->shown == NULL) {
        *news = key != NULL || known->shown != NULL;
        free(known->shown);
        known->shown = key == NULL ? NULL : malloc(sizeof *known->shown);
    } else {
        *news = !public_key_same(known->shown, key);
    }
    if (key != NULL && known->shown == NULL)
        return ERR_MEMORY;
    if (key != NULL)
        *known->shown = *key;
    return ERR_OK;
}

enum err contacts_mark_accept(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name, uint64_t now_s)
{
    struct contact *known = contacts_edit(c, server, name);

    if (known == NULL)
        return ERR_UNKNOWN;
    if (known->shown == NULL)
        return ERR_STATE;
    known->key = *known->shown;
    free(known->shown);
    known->shown = NULL;
    known->first = known->last = now_s;
    known->verified = known->ignored = false;
    known->marked = known->replaced = c->changed = true;
    return ERR_OK;
}

enum err contacts_mark_verify(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name, const struct public_key *key)
{
    struct contact *known = contacts_edit(c, server, name);

    if (known == NULL)
        return ERR_UNKNOWN;
    if (!public_key_same(&known->key, key))
        return ERR_KEY;
    known->verified = known->marked = c->changed = true;
    return ERR_OK;
}

enum err contacts_mark_ignore(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name, bool on)
{
    struct contact *known = contacts_edit(c, server, name);

    if (known == NULL)
        return ERR_UNKNOWN;
    known->ignored = on;
    known->marked = c->changed = true;
    return ERR_OK;
}

bool contacts_mark_ignores(const struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                           const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    for (size_t i = 0; i < c->count; i++) {
        const struct contact *one = c->list[i];

        if (one->ignored && memcmp(one->server, server, SIZE_FINGERPRINT) == 0 &&
            memcmp(one->key.fingerprint, fingerprint, SIZE_FINGERPRINT) == 0)
            return true;
    }
    return false;
}
