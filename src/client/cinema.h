/* The clip that is playing: its stream from the server on one side, the player on the other.
 *
 * state      stream  player
 * none       0       NULL
 * asked      PLAY sent: waiting for STREAM or REFUSED    NULL
 * playing    frames come                                 open; frames live in memory alone
 * away       see intermission.h */
#ifndef DEN_CLIENT_CINEMA_H
#define DEN_CLIENT_CINEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "client/intermission.h"
#include "client/reel.h"
#include "client/tuning.h"
#include "net/loop.h"
#include "player/credit.h"
#include "player/player.h"

struct client;

struct cinema {
    uint32_t stream; /* the number that counts now; 0: none */
    uint32_t last_stream;
    struct player *player;
    struct loop_watch watch;
    struct credit credit;
    uint32_t first; /* frame of the clip, as the player counts: above 0 in a kiosk */
    uint32_t frames;
    uint32_t fps_num, fps_den;
    bool paused;
    bool blind;         /* nothing is shown: the counters are told instead */
    bool shown;         /* hooks.showing was told of a display */
    bool over;          /* close it after the turn */
    const char *reason; /* why it is over, for stream_end */
    struct reel reel;
    struct tuning tuning;
    struct intermission away;
};

/* Asks the server; a clip that plays is stopped first. schedule: "" for the default. */
void cinema_play(struct client *c, const char *clip, const char *schedule);
/* False if nothing plays. */
bool cinema_stop(struct client *c, const char *reason);
bool cinema_pause(struct client *c);
/* A key of the display, pressed somewhere else. */
void cinema_key(struct client *c, enum display_key key);
/* As player_text. */
void cinema_text(struct client *c, const struct player_text *text);
bool cinema_seek(struct client *c, uint32_t seconds);
bool cinema_busy(const struct cinema *k);
/* A stream number that was not used in this session. */
uint32_t cinema_number(struct cinema *k);
/* Asks the server for the clip that was named last, under a new number; without
 * credit if a player is open. */
void cinema_ask(struct client *c, uint32_t start);
/* It is over, and the server knows: the player is closed after the turn. */
void cinema_finished(struct client *c, const char *reason);
/* The clip can't be played on: says so and stops. */
void cinema_broken(struct client *c, const char *why);

/* Messages from the server. What they return ends the session if it is not ERR_OK. */
enum err cinema_stream(struct client *c, struct span payload);
enum err cinema_frame(struct client *c, struct span payload);
enum err cinema_skipped(struct client *c, struct span payload);
enum err cinema_end(struct client *c, struct span payload);
/* False if it is about no stream of ours. */
bool cinema_refused(struct client *c, uint64_t about, uint16_t code, struct span why);

/* Closes what is over; call it after each turn. */
void cinema_reap(struct client *c);
/* Without a word; for the end of the client. */
void cinema_close(struct client *c);

#endif
