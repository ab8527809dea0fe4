#include "player/presenter.h"

#include <stdio.h>

#include "platform/now.h"
#include "player/caption.h"
#include "player/core.h"
#include "player/overlay.h"
#include "player/pool.h"
#include "video/paint.h"
#include "video/pixel.h"

#define PRESENTER_TEXT_NS INT64_C(33000000) /* between two paintings of new text */

struct presenter {
    struct core *c;
    struct paint paint;
    struct decode decode; /* while it decodes itself */
    struct overlay overlay;
    bool info;    /* the counters are shown */
    bool repaint; /* what stands on the display is lost or no longer right */
    bool lost;    /* the display does not work any more */
    /* the picture on the display, and the one on the surface; one user of each is the presenter */
    struct picture *current, *drawn;
    bool direct;         /* drawn goes right onto the screen, when it is due */
    unsigned generation; /* of the frame that is drawn */
    uint32_t number;
    uint32_t shown, shown_height; /* of the picture on the display */
    struct display_rect rect;     /* where pictures stand, in a surface of that size */
    unsigned width, height;
    struct caption caption;    /* as it is drawn next */
    unsigned captions, stands; /* core.captions of that one, and of the one on the display */
    int64_t text_after;        /* new text is not painted before */
};

/* The lock is released for all that takes time. */
static void presenter_unlock(struct presenter *p)
{
    pthread_mutex_unlock(&p->c->lock);
}

static void presenter_lock(struct presenter *p)
{
    pthread_mutex_lock(&p->c->lock);
}

/* Where the picture goes: where the one before went, unless its shape is really another. */
static void presenter_place(struct presenter *p, const struct picture *picture,
                            const struct surface *to)
{
    struct display_rect fit =
        scale_fit(picture->full_width, picture->full_height, to->width, to->height);

    if (p->width != to->width || p->height != to->height || !scale_near(&fit, &p->rect))
        p->rect = fit;
    p->width = to->width;
    p->height = to->height;
}

static bool presenter_paint(struct presenter *p, const struct picture *picture,
                            const struct surface *to)
{
    presenter_place(p, picture, to);
    return paint_draw(&p->paint, &picture->planes, to, &p->rect) == ERR_OK;
}

static const struct console_face *presenter_font(const struct presenter *p)
{
    const struct display *d = &p->c->display;

    return d->driver->font == NULL ? NULL : d->driver->font(d->state);
}

/* What is drawn from now on bears the newest text. */
static void presenter_take_text(struct presenter *p)
{
    if (p->captions != p->c->captions)
        p->caption = p->c->caption;
    p->captions = p->c->captions;
}

static void presenter_text_stands(struct presenter *p)
{
    if (p->stands != p->captions)
        p->text_after = now_ns() + PRESENTER_TEXT_NS;
    p->stands = p->captions;
}

/* To a display that draws planes itself; not with text, which is painted on pixels. */
static bool presenter_hand_over(struct presenter *p, const struct picture *picture,
                                const struct surface *to)
{
    const struct display *d = &p->c->display;
    const struct paint_planes *from = &picture->planes;
    struct display_planes planes = {.width = from->width, .height = from->height};

    if (d->driver->picture == NULL || p->info || p->caption.shown || from->across != 2 ||
        from->down != 2)
        return false;
    for (size_t i = 0; i < 3; i++) {
        planes.data[i] = from->data[i];
        planes.pitch[i] = from->pitch[i];
    }
    presenter_place(p, picture, to);
    return d->driver->picture(d->state, &planes, &p->rect);
}

/* Without the lock. picture may be NULL: black. */
static bool presenter_fill(struct presenter *p, const struct picture *picture)
{
    struct surface to;

    if (!p->c->display.driver->lend(p->c->display.state, &to))
        return false;
    if (picture != NULL && presenter_hand_over(p, picture, &to))
        return true;
    if (picture == NULL)
        pixel_fill(&to, 0, 0, to.width, to.height, 0);
    else if (!presenter_paint(p, picture, &to))
        return false;
    if (p->info && picture != NULL)
        overlay_draw(&p->overlay, &to);
    caption_draw(&p->caption, &to, presenter_font(p));
    return true;
}

