/* A cast that is watched, in the place of a clip (cinema.h): its frames are put together, opened with
 * the key that its caster gave us, and shown as they come.
 *
 * state      on     what                                             goes on when
 * none       false  a clip plays, or nothing                         LIVE
 * plain      true   frames are shown                                 STREAM_END, or stopped
 * asking     true   sealed: ASK sent, no key yet                     GIVEN; each 2 s: ASK again
 * keyed      true   frames are opened and shown; newer keys come,    STREAM_END, or stopped
 *                   and are asked for when a frame waited 2 s for one
 * away       true   the link is lost (intermission.h); in the room again the cast is asked for until it
 *                   is there, for its caster may be on the way back, too */
#ifndef DEN_CLIENT_LIVE_H
#define DEN_CLIENT_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "crypto/public_key.h"
#include "proto/shot.h"
#include "wire/video.h"

struct client;

struct live_frame {
    uint8_t *data; /* owned; NULL: none */
    uint32_t length, got, epoch;
    uint64_t number;
    int64_t pts_ns;
};

struct live {
    bool on;
    bool sealed, keyed;
    bool told;                 /* that a frame can't be opened */
    char name[LIMIT_NAME + 1]; /* the caster's */
    struct public_key caster;
    struct shot_ring ring;
    struct live_frame coming;
    struct live_frame held; /* whole, but its key has not come yet */
    uint64_t last;          /* the highest number that came, + 1 */
    uint64_t base;          /* the number that the player knows as `first` */
    uint32_t first;
    bool based;
    int64_t again; /* when to ask once more, for the key or the cast; INT64_MAX: not */
    unsigned tries;
};

/* LIVE, SHOT, GIVEN. What they return ends the session if it is not ERR_OK. */
enum err live_stream(struct client *c, struct span payload);
enum err live_shot(struct client *c, struct span payload);
enum err live_given(struct client *c, struct span payload);
/* STREAM_END of the cast. */
void live_end(struct client *c, const struct wire_stream_end *m);
/* It is not there (yet) after the link was lost: true if it is asked for again. */
bool live_refused(struct client *c);

int64_t live_due(const struct client *c);
void live_tick(struct client *c, int64_t now);
/* It is over: keys and frames are wiped. Idempotent. */
void live_close(struct client *c);

#endif
