/* One entry of the list of bindings: at this number, this key took or gave up this name. */
#ifndef DEN_PROTO_BINDING_H
#define DEN_PROTO_BINDING_H

#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/digest.h"

#define BINDINGS_ENTRY_MAX (8 + 1 + 1 + LIMIT_NAME + SIZE_FINGERPRINT) /* bytes of one, encoded */

enum binding_kind { BINDING_BIND = 1, BINDING_RELEASE = 2 };

struct binding {
    uint64_t n;
    enum binding_kind kind;
    char name[LIMIT_NAME + 1]; /* as it was written at the time */
    uint8_t fingerprint[SIZE_FINGERPRINT];
};

/* One entry in its bytes, and back: u64 n, u8 kind, u8 length and name, fingerprint. decode leaves
 * the cursor behind it: ERR_SHORT, ERR_FORMAT, ERR_NAME. */
void binding_encode(struct buf *out, const struct binding *entry);
enum err binding_decode(struct binding *entry, struct cursor *in);

/* The next value of the chain: h becomes SHA-256(h | the entry's bytes). */
void binding_chain(uint8_t h[static DIGEST_SIZE], const struct binding *entry);

#endif
