#include "client/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/wipe.h"
#include "client/client.h"
#include "client/courier.h"
#include "client/projector.h"
#include "client/report_live.h"
#include "platform/now.h"
#include "video/scan.h"

/* Only what the pacer counts by; frames are shown when they come. */
#define NOMINAL_FPS 25
#define KEY_AGAIN_NS INT64_C(2000000000)
#define CAST_AGAIN_NS INT64_C(500000000)
#define CAST_TRIES 120
#define GAP_MOST \
    1000 /* frames that are told one by one to be left out; after a long pause it begins anew */
#define HEAD_MOST 65536 /* bytes within which a frame says its size */

static void drop_frame(struct live_frame *f)
{
    if (f->data != NULL)
        wipe(f->data, f->length);
    free(f->data);
    *f = (struct live_frame){0};
}

void live_close(struct client *c)
{
    struct live *l = &c->live;

    drop_frame(&l->coming);
    drop_frame(&l->held);
    shot_ring_wipe(&l->ring);
    wipe(l, sizeof *l);
    l->again = INT64_MAX;
}

static void fail(struct client *c, enum client_exit code, const char *reason)
{
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = code;
    cinema_stop(c, reason);
}

static void asked(struct client *c, struct courier *k)
{
    struct buf out;
    size_t begin;

    if (!c->live.on || k->number != c->cinema.stream || k->e != ERR_OK)
        return;
    buf_init(&out, MESSAGE_HEADER + 2 * LIMIT_HELLO);
    begin = wire_ask_begin(&out, k->number);
    buf_add(&out, k->envelope.data, k->envelope.len);
    message_end(&out, begin);
    client_send(c, &out);
}

/* The same question each time: an answer to any of them will do. */
static void ask(struct client *c)
{
    struct live *l = &c->live;
    struct shot_key m = {0};
    struct buf body;

    memcpy(m.id, l->ring.id, sizeof m.id);
    memcpy(m.nonce, l->ring.nonce, sizeof m.nonce);
    buf_init(&body, sizeof m);
    shot_put_ask(&body, &m);
    courier_seal(c, ENVELOPE_CAST_ASK, &body, &l->caster, 1, false, c->cinema.stream, 0, 0, asked);
    l->again = now_ns() + KEY_AGAIN_NS;
}

/* False: no player, and that was said. */
static bool open_player(struct client *c, const struct wire_cast *m)
{
    struct wire_stream s = {
        .stream = m->cast,
        .clip = {.name = m->name,
                 .title = m->title.len > 0 ? m->title : m->name,
                 .fps_num = NOMINAL_FPS,
                 .fps_den = 1,
                 .frames = LIMIT_FRAMES},
    };
    enum err e;

    if (c->cinema.player != NULL)
        return true;
    tuning_start(&c->cinema.tuning, &s, now_ns());
    e = projector_open(c, &s);
    if (e != ERR_OK) {
        report_error(&c->report, "display", err_text(e), 0);
        fail(c, CLIENT_EXIT_FAILED, "failed");
    }
    return e == ERR_OK;
}

static void start(struct live *l, const struct wire_cast *m, struct random *random)
{
    uint8_t nonce[SHOT_NONCE];

    drop_frame(&l->coming);
    drop_frame(&l->held);
    random_bytes(random, nonce, sizeof nonce);
    shot_ring_start(&l->ring, m->id, nonce);
    memcpy(l->name, m->from, sizeof l->name);
    l->on = true;
    l->sealed = (m->flags & CAST_SEALED) != 0;
    l->keyed = l->told = l->based = false;
    l->last = 0;
    l->again = INT64_MAX;
    l->tries = 0;
}

