/* The player: takes JPEG frames of one clip, shows them in time on a display, and tells what became
 * of each. It has its own threads; the functions here are for one thread, the loop's, and never
 * wait for a picture.
 *
 * Frames are numbered 0 to frames-1 through the clip. Between the start (or a seek) and the end (or
 * the next seek) every frame gets exactly one outcome, in rising order. */
#ifndef DEN_PLAYER_PLAYER_H
#define DEN_PLAYER_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "platform/display.h"

#define PLAYER_HELD_BYTES (64 * 1024 * 1024) /* JPEG bytes that wait; more is refused */
#define PLAYER_HELD_FRAMES 16384             /* frames and gaps that wait */
#define PLAYER_REASON DISPLAY_WHY
#define PLAYER_TEXT_LINES 6
#define PLAYER_TEXT_BYTES 512 /* of one line; of a longer one a part is shown */

struct player;

struct player_options {
    const char *display;       /* a name that display_known() knows */
    const char *title;         /* cleaned; copied */
    uint32_t fps_num, fps_den; /* frames a second, both above 0 */
    uint32_t frames;           /* of the clip, above 0 */
    uint32_t start_frame;      /* below frames */
    unsigned threads;          /* that decode; 0: by the number of processors */
    bool live;           /* frames have no time of their own: see live.h; frames is not looked at */
    bool seize;          /* the same */
    struct panes *panes; /* as in display_options; outlives the player */
    bool digest;         /* compute the SHA-256 of every frame */
};

struct player_frame {
    uint32_t number;        /* in the clip: the next one that the player expects */
    uint32_t height;        /* of the rendition */
    uint32_t source_number; /* in the rendition */
    uint8_t *jpeg;          /* from malloc; passes to the player in every case */
    size_t length;          /* 1 to LIMIT_FRAME */
};

enum player_outcome {
    PLAYER_SHOWN,   /* within its frame's duration */
    PLAYER_LATE,    /* shown after that */
    PLAYER_DROPPED, /* its time had passed, or it could not be decoded (reason says) */
    PLAYER_SKIPPED, /* the server did not send it */
};

enum player_event_kind {
    PLAYER_EVENT_OPENED, /* text: the display's name, and why others did not work */
    PLAYER_EVENT_FRAME,  /* a frame's outcome */
    PLAYER_EVENT_PAUSED, /* the viewer paused or went on: paused */
    PLAYER_EVENT_SEEK,   /* the viewer wants frame number: call player_seek, ask the server */
    PLAYER_EVENT_STOP,   /* the viewer wants to stop: call player_close */
    PLAYER_EVENT_ENDED,  /* every frame to the end has its outcome; a seek can go on from here */
    PLAYER_EVENT_FAILED, /* text: the display does not work or was lost; only close is left */
};

struct player_event {
    enum player_event_kind kind;
    enum player_outcome outcome;
    enum err reason; /* of PLAYER_DROPPED: ERR_OK if its time had passed */
    bool paused;
    uint32_t number, height, source_number; /* the latter two 0 for PLAYER_SKIPPED */
    size_t bytes;
    uint8_t sha256[32]; /* zeros without options.digest and for PLAYER_SKIPPED */
    int64_t pts_ns;     /* from the clip's first frame */
    int64_t shown_ns;   /* read after present returned, on the pts's time line; -1: not shown */
    char text[PLAYER_REASON];
};

struct player_counts {
    uint64_t shown, late, dropped, skipped;
    uint64_t bytes; /* of all frames taken */
};

struct player_buffered {
    size_t bytes;  /* JPEG bytes held and not yet decoded for showing */
    size_t frames; /* the same, frames */
    int64_t ns;    /* playing time from the clock (at rest: from the first held) to the last held */
};

/* What stands on the picture where the console's own text can't be seen. Strings are UTF-8, cleaned
 * by the caller, borrowed for the call; NULL: no such line. */
struct player_text {
    bool shown;                           /* false: nothing is drawn, whatever the rest says */
    const char *edited;                   /* the edited line behind its prompt; one row of it */
    size_t cursor;                        /* bytes of edited before the cursor, which is in view */
    const char *lines[PLAYER_TEXT_LINES]; /* above it, oldest first; long ones are wrapped */
};

/* Starts the threads; the display opens meanwhile: PLAYER_EVENT_OPENED or _FAILED follows. */
enum err player_open(const struct player_options *options, struct player **out);
/* Joins the threads, closes the display, forgets events that were not taken. p may be NULL. */
void player_close(struct player *p);

/* Readable when player_next has something; for frames that were shown in time, a tenth of a second after
 * the first of them, at the latest, unless options.digest. */
int player_fd(const struct player *p);
/* Takes the next event; false when there is none (and player_fd is quiet again). */
bool player_next(struct player *p, struct player_event *out);

/* The clip is followed by another at its own pace, without a gap: its frames' numbers, and its time, go
 * on behind those that are there. Also after the end: the clock begins anew then. ERR_LIMIT: too many
 * frames. Not more than PACER_PARTS clips may have frames without an outcome. */
enum err player_append(struct player *p, uint32_t fps_num, uint32_t fps_den, uint32_t frames);
/* ERR_STATE: not the number expected (a leftover from before a seek: ignore it). ERR_LIMIT: a length
 * over LIMIT_FRAME or the store is full (the sender did not keep to its credit). */
enum err player_give(struct player *p, const struct player_frame *frame);
/* The server does not send count frames from first on; the same numbering rules. */
enum err player_skipped(struct player *p, uint32_t first, uint32_t count);
/* The frame that player_give expects next; options.frames when all were given. */
uint32_t player_expected(struct player *p);
/* The earliest frame from player_expected on that is still of use if it came now; earlier ones may
 * be skipped by the server. Stays at player_expected while the link was good (see pacer.h). */
uint32_t player_wanted(struct player *p);

/* The link was lost: the frame expected now may come any time later, and the clip then goes on from
 * it; until then none is without use. A seek ends that. */
void player_interrupted(struct player *p);
void player_pause(struct player *p, bool paused);
/* Forgets what is held, expects frame (below options.frames; else the last) next and shows it as
 * soon as it is there, also while paused. */
void player_seek(struct player *p, uint32_t frame);
void player_fullscreen(struct player *p);
/* From the loop's thread, as often as it likes: copied, and drawn at the bottom of the picture (on
 * black before the first) within a thirtieth of a second, also while paused. */
void player_text(struct player *p, const struct player_text *text);
/* As if it had been pressed in the display's own window, where a display has none. */
void player_key(struct player *p, enum display_key key);

struct player_buffered player_buffered(struct player *p);
struct player_counts player_counts(struct player *p);

#endif
