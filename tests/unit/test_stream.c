/* One clip on its way to one viewer: every frame once and whole, within credit and record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "server/stream.h"
#include "tests/kit/dice.h"
#include "tests/kit/viewer.h"

#define FRAMES 30

/* While true nothing is in the page cache. */
static bool cold;

/* Stands in for the system's. */
ssize_t preadv2(int fd, const struct iovec *v, int count, off_t offset, int flags)
{
    (void)flags;
    errno = EAGAIN;
    return cold ? -1 : preadv(fd, v, count, offset);
}

static struct stage stage;
static struct actor a;
static struct buf frame, expected;

/* What the viewer has seen. */
static struct sight {
    uint32_t stream;
    uint32_t next;     /* the frame that must come next, as a frame or skipped */
    uint32_t received; /* bytes of frame data */
    uint32_t frames, skipped;
    bool inside;
    bool over;
    uint8_t reason;
    struct wire_frame head;
} sight;

static const size_t counts[] = {FRAMES, FRAMES + 3, FRAMES + 1};
static const size_t bad[] = {0, 7, 8, 20, SIZE_MAX};

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&frame, 1 << 20);
    buf_init(&expected, 1 << 20);
    stage_open(&stage);
    viewer_put_clip(&stage, "film", 3, counts, NULL);
    viewer_put_clip(&stage, "scratched", 1, counts, bad);
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_skip(&a);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    actor_end(&a);
    stage_close(&stage);
    buf_free(&frame);
    buf_free(&expected);
    return 0;
}

/* Height of frame i by thirds. */
static unsigned third(uint32_t i)
{
    static const unsigned heights[] = {240, 720, 1440};

    return heights[i * 3 / FRAMES];
}

static void see_chunk(struct span payload, unsigned (*height)(uint32_t i))
{
    struct wire_frame m;

    assert_int_equal(wire_get_frame(payload, &m), ERR_OK);
    assert_int_equal(m.stream, sight.stream);
    assert_int_equal((m.flags & FRAME_FIRST) != 0, !sight.inside);
    assert_true(m.data.len > 0);
    assert_int_equal(m.number, sight.next);
    if (!sight.inside) {
        buf_clear(&frame);
        sight.head = m;
    }
    sight.inside = (m.flags & FRAME_LAST) == 0;
    buf_add(&frame, m.data.data, m.data.len);
    sight.received += (uint32_t)m.data.len;
    assert_true(frame.len <= sight.head.length);
    if (sight.inside)
        return;
    assert_int_equal(sight.head.height, height(m.number));
    assert_int_equal(sight.head.source, m.number);
    assert_true(sight.head.pts_ns == (int64_t)m.number * 40000000);
    assert_int_equal(frame.len, sight.head.length);
    buf_clear(&expected);
    viewer_frame(&expected, height(m.number), m.number);
    assert_int_equal(frame.len, expected.len);
    assert_memory_equal(frame.data, expected.data, frame.len);
    sight.next++;
    sight.frames++;
}

static void see(unsigned (*height)(uint32_t i))
{
    struct wire_stream_end end;
    uint32_t stream, first, count;

    while (actor_peek(&a) != 0) {
        assert_false(sight.over);
        switch (actor_peek(&a)) {
        case MESSAGE_FRAME:
            see_chunk(actor_next(&a, MESSAGE_FRAME), height);
            break;
        case MESSAGE_SKIPPED:
            assert_false(sight.inside);
            wire_get_skipped(actor_next(&a, MESSAGE_SKIPPED), &stream, &first, &count);
            assert_int_equal(stream, sight.stream);
            assert_int_equal(first, sight.next);
            assert_true(count > 0);
            sight.next += count;
            sight.skipped += count;
            break;
        default:
            assert_int_equal(wire_get_stream_end(actor_next(&a, MESSAGE_STREAM_END), &end), ERR_OK);
            assert_false(sight.inside);
            sight.over = true;
            sight.reason = end.reason;
        }
    }
}

static void start(const char *clip, const char *schedule, uint32_t first, uint32_t credit)
{
    static uint32_t stream;
    struct wire_stream m;

    stream++;
    sight = (struct sight){.stream = stream, .next = first};
    viewer_play(&a, stream, clip, schedule, first, credit);
    desk_finish(&stage.desk);
    assert_int_equal(wire_get_stream(actor_next(&a, MESSAGE_STREAM), &m), ERR_OK);
    assert_int_equal(m.stream, stream);
    assert_true(m.clip.frames == FRAMES || strcmp(clip, "long") == 0);
}

static void stop(void)
{
    actor_skip(&a);
    viewer_stop(&a, sight.stream);
    actor_next(&a, MESSAGE_STREAM_END);
    assert_int_equal(viewer_fill(&a, 16384), 0);
}