enum err live_stream(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct live *l = &c->live;
    bool back = l->on && k->away.on, was_sealed = l->sealed;
    struct public_key key;
    struct wire_cast m;
    enum err e = wire_get_live(payload, &m);

    if (e == ERR_OK)
        e = public_key_from_spki(&key, m.spki, SIZE_SPKI);
    if (e != ERR_OK || k->stream == 0 || m.cast != k->stream || k->over)
        return e;
    if (kiosk_on(c) || (k->player != NULL && !back))
        return ERR_STATE;
    /* What was sealed must not become what the server sees, nor somebody else's. */
    if (back &&
        (!public_key_same(&key, &l->caster) || was_sealed != ((m.flags & CAST_SEALED) != 0))) {
        cinema_broken(c, "another cast has that name now");
        return ERR_OK;
    }
    start(l, &m, &c->random);
    l->caster = key;
    k->away.on = false;
    report_live(&c->report, &m);
    if (!courier_trusts(c, m.from, &key)) {
        fail(c, CLIENT_EXIT_REFUSED, "refused");
        return ERR_OK;
    }
    if (!open_player(c, &m))
        return ERR_OK;
    if (l->sealed)
        ask(c);
    projector_grant(c);
    return ERR_OK;
}

/* What the frame itself says, for show. */
static uint32_t height_of(const struct live_frame *f)
{
    struct scan scan;
    struct scan_frame found;
    size_t used;

    scan_init(&scan);
    scan_feed(&scan, f->data, f->length < HEAD_MOST ? f->length : HEAD_MOST, &used, &found);
    return scan.frame.height;
}

/* The player counts on from what it had; what lies between was left out on the way. */
static void show(struct client *c, struct live_frame *f)
{
    struct live *l = &c->live;
    struct player *p = c->cinema.player;
    uint32_t expected = player_expected(p);
    uint64_t place;

    place = l->first + (f->number - l->base);
    if (!l->based || place - expected > GAP_MOST) {
        l->based = true;
        l->base = f->number;
        l->first = expected;
        place = expected;
    }
    if (place > expected)
        player_skipped(p, expected, (uint32_t)(place - expected));
    player_give(p, &(struct player_frame){.number = (uint32_t)place,
                                          .height = height_of(f),
                                          .source_number = (uint32_t)f->number,
                                          .jpeg = f->data,
                                          .length = f->length});
    *f = (struct live_frame){0};
}

/* Says it once; the next may be better. */
static void tell_sealed(struct client *c)
{
    if (!c->live.told)
        report_error(&c->report, "broken-frame",
                     "a frame of the cast can't be opened: it is not as its caster sealed it", 0);
    c->live.told = true;
}

static enum err open_frame(const struct live *l, struct shot_ring *ring, struct live_frame *f)
{
    struct shot_place p = {.epoch = f->epoch, .number = f->number, .pts_ns = f->pts_ns};
    enum err e;

    memcpy(p.caster, l->caster.fingerprint, sizeof p.caster);
    memcpy(p.id, ring->id, sizeof p.id);
    e = shot_ring_open(ring, &p, f->data, f->length);
    if (e == ERR_OK)
        f->length -= GCM_TAG;
    return e;
}

/* A whole frame: shown, or the last one that waits for its key. */
static void take(struct client *c, struct live_frame *f)
{
    struct live *l = &c->live;
    enum err e = ERR_OK;

    if (l->sealed)
        e = open_frame(l, &l->ring, f);
    if (e == ERR_OK) {
        drop_frame(&l->held);
        show(c, f);
    } else if (e == ERR_UNKNOWN) {
        drop_frame(&l->held);
        l->held = *f;
        *f = (struct live_frame){0};
        if (l->again == INT64_MAX)
            l->again = now_ns() + KEY_AGAIN_NS;
    } else {
        drop_frame(f);
        tell_sealed(c);
    }
}

/* A frame that was begun may be given up for a newer one. */
static enum err begin(struct live *l, const struct wire_shot *m)
{
    drop_frame(&l->coming);
    if (m->number < l->last || m->number == UINT64_MAX || (m->epoch != 0) != l->sealed)
        return ERR_FORMAT;
    l->last = m->number + 1;
    l->coming = (struct live_frame){.length = m->length,
                                    .epoch = m->epoch,
                                    .number = m->number,
                                    .pts_ns = m->pts_ns,
                                    .data = malloc(m->length)};
    return l->coming.data == NULL ? ERR_MEMORY : ERR_OK;
}

