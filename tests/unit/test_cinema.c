/* What a member may ask of the cinema: lists, clips, places for streams, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "server/stream.h"
#include "tests/kit/viewer.h"

static struct stage stage;
static struct actor a, b;

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    stage_open(&stage);
    stage.features |= FEATURE_AUTO;
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "bob", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    actor_skip(&b);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    actor_end(&a);
    actor_end(&b);
    stage_close(&stage);
    return 0;
}

static void put_films(void)
{
    static const size_t frames[] = {10, 12, 11};

    viewer_put_clip(&stage, "film", 3, frames, NULL);
    viewer_put_clip(&stage, "short", 1, frames, NULL);
}

static void ask_list(struct actor *x)
{
    struct buf out;

    buf_init(&out, 100);
    wire_put_list(&out);
    actor_send(x, &out);
    buf_free(&out);
}

/* All CLIPS messages that came: "film/10/3 short/10/1". */
static void check_list(struct actor *x, const char *expected)
{
    char text[400] = "";
    bool more = true;
    struct wire_clip m;
    enum err e;

    while (more) {
        struct cursor c = wire_clips_open(actor_next(x, MESSAGE_CLIPS), &more);

        while (wire_clips_next(&c, &m, &e)) {
            size_t len = strlen(text);

            snprintf(text + len, sizeof text - len, "%s%.*s/%u/%zu", len > 0 ? " " : "",
                     (int)m.name.len, (const char *)m.name.data, (unsigned)m.frames, m.count);
        }
        assert_int_equal(e, ERR_OK);
    }
    assert_string_equal(text, expected);
}

static void lists(void **state)
{
    static const size_t none[] = {0};

    (void)state;
    ask_list(&a);
    desk_finish(&stage.desk);
    check_list(&a, ""); /* no library at all */
    put_films();
    viewer_put_clip(&stage, "empty", 1, none, NULL);
    ask_list(&a);
    ask_list(&b);
    ask_list(&b); /* one answer is enough for two questions */
    desk_finish(&stage.desk);
    check_list(&a, "film/10/3 short/10/1");
    check_list(&b, "film/10/3 short/10/1");
    assert_int_equal(actor_peek(&b), 0);
    ask_list(&a);
    actor_end(&a); /* gone while the list is made */
    desk_finish(&stage.desk);
}

static void list_takes_nothing(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    size_t begin = message_begin(&out, MESSAGE_LIST);
    buf_add8(&out, 0);
    message_end(&out, begin);
    actor_send(&a, &out);
    actor_check_error(&a, CODE_PROTOCOL);
    buf_free(&out);
}

static void play(struct actor *x, uint32_t stream, const char *clip)
{
    viewer_play(x, stream, clip, "thirds", 0, 1000);
    desk_finish(&stage.desk);
    actor_next(x, MESSAGE_STREAM);
}

static void check_end(struct actor *x, uint32_t stream, enum wire_end reason)
{
    struct wire_stream_end m;

    assert_int_equal(wire_get_stream_end(actor_next(x, MESSAGE_STREAM_END), &m), ERR_OK);
    assert_int_equal(m.stream, stream);
    assert_int_equal(m.reason, reason);
}

static void a_stream_is_described(void **state)
{
    struct wire_stream m;

    (void)state;
    put_films();
    a.kicks = 0;
    viewer_play(&a, 5, "film", "720p", 0, 0);
    desk_finish(&stage.desk);
    assert_int_equal(wire_get_stream(actor_next(&a, MESSAGE_STREAM), &m), ERR_OK);
    assert_int_equal(m.stream, 5);
    assert_int_equal(m.clip.count, 3);
    assert_int_equal(m.clip.heights[2], 1440);
    assert_int_equal(m.widths[1], 64);
    assert_int_equal(m.real_heights[1], 72);
    assert_int_equal(m.clip.fps_num, 25);
    assert_memory_equal(m.schedule.data, "720", m.schedule.len);
    assert_true(a.kicks > 0);
}

