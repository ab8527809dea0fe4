#include "client/catchup.h"

#include <string.h>

#include "client/client.h"
#include "client/state.h"
#include "wire/hello.h"
#include "wire/past.h"

void catchup_unrecorded(struct client *c)
{
    if (!c->catchup.complained)
        report_error(&c->report, "state",
                     "can't record what was shown: it may be shown again the next time", 0);
    c->catchup.complained = true;
}

/* Once in a run: the room stays the same. */
static void open_received(struct client *c)
{
    struct catchup *k = &c->catchup;
    char path[PATHS_MAX];
    bool kept = state_room_file(c, "received", path);

    if (k->open)
        return;
    if (received_open(&c->received, kept ? path : NULL) != ERR_OK) {
        report_error(&c->report, "state",
                     "what was shown before can't be read: some of it may be shown again", 0);
        received_open(&c->received, NULL);
    }
    memcpy(k->log_id, c->received.log_id, sizeof k->log_id);
    k->arrived = c->received.number;
    buf_init(&k->held, LIMIT_HELD);
    k->open = true;
}

static void record(struct client *c, uint64_t number)
{
    if (received_reached(&c->received, c->catchup.log_id, number) != ERR_OK)
        catchup_unrecorded(c);
}

static void ask(struct client *c)
{
    const struct wire_resume m = {.log_id = c->catchup.log_id, .after = c->catchup.arrived};
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_resume(&out, &m);
    client_send(c, &out);
    c->catchup.under_way = true;
}

/* The numbers that we have are of another log, or this one was set back and gives them anew. */
static void change_log(struct client *c)
{
    struct catchup *k = &c->catchup;

    memcpy(k->log_id, c->log_id, sizeof k->log_id);
    k->arrived = 0;
    k->log++;
    marks_clear(&k->marks);
}

void catchup_enter(struct client *c)
{
    static const uint8_t none[SIZE_LOG_ID];
    struct catchup *k = &c->catchup;
    bool same, first, set_back;

    if (c->config->one_shot)
        return;
    open_received(c);
    same = memcmp(k->log_id, c->log_id, sizeof k->log_id) == 0;
    first = memcmp(k->log_id, none, sizeof none) == 0;
    set_back = same && k->arrived > c->welcome_last;
    if (!same && !first)
        report_error(&c->report, "new-log",
                     "the server has a new log: what was sent to you meanwhile may be lost", 0);
    else if (set_back)
        report_error(&c->report, "new-log",
                     "the server lost a part of its log: messages to you may be lost", 0);
    if ((c->features & FEATURE_PAST) != 0 && (!same || k->arrived < c->welcome_last))
        ask(c);
    if (!same || set_back)
        change_log(c);
    if (k->under_way || (same && k->arrived == c->welcome_last && !set_back))
        return;
    k->arrived = c->welcome_last;
    marks_clear(&k->marks);
    record(c, k->arrived);
}

void catchup_lost(struct client *c)
{
    struct catchup *k = &c->catchup;

    k->under_way = k->too_much = false;
    buf_free(&k->held);
    buf_init(&k->held, LIMIT_HELD);
    k->own = 0;
}

static void take(struct client *c, const struct wire_sealed *m, bool past)
{
    if (m->number > c->catchup.arrived)
        c->catchup.arrived = m->number;
    marks_add(&c->catchup.marks, m->number);
    opener_take(c, m, past);
}

/* What is too much, and all behind it, is not held: it would leave a gap. */
static void hold(struct catchup *k, struct span payload)
{
    if (k->too_much)
        return;
    buf_add_sized32(&k->held, payload.data, payload.len);
    k->too_much = k->held.failed;
}

enum err catchup_live(struct client *c, struct span payload)
{
    struct wire_sealed m;
    enum err e = wire_get_sealed(payload, &m);

    if (e != ERR_OK)
        return e;
    /* Before the lists, or to a one-shot: nothing says what was shown before. One that is a member for
     * files alone leaves it to the next den. */
    if (!c->catchup.open)
        return c->config->receives && c->state == CLIENT_ROOM ? ERR_OK : ERR_STATE;
    if (c->catchup.under_way)
        hold(&c->catchup, payload);
    else
        take(c, &m, false);
    return ERR_OK;
}

void catchup_dealt(struct client *c, unsigned log, uint64_t number)
{
    uint64_t reached;

    if (c->catchup.open && log == c->catchup.log && marks_done(&c->catchup.marks, number, &reached))
        record(c, reached);
}

/* A number under which nothing has to be shown. */
static void pass(struct client *c, uint64_t number)
{
    struct catchup *k = &c->catchup;

    if (number > k->arrived)
        k->arrived = number;
    if (marks_add(&k->marks, number))
        catchup_dealt(c, k->log, number);
}

void catchup_own(struct client *c, uint64_t number)
{
    if (!c->catchup.open)
        return;
    if (c->catchup.under_way)
        c->catchup.own = number;
    else
        pass(c, number);
}

enum err catchup_past(struct client *c, struct span payload)
{
    struct wire_past m;
    enum err e = wire_get_past(payload, &m);

    if (e != ERR_OK)
        return e;
    if (!c->catchup.under_way)
        return ERR_STATE;
    take(c, &m.sealed, true);
    return ERR_OK;
}

/* The held ones come in their turn now. */
static enum err let_go(struct client *c)
{
    struct buf held = c->catchup.held;
    struct cursor in = cursor_over(held.data, held.len);
    enum err e = ERR_OK;

    buf_init(&c->catchup.held, LIMIT_HELD);
    while (e == ERR_OK && in.left > 0)
        e = catchup_live(c, cursor_sized32(&in, LIMIT_MESSAGE));
    buf_free(&held);
    return e;
}

enum err catchup_end(struct client *c, struct span payload)
{
    struct catchup *k = &c->catchup;
    struct wire_past_end m;
    enum err e = wire_get_past_end(payload, &m);

    if (e != ERR_OK)
        return e;
    if (!k->under_way)
        return ERR_STATE;
    k->under_way = false;
    report_past(&c->report, &m);
    if (k->too_much) {
        client_lost(c, CLIENT_EXIT_FAILED, "slow", "too much was said while the past came");
        return ERR_OK;
    }
    pass(c, m.last);
    e = let_go(c);
    if (k->own > k->arrived)
        pass(c, k->own);
    k->own = 0;
    return e;
}

void catchup_free(struct client *c)
{
    struct catchup *k = &c->catchup;

    marks_clear(&k->marks);
    received_close(&c->received);
    buf_free(&k->held);
    *k = (struct catchup){0};
}
