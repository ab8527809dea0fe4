/* One clip on its way to one viewer: frames in the schedule's order, in pieces that fit a TLS
 * record, as far as the viewer's credit goes. Frames that the viewer no longer wants are skipped
 * whole; a frame that was begun is sent to its end. */
#ifndef DEN_SERVER_STREAM_H
#define DEN_SERVER_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/worker.h"
#include "server/clips.h"
#include "server/gap.h"
#include "video/schedule.h"
#include "wire/video.h"

/* Bytes free in a record that are worth a piece of a frame. */
#define STREAM_ROOM_LEAST (MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD + 1024)

struct session;
struct stream_warmer;

struct stream {
    struct session *session;
    struct clips *clips;
    uint32_t id;
    struct schedule schedule;
    struct clips_wait wait;     /* until the clip is loaded */
    struct shared_clip *shared; /* NULL until then */
    uint32_t next;              /* the frame after the current one */
    uint32_t wanted;            /* frames below it are skipped */
    uint32_t credit;            /* bytes of frame data that may be sent */
    uint32_t window;            /* how many they were when some were given last */
    /* the frame that is being sent; length 0: none */
    uint32_t number;
    size_t rendition;
    int64_t offset;
    size_t length, sent;
    struct gap gap;
    struct stream_warmer *warmer; /* a read from the disk under way, NULL if none */
    bool unreadable;              /* the disk failed to give the current frame */
    bool ended;                   /* STREAM_END was sent; a seek goes on */
    bool refused;                 /* dead to the viewer */
};

/* Starts to load; STREAM or REFUSED follows. NULL without memory. */
struct stream *stream_open(struct session *s, struct clips *clips, const struct wire_play *m);
/* Idempotent on NULL. */
void stream_close(struct stream *st);

/* The viewer does not know it any more: its clip was refused, or it was stopped. */
bool stream_refused(const struct stream *st);
/* The same, and nothing goes on for it: it may be closed to make room. A clip is loaded to its end
 * though it was stopped, so that PLAY and STOP in turns can't fill the worker. */
bool stream_idle(const struct stream *st);
void stream_stop(struct stream *st);

/* Writes one or more whole messages, at most room bytes; 0 if there is nothing to send now or room
 * is below STREAM_ROOM_LEAST. */
size_t stream_fill(struct stream *st, uint8_t *out, size_t room);

enum err stream_credit(struct stream *st, const struct wire_credit *m);
/* Of a schedule other than auto it is ignored. */
void stream_rendition(struct stream *st, const struct wire_rendition *m);
void stream_seek(struct stream *st, const struct wire_seek *m);

#endif
