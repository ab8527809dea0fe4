/* Cuts a stream of bytes, that arrives in any pieces, into messages.
 *
 * state        partial.len           what comes next
 * between      0                     a header, or whole messages read in place
 * in a header  1 to 4                its other bytes
 * in a payload 5 or more             the rest of it
 * refused      any, refused is set   nothing: the link is to be closed */
#ifndef DEN_WIRE_FRAMER_H
#define DEN_WIRE_FRAMER_H

#include "wire/message.h"

struct framer {
    struct buf partial;
    enum message_from from;   /* who writes this stream */
    enum message_phase phase; /* set by the owner as the session goes on */
    enum message_code refused;
    bool taken; /* partial holds a message that was given out */
};

enum framer_result {
    FRAMER_MESSAGE, /* one message; its payload is good until the next call */
    FRAMER_MORE,    /* all input used up, the next message is not whole yet */
    FRAMER_REFUSED  /* see why */
};

void framer_init(struct framer *f, enum message_from from);
void framer_free(struct framer *f);

/* All messages that were given out are done with. Returns how much memory is held for the next one. */
size_t framer_settle(struct framer *f);
/* Gives up: refused, and what came of a message is freed. */
void framer_drop(struct framer *f);

/* Takes bytes from in. A type or a length that the phase does not allow is refused on its header,
 * before anything of the payload is stored; an unknown type from 0x80 on is given out like any
 * other (limit: LIMIT_LIST). why: a sentence, set with FRAMER_REFUSED. */
enum framer_result framer_next(struct framer *f, struct cursor *in, struct message *out,
                               const char **why);

#endif
