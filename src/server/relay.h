/* The way of an envelope: checked by its outside, appended to the log, and when that is on disk
 * accepted and passed on to everybody. */
#ifndef DEN_SERVER_RELAY_H
#define DEN_SERVER_RELAY_H

#include <stddef.h>
#include <stdint.h>

#include "wire/message.h"
#include "wire/room.h"

struct room;
struct session;
struct relayed;

/* Envelopes that wait for the disk, in the order of their numbers. */
struct relay {
    struct relayed *first, *last;
    uint64_t durable; /* up to this number they may go */
};

/* An envelope that envelope_check let through. */
void relay_submit(struct room *r, struct session *from, const struct wire_send *m);
/* REFUSED about the SEND with that id. */
void relay_refuse(struct session *s, uint64_t id, enum message_code code, const char *text);
/* The log has all up to number / has lost all above it. What is in the log goes to everybody, at once
 * or, if there was no memory to tell who came before, by relay_tick. */
void relay_durable(struct room *r, uint64_t number);
void relay_failed(struct room *r, uint64_t number);
void relay_tick(struct room *r);
/* The session goes: its envelopes go their way, without an answer to it. */
void relay_forget(struct room *r, const struct session *s);
void relay_free(struct relay *relay);

#endif
