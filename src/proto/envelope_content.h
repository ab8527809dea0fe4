/* The inside of an envelope: padding, signature and content, in bytes. */
#ifndef DEN_PROTO_ENVELOPE_CONTENT_H
#define DEN_PROTO_ENVELOPE_CONTENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/identity.h"
#include "crypto/random.h"
#include "proto/envelope.h"

/* Bytes of the whole plaintext of c without padding. */
size_t envelope_content_size(const struct envelope_content *c);

/* Fills plain, whose size is a size class that holds it: length, signature, content, zeros. c->key
 * is id's. ERR_KEY if the key does not work. */
enum err envelope_content_write(uint8_t *plain, size_t size, const struct envelope_content *c,
                                const struct identity *id, struct random *random);

/* Reads it and verifies the signature by the key it names. out->body points into plain. */
enum err envelope_content_read(struct envelope_content *out, const uint8_t *plain, size_t size);

#endif
