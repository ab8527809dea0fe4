/* How many bytes the viewer allows the server to send: enough to keep the link busy, no more than
 * about 65 ms of it, so that chat and seeking never wait behind video. Pure: the caller brings the
 * time.
 *
 * A loop calls credit_received for video bytes as they come, and after that (and whenever frames
 * were shown) credit_grant; what that returns it sends to the server as credit. */
#ifndef DEN_PLAYER_CREDIT_H
#define DEN_PLAYER_CREDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CREDIT_OPEN_MS 65                     /* of the measured rate may be open */
#define CREDIT_FLOOR (8 * 1024)               /* bytes open at least: 66 ms at 1 Mbit/s */
#define CREDIT_CEILING (2 * 1024 * 1024)      /* and at most: 65 ms at 258 Mbit/s */
#define CREDIT_AHEAD_BYTES (16 * 1024 * 1024) /* undecoded bytes from which nothing is granted */
#define CREDIT_AHEAD_NS INT64_C(1000000000)   /* the same in playing time */
#define CREDIT_RESUME 9                       /* tenths of it at which it is granted again */

struct credit {
    int64_t open;         /* bytes granted and not yet received */
    int64_t rate;         /* bytes a second while the link was busy */
    int64_t window_from;  /* when the measurement that runs began */
    int64_t window_bytes; /* what came since */
    /* Nothing is granted, for enough is buffered, until some was shown: a message for each frame that is
     * shown would be dear. */
    bool held;
};

void credit_start(struct credit *c, int64_t now);
/* All that came under credit, also what the player then refused (a leftover from before a seek). */
void credit_received(struct credit *c, size_t bytes, int64_t now);
/* Bytes to grant now, 0 for nothing; counted as granted. Grants come in pieces worth a message. */
size_t credit_grant(struct credit *c, size_t buffered_bytes, int64_t buffered_ns, int64_t now);

#endif