static void refused_with_a_code(void **state)
{
    static const struct {
        const char *clip, *schedule;
        enum message_code code;
    } table[] = {
        {"nothing", "thirds", CODE_UNKNOWN_CLIP},
        {"", "thirds", CODE_UNKNOWN_CLIP},
        {"../clips/film", "thirds", CODE_UNKNOWN_CLIP},
        {"..", "thirds", CODE_UNKNOWN_CLIP},
        {".", "thirds", CODE_UNKNOWN_CLIP},
        {".hidden", "thirds", CODE_UNKNOWN_CLIP},
        {"/etc", "thirds", CODE_UNKNOWN_CLIP},
        {"film/", "thirds", CODE_UNKNOWN_CLIP},
        {"film/240p.mjpeg", "thirds", CODE_UNKNOWN_CLIP},
        {"fi\xffm", "thirds", CODE_UNKNOWN_CLIP},
        {"outside", "thirds", CODE_UNKNOWN_CLIP}, /* a link out of the library */
        {"a-name-of-seventy-bytes-that-is-longer-than-any-clip-may-be-called-ever", "thirds",
         CODE_UNKNOWN_CLIP},
        {"empty", "thirds", CODE_BROKEN_CLIP},
        {"film", "fourths", CODE_SCHEDULE},
        {"film", "", CODE_SCHEDULE},
        {"film", "721", CODE_SCHEDULE},
        {"film", "1234567890123456", CODE_SCHEDULE},
    };
    static const size_t none[] = {0};
    char from[512], to[512];

    (void)state;
    put_films();
    viewer_put_clip(&stage, "empty", 1, none, NULL);
    viewer_put_clip(&stage, ".hidden", 1, (const size_t[]){3}, NULL);
    scratch_path(&stage.desk.scratch, "elsewhere", to);
    scratch_path(&stage.desk.scratch, "clips/outside", from);
    assert_int_equal(mkdir(to, 0755), 0);
    assert_int_equal(symlink(to, from), 0);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        viewer_play(&a, 9, table[i].clip, table[i].schedule, 0, 1000);
        desk_finish(&stage.desk);
        if (actor_peek(&a) != MESSAGE_REFUSED)
            fail_msg("%s %s", table[i].clip, table[i].schedule);
        actor_check_refused(&a, 9, table[i].code); /* and the number is free again */
        assert_int_equal(actor_peek(&a), 0);
    }
    play(&a, 9, "film");
}

static void a_number_in_use(void **state)
{
    (void)state;
    put_films();
    play(&a, 1, "film");
    viewer_play(&a, 1, "short", "thirds", 0, 0);
    actor_check_error(&a, CODE_PROTOCOL);
    play(&b, 1, "film");
    play(&b, 2, "film");
    viewer_seek(&b, 1, 2, 0);
    actor_check_error(&b, CODE_PROTOCOL);
}

static void places_are_counted(void **state)
{
    (void)state;
    put_films();
    for (uint32_t i = 1; i <= LIMIT_STREAMS; i++)
        play(&a, i, "film");
    viewer_play(&a, 77, "film", "thirds", 0, 0);
    actor_check_refused(&a, 77, CODE_LIMIT);
    viewer_stop(&a, 2);
    check_end(&a, 2, END_STOPPED);
    play(&a, 77, "short");
    assert_int_equal(actor_peek(&a), 0);
}

static void clips_are_shared(void **state)
{
    (void)state;
    put_films();
    play(&a, 1, "film");
    play(&a, 2, "film");
    play(&b, 1, "film");
    assert_non_null(stage.clips.shared);
    assert_null(stage.clips.shared->next);
    assert_int_equal(stage.clips.shared->refs, 3);
    viewer_stop(&a, 1);
    actor_end(&a);
    assert_int_equal(stage.clips.shared->refs, 1);
    viewer_stop(&b, 1);
    assert_null(stage.clips.shared);
}

static void stopped_before_it_came(void **state)
{
    (void)state;
    put_films();
    viewer_play(&a, 1, "film", "thirds", 0, 1000);
    viewer_stop(&a, 1);
    check_end(&a, 1, END_STOPPED);
    viewer_stop(&a, 1); /* nobody knows it any more */
    viewer_credit(&a, 1, 5, 0);
    viewer_seek(&a, 1, 2, 0);
    assert_int_equal(actor_peek(&a), 0);
    viewer_play(&a, 1, "short", "thirds", 0, 0); /* the number is free */
    desk_finish(&stage.desk);
    actor_next(&a, MESSAGE_STREAM);
    assert_int_equal(actor_peek(&a), 0);
    assert_null(stage.clips.shared->next); /* and the clip nobody wants is closed */
}

