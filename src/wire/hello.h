/* The hello and what may come at any time: fields to bytes and back. Every decode checks the form
 * and the limits and points into the payload; what the fields mean is checked in proto/. */
#ifndef DEN_WIRE_HELLO_H
#define DEN_WIRE_HELLO_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

#define WIRE_VERSION 1

/* Features: bits that a side announces; nothing is sent whose bit the peer did not set. */
#define FEATURE_VIDEO (1u << 0)
#define FEATURE_TALK (1u << 1) /* the conversation with the server: wire/talk.h */
#define FEATURE_PAST (1u << 2) /* what was missed: wire/room.h */
#define FEATURE_AUTO (1u << 3) /* the schedule auto, and RENDITION */
#define FEATURE_LIVE (1u << 5) /* casts: wire/live.h */

#define HELLO_EPHEMERAL 1u /* the identity ends with this session */
#define HELLO_ONE_SHOT 2u  /* takes nothing over and is not listed */

struct wire_hello {
    uint16_t version; /* the highest that the client speaks */
    uint64_t features;
    uint8_t flags;
    char name[LIMIT_NAME + 1];
    struct span pem;
    uint16_t direct_port; /* 0: not reachable */
};

struct wire_hello_ack {
    uint16_t version; /* the one that both use from here on */
    uint64_t features;
    struct span pem;
};

struct wire_ack {
    const uint8_t *signature; /* SIZE_SIGNATURE */
    struct span invitation;   /* 0 or 16 bytes */
};

struct wire_error {
    uint16_t code; /* enum message_code, or one from the future */
    struct span text;
};

struct wire_refused {
    uint64_t about; /* the id of an envelope or the number of a stream */
    uint16_t code;
    struct span text;
};

void wire_put_hello(struct buf *out, const struct wire_hello *m);
void wire_put_hello_ack(struct buf *out, const struct wire_hello_ack *m);
void wire_put_ack(struct buf *out, const struct wire_ack *m);
void wire_put_error(struct buf *out, uint16_t code, const char *text);
void wire_put_refused(struct buf *out, uint64_t about, uint16_t code, const char *text);
void wire_put_quit(struct buf *out, const char *text);

enum err wire_get_hello(struct span payload, struct wire_hello *m);
enum err wire_get_hello_ack(struct span payload, struct wire_hello_ack *m);
enum err wire_get_ack(struct span payload, struct wire_ack *m);
enum err wire_get_error(struct span payload, struct wire_error *m);
enum err wire_get_refused(struct span payload, struct wire_refused *m);
/* The sentence of a QUIT. */
enum err wire_get_quit(struct span payload, struct span *text);

/* Shared by the other groups of messages: a sentence, cut to its valid text of LIMIT_REASON bytes; a
 * name with its length in front, into a string. */
void wire_put_sentence(struct buf *out, const char *text);
enum err wire_get_name(struct cursor *c, char name[static LIMIT_NAME + 1]);

#endif
