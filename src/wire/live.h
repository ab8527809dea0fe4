/* The messages of live pictures: what somebody casts, what comes of it to who watches, and the
 * sealed messages by which keys are asked for and given. */
#ifndef DEN_WIRE_LIVE_H
#define DEN_WIRE_LIVE_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

#define SIZE_CAST_ID 16

#define CAST_SEALED 1u /* the server can't see the pictures */

/* A cast is to begin / somebody's cast, in the list of those that there are. */
struct wire_cast {
    uint32_t cast; /* a number of the caster's, unlike that of any of its streams */
    uint8_t flags;
    const uint8_t *id;         /* SIZE_CAST_ID random bytes; of CAST and LIVE */
    struct span name, title;   /* LIMIT_CLIP, LIMIT_TITLE */
    char from[LIMIT_NAME + 1]; /* of LIVE and CASTS: the caster's name */
    const uint8_t *spki;       /* of LIVE: the caster's, SIZE_SPKI */
};

#define SHOT_CHUNK_HEAD 14 /* bytes of every chunk before its data */
#define SHOT_FIRST_HEAD 16 /* and of a first one behind those */
#define SHOT_HEAD (MESSAGE_HEADER + SHOT_CHUNK_HEAD + SHOT_FIRST_HEAD)

/* A chunk of a frame; flags are FRAME_FIRST and FRAME_LAST. */
struct wire_shot {
    uint32_t stream; /* or the number of the cast, from the caster */
    uint8_t track;
    uint8_t flags;
    uint64_t number; /* only rises */
    /* in the first chunk */
    uint32_t epoch;  /* of the key; 0 if it is not sealed */
    uint32_t length; /* of the whole frame */
    int64_t pts_ns;
    struct span data;
};

/* ASK and GIVEN: stream and envelope; GIVE: cast, viewer (0: all), envelope; ASKED: all but stream. */
struct wire_pass {
    uint32_t number; /* the stream, or the cast */
    uint32_t viewer;
    char from[LIMIT_NAME + 1];
    const uint8_t *fingerprint;
    struct span envelope;
};

void wire_put_cast(struct buf *out, const struct wire_cast *m);
enum err wire_get_cast(struct span payload, struct wire_cast *m);
/* The answer to PLAY of a cast; m->cast is the stream. */
void wire_put_live(struct buf *out, const struct wire_cast *m);
enum err wire_get_live(struct span payload, struct wire_cast *m);
/* CASTS: begin with message_begin, add, end with message_end. */
void wire_casts_add(struct buf *out, const struct wire_cast *m);
/* False at the end, or with another reason than ERR_OK in *e. */
bool wire_casts_next(struct cursor *c, struct wire_cast *m, enum err *e);

/* Writes header and fields of a chunk whose data (len bytes) follows right behind; out has room for
 * SHOT_HEAD. Returns the bytes written. */
size_t wire_shot_head(uint8_t *out, const struct wire_shot *m, size_t len);
enum err wire_get_shot(struct span payload, struct wire_shot *m);

/* CASTING, UNCAST. */
void wire_put_number(struct buf *out, enum message_type type, uint32_t number);
enum err wire_get_number(struct span payload, uint32_t *number);
/* GRANT (bytes), OUST and UNWATCHED (the viewer). */
void wire_put_pair(struct buf *out, enum message_type type, uint32_t number, uint32_t other);
enum err wire_get_pair(struct span payload, uint32_t *number, uint32_t *other);

/* The envelope goes to the end: it is begun by these, added, and ended with message_end. */
size_t wire_ask_begin(struct buf *out, uint32_t stream);
size_t wire_asked_begin(struct buf *out, const struct wire_pass *m);
size_t wire_give_begin(struct buf *out, uint32_t cast, uint32_t viewer);
size_t wire_given_begin(struct buf *out, uint32_t stream);
/* ASK, GIVEN. */
enum err wire_get_ask(struct span payload, struct wire_pass *m);
enum err wire_get_asked(struct span payload, struct wire_pass *m);
enum err wire_get_give(struct span payload, struct wire_pass *m);

#endif
