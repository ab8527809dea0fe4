/* A client over a real link to a server that says anything: well-formed messages at the wrong time,
 * malformed ones, and what is none, while its user sends, plays and leaves. It goes on or ends with
 * an error; what it writes is always a client's messages, and its memory stays under a bound.
 *
 * The first byte: 0 begins in the hello, else in the room. Then events: a byte and its arguments. */
#include <string.h>

#include "client/inbox.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/live.h"
#include "wire/video.h"

#define EVENTS 48
#define MEMORY (48u << 20) /* bytes that a client may take here; the largest message is 1.2 MB */

struct play {
    struct visitor v;
    struct cursor c;
    struct buf out;
    uint64_t sent; /* the id of what the client sent last */
};

const bool fuzz_slow = true;

static void on_message(struct pair_side *side, const struct message *m)
{
    struct visitor *v = (struct visitor *)((char *)side->pair - offsetof(struct visitor, pair));
    struct play *p = (struct play *)((char *)v - offsetof(struct play, v));
    struct wire_send send;

    if (m->type == MESSAGE_SEND && wire_get_send(m->payload, &send) == ERR_OK)
        p->sent = send.id;
}

static struct span rest(struct play *p, size_t most)
{
    size_t len = most < p->c.left ? most : p->c.left;

    return (struct span){cursor_take(&p->c, len), len};
}

static void put_hello_ack(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    struct wire_hello_ack m = {.version = how & 1 ? 2 : WIRE_VERSION, .features = how};
    struct buf pem;

    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(&keys_get(how & 2 ? VISITOR_BOB : VISITOR_SERVER)->public, &pem);
    m.pem = (struct span){pem.data, pem.len};
    wire_put_hello_ack(&p->out, &m);
    buf_free(&pem);
}

static void put_bindings(struct play *p)
{
    visitor_put_bindings(&p->v, cursor_get8(&p->c) & 3, &p->out);
}

static void put_welcome(struct play *p)
{
    visitor_put_welcome(&p->v, &p->out);
}

static const char *const names[] = {"me", "bob", "carol", "dave"};

static void put_member(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);

    visitor_put_member(&p->out, how & 1 ? MESSAGE_JOINED : MESSAGE_MEMBERS, names[how >> 1 & 3],
                       (how >> 3) % KEYS_COUNT, how >> 6 & 1, how >> 7);
}

static void put_left(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    struct wire_left m = {.fingerprint = keys_get((how >> 2) % KEYS_COUNT)->public.fingerprint,
                          .reason = how >> 5};
    size_t begin = wire_left_begin(&p->out);

    memcpy(m.name, names[how & 3], strlen(names[how & 3]));
    wire_left_add(&p->out, &m);
    message_end(&p->out, begin);
}

/* Sealing is slow, and the same is sealed always: bob's words to us, to carol, and of bad form. */
static const struct buf *envelope(const struct play *p, unsigned which)
{
    static struct buf made[3];
    struct random random = keys_random(93);
    struct envelope_content c = visitor_content(&p->v, which + 1, "hello");

    if (made[which].len > 0)
        return &made[which];
    buf_init(&made[which], LIMIT_ENVELOPE);
    c.kind = which == 2 ? 200 : ENVELOPE_TEXT;
    FUZZ_HOLDS(envelope_seal_one(&made[which], keys_get(VISITOR_BOB), &random, &c,
                                 &keys_get(which == 1 ? VISITOR_CAROL : VISITOR_ME)->public) ==
               ERR_OK);
    return &made[which];
}

static void put_sealed(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    size_t begin = p->out.len, at;

    visitor_put_sealed(&p->v, names[how >> 2 & 3], how >> 4 & 3, envelope(p, (how & 3u) % 3),
                       &p->out);
    if (how & 0x40)
        p->v.number -= 2;
    at = begin + MESSAGE_HEADER + cursor_get16(&p->c);
    if (how & 0x80 && at < p->out.len)
        p->out.data[at] ^= 1;
}

static void put_accepted(struct play *p)
{
    wire_put_accepted(&p->out, p->sent + (cursor_get8(&p->c) & 1), 7);
}

static void put_refused(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    const uint64_t about[] = {0, p->sent, p->v.client.cinema.stream, how};

    wire_put_refused(&p->out, about[how & 3], how >> 2 & 15, "no");
}

static struct wire_clip clip(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);

    return (struct wire_clip){.name = {(const uint8_t *)"film", 4},
                              .title = {(const uint8_t *)"Film", 4},
                              .fps_num = how & 0x0f,
                              .fps_den = 1,
                              .frames = how & 0x10 ? 3 : 100000,
                              .count = how >> 5 & 3,
                              .heights = {16, 32, 48}};
}

