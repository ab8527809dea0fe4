/* Which key has which name, as one append-only list whose every state has a hash:
 * h_0 = the server's fingerprint, h_n = SHA-256(h_(n-1) | entry n). Entries count from 1. */
#ifndef DEN_PROTO_BINDINGS_H
#define DEN_PROTO_BINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "proto/binding.h"

#define BINDINGS_HASH 32
struct bindings_item;
struct bindings {
    struct bindings_item *items; /* owned; item i is entry i + 1 */
    size_t count;
    size_t cap;
    uint32_t *slots; /* owned; open addressing by the keyed hash of the folded name */
    size_t slot_count;
    size_t names;                     /* slots in use */
    size_t bound;                     /* names that are bound now */
    uint8_t origin[SIZE_FINGERPRINT]; /* h_0 */
    uint8_t seed[32]; /* keys the hash, so that nobody can choose names that collide */
};

void bindings_init(struct bindings *b, const uint8_t server[static SIZE_FINGERPRINT],
                   struct random *random);
void bindings_free(struct bindings *b);

/* The key that has the name now (compared without case); NULL if it is free. Valid until the next
 * change. */
const uint8_t *bindings_find(const struct bindings *b, const char *name);
/* The number of the entry that gave the name to it; 0 if it is free. */
uint64_t bindings_number(const struct bindings *b, const char *name);
/* Whether an entry binds name to that key, be it released since or not. */
bool bindings_ever(const struct bindings *b, const char *name,
                   const uint8_t fingerprint[static SIZE_FINGERPRINT]);

/* Whether the key has a name, of all there are; looks at every entry. */
enum bindings_known { BINDINGS_NEVER, BINDINGS_BEFORE, BINDINGS_NOW };
enum bindings_known bindings_knows(const struct bindings *b,
                                   const uint8_t fingerprint[static SIZE_FINGERPRINT]);

/* Binds name, or finds it bound to that very key (*added tells which; no entry is made then).
 * ERR_EXISTS: another key has it. ERR_LIMIT: LIMIT_BINDINGS names are bound, or the list is as long
 * as it may be. ERR_NAME, ERR_MEMORY. */
enum err bindings_bind(struct bindings *b, const char *name,
                       const uint8_t fingerprint[static SIZE_FINGERPRINT], bool *added);
/* ERR_UNKNOWN if it is not bound. */
enum err bindings_release(struct bindings *b, const char *name);
/* Adds an entry that came from a file or the server: it must be number count + 1 (else ERR_STATE)
 * and one that bind or release could have made (else ERR_EXISTS, ERR_UNKNOWN, ERR_KEY). */
enum err bindings_append(struct bindings *b, const struct binding *entry);
/* Takes the newest entry back: for one that could not be written. */
void bindings_undo(struct bindings *b);

/* Entry n, 1 <= n <= count; false otherwise. */
bool bindings_get(const struct bindings *b, uint64_t n, struct binding *out);
/* h_n, 0 <= n <= count; false otherwise. */
bool bindings_hash(const struct bindings *b, uint64_t n, uint8_t out[static BINDINGS_HASH]);
/* Appends entries from number `from` (>= 1) on, whole ones, as many as fit in max bytes; returns
 * the number of the entry to go on with (count + 1 when all are written). */
uint64_t bindings_write(const struct bindings *b, uint64_t from, size_t max, struct buf *out);

#endif
