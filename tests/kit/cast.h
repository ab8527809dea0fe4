/* A room on the stage (stage.h) when memory runs out (famine.h): who is in it, as each of them knows it
 * by what it was told, and what must hold of that whatever failed. */
#ifndef DEN_TESTS_KIT_CAST_H
#define DEN_TESTS_KIT_CAST_H

#include "tests/kit/stage.h"

#define CAST_MOST 13 /* names in a view */

/* The room as one who is in it knows it, by what it was told. */
struct view {
    struct actor actor;
    char names[CAST_MOST][LIMIT_NAME + 1];
    size_t count;
    char ever[CAST_MOST][LIMIT_NAME + 1]; /* also those who left */
    size_t ever_count;
    uint64_t bindings; /* entries that it was given */
    size_t accepted, refused;
    uint64_t sealed[50]; /* numbers of the envelopes that it got */
    size_t sealed_count;
    uint16_t error; /* of the ERROR that it got, 0: none */
};

/* One for a test program; cast_make fills the messages, and cast_open_room opens the rest. */
struct cast {
    struct stage stage;
    struct view alice, bob, carol;
    struct buf hello, ack; /* of who is about to come in, cast_hello and cast_ack */
    struct buf one, all;   /* SEND of alice's, to one and to all */
    struct buf out;
};

extern struct cast cast;

/* Set-up and tear-down of a cmocka test. */
int cast_make(void **state);
int cast_unmake(void **state);

/* The room with alice and carol in it. */
void cast_open_room(void);
/* Ends all three. What is on disk is read by the next server: no entry is lost, none made up. */
void cast_close_room(void);

void cast_start(struct view *v, unsigned key);
/* The messages of the hello of who has that key and name. */
void cast_hello(unsigned key, const char *name);
void cast_ack(const struct actor *a, const char *name);
/* Says what stands in cast.hello and cast.ack, and waits for the disk. */
void cast_enter(struct view *v);
/* All of that; it must succeed. */
void cast_come_in(struct view *v, unsigned key, const char *name);
/* A copy of that message, unless its session is over. */
void cast_send(struct view *v, const struct buf *message);

/* Reads all that it was sent; each message is whole and can be read. */
void cast_look(struct view *v);
bool cast_is_here(const struct view *v);
/* In the room and told so, or out of it with an ERROR; with no memory even for that, a goodbye. */
void cast_in_or_out(struct view *v);
/* Whoever of the three is in the room knows exactly who else is, and all bindings. */
void cast_check(void);
/* One message goes from one to the other. */
void cast_check_talk(struct view *from, struct view *to);
/* The room's arrays have no place to spare, so that they grow with who comes next. */
void cast_squeeze(void);

#endif
