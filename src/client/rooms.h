/* The rooms that one may enter without saying which: those that this network tells of, and the last one. */
#ifndef DEN_CLIENT_ROOMS_H
#define DEN_CLIENT_ROOMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "client/pins.h"
#include "platform/lan.h"

#define ROOMS_MOST 32             /* of the network's; more are left out */
#define ROOMS_NAME (LAN_NAME * 3) /* room for a name that was cleaned */

struct room_choice {
    char place[PINS_PLACE]; /* host:port */
    char at[LAN_AT];        /* where that host is now; empty: whoever resolves the name knows */
    char name[ROOMS_NAME];  /* what the network calls it, cleaned; empty: was not heard of */
    bool last;              /* that was entered last */
};

struct rooms {
    struct room_choice list[ROOMS_MOST + 1];
    size_t count;
    size_t usual; /* which one an empty answer means */
};

/* last: the place of the last room, empty if there was none. It is there even if not heard of. */
void rooms_make(struct rooms *r, const struct lan_service *heard, size_t count, const char *last);
/* A line each, with numbers or without; or as JSON. */
void rooms_list(const struct rooms *r, bool numbered, struct buf *out);
void rooms_json(const struct rooms *r, struct buf *out);
/* What the answer to such a list means: NULL if it is no number of the list and not empty. */
const struct room_choice *rooms_pick(const struct rooms *r, const char *answer);

/* The place of the room that was entered last, "" if none is known; what is damaged counts as none. */
void rooms_last(char place[static PINS_PLACE], const char *state);
/* Keeps it for the next time. ERR_IO (errno tells), ERR_LIMIT. */
enum err rooms_remember(const char *place, const char *state);

#endif
