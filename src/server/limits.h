/* What whoever runs the server may decide about anybody's share; the protocol's own limits are in
 * base/limits.h. One table: name of the option, default, least and most. */
#ifndef DEN_SERVER_LIMITS_H
#define DEN_SERVER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum limits_which {
    LIMITS_MEMBERS,           /* members and one-shot sessions in the room */
    LIMITS_STRANGERS,         /* links that have not finished the hello */
    LIMITS_STRANGERS_ADDRESS, /* the same from one IPv4 address or IPv6 /64 */
    LIMITS_NEW_NAMES,         /* names that one address may bind at once; 0: any number */
    LIMITS_HELLO_SECONDS,     /* from TCP accept to WELCOME */
    LIMITS_ROOM_RATE,         /* envelopes of all members together in a second; 0: any number */
    LIMITS_MESSAGE_RATE,      /* messages of one session in a second; 0: any number */
    LIMITS_BYTE_RATE,         /* bytes of one session in a second; 0: any number */
    LIMITS_QUEUE,             /* bytes that wait for one session */
    LIMITS_ENVELOPE,          /* bytes of an envelope */
    LIMITS_CLIPS,             /* clips that one session plays at once */
    LIMITS_COUNT
};

struct limits {
    int64_t value[LIMITS_COUNT]; /* each in its range, so in an int32_t too */
};

void limits_default(struct limits *l);
/* The option's name without the dashes. */
const char *limits_name(enum limits_which which);
/* From what the operator wrote: a number, of bytes with K, M or G behind it or not. False: what it
 * should have been is in why. */
bool limits_parse(struct limits *l, enum limits_which which, const char *text, char why[static 64]);

#endif