static void in_thirds_to_the_end(void **state)
{
    (void)state;
    start("film", "thirds", 0, LIMIT_CREDIT);
    while (viewer_fill(&a, 16384) > 0)
        see(third);
    see(third);
    assert_true(sight.over && sight.reason == END_DONE);
    assert_int_equal(sight.frames, FRAMES);
    assert_int_equal(sight.skipped, 0);
    assert_int_equal(viewer_fill(&a, 16384), 0);
    stop();
}

static void nothing_without_credit(void **state)
{
    (void)state;
    start("film", "thirds", 0, 0);
    assert_int_equal(viewer_fill(&a, 16384), 0);
    viewer_credit(&a, sight.stream, 10, 0);
    assert_true(viewer_fill(&a, 16384) > 0);
    see(third);
    assert_int_equal(sight.received, 10);
    assert_true(sight.inside);
    assert_int_equal(viewer_fill(&a, 16384), 0);
    stop();
}

static void a_record_that_is_nearly_full(void **state)
{
    (void)state;
    start("film", "thirds", 0, LIMIT_CREDIT);
    for (size_t room = 0; room < 1000; room += 37)
        assert_int_equal(viewer_fill(&a, room), 0);
    assert_true(viewer_fill(&a, 1100) > 0);
    stop();
}

static unsigned always_240(uint32_t i)
{
    (void)i;
    return 240;
}

static void broken_frames_are_skipped(void **state)
{
    (void)state;
    start("scratched", "240", 0, LIMIT_CREDIT);
    while (viewer_fill(&a, 16384) > 0)
        see(always_240);
    see(always_240);
    assert_true(sight.over && sight.reason == END_DONE);
    assert_int_equal(sight.frames, FRAMES - 4);
    assert_int_equal(sight.skipped, 4);
    stop();
}

/* Of a clip that is whole at its ends alone the loop looks at a part, the worker at the rest. */
static void the_loop_does_not_look_at_a_long_gap(void **state)
{
    enum { LONG = 2 * GAP_MOST + 100 };
    static size_t broken[LONG];
    const size_t frames = LONG;
    uint8_t record[16384];

    (void)state;
    for (size_t i = 1; i < LONG - 1; i++)
        broken[i - 1] = i;
    broken[LONG - 2] = SIZE_MAX;
    viewer_put_clip(&stage, "long", 1, &frames, broken);
    start("long", "240", 0, LIMIT_CREDIT);
    assert_true(viewer_fill(&a, 16384) > 0);
    see(always_240);
    assert_int_equal(session_fill(&a.session, record, sizeof record), 0);
    assert_int_equal(worker_pending(stage.desk.worker), 1);
    /* What the worker finds out holds for what is sought meanwhile. */
    viewer_seek(&a, sight.stream, 777, 5);
    sight = (struct sight){.stream = 777, .next = 5};
    assert_int_equal(session_fill(&a.session, record, sizeof record), 0);
    assert_int_equal(worker_pending(stage.desk.worker), 1);
    desk_finish(&stage.desk);
    while (viewer_fill(&a, 16384) > 0)
        see(always_240);
    see(always_240);
    assert_true(sight.over && sight.reason == END_DONE);
    assert_int_equal(sight.frames, 1);
    assert_int_equal(sight.skipped, LONG - 1 - 5);
    stop();
    /* One whose stream is gone. */
    start("long", "240", 1, LIMIT_CREDIT);
    assert_int_equal(session_fill(&a.session, record, sizeof record), 0);
    assert_int_equal(worker_pending(stage.desk.worker), 1);
    stop();
}

static void what_is_not_wanted_is_skipped_whole(void **state)
{
    (void)state;
    start("film", "thirds", 0, 20);
    while (viewer_fill(&a, 16384) > 0)
        see(third);
    assert_true(sight.inside && sight.next == 0);
    viewer_credit(&a, sight.stream, LIMIT_CREDIT - 20, 12); /* frame 0 is sent to its end */
    viewer_credit(&a, sight.stream, 0, 5);                  /* never goes back */
    while (viewer_fill(&a, 16384) > 0)
        see(third);
    see(third);
    assert_true(sight.over);
    assert_int_equal(sight.frames, 1 + FRAMES - 12);
    assert_int_equal(sight.skipped, 11);
    stop();
    start("film", "thirds", 3, 50000);
    viewer_credit(&a, sight.stream, 0, UINT32_MAX); /* nothing at all is wanted */
    while (viewer_fill(&a, 16384) > 0)
        see(third);
    see(third);
    assert_true(sight.over && sight.reason == END_DONE);
    assert_int_equal(sight.skipped, FRAMES - 3);
    stop();
}