/* What was stopped is still being loaded: it counts, or one member could fill the worker. */
static void play_and_stop_in_turns(void **state)
{
    unsigned most = 0;

    (void)state;
    put_films();
    for (uint32_t i = 1; i <= 50; i++) {
        viewer_play(&a, i, "film", "thirds", 0, 0);
        viewer_stop(&a, i);
        if (worker_pending(stage.desk.worker) > most)
            most = worker_pending(stage.desk.worker);
    }
    assert_true(most <= LIMIT_STREAMS);
    desk_finish(&stage.desk);
    actor_skip(&a);
    assert_null(stage.clips.shared);
    play(&a, 99, "film");
}

static void gone_while_it_loads(void **state)
{
    (void)state;
    put_films();
    viewer_play(&a, 1, "film", "thirds", 0, 1000);
    actor_end(&a);
    desk_finish(&stage.desk);
    assert_null(stage.clips.shared);
    viewer_play(&b, 1, "film", "thirds", 0, 1000);
    worker_close(stage.desk.worker); /* before the session goes */
    stage.desk.worker = NULL;
    actor_end(&b);
    stage_restart(&stage);
}

static void too_much_credit(void **state)
{
    (void)state;
    put_films();
    play(&a, 1, "film");
    viewer_credit(&a, 1, LIMIT_CREDIT - 1000, 0);
    assert_false(a.finished);
    viewer_credit(&a, 1, 1, 0);
    actor_check_error(&a, CODE_PROTOCOL);
}

static void a_seek_goes_on_under_its_new_number(void **state)
{
    struct wire_frame m;

    (void)state;
    put_films();
    play(&a, 1, "film");
    viewer_credit(&a, 1, 100000, 0);
    assert_true(viewer_fill(&a, 1100) > 0);
    actor_skip(&a);
    viewer_seek(&a, 1, 2, 8);
    assert_true(viewer_fill(&a, 16384) > 0);
    assert_int_equal(wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m), ERR_OK);
    assert_true(m.stream == 2 && m.number == 8 && (m.flags & FRAME_FIRST) != 0);
    viewer_stop(&a, 1); /* the old number is nobody's */
    assert_int_equal(actor_peek(&a), 0);
    while (viewer_fill(&a, 16384) > 0)
        continue;
    while (actor_peek(&a) == MESSAGE_FRAME)
        actor_next(&a, MESSAGE_FRAME);
    check_end(&a, 2, END_DONE);
    viewer_seek(&a, 2, 3, 0);
    assert_true(viewer_fill(&a, 16384) > 0);
    actor_next(&a, MESSAGE_FRAME);
}

/* From the next frame on: the one that was begun keeps its rendition, and a seek keeps the wish. */
static void auto_goes_where_the_viewer_wants(void **state)
{
    static const struct {
        uint16_t wish, height;
    } steps[] = {{720, 720}, {1440, 1440}, {1439, 720}, {9999, 1440}, {0, 240}, {239, 240}};
    struct wire_frame m;
    uint32_t frame = 0;

    (void)state;
    put_films();
    viewer_play(&a, 1, "film", "auto", 0, 0);
    desk_finish(&stage.desk);
    actor_next(&a, MESSAGE_STREAM);
    viewer_credit(&a, 1, 10, 0);
    assert_true(viewer_fill(&a, 16384) > 0);
    assert_int_equal(wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m), ERR_OK);
    assert_true(m.height == 240 && (m.flags & FRAME_LAST) == 0);
    viewer_credit(&a, 1, 1000000, 0);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        viewer_rendition(&a, 1, steps[i].wish);
        viewer_rendition(&a, 7, 240); /* nobody's: ignored */
        for (m.flags = 0; (m.flags & FRAME_FIRST) == 0;) {
            assert_true(viewer_fill(&a, 16384) > 0);
            assert_int_equal(wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m), ERR_OK);
            assert_int_equal(m.number, (m.flags & FRAME_FIRST) != 0 ? ++frame : frame);
        }
        assert_int_equal(m.height, steps[i].height);
    }
    viewer_rendition(&a, 1, 1440);
    viewer_seek(&a, 1, 2, 1);
    assert_true(viewer_fill(&a, 16384) > 0);
    wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m);
    assert_true(m.stream == 2 && m.number == 1 && m.height == 1440);
}

