/* The clips of the library, for many viewers: loaded on the worker, shared while somebody plays. */
#ifndef DEN_SERVER_CLIPS_H
#define DEN_SERVER_CLIPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/err.h"
#include "platform/worker.h"
#include "video/clip.h"
#include "wire/video.h"

/* A stop does not end a load that was begun: without a bound, one who plays and stops without end
 * would fill the worker, which the log needs too. */
#define CLIPS_LOADING 64

/* A clip that is played by refs streams. */
struct shared_clip {
    struct clip *clip;
    size_t refs;
    struct shared_clip *next;
};

struct clips {
    struct library library;
    struct worker *worker; /* borrowed */
    struct shared_clip *shared;
    struct clips_listing *listing; /* the job that runs, NULL if none */
    size_t loading;                /* load jobs under way, at most CLIPS_LOADING */
    atomic_bool stop;
};

/* A request that waits: embedded by whoever asks, who must call clips_forget to stop waiting. */
struct clips_wait {
    /* Of clips_load. e and why as in clip_load; clip (held once for the caller) with ERR_OK. */
    void (*loaded)(struct clips_wait *w, enum err e, struct shared_clip *clip, const char *why);
    /* Of clips_list: CLIPS messages, or NULL and why not. */
    void (*listed)(struct clips_wait *w, struct blob *messages, enum err e);
    struct clips_load_job *job;
    struct clips_wait *next; /* in the listing */
    bool waiting;
};

/* dir and cache are borrowed. */
void clips_init(struct clips *c, const char *dir, const char *cache, struct worker *worker);
/* Tells work in progress to stop early; call it before worker_close, then free when that is done.
 */
void clips_stop(struct clips *c);
void clips_free(struct clips *c);

/* False if too much is under way. w->loaded is called later, from worker_collect. */
bool clips_load(struct clips *c, const char *name, struct clips_wait *w);
bool clips_list(struct clips *c, struct clips_wait *w);
/* The callback will not come any more. Idempotent. */
void clips_forget(struct clips *c, struct clips_wait *w);

void clips_drop(struct clips *c, struct shared_clip *clip);

/* With which code a request that failed so is refused. */
enum message_code clips_code(enum err e);

/* A clip as it stands in CLIPS and STREAM; borrows from it. */
struct wire_clip clips_describe(const struct clip *clip);

#endif
