/* Memory that runs out while messages are written, cut out of a stream, and queued. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "net/outbox.h"
#include "tests/kit/famine.h"
#include "wire/framer.h"
#include "wire/hello.h"
#include "wire/room.h"
#include "wire/video.h"

/* Longer than what a buffer begins with, so that it grows in the middle of a field. */
static const uint8_t bytes[3000];
static const struct span some = {bytes, 300};
#define SENTENCE \
    "a sentence that is somewhat longer than the first piece of memory that a buffer asks for"

static void put_hello(struct buf *out)
{
    struct wire_hello m = {.version = 1, .name = "alice", .pem = some};

    wire_put_hello(out, &m);
}

static void put_hello_ack(struct buf *out)
{
    struct wire_hello_ack m = {.version = 1, .pem = some};

    wire_put_hello_ack(out, &m);
}

static void put_ack(struct buf *out)
{
    struct wire_ack m = {.signature = bytes, .invitation = {bytes, 16}};

    wire_put_ack(out, &m);
}

static void put_error(struct buf *out)
{
    wire_put_error(out, CODE_FULL, SENTENCE);
}

static void put_refused(struct buf *out)
{
    wire_put_refused(out, 7, CODE_STORE, SENTENCE);
}

static void put_quit(struct buf *out)
{
    wire_put_quit(out, SENTENCE);
}

static void put_welcome(struct buf *out)
{
    struct wire_welcome m = {.room = {(const uint8_t *)SENTENCE, LIMIT_ROOM},
                             .log_id = bytes,
                             .last = 1,
                             .n = 2,
                             .h = bytes};

    wire_put_welcome(out, &m);
}

static void put_members(struct buf *out)
{
    struct wire_member m = {.name = "alice", .spki = bytes};
    size_t begin = wire_members_begin(out, MESSAGE_MEMBERS);

    for (int i = 0; i < 5 && wire_list_fits(out, begin); i++)
        wire_members_add(out, &m);
    wire_members_end(out, begin, true);
}

static void put_left(struct buf *out)
{
    struct wire_left m = {.name = "alice", .fingerprint = bytes, .reason = LEFT_LOST};
    size_t begin = wire_left_begin(out);

    for (int i = 0; i < 5 && wire_list_fits(out, begin); i++)
        wire_left_add(out, &m);
    message_end(out, begin);
}

static void put_bindings(struct buf *out)
{
    struct wire_binding m = {.n = 1, .kind = 1, .name = "alice", .fingerprint = bytes};
    size_t begin = wire_bindings_begin(out);

    for (int i = 0; i < 5 && wire_list_fits(out, begin); i++)
        wire_bindings_add(out, &m);
    message_end(out, begin);
}

static void put_send(struct buf *out)
{
    wire_put_send(out, 1, (struct span){bytes, sizeof bytes});
}

static void put_sealed(struct buf *out)
{
    size_t begin = wire_sealed_begin(out, 1, "alice", bytes);

    buf_add(out, bytes, sizeof bytes);
    message_end(out, begin);
}

static void put_accepted(struct buf *out)
{
    wire_put_accepted(out, 1, 2);
}

static struct wire_clip clip(void)
{
    return (struct wire_clip){.name = {(const uint8_t *)"card", 4},
                              .title = {(const uint8_t *)SENTENCE, sizeof SENTENCE - 1},
                              .fps_num = 25,
                              .fps_den = 1,
                              .frames = 10,
                              .count = 2,
                              .heights = {240, 720}};
}

static void put_clips(struct buf *out)
{
    struct wire_clip m = clip();
    size_t begin = wire_clips_begin(out);

    for (int i = 0; i < 5 && wire_clips_fits(out, begin); i++)
        wire_clips_add(out, &m);
    wire_clips_end(out, begin, false);
}

static void put_list(struct buf *out)
{
    wire_put_list(out);
}

static void put_play(struct buf *out)
{
    struct wire_play m = {.stream = 1,
                          .clip = {(const uint8_t *)SENTENCE, LIMIT_CLIP},
                          .schedule = {(const uint8_t *)"thirds", 6}};

    wire_put_play(out, &m);
}

static void put_stream(struct buf *out)
{
    struct wire_stream m = {.stream = 1,
                            .clip = clip(),
                            .widths = {320, 960},
                            .real_heights = {240, 720},
                            .schedule = {(const uint8_t *)"thirds", 6}};

    wire_put_stream(out, &m);
}

static void put_credit(struct buf *out)
{
    struct wire_credit m = {1, 2, 3};

    wire_put_credit(out, &m);
}

static void put_skipped(struct buf *out)
{
    wire_put_skipped(out, 1, 2, 3);
}