/* A read that fails must end the clip: asking for it once more brings nothing. A seek may. */
static void what_the_disk_does_not_give(void **state)
{
    int film, good, nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)state;
    start("film", "240", 0, LIMIT_CREDIT);
    assert_true(viewer_fill(&a, 16384) > 0);
    see(always_240);
    film = a.session.streams[LIMIT_STREAMS - 1]->shared->clip->renditions[0].fd;
    good = dup(film);
    assert_true(nothing >= 0 && good >= 0 && dup2(nothing, film) == film);
    cold = true;
    assert_int_equal(viewer_fill(&a, 16384), 0);
    sight.inside = false;
    see(always_240);
    assert_true(sight.over && sight.reason == END_BROKEN);
    assert_int_equal(dup2(good, film), film);
    cold = false;
    viewer_seek(&a, sight.stream, sight.stream, 9);
    sight = (struct sight){.stream = sight.stream, .next = 9};
    while (viewer_fill(&a, 16384) > 0)
        see(always_240);
    see(always_240);
    assert_true(sight.over && sight.reason == END_DONE);
    stop();
    close(good);
    close(nothing);
}

static void past_the_end(void **state)
{
    static const uint32_t starts[] = {FRAMES, FRAMES + 1, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        start("film", "thirds", starts[i], 1000);
        assert_int_equal(viewer_fill(&a, 16384), 0);
        see(third);
        assert_true(sight.over && sight.reason == END_DONE);
        viewer_seek(&a, sight.stream, sight.stream, FRAMES - 1); /* and back */
        sight.over = false;
        sight.next = FRAMES - 1;
        viewer_credit(&a, sight.stream, 100000, 0);
        while (viewer_fill(&a, 16384) > 0)
            see(third);
        see(third);
        assert_true(sight.over);
        assert_int_equal(sight.frames, 1);
        stop();
    }
}

/* Pieces shrink with the credit that is kept open: chat must not wait behind a large one. */
static void pieces_shrink_on_a_slow_link(void **state)
{
    (void)state;
    start("film", "720", 0, 3000);
    for (uint32_t last = 0; viewer_fill(&a, 16384) > 0; last = sight.received) {
        uint32_t open = 3000 - last;

        while (actor_peek(&a) != 0) {
            struct wire_frame m;

            assert_int_equal(wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m), ERR_OK);
            sight.received += (uint32_t)m.data.len;
            assert_true(m.data.len <= 2048 && m.data.len <= open);
        }
    }
    assert_int_equal(sight.received, 3000);
    stop();
}

/* But not while it is used up: each piece is a read. */
static void pieces_stay_large_on_a_fast_link(void **state)
{
    size_t large = 0;

    (void)state;
    start("film", "720", 0, 0);
    viewer_credit(&a, sight.stream, 40000, 0);
    viewer_credit(&a, sight.stream, 0, 0); /* gives none */
    while (viewer_fill(&a, 16384) > 0) {
        while (actor_peek(&a) != 0) {
            struct wire_frame m;

            assert_int_equal(wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m), ERR_OK);
            large += m.data.len > 2048 && m.data.len > (40000 - sight.received) / 8;
            sight.received += (uint32_t)m.data.len;
            assert_true(m.data.len <= 5000);
        }
    }
    assert_int_equal(sight.received, 40000);
    assert_true(large > 0);
    stop();
}

/* Whatever credit comes when, and whatever room a record has. */
static void any_credit_any_room(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct dice dice = dice_make(seed);
        uint32_t granted = (uint32_t)dice_below(&dice, 3000), wanted = 0;
        size_t usual = dice_below(&dice, 3) == 0 ? 50 : 20000;

        start("film", "thirds", (uint32_t)dice_below(&dice, 10), granted);
        for (int steps = 0; !sight.over; steps++) {
            assert_true(steps < 100000);
            if (dice_below(&dice, 3) == 0) {
                uint32_t more = (uint32_t)dice_below(&dice, usual);

                if (seed % 2 == 1 && dice_below(&dice, 10) == 0)
                    wanted = (uint32_t)dice_below(&dice, FRAMES);
                viewer_credit(&a, sight.stream, more, wanted);
                granted += more;
            } else {
                viewer_fill(&a, dice_below(&dice, 16385));
            }
            see(third);
            assert_true(sight.received <= granted);
        }
        assert_int_equal(sight.reason, END_DONE);
        assert_int_equal(sight.next, FRAMES);
        assert_true(seed % 2 == 1 || sight.skipped == 0);
        stop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_thirds_to_the_end),
        cmocka_unit_test(nothing_without_credit),
        cmocka_unit_test(a_record_that_is_nearly_full),
        cmocka_unit_test(broken_frames_are_skipped),
        cmocka_unit_test(the_loop_does_not_look_at_a_long_gap),
        cmocka_unit_test(what_is_not_wanted_is_skipped_whole),
        cmocka_unit_test(what_the_disk_does_not_give),
        cmocka_unit_test(past_the_end),
        cmocka_unit_test(pieces_shrink_on_a_slow_link),
        cmocka_unit_test(pieces_stay_large_on_a_fast_link),
        cmocka_unit_test(any_credit_any_room),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
