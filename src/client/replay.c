#include "client/replay.h"

#include <stdlib.h>
#include <string.h>

static size_t place(const struct replay *r, const uint8_t *fingerprint)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (memcmp(r->senders[mid]->fingerprint, fingerprint, SIZE_FINGERPRINT) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static enum err add_sender(struct replay *r, size_t at, const uint8_t *fingerprint)
{
    struct replay_sender *s;

    if (r->count >= LIMIT_REPLAY_SENDERS)
        return ERR_LIMIT;
    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
        struct replay_sender **grown = realloc(r->senders, cap * sizeof *grown);

        if (grown == NULL)
            return ERR_MEMORY;
        r->senders = grown;
        r->cap = cap;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR_MEMORY;
    memcpy(s->fingerprint, fingerprint, SIZE_FINGERPRINT);
    memmove(r->senders + at + 1, r->senders + at, (r->count - at) * sizeof *r->senders);
    r->senders[at] = s;
    r->count++;
    return ERR_OK;
}

/* Where the id is, or would be. */
static uint32_t id_place(const struct replay_sender *s, uint64_t id)
{
    uint32_t low = 0, high = s->count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (s->ids[mid] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Ids follow the clock and are far apart: so those that came are remembered, not a window of all. */
static bool is_new(const struct replay_sender *s, uint64_t id)
{
    uint32_t at = id_place(s, id);

    return (at == s->count || s->ids[at] != id) && (at > 0 || s->count < REPLAY_KEPT);
}

static bool grow(struct replay_sender *s)
{
    uint32_t cap = s->cap == 0 ? 8 : 2 * s->cap;
    uint64_t *ids;

    if (s->count < s->cap || s->cap == REPLAY_KEPT)
        return true;
    cap = cap < REPLAY_KEPT ? cap : REPLAY_KEPT;
    ids = realloc(s->ids, cap * sizeof *ids);
    if (ids == NULL)
        return false;
    s->ids = ids;
    s->cap = cap;
    return true;
}

/* The lowest gives way when there is no room. */
static void insert(struct replay_sender *s, uint64_t id)
{
    uint32_t at = id_place(s, id);

    if (s->count == REPLAY_KEPT) {
        at--;
        memmove(s->ids, s->ids + 1, at * sizeof *s->ids);
    } else {
        memmove(s->ids + at + 1, s->ids + at, (s->count - at) * sizeof *s->ids);
        s->count++;
    }
    s->ids[at] = id;
}

static struct replay_sender *find(const struct replay *r, const uint8_t *fingerprint, size_t *at)
{
    *at = place(r, fingerprint);
    if (*at == r->count || memcmp(r->senders[*at]->fingerprint, fingerprint, SIZE_FINGERPRINT) != 0)
        return NULL;
    return r->senders[*at];
}

struct replay_sender *replay_sender(struct replay *r,
                                    const uint8_t fingerprint[static SIZE_FINGERPRINT], enum err *e)
{
    size_t at;
    struct replay_sender *s = find(r, fingerprint, &at);

    *e = s == NULL ? add_sender(r, at, fingerprint) : ERR_OK;
    return *e == ERR_OK ? r->senders[at] : NULL;
}

enum err replay_look(const struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                     uint64_t id)
{
    size_t at;
    const struct replay_sender *s = find(r, fingerprint, &at);

    return s == NULL || is_new(s, id) ? ERR_OK : ERR_REPLAY;
}

enum err replay_check(struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                      uint64_t id)
{
    enum err e;
    struct replay_sender *s = replay_sender(r, fingerprint, &e);

    if (s == NULL)
        return e;
    if (!is_new(s, id))
        return ERR_REPLAY;
    if (!grow(s))
        return ERR_MEMORY;
    insert(s, id);
    return ERR_OK;
}

void replay_free(struct replay *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->senders[i]->ids);
        free(r->senders[i]);
    }
    free(r->senders);
    *r = (struct replay){0};
}
