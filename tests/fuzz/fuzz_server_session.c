/* Sessions of the server on the stage. The input is what happens: messages well-formed and not, of
 * three who come and go, time, a full disk, a restart. Alice is there too and does nothing wrong:
 * nothing of it may end her, and she is told the truth of who is here.
 *
 * An event is a byte (low 5 bits: which; high 2: who) and its arguments. */
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "tests/fuzz/alice.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/keys.h"
#include "tests/kit/viewer.h"
#include "wire/framer.h"
#include "wire/live.h"
#include "wire/room.h"

#define EVENTS 64
#define GUESTS 3

struct guest_script {
    struct actor actor;
    struct framer framer;
    char name[LIMIT_NAME + 1];
};

struct play {
    struct stage stage;
    struct alice alice;
    struct guest_script guests[GUESTS];
    struct buf out;
    struct cursor c;
};

const bool fuzz_slow = true;

static void guest_ends(struct guest_script *g)
{
    if (g->actor.stage != NULL)
        framer_free(&g->framer);
    actor_end(&g->actor);
}

static void guest_starts(struct play *p, struct guest_script *g)
{
    static const char *const names[] = {"bob", "carol", "Alice", "BOB", "-", "dave", "a", "alice"};
    uint8_t which = cursor_get8(&p->c);

    guest_ends(g);
    snprintf(g->name, sizeof g->name, "%s", names[which % 8]);
    actor_start(&g->actor, &p->stage, ALICE_KEY + 1 + (which >> 3) % (KEYS_COUNT - 2));
    framer_init(&g->framer, MESSAGE_FROM_CLIENT);
}

/* The bytes of p->out, as they would come through a link. */
static void guest_writes(struct play *p, struct guest_script *g)
{
    struct cursor in = cursor_over(p->out.data, p->out.len);
    struct actor *a = &g->actor;
    struct message m;
    const char *why;
    enum framer_result got = FRAMER_MESSAGE;

    while (a->stage != NULL && !a->finished && !a->paused && got == FRAMER_MESSAGE) {
        g->framer.phase = a->phase;
        got = framer_next(&g->framer, &in, &m, &why);
        if (got == FRAMER_MESSAGE)
            session_message(&a->session, &m);
        else if (got == FRAMER_REFUSED)
            session_broken(&a->session, CODE_PROTOCOL, why);
    }
    buf_clear(&p->out);
}

static void guest_greets(struct guest_script *g, uint8_t flags)
{
    if (g->actor.stage != NULL && g->actor.phase == PHASE_HELLO && !g->actor.finished)
        actor_say_hello(&g->actor, g->name, flags);
}

static void guest_proves(struct guest_script *g)
{
    if (g->actor.stage != NULL && g->actor.phase == PHASE_ACK && !g->actor.finished)
        actor_say_ack(&g->actor, g->name);
}

static void guest_sends(struct play *p, uint8_t id)
{
    struct buf envelope;

    buf_init(&envelope, LIMIT_ENVELOPE);
    stage_envelope(&envelope, id);
    wire_put_send(&p->out, id, (struct span){envelope.data, envelope.len});
    buf_free(&envelope);
}

static void guest_fills(struct guest_script *g, size_t room)
{
    uint8_t record[20000];

    if (g->actor.stage != NULL && g->actor.session.state == SESSION_ROOM)
        FUZZ_HOLDS(session_fill(&g->actor.session, record, room) <= room);
}

static void put_play(struct play *p)
{
    static const char *const clips[] = {"film", "nofilm", "../film", ""};
    static const char *const schedules[] = {"", "thirds", "alternate", "240"};
    uint8_t which = cursor_get8(&p->c);
    const char *clip = clips[which & 3], *schedule = schedules[which >> 2 & 3];
    struct wire_play m = {.stream = which >> 4 & 7,
                          .clip = {(const uint8_t *)clip, strlen(clip)},
                          .schedule = {(const uint8_t *)schedule, strlen(schedule)},
                          .start = cursor_get8(&p->c),
                          .credit = cursor_get32(&p->c)};

    wire_put_play(&p->out, &m);
}

static void put_video(struct play *p, unsigned which)
{
    uint32_t stream = cursor_get8(&p->c) & 7;

    if (which == 0)
        wire_put_list(&p->out);
    else if (which == 1)
        put_play(p);
    else if (which == 2)
        wire_put_credit(&p->out,
                        &(struct wire_credit){stream, cursor_get32(&p->c), cursor_get8(&p->c)});
    else if (which == 3)
        wire_put_seek(&p->out,
                      &(struct wire_seek){stream, cursor_get8(&p->c) & 7, cursor_get8(&p->c)});
    else
        wire_put_stop(&p->out, stream);
}

static void put_shot(struct play *p, uint32_t number)
{
    uint8_t how = cursor_get8(&p->c), head[SHOT_HEAD], data[64] = {0};
    struct wire_shot m = {.stream = number,
                          .track = how >> 7,
                          .flags = how & 3,
                          .number = how >> 2 & 7,
                          .length = cursor_get8(&p->c)};
    size_t len = 1 + cursor_get8(&p->c) % sizeof data;

    buf_add(&p->out, head, wire_shot_head(head, &m, len));
    buf_add(&p->out, data, len);
}

