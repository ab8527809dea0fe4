/* Envelopes that came, opened on the worker one at a time, senders in turn: so one who floods the
 * room does not hold up the others. */
#ifndef DEN_CLIENT_OPENER_H
#define DEN_CLIENT_OPENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/room.h"

#define OPENER_HIGH (16 * 1024 * 1024) /* bytes waiting, from which the link is not read */

struct client;
struct opener_item;
struct opener_sender;

struct opener {
    struct opener_sender *senders; /* those with something waiting; the first is next */
    size_t bytes;
    bool opening; /* the first item of the first sender is on the worker */
    bool paused;
};

/* past: it is from before we came. */
void opener_take(struct client *c, const struct wire_sealed *m, bool past);
bool opener_busy(const struct opener *o);
/* Call it when the worker is closed. */
void opener_free(struct opener *o);

#endif