static void put_clips(struct play *p)
{
    struct wire_clip m = clip(p);
    size_t begin = wire_clips_begin(&p->out);

    wire_clips_add(&p->out, &m);
    wire_clips_end(&p->out, begin, m.fps_num & 1);
}

static uint32_t stream_of(const struct play *p, uint8_t how)
{
    return p->v.client.cinema.stream + (how == 255);
}

static void put_stream(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    struct wire_stream m = {.stream = stream_of(p, how),
                            .clip = clip(p),
                            .widths = {16, 32, 48},
                            .real_heights = {16, 32, how},
                            .schedule = {(const uint8_t *)"thirds", 6}};

    wire_put_stream(&p->out, &m);
}

static void put_frame(struct play *p)
{
    uint8_t head[MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD];
    uint8_t how = cursor_get8(&p->c);
    struct wire_frame m = {.stream = stream_of(p, how),
                           .track = how & 1,
                           .flags = how >> 1 & 3,
                           .number = how >> 4,
                           .height = 16,
                           .source = how >> 4,
                           .length = cursor_get32(&p->c),
                           .data = rest(p, cursor_get8(&p->c))};

    buf_add(&p->out, head, wire_frame_head(head, &m, m.data.len));
    buf_add(&p->out, m.data.data, m.data.len);
}

static void put_skipped(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);

    wire_put_skipped(&p->out, stream_of(p, how), cursor_get8(&p->c), cursor_get32(&p->c));
}

static void put_stream_end(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);

    wire_put_stream_end(&p->out, stream_of(p, how), (enum wire_end)(how & 7), "why");
}

static void put_live(struct play *p)
{
    static const uint8_t id[SIZE_CAST_ID];
    uint8_t how = cursor_get8(&p->c);
    struct wire_cast m = {.cast = stream_of(p, how),
                          .flags = how & 1,
                          .id = id,
                          .name = {(const uint8_t *)"film", 4},
                          .from = "carol",
                          .spki =
                              keys_get((how & 2) != 0 ? VISITOR_CAROL : VISITOR_BOB)->public.spki};

    wire_put_live(&p->out, &m);
}

static void put_shot(struct play *p)
{
    uint8_t how = cursor_get8(&p->c), head[SHOT_HEAD];
    struct wire_shot m = {.stream = stream_of(p, how),
                          .flags = how & 3,
                          .number = how >> 3 & 15,
                          .epoch = how >> 2 & 1,
                          .length = cursor_get8(&p->c),
                          .data = rest(p, cursor_get8(&p->c))};

    buf_add(&p->out, head, wire_shot_head(head, &m, m.data.len));
    buf_add(&p->out, m.data.data, m.data.len);
}

/* Of a cast of ours, or none; and keys. */
static void put_cast(struct play *p)
{
    const struct casting *k = p->v.client.castings;
    uint8_t how = cursor_get8(&p->c);
    uint32_t number = k != NULL ? k->number : how;
    const struct buf *e = envelope(p, how >> 3 & 1);
    struct wire_pass m = {.number = number,
                          .viewer = how >> 6,
                          .from = "bob",
                          .fingerprint = keys_get(VISITOR_BOB)->public.fingerprint};
    size_t begin;

    if ((how & 7) == 0) {
        wire_put_number(&p->out, MESSAGE_CASTING, number);
    } else if ((how & 7) == 1) {
        wire_put_pair(&p->out, MESSAGE_GRANT, number, cursor_get32(&p->c));
    } else if ((how & 7) == 2) {
        wire_put_pair(&p->out, MESSAGE_UNWATCHED, number, how >> 6);
    } else if ((how & 7) == 3) {
        wire_put_number(&p->out, MESSAGE_UNCAST, number);
    } else {
        begin = (how & 7) < 6 ? wire_asked_begin(&p->out, &m)
                              : wire_given_begin(&p->out, stream_of(p, 0));
        buf_add(&p->out, e->data, e->len);
        message_end(&p->out, begin);
    }
}

static void put_last(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);

    if (how == 0)
        wire_put_quit(&p->out, "bye");
    else
        wire_put_error(&p->out, how, "why");
}

static void put_message(struct play *p)
{
    size_t begin = message_begin(&p->out, cursor_get8(&p->c));
    struct span bytes = rest(p, cursor_get8(&p->c));

    buf_add(&p->out, bytes.data, bytes.len);
    message_end(&p->out, begin);
}

static void put_bytes(struct play *p)
{
    struct span bytes = rest(p, cursor_get8(&p->c));

    buf_add(&p->out, bytes.data, bytes.len);
}