/* Saves the copy. Text is painted after the picture, and would flicker on what is seen. */
static bool presenter_direct(const struct presenter *p)
{
    const struct display *d = &p->c->display;
    struct surface to;

    return d->driver->shown != NULL && !p->info && !p->caption.shown &&
           d->driver->lend(d->state, &to) && to.copied;
}

/* Onto the screen, now. */
static bool presenter_put(struct presenter *p)
{
    const struct display *d = &p->c->display;
    struct surface to;

    if (p->direct && d->driver->shown(d->state, &to))
        return presenter_paint(p, p->drawn, &to);
    if (p->direct && !presenter_fill(p, p->drawn))
        return false;
    return d->driver->present(d->state);
}

static void presenter_forget_drawn(struct presenter *p)
{
    picture_release(p->drawn);
    p->drawn = NULL;
}

static void presenter_note_size(struct presenter *p)
{
    if (p->width != 0) {
        p->c->width = p->width;
        p->c->height = p->height;
    }
}

/* Draws the slot's picture onto the surface, ahead of its time. */
static void presenter_draw(struct presenter *p, const struct store_slot *slot)
{
    int64_t begun;
    bool filled;

    presenter_forget_drawn(p);
    p->drawn = slot->picture;
    picture_share(p->drawn);
    p->generation = p->c->generation;
    p->number = slot->number;
    p->overlay.frame = slot->number;
    p->overlay.height = slot->height;
    overlay_update(&p->overlay, &p->c->counts, now_ns());
    presenter_take_text(p);
    p->direct = presenter_direct(p);
    if (p->direct)
        return;
    presenter_unlock(p);
    begun = now_ns();
    filled = presenter_fill(p, p->drawn);
    presenter_lock(p);
    pacer_drew(&p->c->pacer, now_ns() - begun);
    presenter_note_size(p);
    if (!filled)
        p->lost = true;
}

/* Shows again what was on the display last; what is drawn ahead is drawn anew after that. */
static void presenter_repaint(struct presenter *p)
{
    p->repaint = false;
    presenter_forget_drawn(p);
    p->overlay.frame = p->shown;
    p->overlay.height = p->shown_height;
    overlay_update(&p->overlay, &p->c->counts, now_ns());
    presenter_take_text(p);
    presenter_unlock(p);
    bool shown =
        presenter_fill(p, p->current) && p->c->display.driver->present(p->c->display.state);
    presenter_lock(p);
    presenter_note_size(p);
    presenter_text_stands(p);
    if (!shown)
        p->lost = true;
}

/* The frame that stands on the surface and is not shown yet. */
static uint32_t presenter_drawn(const struct presenter *p)
{
    return p->drawn != NULL && p->generation == p->c->generation ? p->number : CORE_NONE;
}

static void presenter_show(struct presenter *p)
{
    struct core *c = p->c;
    struct store_slot *slot;
    int64_t begun, now;

    presenter_unlock(p);
    begun = now_ns();
    bool shown = presenter_put(p);
    now = now_ns();
    presenter_lock(p);
    if (p->direct)
        pacer_drew(&c->pacer, now - begun);
    presenter_note_size(p);
    presenter_text_stands(p);
    picture_release(p->current);
    p->current = p->drawn;
    p->drawn = NULL;
    p->shown = p->overlay.frame;
    p->shown_height = p->overlay.height;
    if (!shown)
        p->lost = true;
    if (p->generation != c->generation)
        return;
    slot = store_find(&c->store, p->number);
    if (slot != NULL && !slot->settled && slot->state == STORE_READY)
        core_present(c, slot, begun, now);
}

static void presenter_key(struct presenter *p, enum display_key key)
{
    struct core *c = p->c;

    switch (key) {
    case DISPLAY_KEY_PAUSE:
        core_pause(c, !c->pacer.paused, now_ns());
        c->pause_changed = true;
        break;
    case DISPLAY_KEY_BACK:
        core_ask_seek(c, -CORE_SEEK_NS, now_ns());
        break;
    case DISPLAY_KEY_FORWARD:
        core_ask_seek(c, CORE_SEEK_NS, now_ns());
        break;
    case DISPLAY_KEY_FULLSCREEN:
        c->fullscreen_wanted = true;
        break;
    case DISPLAY_KEY_INFO:
        p->info = !p->info;
        p->repaint = true;
        break;
    case DISPLAY_KEY_STOP:
        c->stop = true;
        break;
    }
    core_tell(c);
}

