/* The messages of coming back: what went through the room meanwhile. */
#ifndef DEN_WIRE_PAST_H
#define DEN_WIRE_PAST_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"
#include "wire/room.h"

struct wire_resume {
    const uint8_t *log_id; /* SIZE_LOG_ID */
    uint64_t after;        /* the last number that the client has, 0 for none */
};

struct wire_past {
    struct wire_sealed sealed;
    uint64_t time_ms; /* since 1970, by the server's clock, when it was stored */
};

struct wire_past_end {
    uint64_t from; /* all above this ... */
    uint64_t last; /* ... up to this was gone through */
    uint64_t lost; /* so many of them are not there any more */
};

void wire_put_resume(struct buf *out, const struct wire_resume *m);
enum err wire_get_resume(struct span payload, struct wire_resume *m);
/* The envelope's bytes are not added: add them behind, then message_end(out, result). */
size_t wire_past_begin(struct buf *out, uint64_t number, const char *from,
                       const uint8_t fingerprint[static SIZE_FINGERPRINT], uint64_t time_ms);
enum err wire_get_past(struct span payload, struct wire_past *m);
void wire_put_past_end(struct buf *out, const struct wire_past_end *m);
/* ERR_FORMAT: the numbers can't be. */
enum err wire_get_past_end(struct span payload, struct wire_past_end *m);

#endif
