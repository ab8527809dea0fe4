/* What the player's threads share, and the steps they take on it. Everything below the lock is read
 * and written with it held; core_* functions are called with it held, and never wait.
 *
 *     loop          gives frames, takes events, pauses, seeks
 *     pool threads  decode what core_pick says
 *     presenter     opens the display, draws what core_choose says, presents it when it is due;
 *                   while there is time it decodes each frame itself (core_alone), for what was
 *                   just decoded still lies in its processor's cache, and nobody need be woken
 */
#ifndef DEN_PLAYER_CORE_H
#define DEN_PLAYER_CORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "platform/display.h"
#include "player/caption.h"
#include "player/pacer.h"
#include "player/picture.h"
#include "player/player.h"
#include "player/store.h"
#include "video/fps.h"

#define CORE_AHEAD 3   /* frames that are decoded or being decoded, and not shown */
#define CORE_PREROLL 3 /* frames that are there before the clock starts */
#define CORE_PREROLL_NS INT64_C(100000000) /* or so long after the first */
#define CORE_THREADS 16
#define CORE_TELL_NS INT64_C(100000000)  /* what was shown in time is told together, within that */
#define CORE_KEYS 8                      /* that wait for the presenter; more are lost */
#define CORE_SEEK_NS INT64_C(5000000000) /* what a key moves */
#define CORE_WIDTH 1280                  /* the window that is wished for */
#define CORE_HEIGHT 720

struct core {
    /* set before the threads start */
    char display_name[DISPLAY_NAME];
    char title[LIMIT_TITLE + 1];
    uint32_t frames;
    bool digest;
    bool live;           /* see live.h */
    struct panes *panes; /* for the display, and: */
    bool seize;
    int fd;
    pthread_t presenter, pool[CORE_THREADS];
    unsigned threads;

    pthread_mutex_t lock;
    pthread_cond_t work; /* for the pool: something may be there for core_pick, or closing */
    bool closing;
    struct pacer pacer;
    struct store store;
    struct picture_set pictures;
    unsigned generation;    /* of the store: what a thread holds from an older one is void */
    uint32_t expected;      /* the number that is given next */
    bool interrupted;       /* the link was lost, and the first frame after that is still to come */
    uint32_t rejoin;        /* that frame */
    uint32_t from;          /* where the clip was started or sought last */
    int64_t first_given;    /* when, since then; INT64_MAX: nothing yet */
    uint32_t shown;         /* the last number that was, while the pacer is started */
    unsigned ahead;         /* slots DECODING or READY, not settled */
    unsigned width, height; /* of the surface */
    struct player_counts counts;

    struct display display; /* the presenter's; others only wake it, while awake is true */
    bool awake;
    bool hungry; /* the presenter waits for a picture */
    bool fullscreen_wanted;
    struct caption caption;
    unsigned captions;                /* how often it changed */
    enum display_key keys[CORE_KEYS]; /* pressed elsewhere */
    unsigned pressed;

    /* events that are not frames: each at most once in waiting */
    bool signalled; /* fd is readable */
    bool opened, failed, stop, pause_changed, seek;
    bool ended, end_told;
    uint32_t seek_frame;
    char text[PLAYER_REASON]; /* of opened or failed */
};

/* The loop has something to take. */
void core_tell(struct core *c);
/* Ends the presenter's wait. */
void core_wake(struct core *c);
/* An outcome for a slot; `told` events follow by themselves. */
void core_settle(struct core *c, struct store_slot *slot, enum player_outcome outcome,
                 enum err reason, int64_t shown_ns);
/* Drops what has no use any more; the next frame to decode, or NULL. *again is when to ask again
 * though nothing happens (INT64_MAX: not). */
struct store_slot *core_plan(struct core *c, int64_t now, int64_t *again);
/* Whether the presenter decodes, and the pool rests. */
bool core_alone(const struct core *c);
/* Work for whoever decodes: a frame to decode or else one that lacks its digest; NULL: none. */
struct store_slot *core_pick(struct core *c, int64_t now);
#define CORE_NONE UINT32_MAX /* no frame */
/* The picture to draw or, if it is `drawn` already, to present next (READY; maybe not due yet), or
 * NULL; then *until is when to ask again. */
struct store_slot *core_choose(struct core *c, uint32_t drawn, int64_t now, int64_t *until);
/* The slot's picture was presented at `now`, after it was begun at `begun`. */
void core_present(struct core *c, struct store_slot *slot, int64_t begun, int64_t now);
void core_seek(struct core *c, uint32_t frame);
void core_pause(struct core *c, bool paused, int64_t now);
/* As player_append. */
enum err core_append(struct core *c, const struct fraction *fps, uint32_t frames);
/* Playing time that is held. */
int64_t core_ahead_ns(const struct core *c, int64_t now);
/* The viewer's key: an offset in time, told to the loop as a seek. */
void core_ask_seek(struct core *c, int64_t offset_ns, int64_t now);

#endif