/* The keys that others gave. */
static void presenter_take_keys(struct presenter *p)
{
    for (unsigned i = 0; i < p->c->pressed; i++)
        presenter_key(p, p->c->keys[i]);
    p->c->pressed = 0;
}

static void presenter_wait(struct presenter *p, int64_t until)
{
    struct display_event event;

    if (p->stands != p->c->captions && p->text_after < until)
        until = p->text_after;
    presenter_unlock(p);
    p->c->display.driver->wait(p->c->display.state, until, &event);
    presenter_lock(p);
    if (event.kind == DISPLAY_KEY)
        presenter_key(p, event.key);
    else if (event.kind == DISPLAY_REDRAW)
        p->repaint = true;
}

static void presenter_toggle_fullscreen(struct presenter *p)
{
    struct display *d = &p->c->display;

    p->c->fullscreen_wanted = false;
    if (d->driver->fullscreen == NULL)
        return;
    presenter_unlock(p);
    d->driver->fullscreen(d->state);
    presenter_lock(p);
}

/* One step towards the next picture; everything is looked at anew after each, for a seek, a pause
 * or a new size may have come in between. */
static void presenter_turn(struct presenter *p)
{
    struct core *c = p->c;
    int64_t now = now_ns(), until;
    struct store_slot *slot = core_choose(c, presenter_drawn(p), now, &until);

    if (slot == NULL && core_alone(c) && pool_step(c, &p->decode))
        return;
    if (slot == NULL) {
        c->hungry = true;
        presenter_wait(p, until);
        c->hungry = false;
    } else if (presenter_drawn(p) != slot->number) {
        presenter_draw(p, slot);
    } else if (c->pacer.started && now < pacer_due(&c->pacer, slot->number)) {
        presenter_wait(p, pacer_due(&c->pacer, slot->number));
    } else {
        presenter_show(p);
    }
}

static void presenter_run(struct presenter *p)
{
    presenter_lock(p);
    p->c->awake = true;
    p->c->opened = true;
    core_tell(p->c);
    while (!p->c->closing && !p->lost) {
        presenter_take_keys(p);
        if (p->c->fullscreen_wanted)
            presenter_toggle_fullscreen(p);
        if (p->repaint || (p->stands != p->c->captions && p->text_after <= now_ns()))
            presenter_repaint(p);
        else
            presenter_turn(p);
    }
    p->c->awake = false;
    if (p->lost) {
        snprintf(p->c->text, sizeof p->c->text, "the display %s was lost",
                 p->c->display.driver->name);
        p->c->failed = true;
        core_tell(p->c);
    }
    picture_release(p->current);
    picture_release(p->drawn);
    presenter_unlock(p);
}

static bool presenter_open(struct presenter *p)
{
    const struct display_options options = {.title = p->c->title,
                                            .width = CORE_WIDTH,
                                            .height = CORE_HEIGHT,
                                            .panes = p->c->panes,
                                            .seize = p->c->seize};
    char why[DISPLAY_WHY];
    bool opened = display_open(&p->c->display, p->c->display_name, &options, why);

    presenter_lock(p);
    if (!opened) {
        snprintf(p->c->text, sizeof p->c->text, "%s", why);
        p->c->failed = true;
        core_tell(p->c);
    } else {
        snprintf(p->c->text, sizeof p->c->text, "%s%s%.*s", p->c->display.driver->name,
                 why[0] != '\0' ? "; " : "", PLAYER_REASON - 64, why);
    }
    presenter_unlock(p);
    return opened;
}

void *presenter_main(void *arg)
{
    struct presenter p = {.c = arg, .overlay = {.frames = ((struct core *)arg)->frames}};

    if (presenter_open(&p))
        presenter_run(&p);
    display_close(&p.c->display);
    paint_free(&p.paint);
    decode_close(&p.decode);
    return NULL;
}
