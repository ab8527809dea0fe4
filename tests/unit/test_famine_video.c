/* Memory that runs out while a clip is listed and played: the viewer sees it, or is told that it can't;
 * and afterwards it can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "tests/kit/famine.h"
#include "tests/kit/viewer.h"

#define FRAMES 4
#define RECORD 16384
#define OUT (1 << 20)

static struct stage stage;
static struct actor alice;

/* What she was told of a stream. */
struct told {
    bool stream, refused, ended;
    uint8_t reason;
    size_t frames; /* whole ones */
};

static void open_stage(void)
{
    static const size_t counts[] = {FRAMES, FRAMES};

    log_start("test", (enum log_level) - 1);
    stage_open(&stage);
    viewer_put_clip(&stage, "film", 2, counts, NULL);
    actor_enter(&alice, &stage, 1, "alice", 0);
    actor_skip(&alice);
    assert_non_null(buf_reserve(&alice.out, OUT));
}

static void close_stage(void)
{
    desk_finish(&stage.desk);
    actor_end(&alice);
    stage_close(&stage);
}

static bool is_here(void)
{
    return alice.session.state == SESSION_ROOM;
}

static void see_frame(struct told *t)
{
    struct wire_frame m;

    assert_int_equal(wire_get_frame(actor_next(&alice, MESSAGE_FRAME), &m), ERR_OK);
    t->frames += (m.flags & FRAME_LAST) != 0;
}

static void see_end(struct told *t)
{
    struct wire_stream_end m;

    assert_int_equal(wire_get_stream_end(actor_next(&alice, MESSAGE_STREAM_END), &m), ERR_OK);
    t->ended = true;
    t->reason = m.reason;
}

/* What memory can't do now is not the clip's fault. */
static void see_refused(void)
{
    struct wire_refused m;

    assert_int_equal(wire_get_refused(actor_next(&alice, MESSAGE_REFUSED), &m), ERR_OK);
    assert_int_equal(m.code, CODE_FULL);
}

/* Every message is whole, and nothing comes of a stream that is over. */
static void look(struct told *t)
{
    for (uint8_t type; (type = actor_peek(&alice)) != 0;) {
        assert_false(t->refused || t->ended);
        if (type == MESSAGE_FRAME) {
            assert_true(t->stream);
            see_frame(t);
        } else if (type == MESSAGE_STREAM_END) {
            see_end(t);
        } else if (type == MESSAGE_REFUSED) {
            see_refused();
            t->refused = true;
        } else {
            t->stream = t->stream || type == MESSAGE_STREAM;
            actor_next(&alice, type);
        }
    }
}

/* viewer_fill without memory of its own. */
static bool fill(void)
{
    static uint8_t record[RECORD];
    size_t n = is_here() ? session_fill(&alice.session, record, sizeof record) : 0;

    buf_add(&alice.out, record, n);
    return n > 0;
}

/* PLAY to the end of the clip, or as far as it goes; the message itself is made before the famine. */
static void play(struct buf *message)
{
    actor_send(&alice, message);
    desk_finish(&stage.desk);
    /* What is not in memory is read on the worker, and filled the next time. */
    for (int idle = 0; idle < 3;) {
        idle = fill() ? 0 : idle + 1;
        desk_finish(&stage.desk);
    }
}

static void put_play(struct buf *out, uint32_t id)
{
    struct wire_play m = {.stream = id,
                          .clip = {(const uint8_t *)"film", 4},
                          .schedule = {(const uint8_t *)"thirds", 6},
                          .credit = 1 << 20};

    buf_init(out, LIMIT_HELLO);
    wire_put_play(out, &m);
}

static void check_plays(uint32_t id)
{
    struct buf message;
    struct told t = {0};

    put_play(&message, id);
    play(&message);
    look(&t);
    assert_true(t.stream && t.ended && t.reason == END_DONE && t.frames == FRAMES);
    buf_free(&message);
}

static void alice_plays(void)
{
    struct buf message;
    struct told t = {0};
    bool struck;

    open_stage();
    put_play(&message, 1);
    famine_begin();
    play(&message);
    struck = famine_end();
    look(&t);
    if (!struck)
        assert_true(t.frames == FRAMES && t.ended);
    if (is_here()) {
        assert_true(t.refused || t.ended);
        assert_true(t.reason != END_DONE || t.frames == FRAMES);
        check_plays(2);
    } else {
        assert_true(alice.finished);
    }
    buf_free(&message);
    close_stage();
}

static void a_clip_is_played(void **state)
{
    (void)state;
    famine_walk(alice_plays);
}

/* LIST: true if it came, and then the clip is in it. */
static bool list(struct buf *message)
{
    struct wire_clip m;
    struct cursor c;
    bool more;
    enum err e;

    actor_send(&alice, message);
    desk_finish(&stage.desk);
    if (actor_peek(&alice) != MESSAGE_CLIPS)
        return false;
    c = wire_clips_open(actor_next(&alice, MESSAGE_CLIPS), &more);
    assert_true(wire_clips_next(&c, &m, &e) && m.frames == FRAMES && m.count == 2);
    assert_false(wire_clips_next(&c, &m, &e) || more);
    assert_int_equal(e, ERR_OK);
    assert_int_equal(actor_peek(&alice), 0);
    return true;
}

static void alice_lists(void)
{
    struct buf message;
    bool struck, listed;

    open_stage();
    buf_init(&message, LIMIT_HELLO);
    wire_put_list(&message);
    famine_begin();
    listed = list(&message);
    struck = famine_end();
    assert_true(struck || listed);
    if (is_here()) {
        if (!listed)
            see_refused();
        wire_put_list(&message);
        assert_true(list(&message));
    } else {
        assert_true(alice.finished);
    }
    buf_free(&message);
    close_stage();
}

static void clips_are_listed(void **state)
{
    (void)state;
    famine_walk(alice_lists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clip_is_played),
        cmocka_unit_test(clips_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
