#include "client/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static size_t place(const struct members *m, const char *name)
{
    size_t low = 0, high = m->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (text_name_compare(m->list[mid]->name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct member *members_find(const struct members *m, const char *name)
{
    size_t at = place(m, name);

    return at < m->count && text_name_same(m->list[at]->name, name) ? m->list[at] : NULL;
}

static bool reserve(struct members *m)
{
    size_t cap = m->cap == 0 ? 16 : 2 * m->cap;
    struct member **list;

    if (m->count < m->cap)
        return true;
    list = realloc(m->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    m->list = list;
    m->cap = cap;
    return true;
}

enum err members_add(struct members *m, const struct wire_member *w, bool *added)
{
    size_t at = place(m, w->name);
    bool there = at < m->count && text_name_same(m->list[at]->name, w->name);
    struct member new = {.ephemeral = (w->flags & MEMBER_EPHEMERAL) != 0,
                         .direct_port = w->direct_port};
    enum err e = public_key_from_spki(&new.key, w->spki, SIZE_SPKI);

    *added = false;
    if (e != ERR_OK)
        return e;
    memcpy(new.name, w->name, sizeof new.name);
    if (w->address.len <= MEMBER_ADDRESS && w->address.len > 0)
        memcpy(new.address, w->address.data, w->address.len);
    if (!there) {
        if (m->count >= LIMIT_MEMBERS)
            return ERR_LIMIT;
        if (!reserve(m))
            return ERR_MEMORY;
        memmove(m->list + at + 1, m->list + at, (m->count - at) * sizeof *m->list);
        m->list[at] = malloc(sizeof new);
        if (m->list[at] == NULL) {
            memmove(m->list + at, m->list + at + 1, (m->count - at) * sizeof *m->list);
            return ERR_MEMORY;
        }
        m->count++;
    }
    *added = !there || !public_key_same(&m->list[at]->key, &new.key);
    new.ignored = !*added && m->list[at]->ignored;
    *m->list[at] = new;
    return ERR_OK;
}

bool members_remove(struct members *m, const char *name, const uint8_t *fingerprint,
                    struct member *out)
{
    size_t at = place(m, name);

    if (at >= m->count || !text_name_same(m->list[at]->name, name) ||
        memcmp(m->list[at]->key.fingerprint, fingerprint, SIZE_FINGERPRINT) != 0)
        return false;
    *out = *m->list[at];
    free(m->list[at]);
    m->count--;
    memmove(m->list + at, m->list + at + 1, (m->count - at) * sizeof *m->list);
    return true;
}

void members_ignore(struct members *m, const char *name, bool on)
{
    size_t at = place(m, name);

    if (at < m->count && text_name_same(m->list[at]->name, name))
        m->list[at]->ignored = on;
}

void members_replace(struct members *m, struct members *arrived)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct member *was = m->list[i];
        size_t at = place(arrived, was->name);

        if (was->ignored && at < arrived->count &&
            text_name_same(arrived->list[at]->name, was->name) &&
            public_key_same(&arrived->list[at]->key, &was->key))
            arrived->list[at]->ignored = true;
    }
    members_clear(m);
    *m = *arrived;
    *arrived = (struct members){0};
}

void members_clear(struct members *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->list[i]);
    free(m->list);
    *m = (struct members){0};
}
