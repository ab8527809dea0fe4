/* The messages of the conversation between a client and its server: the key for it, lines under
 * that key, the end. What they mean is in proto/talk_key.h and proto/talk_line.h. */
#ifndef DEN_WIRE_TALK_H
#define DEN_WIRE_TALK_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

#define WIRE_TALK_TAG 16
/* Bytes that a line's text has around it: kind, id and signature of the longer kind. */
#define WIRE_TALK_AROUND (1 + 8 + SIZE_SIGNATURE)
/* The largest payload of LINE: counter, then ciphertext and tag. */
#define WIRE_TALK_LINE (8 + WIRE_TALK_AROUND + LIMIT_TALK + WIRE_TALK_TAG)

struct wire_session_key {
    const uint8_t *wrapped;   /* SIZE_WRAPPED */
    const uint8_t *signature; /* SIZE_SIGNATURE */
};

struct wire_line {
    uint64_t counter;
    struct span sealed; /* ciphertext and tag: more than a tag */
};

void wire_put_session_key(struct buf *out, const struct wire_session_key *m);
void wire_put_line(struct buf *out, const struct wire_line *m);
void wire_put_close(struct buf *out);

enum err wire_get_session_key(struct span payload, struct wire_session_key *m);
enum err wire_get_line(struct span payload, struct wire_line *m);
enum err wire_get_close(struct span payload);

#endif
