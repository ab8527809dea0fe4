/* Where the frames of a cast come from: a pipe, whose frames come when they come, or a file of
 * concatenated JPEG frames, at its own pace. */
#ifndef DEN_CLIENT_SOURCE_H
#define DEN_CLIENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "net/loop.h"
#include "video/cutter.h"
#include "video/fps.h"

struct source_events {
    /* A whole frame, borrowed; when it was taken, from the first one on. */
    void (*frame)(void *owner, struct span jpeg, int64_t pts_ns);
    /* Something came that is no frame. */
    void (*broken)(void *owner);
    /* Nothing more comes; why: NULL at an end in order. The last callback. */
    void (*ended)(void *owner, const char *why);
    void *owner;
};

struct source {
    const struct source_events *events;
    struct loop *loop;
    struct loop_watch watch; /* of a pipe */
    int fd;                  /* -1: closed */
    bool paced;              /* a file */
    struct fraction fps;     /* of a file */
    uint64_t frames;         /* of a file: that were given */
    int64_t started;         /* when the first one was; 0: none so far */
    struct cutter cutter;
    uint8_t *held;   /* owned: what was read of a file, */
    size_t from, to; /* of which this is still to be cut */
};

/* path: "-" is standard input. A pipe may have no writer yet. fps: of a file, {0, 0}: what a clip.conf
 * beside it says, else 25. False with a sentence in why; then there is nothing to close. */
bool source_open(struct source *s, struct loop *loop, const char *path, struct fraction fps,
                 const struct source_events *events, char why[static 256]);
/* Idempotent. May be called in a callback. */
void source_close(struct source *s);
/* When source_tick has something to do; INT64_MAX if never. */
int64_t source_due(const struct source *s);
void source_tick(struct source *s, int64_t now);

#endif
