#include "player/player.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/now.h"
#include "platform/thread.h"
#include "platform/wake.h"
#include "player/core.h"
#include "player/pool.h"
#include "player/presenter.h"
#include "video/fps.h"

#define PLAYER_THREADS 4 /* more do not help: frames come one after the other */

struct player {
    struct core core;
    bool presents; /* the presenter was started */
};

static enum err player_check(const struct player_options *o)
{
    struct fraction fps;

    if (!o->live && (o->frames == 0 || o->frames > LIMIT_FRAMES || o->start_frame >= o->frames))
        return ERR_LIMIT;
    if (o->fps_num == 0 || o->fps_den == 0 || !fps_set(o->fps_num, o->fps_den, &fps))
        return ERR_FORMAT;
    return display_known(o->display) ? ERR_OK : ERR_UNKNOWN;
}

static void player_init(struct core *c, const struct player_options *o)
{
    struct fraction fps;

    fps_set(o->fps_num, o->fps_den, &fps);
    snprintf(c->display_name, sizeof c->display_name, "%s", o->display);
    snprintf(c->title, sizeof c->title, "%s", o->title);
    c->panes = o->panes;
    c->seize = o->seize;
    c->live = o->live;
    c->frames = o->live ? CORE_NONE - 1 : o->frames;
    c->digest = c->store.digest = o->digest;
    c->width = CORE_WIDTH;
    c->height = CORE_HEIGHT;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->work, NULL);
    pacer_init(&c->pacer, fps.num, fps.den);
    core_seek(c, o->start_frame);
}

static enum err player_start(struct player *p, const struct player_options *o)
{
    struct core *c = &p->core;
    unsigned threads = o->threads;
    enum err err;

    c->fd = wake_open();
    if (c->fd < 0)
        return ERR_IO;
    if (threads == 0) {
        threads = thread_processors();
        threads = threads > PLAYER_THREADS ? PLAYER_THREADS : threads;
    }
    err = pool_start(c, threads);
    if (err != ERR_OK)
        return err;
    p->presents = thread_start(&c->presenter, presenter_main, c) == 0;
    return p->presents ? ERR_OK : ERR_MEMORY;
}

enum err player_open(const struct player_options *options, struct player **out)
{
    struct player *p;
    enum err err = player_check(options);

    *out = NULL;
    if (err != ERR_OK)
        return err;
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_MEMORY;
    player_init(&p->core, options);
    err = player_start(p, options);
    if (err != ERR_OK) {
        player_close(p);
        return err;
    }
    *out = p;
    return ERR_OK;
}

void player_close(struct player *p)
{
    struct core *c;

    if (p == NULL)
        return;
    c = &p->core;
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    pthread_cond_broadcast(&c->work);
    core_wake(c);
    pthread_mutex_unlock(&c->lock);
    if (p->presents)
        pthread_join(c->presenter, NULL);
    pool_join(c);
    store_free(&c->store);
    picture_free_all(&c->pictures);
    wake_close(c->fd);
    pthread_cond_destroy(&c->work);
    pthread_mutex_destroy(&c->lock);
    free(p);
}

int player_fd(const struct player *p)
{
    return p->core.fd;
}

static bool player_next_frame(struct core *c, struct player_event *out)
{
    const struct store_slot *slot;

    if (c->store.count == 0)
        return false;
    slot = store_at(&c->store, 0);
    if (!store_told(&c->store, slot))
        return false;
    out->kind = PLAYER_EVENT_FRAME;
    out->outcome = slot->outcome;
    out->reason = slot->reason;
    out->number = slot->number;
    out->height = slot->height;
    out->source_number = slot->source_number;
    out->bytes = slot->length;
    memcpy(out->sha256, slot->sha256, sizeof out->sha256);
    out->pts_ns = pacer_pts(&c->pacer, slot->number);
    out->shown_ns = slot->shown_ns;
    store_pop(&c->store);
    return true;
}

/* True once for each time that the flag was set. */
static bool player_flag(bool *flag, enum player_event_kind kind, struct player_event *out)
{
    bool was = *flag;

    *flag = false;
    if (was)
        out->kind = kind;
    return was;
}

static bool player_take(struct core *c, struct player_event *out)
{
    if (player_flag(&c->opened, PLAYER_EVENT_OPENED, out)) {
        snprintf(out->text, sizeof out->text, "%s", c->text);
        return true;
    }
    if (player_next_frame(c, out))
        return true;
    if (player_flag(&c->pause_changed, PLAYER_EVENT_PAUSED, out)) {
        out->paused = c->pacer.paused;
        return true;
    }
    if (player_flag(&c->seek, PLAYER_EVENT_SEEK, out)) {
        out->number = c->seek_frame;
        return true;
    }
    if (player_flag(&c->failed, PLAYER_EVENT_FAILED, out)) {
        snprintf(out->text, sizeof out->text, "%s", c->text);
        return true;
    }
    return player_flag(&c->stop, PLAYER_EVENT_STOP, out);
}

/* The end comes when all before it was told. */
static bool player_take_end(struct core *c, struct player_event *out)
{
    if (!c->ended || c->end_told || c->store.count > 0)
        return false;
    c->end_told = true;
    out->kind = PLAYER_EVENT_ENDED;
    return true;
}

bool player_next(struct player *p, struct player_event *out)
{
    struct core *c = &p->core;
    bool taken;

    *out = (struct player_event){.shown_ns = -1};
    pthread_mutex_lock(&c->lock);
    taken = player_take(c, out) || player_take_end(c, out);
    if (!taken && c->signalled) {
        wake_drain(c->fd);
        c->signalled = false;
    }
    pthread_mutex_unlock(&c->lock);
    return taken;
}

