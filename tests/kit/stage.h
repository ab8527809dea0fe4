/* A room without a network: actors are sessions whose port is a buffer. Time is the test's. */
#ifndef DEN_TESTS_KIT_STAGE_H
#define DEN_TESTS_KIT_STAGE_H

#include "server/room.h"
#include "server/session.h"
#include "tests/kit/desk.h"
#include "wire/hello.h"

#define STAGE_SERVER 0 /* number of the server's key in keys.h */

struct stage {
    struct desk desk;
    struct clips clips;
    struct room room;
    char library[512], cache[512], names[512], log[512];
    uint64_t features; /* that actors announce: video, unless the test adds to it */
    bool rates; /* actors are held to the usual rates; to none, unless set before stage_open */
};

struct actor {
    struct session session;
    struct stage *stage;
    const struct identity *identity;
    struct buf out; /* what was sent to it */
    size_t at;      /* how much of that was looked at */
    size_t queued;  /* what the port says waits */
    enum message_phase phase;
    bool paused, finished;
    size_t kicks;
    uint8_t exporter[SIZE_EXPORTER];
};

/* An empty room `hall` with a library; ten seconds after the clock began. */
void stage_open(struct stage *s);
void stage_close(struct stage *s);
/* The server stops and starts again, the files are as they were. End all actors before. */
void stage_restart(struct stage *s);
/* That much later, all the disk's work done before and the room's ticks after. */
void stage_later(struct stage *s, int64_t ns);

/* A link to the server: its session is in HELLO. */
void actor_start(struct actor *a, struct stage *s, unsigned key);
/* Its link is gone, and its memory given back. Idempotent. */
void actor_end(struct actor *a);
/* A message from it; out holds one, whole, and is cleared. */
void actor_send(struct actor *a, struct buf *out);
void actor_say_hello(struct actor *a, const char *name, uint8_t flags);
void actor_say_ack(struct actor *a, const char *name);
/* The same with an invitation: 0 or 16 bytes. */
void actor_show_code(struct actor *a, const char *name, struct span invitation);
/* All of the hello, and the disk's work: it is in the room, and WELCOME and the lists were looked
 * at. Fails the test otherwise. */
void actor_enter(struct actor *a, struct stage *s, unsigned key, const char *name, uint8_t flags);

/* The next message that was sent to it and not looked at: its type, 0 if there is none. */
uint8_t actor_peek(const struct actor *a);
/* Looks at it; fails the test if it is another type. Valid until more is sent. */
struct span actor_next(struct actor *a, uint8_t type);
/* Looks at all there is. */
void actor_skip(struct actor *a);
/* The next message is that ERROR or REFUSED, the latter about that number. */
void actor_check_error(struct actor *a, enum message_code code);
void actor_check_refused(struct actor *a, uint64_t about, enum message_code code);

/* What passes for an envelope to one by its outside; 1,319 bytes that depend on seed. */
void stage_envelope(struct buf *out, uint64_t seed);

#endif