static enum err add(struct client *c, const struct wire_shot *m)
{
    struct live_frame *f = &c->live.coming;
    enum err e = (m->flags & FRAME_FIRST) != 0 ? begin(&c->live, m) : ERR_OK;

    if (e != ERR_OK)
        return e;
    if (f->data == NULL || m->number != f->number || m->data.len > f->length - f->got)
        return ERR_FORMAT;
    memcpy(f->data + f->got, m->data.data, m->data.len);
    f->got += (uint32_t)m->data.len;
    if (((m->flags & FRAME_LAST) != 0) != (f->got == f->length))
        return ERR_FORMAT;
    if (f->got == f->length)
        take(c, f);
    return ERR_OK;
}

enum err live_shot(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_shot m;
    enum err e = wire_get_shot(payload, &m);

    if (e != ERR_OK)
        return e;
    if (cinema_busy(k))
        credit_received(&k->credit, m.data.len, now_ns());
    if (m.stream == k->stream && c->live.on && k->player != NULL && !k->over && m.track == 0)
        e = add(c, &m);
    projector_grant(c);
    return e;
}

/* The first is an answer to us alone. */
static bool add_key(struct live *l, const struct envelope_content *e, const struct shot_key *m)
{
    return (l->keyed || e->to == ENVELOPE_ONE) && shot_ring_add(&l->ring, m);
}

static void given(struct client *c, struct courier *q)
{
    struct live *l = &c->live;
    struct shot_key m = {0};

    if (!l->on || q->number != c->cinema.stream)
        return;
    if (q->e == ERR_KEY) {
        fail(c, CLIENT_EXIT_REFUSED, "refused");
        return;
    }
    if (q->e == ERR_OK && shot_get_key(q->content.body, &m) == ERR_OK && c->cinema.player != NULL &&
        add_key(l, &q->content, &m)) {
        l->keyed = true;
        l->again = INT64_MAX;
        report_cast_key(&c->report, c->cinema.away.clip, m.epoch);
        if (l->held.data != NULL) {
            struct live_frame f = l->held;

            l->held = (struct live_frame){0};
            take(c, &f);
        }
    }
    wipe(&m, sizeof m);
}

enum err live_given(struct client *c, struct span payload)
{
    struct live *l = &c->live;
    struct wire_pass m;
    enum err e = wire_get_ask(payload, &m);

    if (e != ERR_OK || !l->on || m.number != c->cinema.stream)
        return e;
    memcpy(m.from, l->name, sizeof m.from);
    m.fingerprint = l->caster.fingerprint;
    courier_open(c, &m, ENVELOPE_CAST_KEY, given);
    return ERR_OK;
}

void live_end(struct client *c, const struct wire_stream_end *m)
{
    bool good = m->reason == END_CAST_OVER;
    struct buf text;

    buf_init(&text, 1024);
    text_clean(&text, m->text.data, m->text.len, false);
    if (!good)
        report_error(&c->report, m->reason == END_OUSTED ? "put-out" : "cast-lost", buf_text(&text),
                     0);
    buf_free(&text);
    if (!good && c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = m->reason == END_OUSTED ? CLIENT_EXIT_REFUSED : CLIENT_EXIT_FAILED;
    cinema_finished(c, good ? "over" : m->reason == END_OUSTED ? "put-out" : "lost");
}

bool live_refused(struct client *c)
{
    struct live *l = &c->live;

    if (!l->on || !c->cinema.away.on || ++l->tries >= CAST_TRIES)
        return false;
    l->again = now_ns() + CAST_AGAIN_NS;
    return true;
}

int64_t live_due(const struct client *c)
{
    return c->live.on && c->state == CLIENT_ROOM ? c->live.again : INT64_MAX;
}

void live_tick(struct client *c, int64_t now)
{
    struct live *l = &c->live;

    if (now < live_due(c))
        return;
    l->again = INT64_MAX;
    if (c->cinema.away.on && c->cinema.stream == 0)
        cinema_ask(c, 0);
    else if (!c->cinema.away.on && l->sealed && (!l->keyed || l->held.data != NULL) &&
             c->cinema.stream != 0)
        ask(c);
}