/* What the user does; nothing of it comes before the room. */
static void user(struct play *p)
{
    static const struct span text = {(const uint8_t *)"hi", 2};
    struct client *c = &p->v.client;
    uint8_t how = cursor_get8(&p->c);

    if (c->state != CLIENT_ROOM)
        return;
    switch (how % 8) {
    case 0:
        mail_send(c, names[how >> 3 & 3], text);
        break;
    case 1:
        mail_send(c, NULL, text);
        break;
    case 2:
        cinema_play(c, "film", "");
        break;
    case 3:
        cinema_pause(c);
        break;
    case 4:
        cinema_seek(c, how);
        break;
    case 5:
        cinema_stop(c, "stopped");
        break;
    case 6:
        c->videos_asked = true;
        break;
    default:
        client_leave(c);
    }
}

static void (*const events[])(struct play *p) = {
    put_hello_ack,  put_welcome, put_bindings, put_member, put_left,    put_sealed,  put_accepted,
    put_refused,    put_clips,   put_stream,   put_frame,  put_skipped, put_message, put_bytes,
    put_stream_end, put_last,    user,         put_live,   put_shot,    put_cast,
};

enum {
    HELLO_ACK,
    WELCOME,
    BINDINGS,
    MEMBER,
    LEFT,
    SEALED,
    ACCEPTED,
    REFUSED,
    CLIPS,
    STREAM,
    FRAME,
    SKIPPED,
    MESSAGE,
    BYTES,
    STREAM_END,
    LAST,
    USER,
    LIVE,
    SHOT,
    CAST
};

static void run(struct play *p)
{
    size_t before = memory_used();

    for (int i = 0; i < EVENTS && p->c.left > 0; i++) {
        uint8_t which = cursor_get8(&p->c);

        events[which % (sizeof events / sizeof *events)](p);
        if (p->out.len > 0)
            FUZZ_HOLDS(link_send(p->v.pair.server.link, &p->out));
        buf_clear(&p->out);
        /* Half of the time more comes in the same turn. */
        if (which < 128 || p->c.left == 0)
            visitor_settle(&p->v);
        FUZZ_HOLDS(memory_used() < before + MEMORY);
    }
    FUZZ_HOLDS(!p->v.pair.server.broken);
    /* An end has a reason that the user can read. */
    if (p->v.client.state == CLIENT_OVER && p->v.client.exit_code != CLIENT_EXIT_GOOD)
        FUZZ_HOLDS(visitor_said(&p->v, "\"event\":\"error\"") > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct play p = {.c = cursor_over(data, len)};

    if (len < 2)
        return 0;
    buf_init(&p.out, LIMIT_MESSAGE);
    if (cursor_get8(&p.c) == 0)
        visitor_open(&p.v);
    else
        visitor_open_room(&p.v);
    link_phase(p.v.pair.server.link, PHASE_ANY);
    p.v.pair.server.on_message = on_message;
    run(&p);
    visitor_close(&p.v);
    buf_free(&p.out);
    return 0;
}

static const uint8_t enters[] = {0,      HELLO_ACK, 0,        WELCOME, BINDINGS, 1,
                                 MEMBER, 0x88,      MEMBER,   0x92,    MEMBER,   0x1c,
                                 USER,   8,         ACCEPTED, 0,       LAST,     0};
static const uint8_t hears[] = {1,      SEALED, 0x24, 0,      0,      SEALED, 0x25, 0, 0,
                                SEALED, 0x26,   0,    0,      SEALED, 0xa4,   1,    0, SEALED,
                                0x24,   0,      0,    MEMBER, 0x27,   LEFT,   0x49};
static const uint8_t watches[] = {
    1, USER, 6,    CLIPS, 0x38,       USER, 2,    STREAM, 16,      0x38,    FRAME, 6, 0, 0,
    0, 4,    4,    1,     2,          3,    4,    USER,   3,       SKIPPED, 1,     1, 0, 0,
    0, 1,    USER, 4,     STREAM_END, 1,    USER, 2,      REFUSED, 2,       USER,  5};
static const uint8_t casts[] = {1, USER, 2,          LIVE, 2,    SHOT, 0x0b, 4,    4,    1,    2,
                                3, 4,    STREAM_END, 4,    USER, 2,    LIVE, 3,    SHOT, 0x0f, 4,
                                4, 1,    2,          3,    4,    CAST, 6,    CAST, 4,    CAST, 1,
                                0, 0,    0,          9,    USER, 3,    USER, 4,    USER, 5};
static const uint8_t lies[] = {1,    MESSAGE, 0x90, 2, 1, 2,     ACCEPTED, 1, MESSAGE,
                               0x10, 3,       1,    2, 3, BYTES, 2,        0, 0};
static const uint8_t leaves[] = {1, USER, 9, USER, 1, USER, 7, ACCEPTED, 0, LAST, 14};

void fuzz_seeds(fuzz_put *put, void *context)
{
    put(context, enters, sizeof enters);
    put(context, hears, sizeof hears);
    put(context, watches, sizeof watches);
    put(context, casts, sizeof casts);
    put(context, lies, sizeof lies);
    put(context, leaves, sizeof leaves);
}