static void put_pass(struct play *p, uint32_t number, bool ask)
{
    struct buf envelope;
    size_t begin = ask ? wire_ask_begin(&p->out, number)
                       : wire_give_begin(&p->out, number, cursor_get8(&p->c));

    buf_init(&envelope, 4096);
    stage_envelope(&envelope, 5);
    buf_add(&p->out, envelope.data, envelope.len - (p->c.left % 16 == 7));
    message_end(&p->out, begin);
    buf_free(&envelope);
}

/* Casts bear a name that PLAY knows. */
static void put_live(struct play *p)
{
    static const uint8_t id[SIZE_CAST_ID];
    uint8_t which = cursor_get8(&p->c);
    uint32_t number = which >> 4 & 7;
    const struct wire_cast m = {.cast = number,
                                .flags = which >> 7,
                                .id = id,
                                .name = {(const uint8_t *)"nofilm", which & 8 ? 6 : 2}};

    switch (which & 7) {
    case 0:
        wire_put_cast(&p->out, &m);
        break;
    case 1:
        put_pass(p, number, true);
        break;
    case 2:
        put_pass(p, number, false);
        break;
    case 3:
        wire_put_pair(&p->out, MESSAGE_OUST, number, cursor_get8(&p->c));
        break;
    case 4:
        wire_put_number(&p->out, MESSAGE_UNCAST, number);
        break;
    default:
        put_shot(p, number);
    }
}

/* A header that fits, or does not, and bytes that are anything; or no header at all. */
static void put_raw(struct play *p, bool header)
{
    uint8_t type = header ? cursor_get8(&p->c) : 0;
    size_t len = cursor_get8(&p->c);
    size_t begin = header ? message_begin(&p->out, type) : 0;

    len = len < p->c.left ? len : p->c.left;
    buf_add(&p->out, cursor_take(&p->c, len), len);
    if (header)
        message_end(&p->out, begin);
}

static void restart(struct play *p)
{
    for (size_t i = 0; i < GUESTS; i++)
        guest_ends(&p->guests[i]);
    actor_end(&p->alice.actor);
    desk_limit_files(0);
    stage_restart(&p->stage);
    alice_enters(&p->alice, &p->stage);
}

enum event {
    STARTS,
    GREETS,
    PROVES,
    SENDS,
    LIST,
    PLAY,
    CREDIT,
    SEEK,
    STOP,
    QUITS,
    ERRS,
    MESSAGE,
    BYTES,
    ENDS,
    QUEUES,
    FILLS,
    LATER,
    DISK_FAILS,
    DISK_WORKS,
    WORKS,
    RESTARTS,
    EXPELS,
    ALICE_SENDS,
    CASTS,
    EVENTS_END
};

static void guest_event(struct play *p, struct guest_script *g, enum event what)
{
    if (what == STARTS)
        guest_starts(p, g);
    else if (what == GREETS)
        guest_greets(g, cursor_get8(&p->c) & 3);
    else if (what == PROVES)
        guest_proves(g);
    else if (what == SENDS)
        guest_sends(p, cursor_get8(&p->c));
    else if (what >= LIST && what <= STOP)
        put_video(p, what - LIST);
    else if (what == QUITS)
        wire_put_quit(&p->out, "bye");
    else if (what == ERRS)
        wire_put_error(&p->out, cursor_get8(&p->c), "why");
    else if (what == MESSAGE || what == BYTES)
        put_raw(p, what == MESSAGE);
    else if (what == ENDS)
        guest_ends(g);
    else if (what == QUEUES)
        g->actor.queued = (size_t)cursor_get8(&p->c) << 16;
    else if (what == CASTS)
        put_live(p);
    else if (what == FILLS)
        guest_fills(g, cursor_get16(&p->c) % 16384);
    guest_writes(p, g);
}

static void event(struct play *p, struct guest_script *g, enum event what)
{
    if (what < LATER || what == CASTS)
        guest_event(p, g, what);
    else if (what == LATER)
        stage_later(&p->stage, (int64_t)cursor_get8(&p->c) * 100000000);
    else if (what == DISK_FAILS)
        desk_limit_files(1);
    else if (what == DISK_WORKS)
        desk_limit_files(0);
    else if (what == WORKS)
        desk_finish(&p->stage.desk);
    else if (what == RESTARTS)
        restart(p);
    else if (what == EXPELS)
        room_expel_name(&p->stage.room,
                        g->name[0] == 0 || strcasecmp(g->name, "alice") == 0 ? "nobody" : g->name,
                        "out");
    else if (what == ALICE_SENDS && !p->alice.actor.paused)
        alice_sends(&p->alice);
    p->alice.disk_failed = p->alice.disk_failed || what == DISK_FAILS;
}

