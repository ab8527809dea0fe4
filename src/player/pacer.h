/* When to show which frame, and which are not worth decoding. Pure: the caller brings the time.
 *
 * The rules:
 * - A frame's time is [due, due + its duration). One whose time will have passed by the time it is
 *   decoded and drawn is dropped before that, if a later one is held.
 * - The newest held frame is never dropped. If its time has passed it waits for a better one, but not
 *   longer than PACER_GAP_NS after the last picture: then it is decoded and shown late. So there are
 *   never more than 100 ms (and one decoding) without a picture while frames come at all.
 * - After a stall of PACER_STALL_NS on a link that had kept the pace for a second, the clip goes on
 *   from where it stopped: the clock is set anew and nothing is lost. A link that is too slow for the
 *   clip does not keep the pace, so there the clock runs on and frames are left out instead.
 *
 *     not started   first picture not shown: everything is worth decoding, nothing is due
 *     running       due(i) = base + pts(i)
 *     paused        the clock stands at paused_at; base moves on when it ends
 */
#ifndef DEN_PLAYER_PACER_H
#define DEN_PLAYER_PACER_H

#include <stdbool.h>
#include <stdint.h>

#define PACER_GAP_NS INT64_C(100000000)
#define PACER_STALL_NS INT64_C(500000000)

#define PACER_PARTS 8 /* clips that follow each other without a gap and are remembered */

struct pacer_part {
    uint32_t first; /* frame */
    int64_t pts;    /* its time */
    uint32_t fps_num, fps_den;
};

struct pacer {
    struct pacer_part parts[PACER_PARTS]; /* one at least; the last is open */
    unsigned count;
    bool started, paused;
    int64_t base;      /* when frame 0 was or would have been due */
    int64_t paused_at; /* while started and paused */
    int64_t shown_at;  /* the last picture */
    int64_t decoding;  /* what one frame costs of late, from the JPEG to the picture */
    int64_t drawing;   /* and from the picture to the surface */
    uint32_t steady;   /* frames shown in time since one was not */
};

enum pacer_verdict {
    PACER_DECODE,
    PACER_DROP,
    PACER_HOLD, /* neither yet: ask again when another frame is there, or at pacer_gap_end */
};

/* A fraction within the limits of video/fps.h. */
void pacer_init(struct pacer *p, uint32_t fps_num, uint32_t fps_den);
/* From that frame on, which is behind all that were asked for, the pace is another. The oldest part is
 * forgotten where there are too many: its frames must be over. */
void pacer_append(struct pacer *p, uint32_t frame, uint32_t fps_num, uint32_t fps_den);
/* The frame's time from the clip's first, rounded down to whole nanoseconds. */
int64_t pacer_pts(const struct pacer *p, uint32_t frame);
/* The frame whose time holds that place on the time line. */
uint32_t pacer_frame(const struct pacer *p, int64_t place);
/* When it is to be shown; only while started. */
int64_t pacer_due(const struct pacer *p, uint32_t frame);
/* When its time has passed. */
int64_t pacer_end(const struct pacer *p, uint32_t frame);
/* The place on the clip's time line; only while started. */
int64_t pacer_clock(const struct pacer *p, int64_t now);

/* The frame is shown now: the clock runs from it. */
void pacer_start(struct pacer *p, uint32_t frame, int64_t now);
/* After a seek: not started, still paused if it was. */
void pacer_stop(struct pacer *p);
void pacer_pause(struct pacer *p, bool paused, int64_t now);

/* What to do with a held frame that is not decoded; newest: no later one is held. */
enum pacer_verdict pacer_judge(const struct pacer *p, uint32_t frame, bool newest, int64_t now);
/* Frames come in time, and cost less than half of it: nothing need be done ahead. */
bool pacer_relaxed(const struct pacer *p);
/* From when pacer_judge says PACER_DECODE instead of PACER_HOLD. */
int64_t pacer_gap_end(const struct pacer *p);
/* Sets the clock anew if frame, the first held, comes after a stall (see above). */
bool pacer_resume(struct pacer *p, uint32_t frame, int64_t now);
/* The earliest frame from `next` on that is still of use if it came now. */
uint32_t pacer_wanted(const struct pacer *p, uint32_t next, int64_t now);

/* A frame was shown at that time: true if within its time. */
bool pacer_shown(struct pacer *p, uint32_t frame, int64_t now);
/* A frame was dropped or skipped. */
void pacer_missed(struct pacer *p);
/* A frame was decoded, or drawn: how long it took. */
void pacer_decoded(struct pacer *p, int64_t cost);
void pacer_drew(struct pacer *p, int64_t cost);

#endif
