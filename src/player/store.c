#include "player/store.h"

#include <stdlib.h>

#define STORE_FIRST 64 /* slots to begin with */

struct store_slot *store_at(const struct store *s, size_t i)
{
    return &s->ring[(s->first + i) & (s->capacity - 1)];
}

static enum err store_grow(struct store *s)
{
    size_t capacity = s->capacity == 0 ? STORE_FIRST : s->capacity * 2;
    struct store_slot *ring;

    if (capacity > PLAYER_HELD_FRAMES)
        return ERR_LIMIT;
    ring = malloc(capacity * sizeof *ring);
    if (ring == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < s->count; i++)
        ring[i] = *store_at(s, i);
    free(s->ring);
    s->ring = ring;
    s->capacity = capacity;
    s->first = 0;
    return ERR_OK;
}

struct store_slot *store_add(struct store *s, enum err *err)
{
    struct store_slot *slot;

    *err = s->count == s->capacity ? store_grow(s) : ERR_OK;
    if (*err != ERR_OK)
        return NULL;
    s->count++;
    s->unsettled++;
    slot = store_at(s, s->count - 1);
    *slot = (struct store_slot){.count = 1, .shown_ns = -1};
    return slot;
}

/* Numbers rise from slot to slot, so it is found by halves. */
struct store_slot *store_find(const struct store *s, uint32_t number)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct store_slot *slot = store_at(s, middle);
        if (slot->number == number)
            return slot;
        if (slot->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void store_drop_jpeg(struct store *s, struct store_slot *slot)
{
    if (slot->jpeg == NULL)
        return;
    free(slot->jpeg);
    slot->jpeg = NULL;
    s->bytes -= slot->length;
}

void store_settle(struct store *s, struct store_slot *slot, enum player_outcome outcome,
                  enum err reason, int64_t shown_ns)
{
    slot->settled = true;
    slot->outcome = outcome;
    slot->reason = reason;
    slot->shown_ns = shown_ns;
    s->unsettled--;
    picture_release(slot->picture);
    slot->picture = NULL;
    if (!s->digest || slot->digested)
        store_drop_jpeg(s, slot);
}

bool store_told(const struct store *s, const struct store_slot *slot)
{
    if (!slot->settled || slot->state == STORE_DECODING)
        return false;
    return slot->digested || !s->digest || slot->outcome == PLAYER_SKIPPED;
}

void store_pop(struct store *s)
{
    struct store_slot *slot = store_at(s, 0);

    if (slot->count > 1) {
        slot->count--;
        slot->number++;
        return;
    }
    s->first = (s->first + 1) & (s->capacity - 1);
    s->count--;
}

void store_clear(struct store *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct store_slot *slot = store_at(s, i);
        store_drop_jpeg(s, slot);
        picture_release(slot->picture);
    }
    s->first = s->count = s->bytes = s->unsettled = 0;
}

void store_free(struct store *s)
{
    store_clear(s);
    free(s->ring);
    s->ring = NULL;
    s->capacity = 0;
}
