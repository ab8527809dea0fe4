#include "player/core.h"

#include "platform/wake.h"
#include "player/live.h"

void core_tell(struct core *c)
{
    if (!c->signalled)
        wake_send(c->fd);
    c->signalled = true;
}

void core_wake(struct core *c)
{
    if (c->awake)
        c->display.driver->wake(c->display.state);
}

bool core_alone(const struct core *c)
{
    return !c->digest && !c->live && pacer_relaxed(&c->pacer);
}

/* Something may be there for the pool. */
static void core_call(struct core *c)
{
    if (!core_alone(c))
        pthread_cond_signal(&c->work);
}

static void core_count(struct core *c, enum player_outcome outcome, uint32_t frames)
{
    switch (outcome) {
    case PLAYER_SHOWN:
        c->counts.shown += frames;
        break;
    case PLAYER_LATE:
        c->counts.late += frames;
        break;
    case PLAYER_DROPPED:
        c->counts.dropped += frames;
        break;
    case PLAYER_SKIPPED:
        c->counts.skipped += frames;
        break;
    }
}

/* What was shown in time asks nothing of the loop, which need not be woken for each, as long as more
 * will come. Who wants digests writes a protocol, of each at its time. */
static bool core_waits(const struct core *c, const struct store_slot *first)
{
    return c->pacer.started && !c->pacer.paused && !c->digest && !c->live &&
           c->store.unsettled > 0 &&
           pacer_pts(&c->pacer, c->shown + 1) - pacer_pts(&c->pacer, first->number) < CORE_TELL_NS;
}

static void core_tell_outcome(struct core *c, enum player_outcome outcome)
{
    const struct store_slot *first = store_at(&c->store, 0);

    if (store_told(&c->store, first) && (outcome != PLAYER_SHOWN || !core_waits(c, first)))
        core_tell(c);
}

void core_settle(struct core *c, struct store_slot *slot, enum player_outcome outcome,
                 enum err reason, int64_t shown_ns)
{
    if (slot->state != STORE_WAITING)
        c->ahead--;
    store_settle(&c->store, slot, outcome, reason, shown_ns);
    core_count(c, outcome, slot->count);
    if (outcome == PLAYER_DROPPED || outcome == PLAYER_SKIPPED)
        pacer_missed(&c->pacer);
    core_tell_outcome(c, outcome);
    if (slot->jpeg != NULL)
        core_call(c);
}

static bool core_newest(const struct core *c, const struct store_slot *slot)
{
    return slot->number == c->store.newest;
}

/* The first frame after an interruption: one that comes too late begins as after a seek, with a few
 * in hand. At rest no time passes, so that is decided later. */
static void core_rejoin(struct core *c, uint32_t first, int64_t now)
{
    if (!c->interrupted || first < c->rejoin || c->pacer.paused)
        return;
    c->interrupted = false;
    if (!c->pacer.started || now < pacer_due(&c->pacer, first))
        return;
    pacer_stop(&c->pacer);
    c->from = first;
    c->first_given = now;
}

struct store_slot *core_plan(struct core *c, int64_t now, int64_t *again)
{
    bool first = true;

    *again = INT64_MAX;
    if (c->store.unsettled == 0)
        return NULL;
    if (c->live)
        return live_plan(c);
    for (size_t i = 0; i < c->store.count; i++) {
        struct store_slot *slot = store_at(&c->store, i);
        if (slot->settled)
            continue;
        if (first) {
            core_rejoin(c, slot->number, now);
            pacer_resume(&c->pacer, slot->number, now);
        }
        first = false;
        if (slot->state != STORE_WAITING)
            continue;
        switch (pacer_judge(&c->pacer, slot->number, core_newest(c, slot), now)) {
        case PACER_DECODE:
            return c->ahead < CORE_AHEAD ? slot : NULL;
        case PACER_DROP:
            core_settle(c, slot, PLAYER_DROPPED, ERR_OK, -1);
            break;
        case PACER_HOLD:
            *again = pacer_gap_end(&c->pacer);
            return NULL;
        }
    }
    return NULL;
}

struct store_slot *core_pick(struct core *c, int64_t now)
{
    int64_t again;
    struct store_slot *slot = core_plan(c, now, &again);

    /* The presenter is the one that can wait for a time. */
    if (again != INT64_MAX && c->hungry)
        core_wake(c);
    if (slot != NULL || !c->digest)
        return slot;
    for (size_t i = 0; i < c->store.count; i++) {
        slot = store_at(&c->store, i);
        if (!slot->settled)
            return NULL;
        if (slot->state == STORE_WAITING && slot->jpeg != NULL)
            return slot;
    }
    return NULL;
}

/* Whether the frame's time will have passed when it could be presented. */
static bool core_passed(const struct core *c, uint32_t number, uint32_t drawn, int64_t now)
{
    int64_t drawing = number == drawn ? 0 : c->pacer.drawing;

    return now + drawing >= pacer_end(&c->pacer, number);
}

/* The first picture that can be shown in time, or else the last one there is; one that is still
 * being decoded is waited for while it could be in time. */
static struct store_slot *core_best(struct core *c, uint32_t drawn, int64_t now)
{
    struct store_slot *best = NULL;

