/* Who came and who left, told to the room in the order in which it happened: the first at once,
 * further ones within NOTICES_GAP_NS together, or in a large room, which takes long to tell, within
 * NOTICES_EACH_NS for each member. Names' bindings go before those who use them. */
#ifndef DEN_SERVER_NOTICES_H
#define DEN_SERVER_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/room.h"

#define NOTICES_GAP_NS INT64_C(100000000)
#define NOTICES_EACH_NS INT64_C(50000)

struct room;
struct session;

/* One that is not told yet. */
struct notice {
    bool joined;
    uint8_t reason; /* of leaving */
    uint8_t flags;
    uint16_t direct_port;
    char name[LIMIT_NAME + 1];
    char address[48];
    uint8_t spki[SIZE_SPKI];
    uint8_t fingerprint[SIZE_FINGERPRINT];
};

struct notices {
    struct notice *list; /* owned */
    size_t count, cap;
    int64_t last;  /* when something was told */
    uint64_t told; /* entries of the binding list that members have */
};

/* A session as it stands in MEMBERS and JOINED; borrows from it. */
struct wire_member notices_member(const struct session *s);

/* Makes sure that one can be told to have joined, and everybody here, and that one, to have left: who
 * comes is refused rather than not told of. False: no memory. */
bool notices_reserve(struct room *r);
void notices_joined(struct room *r, const struct session *s);
void notices_left(struct room *r, const struct session *s, enum wire_left_reason reason);
/* When the next ones, or new bindings, are due; INT64_MAX if there is nothing to tell. */
int64_t notices_due(const struct room *r);
/* Tells all of it now. False: there is no memory, and it is due again later. */
bool notices_tell(struct room *r);
void notices_free(struct notices *n);

/* Appends BINDINGS messages with the entries behind `from` that are on disk. */
void notices_bindings(const struct room *r, uint64_t from, struct buf *out);

#endif
