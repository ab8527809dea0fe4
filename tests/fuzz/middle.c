#include "tests/fuzz/middle.h"

#include <string.h>

#include "base/bytes.h"
#include "base/cursor.h"
#include "net/pump.h"
#include "tests/fuzz/faulty.h"
#include "tests/fuzz/way.h"
#include "tests/kit/keys.h"

#define STEPS 32
#define TURNS 20000

struct middle {
    struct pair pair;
    struct pair_side *tried, *other;
    struct way to_tried, to_other;
    struct way_step steps[STEPS];
    size_t count;
    size_t at_once;
    bool touched;       /* something is not as the other side meant it */
    bool talked;        /* the other side has said what it had to */
    struct buf said;    /* that, as it should come out of TLS */
    struct buf *record; /* NULL, or: what goes to the tried one is added */
};

/* One whole record of the other side is changed as the script says, and passed on. */
static void pass_record(struct middle *m, struct way *w, size_t len)
{
    struct buf record;
    unsigned copies = 1;
    bool hold = false;

    buf_init(&record, WAY_LIMIT);
    buf_add(&record, w->in.data, len);
    buf_drop(&w->in, len);
    if (m->record != NULL && w == &m->to_tried)
        buf_add(m->record, record.data, record.len);
    for (size_t i = 0; i < m->count && w == &m->to_tried; i++) {
        const struct way_step *s = &m->steps[i];

        if (s->record != w->records || s->act == MIDDLE_INSIDE)
            continue;
        m->touched = true;
        hold = hold || s->act == MIDDLE_HOLD;
        copies = s->act == MIDDLE_DROP ? 0 : s->act == MIDDLE_TWICE ? 2 : copies;
        w->over = w->over || s->act == MIDDLE_HALT;
        if (record.len > 0)
            way_change(&record, s);
    }
    for (unsigned i = 0; i < copies && !w->over; i++)
        buf_add(hold ? &w->held : &w->out, record.data, record.len);
    if (!hold) {
        buf_add(&w->out, w->held.data, w->held.len);
        buf_clear(&w->held);
    }
    w->records++;
    buf_free(&record);
}

static bool way_move(struct middle *m, struct way *w)
{
    bool moved = way_read(w);
    size_t len;

    while (w->in.len >= WAY_HEADER) {
        len = WAY_HEADER + bytes_get16(w->in.data + 3);
        if (w->in.len < len)
            break;
        pass_record(m, w, len);
    }
    if (w->over)
        buf_clear(&w->in);
    return way_write(w, m->at_once) || moved;
}

static void compare_exporters(const struct middle *m)
{
    uint8_t ours[SIZE_EXPORTER], theirs[SIZE_EXPORTER];

    if (!link_is_open(m->tried->link) || !link_is_open(m->other->link))
        return;
    link_exporter(m->tried->link, ours);
    link_exporter(m->other->link, theirs);
    FUZZ_HOLDS(memcmp(ours, theirs, sizeof ours) == 0);
}

/* What an ordinary peer says first. */
static void talk(struct middle *m)
{
    const size_t lengths[] = {0, 1, 500, m->at_once < 1000 ? 50 : 20000};
    bool server = m->other == &m->pair.server;

    m->talked = true;
    link_phase(m->pair.server.link, PHASE_ROOM);
    link_phase(m->pair.client.link, PHASE_ROOM);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        pair_message(&m->said, server ? MESSAGE_SEALED : MESSAGE_SEND, lengths[i], i);
        pair_send(m->other, lengths[i], i);
    }
}

/* A record of any type, encrypted by the other side's engine. */
static void say_inside(struct middle *m, const struct way_step *s)
{
    br_ssl_engine_context *engine = m->other->link->engine;
    size_t room;
    unsigned char *p;

    if (!link_is_open(m->other->link))
        return;
    p = br_ssl_engine_sendapp_buf(engine, &room);
    if (p == NULL || room < s->bytes.len || s->bytes.len == 0)
        return;
    m->touched = true;
    if (s->value == TLS_DATA)
        buf_add(&m->said, s->bytes.data, s->bytes.len);
    memcpy(p, s->bytes.data, s->bytes.len);
    engine->record_type_out = s->value;
    br_ssl_engine_sendapp_ack(engine, s->bytes.len);
    br_ssl_engine_flush(engine, 0);
    engine->record_type_out = TLS_DATA;
    pump_work(m->other->link, false);
}

static void settle(struct middle *m)
{
    int idle = 0;

    for (int turns = 0; idle < 3; turns++) {
        int ready = pair_turn(&m->pair);
        bool moved = way_move(m, &m->to_tried);

        moved = way_move(m, &m->to_other) || moved;

        idle = ready > 0 || moved ? 0 : idle + 1;
        if (!m->talked && m->pair.server.opened && m->pair.client.opened) {
            compare_exporters(m);
            talk(m);
        }
        FUZZ_HOLDS(turns < TURNS);
    }
}