    for (size_t i = 0; i < c->store.count && c->ahead > 0; i++) {
        struct store_slot *slot = store_at(&c->store, i);
        if (slot->settled)
            continue;
        if (!c->pacer.started)
            return slot->state == STORE_READY ? slot : NULL;
        if (best != NULL && !core_passed(c, best->number, drawn, now))
            break;
        if (slot->state == STORE_READY)
            best = slot;
        else if (!core_passed(c, slot->number, drawn, now))
            break;
    }
    return best;
}

/* The clock starts with a few frames in hand, or the first hiccup would make the second late. */
static bool core_prerolled(const struct core *c, int64_t now, int64_t *until)
{
    if (c->store.unsettled >= CORE_PREROLL || c->expected == c->frames)
        return true;
    if (now >= c->first_given + CORE_PREROLL_NS)
        return true;
    *until = c->first_given + CORE_PREROLL_NS;
    return false;
}

/* All frames have an outcome: the end is when the time of the last one that was shown is over. */
static void core_finish(struct core *c, int64_t now, int64_t *until)
{
    int64_t end = c->pacer.started ? pacer_end(&c->pacer, c->shown) : now;

    if (c->ended || (c->pacer.started && c->pacer.paused))
        return;
    if (now < end) {
        *until = end;
        return;
    }
    c->ended = true;
    core_tell(c);
}

struct store_slot *core_choose(struct core *c, uint32_t drawn, int64_t now, int64_t *until)
{
    struct store_slot *slot;

    *until = INT64_MAX;
    if (c->store.unsettled == 0) {
        if (c->expected == c->frames)
            core_finish(c, now, until);
        return NULL;
    }
    if (c->pacer.paused && c->pacer.started)
        return NULL;
    if (core_plan(c, now, until) != NULL)
        core_call(c);
    if (c->live)
        return live_choose(c, drawn, now);
    slot = core_best(c, drawn, now);
    if (slot != NULL && !c->pacer.started && !c->pacer.paused && !core_prerolled(c, now, until))
        return NULL;
    return slot;
}

/* What lies before the slot and is not settled has been overtaken. */
static void core_overtake(struct core *c, const struct store_slot *shown)
{
    for (size_t i = 0; i < c->store.count; i++) {
        struct store_slot *slot = store_at(&c->store, i);
        if (slot == shown)
            return;
        if (!slot->settled)
            core_settle(c, slot, PLAYER_DROPPED, ERR_OK, -1);
    }
}

void core_present(struct core *c, struct store_slot *slot, int64_t begun, int64_t now)
{
    enum player_outcome outcome;

    core_overtake(c, slot);
    if (!c->pacer.started)
        pacer_start(&c->pacer, slot->number, begun);
    outcome = pacer_shown(&c->pacer, slot->number, now) ? PLAYER_SHOWN : PLAYER_LATE;
    c->shown = slot->number;
    core_settle(c, slot, outcome, ERR_OK, now - c->pacer.base);
    core_call(c);
}

void core_seek(struct core *c, uint32_t frame)
{
    store_clear(&c->store);
    c->generation++;
    c->ahead = 0;
    c->expected = c->from = frame;
    c->first_given = INT64_MAX - CORE_PREROLL_NS;
    c->seek = c->ended = c->end_told = c->interrupted = false;
    pacer_stop(&c->pacer);
    core_wake(c);
}

void core_pause(struct core *c, bool paused, int64_t now)
{
    pacer_pause(&c->pacer, paused, now);
    if (c->store.count > 0 && store_told(&c->store, store_at(&c->store, 0)))
        core_tell(c);
    pthread_cond_broadcast(&c->work);
    core_wake(c);
}

void core_ask_seek(struct core *c, int64_t offset_ns, int64_t now)
{
    int64_t place;

    if (c->seek)
        place = pacer_pts(&c->pacer, c->seek_frame);
    else if (c->pacer.started)
        place = pacer_clock(&c->pacer, now);
    else
        place = pacer_pts(&c->pacer, c->from);
    c->seek_frame = pacer_frame(&c->pacer, place + offset_ns);
    if (c->seek_frame >= c->frames)
        c->seek_frame = c->frames - 1;
    c->seek = true;
    core_tell(c);
}

/* What comes after a pause in giving begins the clock anew, or it would be late. */
enum err core_append(struct core *c, const struct fraction *fps, uint32_t frames)
{
    if (frames == 0 || frames > LIMIT_FRAMES || frames > CORE_NONE - 1 - c->frames)
        return ERR_LIMIT;
    if (c->expected == c->frames) {
        c->interrupted = true;
        c->rejoin = c->expected;
    }
    pacer_append(&c->pacer, c->frames, fps->num, fps->den);
    c->frames += frames;
    c->ended = c->end_told = false;
    return ERR_OK;
}

int64_t core_ahead_ns(const struct core *c, int64_t now)
{
    int64_t end = pacer_pts(&c->pacer, c->store.newest + 1), from;

    if (c->store.unsettled == 0)
        return 0;
    if (c->pacer.started)
        from = pacer_clock(&c->pacer, now);
    else
        from = pacer_pts(&c->pacer, c->from);
    /* The clock ran on, but what comes now will be shown from there. */
    if (c->interrupted && from > pacer_pts(&c->pacer, c->rejoin))
        from = pacer_pts(&c->pacer, c->rejoin);
    return end > from ? end - from : 0;
}