static void put_seek(struct buf *out)
{
    struct wire_seek m = {1, 2, 3};

    wire_put_seek(out, &m);
}

static void put_stop(struct buf *out)
{
    wire_put_stop(out, 1);
}

static void put_stream_end(struct buf *out)
{
    wire_put_stream_end(out, 1, END_BROKEN, SENTENCE);
}

static void (*const puts_all[])(struct buf *out) = {
    put_hello,    put_hello_ack, put_ack,  put_error,      put_refused, put_quit,
    put_welcome,  put_members,   put_left, put_bindings,   put_send,    put_sealed,
    put_accepted, put_clips,     put_list, put_play,       put_stream,  put_credit,
    put_skipped,  put_seek,      put_stop, put_stream_end,
};
static void (*put)(struct buf *out);
static struct buf whole; /* what `put` writes when there is memory */

static void check_whole(const struct buf *out)
{
    assert_false(out->failed);
    assert_int_equal(out->len, whole.len);
    assert_memory_equal(out->data, whole.data, whole.len);
}

/* A message is written whole, or the buffer says that it was not, to the end. */
static void write_one(void)
{
    struct buf out;
    bool struck;

    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    famine_begin();
    put(&out);
    struck = famine_end();
    assert_int_equal(out.failed, struck);
    if (struck) {
        put(&out); /* what comes behind a gap is of no use */
        assert_true(out.failed);
        buf_clear(&out);
        put(&out);
    }
    check_whole(&out);
    buf_free(&out);
}

static void every_message(void **state)
{
    (void)state;
    buf_init(&whole, MESSAGE_HEADER + LIMIT_MESSAGE);
    for (size_t i = 0; i < sizeof puts_all / sizeof puts_all[0]; i++) {
        put = puts_all[i];
        buf_clear(&whole);
        put(&whole);
        assert_false(whole.failed);
        famine_walk(write_one);
    }
    buf_free(&whole);
}

static size_t piece; /* bytes that come at once */

/* What comes in pieces is kept until it is whole; without memory the stream is refused, never
 * misread: no message that was not sent, none left out. */
static void cut_up(void)
{
    struct framer f;
    struct message m;
    const char *why = NULL;
    enum framer_result got = FRAMER_MORE;
    size_t messages = 0;
    bool struck;

    framer_init(&f, MESSAGE_FROM_CLIENT);
    f.phase = PHASE_ROOM;
    famine_begin();
    for (size_t at = 0; at < whole.len && got != FRAMER_REFUSED; at += piece) {
        struct cursor in =
            cursor_over(whole.data + at, whole.len - at < piece ? whole.len - at : piece);

        while ((got = framer_next(&f, &in, &m, &why)) == FRAMER_MESSAGE) {
            assert_int_equal(m.type, MESSAGE_SEND);
            assert_int_equal(m.payload.len, sizeof bytes + 8);
            messages++;
        }
        assert_true(got == FRAMER_REFUSED || in.left == 0);
    }
    struck = famine_end();
    assert_int_equal(got == FRAMER_REFUSED, struck);
    if (struck)
        assert_string_equal(why, "out of memory");
    else
        assert_int_equal(messages, 3);
    framer_free(&f);
}

static void a_stream_in_pieces(void **state)
{
    static const size_t pieces[] = {1, 3, 4, 5, 6, 64, 1000, 4000};

    (void)state;
    buf_init(&whole, 3 * (MESSAGE_HEADER + LIMIT_MESSAGE));
    for (int i = 0; i < 3; i++)
        put_send(&whole);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        piece = pieces[i];
        famine_walk(cut_up);
    }
    buf_free(&whole);
}

/* A blob is in the queue, held once more, or it is not; those before it stay. */
static void queue_up(void)
{
    struct outbox o;
    uint8_t out[64];
    size_t in = 0;

    outbox_init(&o);
    famine_begin();
    for (uint8_t i = 0; i < 20; i++) {
        struct blob *b = blob_make(&i, 1);

        if (b != NULL && outbox_add(&o, b)) {
            out[in++] = i;
            assert_int_equal(b->refs, 2);
        } else if (b != NULL) {
            assert_int_equal(b->refs, 1);
        }
        blob_drop(b);
    }
    assert_int_equal(in == 20, !famine_end());
    assert_int_equal(o.bytes, in);
    for (size_t i = 0; i < in; i++) {
        uint8_t got;

        assert_int_equal(outbox_take(&o, &got, 1), 1);
        assert_int_equal(got, out[i]);
    }
    assert_true(outbox_empty(&o));
    outbox_free(&o);
}

static void a_queue(void **state)
{
    (void)state;
    famine_walk(queue_up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message),
        cmocka_unit_test(a_stream_in_pieces),
        cmocka_unit_test(a_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