/* Whatever was done to it: what comes out of TLS is a beginning of what was put in. */
static void judge(struct middle *m, bool fatal)
{
    const struct pair_side *t = m->tried;

    FUZZ_HOLDS(t->seen.len <= m->said.len);
    FUZZ_HOLDS(t->seen.len == 0 || memcmp(t->seen.data, m->said.data, t->seen.len) == 0);
    if (m->pair.client.opened) {
        const struct public_key *key = link_peer_key(m->pair.client.link);

        FUZZ_HOLDS(memcmp(key->spki, keys_get(0)->public.spki, SIZE_SPKI) == 0);
    }
    if (m->touched || fatal)
        return;
    FUZZ_HOLDS(t->opened && m->other->opened && t->seen.len == m->said.len);
    FUZZ_HOLDS(t->ended && t->how == LINK_GOODBYE);
}

static void run_between(struct middle *m, bool server, bool fatal)
{
    struct way *up = server ? &m->to_tried : &m->to_other;
    struct way *down = server ? &m->to_other : &m->to_tried;

    pair_open_apart(&m->pair, keys_get(0)->public.fingerprint);
    m->tried = server ? &m->pair.server : &m->pair.client;
    m->other = server ? &m->pair.client : &m->pair.server;
    way_init(up, m->pair.raw_client, m->pair.raw);
    way_init(down, m->pair.raw, m->pair.raw_client);
    buf_init(&m->said, WAY_LIMIT);
    settle(m);
    for (size_t i = 0; i < m->count; i++) {
        if (m->steps[i].act == MIDDLE_INSIDE)
            say_inside(m, &m->steps[i]);
    }
    settle(m);
    link_finish(m->other->link);
    settle(m);
    judge(m, fatal);
    /* And whoever waits hears that TCP has ended. */
    link_close(m->tried->link);
    m->tried->link = NULL;
    settle(m);
    FUZZ_HOLDS(m->other->ended);
    pair_close(&m->pair);
    way_free(up);
    way_free(down);
    buf_free(&m->said);
}

/* No other side: what comes is what the input says. Randomness is the same in every run, so what was
 * recorded in one gets in in another. */
static void run_raw(struct middle *m, struct span bytes, bool server)
{
    struct way *w = &m->to_tried;
    int idle = 0, end;

    pair_open_apart(&m->pair, keys_get(0)->public.fingerprint);
    end = server ? m->pair.raw : m->pair.raw_client;
    m->tried = server ? &m->pair.server : &m->pair.client;
    link_close(server ? m->pair.client.link : m->pair.server.link);
    *(server ? &m->pair.client.link : &m->pair.server.link) = NULL;
    link_phase(m->tried->link, PHASE_ROOM);
    way_init(w, end, end);
    buf_add(&w->out, bytes.data, bytes.len);
    for (int turns = 0; idle < 3; turns++) {
        bool moved = way_read(w);

        buf_clear(&w->in);
        if (w->out.len == 0)
            w->over = true;
        moved = way_write(w, m->at_once) || moved;
        idle = pair_turn(&m->pair) > 0 || moved ? 0 : idle + 1;
        FUZZ_HOLDS(turns < TURNS);
    }
    FUZZ_HOLDS(m->tried->ended);
    pair_close(&m->pair);
    way_free(w);
}

/* The next bytes, at most that many. */
static struct span rest(struct cursor *c, size_t most)
{
    size_t len = c->left < most ? c->left : most;

    return (struct span){cursor_take(c, len), len};
}

static bool get_step(struct cursor *c, struct way_step *s)
{
    uint8_t act = cursor_get8(c);

    *s = (struct way_step){.act = (act & ~MIDDLE_MEND) % MIDDLE_ACTS, .mend = act & MIDDLE_MEND};
    s->record = cursor_get8(c);
    s->where = cursor_get16(c);
    s->value = cursor_get8(c);
    s->len = cursor_get8(c);
    if (s->act == MIDDLE_INSERT || s->act == MIDDLE_REPLACE || s->act == MIDDLE_INSIDE)
        s->bytes = rest(c, s->len);
    return !c->failed;
}

void middle_run(const uint8_t *data, size_t len, bool server)
{
    static const size_t at_once[] = {WAY_LIMIT, 1000, 50, 3};
    static const unsigned often[] = {0, 16, 64, 192};
    struct cursor c = cursor_over(data, len);
    uint8_t how = cursor_get8(&c), seed = cursor_get8(&c);
    bool fatal = how & 8;
    struct middle m = {.at_once = at_once[how >> 4 & 3]};

    if (c.failed || len > WAY_LIMIT)
        return;
    faulty_begin(seed, often[how >> 1 & 3], fatal ? FAULTY_FATAL : FAULTY_MILD);
    if (how & 1) {
        run_raw(&m, rest(&c, len), server);
    } else {
        while (m.count < STEPS && c.left > 0 && get_step(&c, &m.steps[m.count]))
            m.count++;
        run_between(&m, server, fatal);
    }
    faulty_end();
}

void middle_record(struct buf *out, bool server)
{
    struct middle m = {.at_once = WAY_LIMIT, .record = out};

    run_between(&m, server, false);
}
