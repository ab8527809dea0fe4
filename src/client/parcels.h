/* All files that go out or come in, and the direct links that they go over. A link for files is made by
 * who sends, without asking; its user is asked about each file. It ends when nothing is left to send. */
#ifndef DEN_CLIENT_PARCELS_H
#define DEN_CLIENT_PARCELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "client/bell.h"
#include "client/parcel.h"
#include "net/pool.h"

#define PARCELS_WAIT_NS INT64_C(1000000000) /* first, for a link; then twice that, and so on */

struct client;
struct member;
struct peer;

struct parcels {
    struct parcel *list;       /* owned; in the order of their numbers */
    uint32_t numbers;          /* the last one given */
    struct pool pool;          /* opened when it is needed */
    bool loaded;               /* what was cut in an earlier run */
    struct bell bell;          /* for offers that ask the user */
    char directory[PATHS_MAX]; /* where files are put; "": not looked for yet */
};

/* What is shown of those that move, at most twice a second. */
struct parcels_line {
    char text[REPORT_PARCEL_LINE]; /* of the first of them; "": none does */
    int64_t due;                   /* when it may change */
};

/* The room is entered: goes on with what was cut in an earlier run. */
void parcels_enter(struct client *c);
/* A member came, or is there again: what waits for it is tried now. */
void parcels_joined(struct client *c, const struct member *m);
void parcels_close(struct client *c);
int64_t parcels_due(const struct client *c);
void parcels_tick(struct client *c, int64_t now);

/* Of a peer whose call is one for files. It begins; bytes may go; a message came; it is over, also
 * before it began. The last is idempotent. */
void parcels_began(struct peer *l);
size_t parcels_fill(struct peer *l, uint8_t *to, size_t room);
enum err parcels_message(struct peer *l, const struct message *m);
void parcels_ended(struct peer *l);

/* Are files of that name taken without asking? */
bool parcels_accepts(const struct client *c, const char *name);
/* Something goes on: bytes, or an answer is awaited. */
bool parcels_busy(const struct client *c);
/* Tells how far those are that move; true if that is another text now. */
bool parcels_progress(struct parcels_line *l, const struct client *c);
/* Files that are not over; out: of those that we send. */
size_t parcels_count(const struct client *c, bool out);

/* For parcels_order.c: a new one at the end of the list, NULL without memory or if there are too many;
 * what follows from a change. */
struct parcel *parcels_add(struct client *c, bool out);
void parcels_go_on(struct parcel *p);
/* Over, for what our user said or what is wrong here; the other side is told. */
void parcels_drop(struct parcel *p, enum parcel_end end);
struct parcel *parcels_find(const struct client *c, uint32_t number);
/* Where files are put; NULL, said, if there is no such place. */
const char *parcels_directory(struct client *c);

#endif
