/* The frames that the player holds, in the clip's order, from when they are given until their
 * outcome was told. Whoever owns the store guards it.
 *
 *     state      what                                    fields
 *     WAITING    not decoded                             jpeg
 *     DECODING   a thread has it: it stays where it is   (jpeg is the thread's)
 *     READY      decoded                                 picture
 *
 *     settled: outcome is known (of a gap from the start). Told, and gone, when it is the first,
 *     settled, not DECODING, and digested where a digest is wanted.
 */
#ifndef DEN_PLAYER_STORE_H
#define DEN_PLAYER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "player/picture.h"
#include "player/player.h"

enum store_state { STORE_WAITING, STORE_DECODING, STORE_READY };

struct store_slot {
    enum store_state state;
    uint32_t number;
    uint32_t count; /* frames; above 1 only for a gap */
    uint32_t height, source_number;
    uint8_t *jpeg; /* owned; NULL for a gap and once it is no longer needed */
    size_t length;
    struct picture *picture; /* one user is this slot */
    bool settled, digested;
    enum player_outcome outcome;
    enum err reason;
    int64_t shown_ns;
    uint8_t sha256[32];
};

struct store {
    struct store_slot *ring; /* capacity is a power of two; slots move only in store_add */
    size_t capacity, first, count;
    size_t bytes;     /* of all jpeg that are there or with a decoding thread */
    size_t unsettled; /* slots */
    uint32_t newest;  /* the last frame (no gap) that was added */
    bool digest;      /* a digest is wanted of every frame */
};

struct store_slot *store_at(const struct store *s, size_t i); /* i < count, 0 is the first */
/* A new last slot, all zeros, or NULL: ERR_LIMIT and ERR_MEMORY in *err. Slots may move in memory:
 * find them again by number. */
struct store_slot *store_add(struct store *s, enum err *err);
/* The slot of that number, NULL if it is not held or lies within a gap. */
struct store_slot *store_find(const struct store *s, uint32_t number);
/* Sets the outcome; frees the picture, and the JPEG unless its digest is still to be made. */
void store_settle(struct store *s, struct store_slot *slot, enum player_outcome outcome,
                  enum err reason, int64_t shown_ns);
/* Frees a slot's JPEG and counts it out; NULL is fine. */
void store_drop_jpeg(struct store *s, struct store_slot *slot);
/* Whether the slot's outcome can be told. */
bool store_told(const struct store *s, const struct store_slot *slot);
/* Takes the first frame out of the first slot. */
void store_pop(struct store *s);
/* Forgets all; what a thread decodes stays the thread's. */
void store_clear(struct store *s);
void store_free(struct store *s);

#endif
