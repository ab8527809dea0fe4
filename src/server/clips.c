#include "server/clips.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "video/library.h"
#include "wire/video.h"

/* Bytes of all CLIPS messages of one list: 10,000 clips with the longest names and titles. */
#define LIMIT_LISTING (LIMIT_CLIPS * 256)

struct clips_load_job {
    struct worker_job job;
    struct clips *clips;
    struct clips_wait *wait; /* NULL: nobody waits any more */
    struct clip *clip;
    enum err e;
    char name[LIMIT_CLIP + 1];
    char why[LIMIT_REASON];
};

struct clips_listing {
    struct worker_job job;
    struct clips *clips;
    struct clips_wait *waits;
    struct buf messages;
    enum err e;
};

void clips_init(struct clips *c, const char *dir, const char *cache, struct worker *worker)
{
    *c = (struct clips){.worker = worker};
    atomic_init(&c->stop, false);
    c->library = (struct library){.dir = dir, .cache = cache, .stop = &c->stop};
}

void clips_stop(struct clips *c)
{
    atomic_store(&c->stop, true);
}

void clips_free(struct clips *c)
{
    while (c->shared != NULL) {
        struct shared_clip *next = c->shared->next;

        clip_free(c->shared->clip);
        free(c->shared);
        c->shared = next;
    }
}

/* Made from the same files, so one copy serves all its viewers. */
static bool same_clip(const struct clip *a, const struct clip *b)
{
    bool same = strcmp(a->name, b->name) == 0 && strcmp(a->title, b->title) == 0 &&
                a->fps.num == b->fps.num && a->fps.den == b->fps.den && a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++) {
        const struct index *x = &a->renditions[i].index, *y = &b->renditions[i].index;

        same = a->heights[i] == b->heights[i] && x->source_size == y->source_size &&
               x->source_mtime == y->source_mtime;
    }
    return same;
}

/* Takes the clip over and returns a held share of it; NULL without memory. */
static struct shared_clip *share(struct clips *c, struct clip *clip)
{
    struct shared_clip *s;

    for (s = c->shared; s != NULL; s = s->next) {
        if (same_clip(s->clip, clip)) {
            clip_free(clip);
            s->refs++;
            return s;
        }
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        clip_free(clip);
        return NULL;
    }
    *s = (struct shared_clip){.clip = clip, .refs = 1, .next = c->shared};
    c->shared = s;
    return s;
}

void clips_drop(struct clips *c, struct shared_clip *clip)
{
    struct shared_clip **at = &c->shared;

    if (clip == NULL || --clip->refs > 0)
        return;
    while (*at != clip)
        at = &(*at)->next;
    *at = clip->next;
    clip_free(clip->clip);
    free(clip);
}

static void load_run(struct worker_job *job)
{
    struct clips_load_job *l = (struct clips_load_job *)job;

    l->e = clip_load(&l->clips->library, l->name, &l->clip, l->why);
}

static void load_done(struct worker_job *job)
{
    struct clips_load_job *l = (struct clips_load_job *)job;
    struct clips_wait *w = l->wait;
    struct shared_clip *shared = NULL;

    l->clips->loading--;
    if (w != NULL) {
        w->job = NULL;
        w->waiting = false;
    }
    if (w != NULL && !job->cancelled) {
        if (l->e == ERR_OK)
            shared = share(l->clips, l->clip);
        if (l->e == ERR_OK && shared == NULL)
            l->e = ERR_MEMORY;
        w->loaded(w, l->e, shared, l->e == ERR_MEMORY ? err_text(ERR_MEMORY) : l->why);
    } else {
        clip_free(l->clip);
    }
    free(l);
}

bool clips_load(struct clips *c, const char *name, struct clips_wait *w)
{
    struct clips_load_job *l = c->loading >= CLIPS_LOADING ? NULL : calloc(1, sizeof *l);

    if (l == NULL)
        return false;
    l->job = (struct worker_job){.run = load_run, .done = load_done};
    l->clips = c;
    l->wait = w;
    strncpy(l->name, name, LIMIT_CLIP);
    if (!worker_submit(c->worker, &l->job)) {
        free(l);
        return false;
    }
    c->loading++;
    w->job = l;
    w->waiting = true;
    return true;
}