static void forget_heard(struct guest_script *g)
{
    if (g->actor.stage == NULL)
        return;
    actor_skip(&g->actor);
    buf_clear(&g->actor.out);
    g->actor.at = 0;
}

/* At last: the disk works, and alice is answered. */
static void ends_well(struct play *p)
{
    bool answered = false;

    desk_limit_files(0);
    for (int i = 0; i < 3; i++)
        stage_later(&p->stage, 1000000000);
    alice_hears(&p->alice, 0);
    FUZZ_HOLDS(!p->alice.actor.paused);
    alice_compares(&p->alice, &p->stage.room);
    alice_sends(&p->alice);
    for (int i = 0; i < 3 && !answered; i++) {
        stage_later(&p->stage, 1000000000);
        answered = alice_hears(&p->alice, p->alice.id);
    }
    FUZZ_HOLDS(answered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const size_t frames[] = {3};
    struct play p = {.c = cursor_over(data, len)};

    log_start("fuzz", LOG_ERROR);
    p.stage.features = FEATURE_LIVE;
    stage_open(&p.stage);
    viewer_put_clip(&p.stage, "film", 1, frames, NULL);
    buf_init(&p.out, LIMIT_MESSAGE + MESSAGE_HEADER);
    alice_enters(&p.alice, &p.stage);
    for (int i = 0; i < EVENTS && p.c.left > 0; i++) {
        uint8_t what = cursor_get8(&p.c);

        event(&p, &p.guests[(what >> 6) % GUESTS], (what & 31) % EVENTS_END);
        for (size_t k = 0; k < GUESTS; k++)
            forget_heard(&p.guests[k]);
        alice_hears(&p.alice, 0);
    }
    ends_well(&p);
    for (size_t i = 0; i < GUESTS; i++)
        guest_ends(&p.guests[i]);
    actor_end(&p.alice.actor);
    buf_free(&p.out);
    stage_close(&p.stage);
    return 0;
}

#define ENTER(who, name) who | STARTS, name, who | GREETS, 0, who | PROVES, WORKS

static const uint8_t chat[] = {ENTER(0, 0), ENTER(64, 9), SENDS, 1,  64 | SENDS, 2,
                               ALICE_SENDS, WORKS,        LATER, 10, QUITS,      64 | ENDS};
static const uint8_t cinema[] = {
    ENTER(0, 0), LIST, 0,    WORKS, PLAY,  0,     0x14,  0,      0,    1,    0, 0,     WORKS,
    FILLS,       0x3f, 0xff, WORKS, FILLS, 0x3f,  0xff,  CREDIT, 1,    0,    0, 9,     0,
    1,           SEEK, 1,    2,     0,     WORKS, FILLS, 0x3f,   0xff, STOP, 2, FILLS, 0x3f,
    0xff,        PLAY, 0,    0x25,  0,     0,     1,     0,      0,    WORKS};
static const uint8_t disk[] = {
    ENTER(0, 0), DISK_FAILS, SENDS, 1, ALICE_SENDS, ENTER(64, 9), WORKS,    LATER,
    20,          DISK_WORKS, SENDS, 2, LATER,       20,           RESTARTS, ENTER(0, 8)};
static const uint8_t takeover[] = {ENTER(0, 0), ENTER(64, 0),  ENTER(128, 0),
                                   ENTER(0, 2), ENTER(64, 15), ENTER(64, 3),
                                   EXPELS,      LATER,         200};
/* One casts, the other plays it; frames, a key asked for and given, and the end. */
static const uint8_t cast[] = {ENTER(0, 0), ENTER(64, 1),
                               CASTS,       0x98,
                               WORKS,       64 | PLAY,
                               0x15,        0,
                               0,           1,
                               0,           0,
                               CASTS,       0x15,
                               0x07,        40,
                               39,          64 | FILLS,
                               0x3f,        0xff,
                               64 | CASTS,  0x11,
                               CASTS,       0x12,
                               0,           CASTS,
                               0x15,        0x0b,
                               40,          39,
                               64 | FILLS,  0x3f,
                               0xff,        64 | LIST,
                               0,           WORKS,
                               CASTS,       0x13,
                               1,           CASTS,
                               0x14};
static const uint8_t wrong[] = {ENTER(0, 0),
                                QUEUES,
                                255,
                                64 | STARTS,
                                1,
                                64 | BYTES,
                                3,
                                1,
                                2,
                                3,
                                MESSAGE,
                                0x20,
                                4,
                                1,
                                2,
                                3,
                                4,
                                ALICE_SENDS,
                                LATER,
                                9,
                                ERRS,
                                1,
                                128 | STARTS,
                                1,
                                128 | MESSAGE,
                                0x90,
                                1,
                                7};

void fuzz_seeds(fuzz_put *put, void *context)
{
    put(context, chat, sizeof chat);
    put(context, cinema, sizeof cinema);
    put(context, disk, sizeof disk);
    put(context, takeover, sizeof takeover);
    put(context, cast, sizeof cast);
    put(context, wrong, sizeof wrong);
}
