/* A link and its session, in one of three lists by how long they may stay:
 *
 * list       who                                   until
 * STRANGERS  the hello is not finished             hello-seconds (limits.h) after it came
 * SETTLED    in the room                           for ever
 * LEAVING    a goodbye was said                    GUEST_PATIENCE_NS after that, or until too many said it
 *                                                  later: who comes and is refused at once, again and
 *                                                  again, must not use up the descriptors of the others
 * ENDED      the link is gone                      reaped at the end of the turn
 *
 * All of a list wait equally long, so the first is always the next one due. */
#ifndef DEN_SERVER_GUEST_H
#define DEN_SERVER_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/link.h"
#include "platform/address.h"
#include "server/session.h"

#define GUEST_PATIENCE_NS INT64_C(2000000000)

enum guest_list { GUEST_STRANGERS, GUEST_SETTLED, GUEST_LEAVING, GUEST_ENDED, GUEST_LISTS };

struct guest {
    struct session session;
    struct link *link;
    struct guests *all;
    struct guest *next, *previous;
    enum guest_list list;
    int64_t due;
    uint8_t group[16]; /* address_group of where it came from */
};

struct guests {
    struct link_hub *hub;
    struct room *room;
    const struct identity *identity;
    const struct cert *cert;
    struct guest *first[GUEST_LISTS], *last[GUEST_LISTS];
    size_t count[GUEST_LISTS];
    size_t limit;   /* of strangers, in all; and of those that leave */
    bool dismissed; /* all of them leave, and have their time */
};

/* Takes the descriptor over. Over a limit, or without memory, it is closed without a word: a reply
 * would cost what the limit protects. */
void guest_welcome(struct guests *all, int fd, const struct address *from);
/* When the next guest has stayed too long; INT64_MAX if none will. */
int64_t guest_due(const struct guests *all);
/* Ends those who stayed too long, and frees those who are gone. */
void guest_reap(struct guests *all);
/* A goodbye to all. */
void guest_dismiss(struct guests *all, const char *text);
/* How many there are in any list. */
size_t guest_count(const struct guests *all);
/* Frees all at once. */
void guest_close(struct guests *all);

#endif