enum message_code clips_code(enum err e)
{
    if (e == ERR_UNKNOWN)
        return CODE_UNKNOWN_CLIP;
    return e == ERR_MEMORY ? CODE_FULL : CODE_BROKEN_CLIP;
}

struct wire_clip clips_describe(const struct clip *clip)
{
    struct wire_clip m = {
        .name = {(const uint8_t *)clip->name, strlen(clip->name)},
        .title = {(const uint8_t *)clip->title, strlen(clip->title)},
        .fps_num = clip->fps.num,
        .fps_den = clip->fps.den,
        .frames = (uint32_t)clip->frames,
        .count = clip->count,
    };

    for (size_t i = 0; i < clip->count; i++)
        m.heights[i] = (uint16_t)clip->heights[i];
    return m;
}

/* One clip that does not work must not hide the others. */
static void list_one(struct clips_listing *l, const char *name, size_t *begin)
{
    char why[LIMIT_REASON] = "";
    struct wire_clip m;
    struct clip *clip;
    enum err e = clip_load(&l->clips->library, name, &clip, why);

    if (e == ERR_MEMORY)
        l->e = e;
    if (e != ERR_OK) {
        log_note("clip %s is left out: %s", name, why);
        return;
    }
    if (!wire_clips_fits(&l->messages, *begin)) {
        wire_clips_end(&l->messages, *begin, true);
        *begin = wire_clips_begin(&l->messages);
    }
    m = clips_describe(clip);
    wire_clips_add(&l->messages, &m);
    clip_free(clip);
}

static void list_run(struct worker_job *job)
{
    struct clips_listing *l = (struct clips_listing *)job;
    struct library_names names = {0};
    size_t begin = wire_clips_begin(&l->messages);

    l->e = library_list(&l->clips->library, &names);
    if (l->e == ERR_UNKNOWN)
        l->e = ERR_OK; /* no library is an empty one */
    for (size_t i = 0; i < names.count && l->e == ERR_OK && !atomic_load(&l->clips->stop); i++)
        list_one(l, names.names[i], &begin);
    wire_clips_end(&l->messages, begin, false);
    library_names_free(&names);
    if (l->messages.failed)
        l->e = ERR_MEMORY;
}

static void list_done(struct worker_job *job)
{
    struct clips_listing *l = (struct clips_listing *)job;
    struct blob *b = NULL;

    l->clips->listing = NULL;
    if (job->cancelled)
        l->e = ERR_STATE;
    if (l->e == ERR_OK)
        b = blob_make(l->messages.data, l->messages.len);
    if (l->e == ERR_OK && b == NULL)
        l->e = ERR_MEMORY;
    while (l->waits != NULL) {
        struct clips_wait *w = l->waits;

        l->waits = w->next;
        w->waiting = false;
        w->listed(w, b, l->e);
    }
    blob_drop(b);
    buf_free(&l->messages);
    free(l);
}

bool clips_list(struct clips *c, struct clips_wait *w)
{
    struct clips_listing *l = c->listing;

    if (l == NULL) {
        l = calloc(1, sizeof *l);
        if (l == NULL)
            return false;
        l->job = (struct worker_job){.run = list_run, .done = list_done};
        l->clips = c;
        buf_init(&l->messages, LIMIT_LISTING);
        if (!worker_submit(c->worker, &l->job)) {
            free(l);
            return false;
        }
        c->listing = l;
    }
    w->job = NULL;
    w->next = l->waits;
    l->waits = w;
    w->waiting = true;
    return true;
}

void clips_forget(struct clips *c, struct clips_wait *w)
{
    if (!w->waiting)
        return;
    w->waiting = false;
    if (w->job != NULL) {
        w->job->wait = NULL;
        w->job = NULL;
        return;
    }
    for (struct clips_wait **at = &c->listing->waits; *at != NULL; at = &(*at)->next) {
        if (*at == w) {
            *at = w->next;
            return;
        }
    }
}