/* A slot for what comes next in number; NULL and the reason otherwise. */
static struct store_slot *player_add(struct core *c, uint32_t number, size_t bytes, enum err *err)
{
    *err = ERR_OK;
    if (number != c->expected || number >= c->frames)
        *err = ERR_STATE;
    else if (bytes > PLAYER_HELD_BYTES - c->store.bytes)
        *err = ERR_LIMIT;
    return *err == ERR_OK ? store_add(&c->store, err) : NULL;
}

static enum err player_give_locked(struct core *c, const struct player_frame *frame)
{
    enum err err;
    struct store_slot *slot = player_add(c, frame->number, frame->length, &err);

    if (slot == NULL)
        return err;
    slot->number = frame->number;
    slot->height = frame->height;
    slot->source_number = frame->source_number;
    slot->jpeg = frame->jpeg;
    slot->length = frame->length;
    c->store.bytes += frame->length;
    c->store.newest = frame->number;
    c->counts.bytes += frame->length;
    c->expected++;
    if (c->first_given > now_ns())
        c->first_given = now_ns();
    if (c->ahead < CORE_AHEAD && !core_alone(c))
        pthread_cond_signal(&c->work);
    if (c->hungry && (!c->pacer.started || core_alone(c)))
        core_wake(c);
    return ERR_OK;
}

enum err player_give(struct player *p, const struct player_frame *frame)
{
    enum err err = ERR_LIMIT;

    if (frame->length > 0 && frame->length <= LIMIT_FRAME) {
        pthread_mutex_lock(&p->core.lock);
        err = player_give_locked(&p->core, frame);
        pthread_mutex_unlock(&p->core.lock);
    }
    if (err != ERR_OK)
        free(frame->jpeg);
    return err;
}

static enum err player_skipped_locked(struct core *c, uint32_t first, uint32_t count)
{
    enum err err;
    struct store_slot *slot;

    if (count == 0 || count > c->frames - c->expected)
        return ERR_STATE;
    slot = player_add(c, first, 0, &err);
    if (slot == NULL)
        return err;
    slot->number = first;
    slot->count = count;
    c->expected += count;
    core_settle(c, slot, PLAYER_SKIPPED, ERR_OK, -1);
    core_wake(c);
    return ERR_OK;
}

enum err player_skipped(struct player *p, uint32_t first, uint32_t count)
{
    enum err err;

    pthread_mutex_lock(&p->core.lock);
    err = player_skipped_locked(&p->core, first, count);
    pthread_mutex_unlock(&p->core.lock);
    return err;
}

uint32_t player_expected(struct player *p)
{
    uint32_t expected;

    pthread_mutex_lock(&p->core.lock);
    expected = p->core.expected;
    pthread_mutex_unlock(&p->core.lock);
    return expected;
}

uint32_t player_wanted(struct player *p)
{
    struct core *c = &p->core;
    uint32_t wanted;

    pthread_mutex_lock(&c->lock);
    wanted = c->expected;
    if (!c->interrupted)
        wanted = pacer_wanted(&c->pacer, c->expected, now_ns());
    pthread_mutex_unlock(&c->lock);
    return wanted < c->frames ? wanted : c->frames;
}

void player_interrupted(struct player *p)
{
    pthread_mutex_lock(&p->core.lock);
    p->core.interrupted = true;
    p->core.rejoin = p->core.expected;
    pthread_mutex_unlock(&p->core.lock);
}

void player_pause(struct player *p, bool paused)
{
    pthread_mutex_lock(&p->core.lock);
    core_pause(&p->core, paused, now_ns());
    pthread_mutex_unlock(&p->core.lock);
}

void player_seek(struct player *p, uint32_t frame)
{
    struct core *c = &p->core;

    pthread_mutex_lock(&c->lock);
    core_seek(c, frame < c->frames ? frame : c->frames - 1);
    pthread_mutex_unlock(&c->lock);
}

void player_fullscreen(struct player *p)
{
    pthread_mutex_lock(&p->core.lock);
    p->core.fullscreen_wanted = true;
    core_wake(&p->core);
    pthread_mutex_unlock(&p->core.lock);
}

void player_text(struct player *p, const struct player_text *text)
{
    struct core *c = &p->core;

    pthread_mutex_lock(&c->lock);
    if (caption_set(&c->caption, text)) {
        c->captions++;
        core_wake(c);
    }
    pthread_mutex_unlock(&c->lock);
}

void player_key(struct player *p, enum display_key key)
{
    struct core *c = &p->core;

    pthread_mutex_lock(&c->lock);
    if (c->pressed < CORE_KEYS)
        c->keys[c->pressed++] = key;
    core_wake(c);
    pthread_mutex_unlock(&c->lock);
}

enum err player_append(struct player *p, uint32_t fps_num, uint32_t fps_den, uint32_t frames)
{
    struct fraction fps;
    enum err err;

    if (fps_num == 0 || fps_den == 0 || !fps_set(fps_num, fps_den, &fps))
        return ERR_FORMAT;
    pthread_mutex_lock(&p->core.lock);
    err = core_append(&p->core, &fps, frames);
    pthread_mutex_unlock(&p->core.lock);
    return err;
}

struct player_buffered player_buffered(struct player *p)
{
    struct player_buffered b;

    pthread_mutex_lock(&p->core.lock);
    b.bytes = p->core.store.bytes;
    b.frames = p->core.store.unsettled;
    b.ns = core_ahead_ns(&p->core, now_ns());
    pthread_mutex_unlock(&p->core.lock);
    return b;
}

struct player_counts player_counts(struct player *p)
{
    struct player_counts counts;

    pthread_mutex_lock(&p->core.lock);
    counts = p->core.counts;
    pthread_mutex_unlock(&p->core.lock);
    return counts;
}