static void other_schedules_stay(void **state)
{
    struct wire_frame m;

    (void)state;
    put_films();
    viewer_play(&a, 1, "film", "720", 0, 100000);
    desk_finish(&stage.desk);
    actor_next(&a, MESSAGE_STREAM);
    viewer_rendition(&a, 1, 240);
    assert_true(viewer_fill(&a, 16384) > 0);
    wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m);
    assert_int_equal(m.height, 720);
}

static void auto_is_for_those_who_announce_it(void **state)
{
    (void)state;
    put_films();
    a.session.features = FEATURE_VIDEO;
    viewer_play(&a, 3, "film", "auto", 0, 0);
    actor_check_refused(&a, 3, CODE_SCHEDULE);
    play(&b, 3, "film");
}

static void a_clip_that_is_cut_short(void **state)
{
    char path[512];

    (void)state;
    put_films();
    play(&a, 1, "short");
    scratch_path(&stage.desk.scratch, "clips/short/240p.mjpeg", path);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(viewer_fill(&a, 16384), 0);
    check_end(&a, 1, END_BROKEN);
    assert_false(a.finished);
    assert_int_equal(viewer_fill(&a, 16384), 0);
    viewer_stop(&a, 1);
    check_end(&a, 1, END_STOPPED);
}

/* Two streams of one viewer take turns. */
static void streams_take_turns(void **state)
{
    uint32_t seen[3] = {0};

    (void)state;
    put_films();
    play(&a, 1, "film");
    play(&a, 2, "film");
    viewer_credit(&a, 1, 1000000, 0);
    viewer_credit(&a, 2, 1000000, 0);
    for (int i = 0; i < 8; i++) {
        struct wire_frame m;

        assert_true(viewer_fill(&a, 16384) > 0);
        wire_get_frame(actor_next(&a, MESSAGE_FRAME), &m);
        seen[m.stream]++;
    }
    assert_true(seen[1] == 4 && seen[2] == 4);
}

/* Who may not send yet is asked again when its turn has come, and nobody else is. */
static void a_rate_is_shared(void **state)
{
    size_t got[2] = {0};

    (void)state;
    put_films();
    share_start(&stage.room.share, 40000, stage.room.now);
    play(&a, 1, "film");
    play(&b, 1, "film");
    viewer_credit(&a, 1, 1000000, 0);
    viewer_credit(&b, 1, 1000000, 0);
    for (int turn = 0; turn < 200; turn++) {
        struct actor *const both[] = {&a, &b};

        stage_later(&stage, 5000000);
        for (size_t i = 0; i < 2; i++) {
            size_t n = 1;

            if (turn > 0 && both[i]->kicks == 0)
                continue;
            for (both[i]->kicks = 0; n > 0; got[i] += n)
                n = viewer_fill(both[i], 16384);
        }
    }
    assert_true(got[0] + got[1] > 30000 && got[0] + got[1] <= 40000 + 8192);
    assert_true(got[0] < got[1] + 5000 && got[1] < got[0] + 5000);
    actor_end(&a); /* who is gone leaves the row */
    stage_later(&stage, 5000000);
    stage_later(&stage, 100000000);
    actor_skip(&b);
    viewer_stop(&b, 1);
    assert_int_equal(viewer_fill(&b, 16384), 0);
    actor_end(&b);
    assert_true(share_due(&stage.room.share) == INT64_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(lists),
        CASE(list_takes_nothing),
        CASE(a_stream_is_described),
        CASE(refused_with_a_code),
        CASE(a_number_in_use),
        CASE(places_are_counted),
        CASE(clips_are_shared),
        CASE(stopped_before_it_came),
        CASE(play_and_stop_in_turns),
        CASE(gone_while_it_loads),
        CASE(too_much_credit),
        CASE(a_seek_goes_on_under_its_new_number),
        CASE(auto_goes_where_the_viewer_wants),
        CASE(other_schedules_stay),
        CASE(auto_is_for_those_who_announce_it),
        CASE(a_clip_that_is_cut_short),
        CASE(streams_take_turns),
        CASE(a_rate_is_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
