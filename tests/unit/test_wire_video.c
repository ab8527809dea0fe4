/* The messages of the cinema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/kit/cuts.h"
#include "tests/kit/dice.h"
#include "wire/video.h"

static struct buf out;

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static struct wire_clip clip(size_t count)
{
    struct wire_clip m = {.name = text_span("big-clip"),
                          .title = text_span("Gro\xc3\x9f"),
                          .fps_num = 24000,
                          .fps_den = 1001,
                          .frames = LIMIT_FRAMES,
                          .count = count};

    for (size_t i = 0; i < count; i++)
        m.heights[i] = (uint16_t)(240 * (i + 1));
    return m;
}

static void check_clip(const struct wire_clip *m)
{
    assert_true(m->count >= 1 && m->count <= LIMIT_RENDITIONS);
    assert_true(m->frames >= 1 && m->frames <= LIMIT_FRAMES);
    assert_true(m->fps_num > 0 && m->fps_den > 0);
    assert_true(m->name.len <= LIMIT_CLIP && text_valid(m->name.data, m->name.len));
    assert_true(m->title.len <= LIMIT_TITLE && text_valid(m->title.data, m->title.len));
}

static enum err get_one_clip(struct span payload)
{
    bool more;
    struct cursor c = wire_clips_open(payload, &more);
    struct wire_clip m;
    enum err e;
    size_t count = 0;

    for (; wire_clips_next(&c, &m, &e); count++)
        check_clip(&m);
    return e == ERR_OK && count != 1 ? ERR_EMPTY : e;
}

static struct span put_clips(const struct wire_clip *m)
{
    size_t begin;

    buf_clear(&out);
    begin = wire_clips_begin(&out);
    wire_clips_add(&out, m);
    wire_clips_end(&out, begin, true);
    return cuts_payload(&out, MESSAGE_CLIPS);
}

static void clips_round_trip(void **state)
{
    struct wire_clip m = clip(3), got;
    struct span payload = put_clips(&m);
    bool more;
    struct cursor c = wire_clips_open(payload, &more);
    enum err e;

    (void)state;
    assert_true(more);
    assert_true(wire_clips_next(&c, &got, &e));
    assert_memory_equal(got.name.data, "big-clip", 8);
    assert_memory_equal(got.title.data, "Gro\xc3\x9f", 5);
    assert_int_equal(got.fps_num, 24000);
    assert_int_equal(got.fps_den, 1001);
    assert_int_equal(got.frames, LIMIT_FRAMES);
    assert_int_equal(got.count, 3);
    assert_int_equal(got.heights[2], 720);
    assert_false(wire_clips_next(&c, &got, &e));
    assert_int_equal(e, ERR_OK);
    cuts_check(payload, get_one_clip);
    cuts_check_changed(payload, get_one_clip);
}

static void clips_are_checked(void **state)
{
    struct wire_clip m = clip(LIMIT_RENDITIONS);

    (void)state;
    assert_int_equal(get_one_clip(put_clips(&m)), ERR_OK);
    m.frames = LIMIT_FRAMES + 1;
    assert_int_equal(get_one_clip(put_clips(&m)), ERR_LIMIT);
    m.frames = 0;
    assert_int_equal(get_one_clip(put_clips(&m)), ERR_FORMAT);
    m = clip(0);
    assert_int_equal(get_one_clip(put_clips(&m)), ERR_FORMAT);
    m = clip(2);
    m.fps_den = 0;
    assert_int_equal(get_one_clip(put_clips(&m)), ERR_FORMAT);
    m = clip(2);
    m.title = text_span("\xc0\x80");
    assert_int_equal(get_one_clip(put_clips(&m)), ERR_UTF8);
    m = clip(2);
    put_clips(&m);
    out.data[MESSAGE_HEADER + 1 + 2 + 9 + 6 + 12] = LIMIT_RENDITIONS + 1;
    assert_int_equal(get_one_clip(cuts_payload(&out, MESSAGE_CLIPS)), ERR_LIMIT);
}

static void clips_stay_below_their_limit(void **state)
{
    char name[LIMIT_CLIP + 1] = {0}, title[LIMIT_TITLE + 1] = {0};
    struct wire_clip m = clip(LIMIT_RENDITIONS);
    size_t begin, count = 0;

    (void)state;
    memset(name, 'n', LIMIT_CLIP);
    memset(title, 't', LIMIT_TITLE);
    m.name = text_span(name);
    m.title = text_span(title);
    buf_clear(&out);
    begin = wire_clips_begin(&out);
    for (; wire_clips_fits(&out, begin); count++)
        wire_clips_add(&out, &m);
    wire_clips_end(&out, begin, false);
    assert_true(count > 250);
    cuts_payload(&out, MESSAGE_CLIPS);
}

static enum err get_play(struct span payload)
{
    struct wire_play m;
    enum err e = wire_get_play(payload, &m);

    assert_true(e != ERR_OK || m.credit <= LIMIT_CREDIT);
    return e;
}

static void play_round_trip(void **state)
{
    struct wire_play got, m = {.stream = 9,
                               .clip = text_span("clip"),
                               .schedule = text_span("alternate"),
                               .start = 77,
                               .credit = LIMIT_CREDIT};
    struct span payload;

    (void)state;
    buf_clear(&out);
    wire_put_play(&out, &m);
    payload = cuts_payload(&out, MESSAGE_PLAY);
    assert_int_equal(wire_get_play(payload, &got), ERR_OK);
    assert_int_equal(got.stream, 9);
    assert_memory_equal(got.clip.data, "clip", 4);
    assert_memory_equal(got.schedule.data, "alternate", 9);
    assert_int_equal(got.start, 77);
    assert_int_equal(got.credit, LIMIT_CREDIT);
    cuts_check_fields(payload, get_play);
    cuts_check_changed(payload, get_play);
    m.credit++;
    buf_clear(&out);
    wire_put_play(&out, &m);
    assert_int_equal(get_play(cuts_payload(&out, MESSAGE_PLAY)), ERR_LIMIT);
    m.credit = 0;
    m.schedule = text_span("12345678901234567");
    buf_clear(&out);
    wire_put_play(&out, &m);
    assert_int_not_equal(get_play(cuts_payload(&out, MESSAGE_PLAY)), ERR_OK);
}

static enum err get_stream(struct span payload)
{
    struct wire_stream m;
    enum err e = wire_get_stream(payload, &m);

    if (e == ERR_OK)
        check_clip(&m.clip);
    return e;
}

static void stream_round_trip(void **state)
{
    struct wire_stream m = {.stream = 3, .schedule = text_span("thirds")}, got;
    struct span payload;

    (void)state;
    for (size_t count = 1; count <= LIMIT_RENDITIONS; count++) {
        m.clip = clip(count);
        for (size_t i = 0; i < count; i++) {
            m.widths[i] = (uint16_t)(100 * i + 1);
            m.real_heights[i] = (uint16_t)(100 * i + 2);
        }
        buf_clear(&out);
        wire_put_stream(&out, &m);
        payload = cuts_payload(&out, MESSAGE_STREAM);
        assert_int_equal(wire_get_stream(payload, &got), ERR_OK);
        assert_int_equal(got.stream, 3);
        assert_int_equal(got.clip.count, count);
        assert_int_equal(got.widths[count - 1], 100 * count - 99);
        assert_int_equal(got.real_heights[count - 1], 100 * count - 98);
        assert_memory_equal(got.schedule.data, "thirds", 6);
        cuts_check_fields(payload, get_stream);
        cuts_check_changed(payload, get_stream);
    }
}

static enum err get_frame(struct span payload)
{
    struct wire_frame m;
    enum err e = wire_get_frame(payload, &m);

    if (e == ERR_OK && (m.flags & FRAME_FIRST) != 0)
        assert_true(m.length > 0 && m.length <= LIMIT_FRAME && m.pts_ns >= 0);
    return e;
}

static void frames_round_trip(void **state)
{
    struct dice dice = dice_make(4);
    uint8_t bytes[MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD + 100];

    (void)state;
    for (int round = 0; round < 500; round++) {
        struct wire_frame got, m = {.stream = (uint32_t)dice_u64(&dice),
                                    .flags = (uint8_t)dice_below(&dice, 4),
                                    .number = (uint32_t)dice_u64(&dice)};
        bool first = (m.flags & FRAME_FIRST) != 0;
        size_t len = 1 + dice_below(&dice, 99), head;
        struct span payload;

        if (first) {
            m.height = (uint16_t)dice_u64(&dice);
            m.source = (uint32_t)dice_u64(&dice);
            m.length = 1 + (uint32_t)dice_below(&dice, LIMIT_FRAME);
            m.pts_ns = (int64_t)(dice_u64(&dice) >> 1);
        }
        head = wire_frame_head(bytes, &m, len);
        assert_int_equal(head, 5 + FRAME_CHUNK_HEAD + (first ? FRAME_FIRST_HEAD : 0));
        dice_bytes(&dice, bytes + head, len);
        buf_clear(&out);
        buf_add(&out, bytes, head + len);
        payload = cuts_payload(&out, MESSAGE_FRAME);
        assert_int_equal(wire_get_frame(payload, &got), ERR_OK);
        assert_int_equal(got.data.len, len);
        assert_memory_equal(got.data.data, bytes + head, len);
        assert_true(got.stream == m.stream && got.flags == m.flags && got.number == m.number);
        assert_true(got.height == m.height && got.source == m.source && got.length == m.length);
        assert_true(got.pts_ns == m.pts_ns && got.track == 0);
        for (size_t cut = 0; cut <= head - 5; cut++)
            assert_int_equal(get_frame((struct span){payload.data, cut}), ERR_SHORT);
        cuts_check_changed(payload, get_frame);
    }
}

static enum err put_first(uint32_t length, int64_t pts_ns)
{
    uint8_t bytes[MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD + 1] = {0};
    struct wire_frame m = {.flags = FRAME_FIRST, .length = length, .pts_ns = pts_ns};

    wire_frame_head(bytes, &m, 1);
    return get_frame((struct span){bytes + 5, sizeof bytes - 5});
}

static void frames_are_checked(void **state)
{
    (void)state;
    assert_int_equal(put_first(LIMIT_FRAME, 0), ERR_OK);
    assert_int_equal(put_first(LIMIT_FRAME + 1, 0), ERR_LIMIT);
    assert_int_equal(put_first(0, 0), ERR_LIMIT);
    assert_int_equal(put_first(1, -1), ERR_LIMIT);
}

static enum err get_credit(struct span payload)
{
    struct wire_credit m;
    enum err e = wire_get_credit(payload, &m);

    assert_true(e != ERR_OK || m.bytes <= LIMIT_CREDIT);
    return e;
}

static enum err get_skipped(struct span payload)
{
    uint32_t stream, first, count;
    enum err e = wire_get_skipped(payload, &stream, &first, &count);

    assert_true(e != ERR_OK || (first <= LIMIT_FRAMES && count <= LIMIT_FRAMES));
    return e;
}

static enum err get_seek(struct span payload)
{
    struct wire_seek m;

    return wire_get_seek(payload, &m);
}

static enum err get_rendition(struct span payload)
{
    struct wire_rendition m;

    return wire_get_rendition(payload, &m);
}

static enum err get_stop(struct span payload)
{
    uint32_t stream;

    return wire_get_stop(payload, &stream);
}

static enum err get_stream_end(struct span payload)
{
    struct wire_stream_end m;
    enum err e = wire_get_stream_end(payload, &m);

    assert_true(e != ERR_OK || (m.text.len <= LIMIT_REASON && text_valid(m.text.data, m.text.len)));
    return e;
}

static void check(uint8_t type, enum err (*get)(struct span payload))
{
    struct span payload = cuts_payload(&out, type);

    cuts_check_fields(payload, get);
    cuts_check_changed(payload, get);
    buf_clear(&out);
}

static void small_ones_round_trip(void **state)
{
    struct wire_credit credit = {1, LIMIT_CREDIT, 3}, credit2;
    struct wire_seek seek = {4, 5, UINT32_MAX}, seek2;
    struct wire_rendition rendition = {14, 1440}, rendition2;
    struct wire_stream_end end;
    uint32_t stream, first, count;

    (void)state;
    buf_clear(&out);
    wire_put_credit(&out, &credit);
    assert_int_equal(wire_get_credit(cuts_payload(&out, MESSAGE_CREDIT), &credit2), ERR_OK);
    assert_true(credit2.stream == 1 && credit2.bytes == LIMIT_CREDIT && credit2.wanted == 3);
    check(MESSAGE_CREDIT, get_credit);
    credit.bytes++;
    wire_put_credit(&out, &credit);
    assert_int_equal(get_credit(cuts_payload(&out, MESSAGE_CREDIT)), ERR_LIMIT);
    buf_clear(&out);
    wire_put_skipped(&out, 6, 7, 8);
    wire_get_skipped(cuts_payload(&out, MESSAGE_SKIPPED), &stream, &first, &count);
    assert_true(stream == 6 && first == 7 && count == 8);
    check(MESSAGE_SKIPPED, get_skipped);
    wire_put_skipped(&out, 6, 7, LIMIT_FRAMES + 1);
    assert_int_equal(get_skipped(cuts_payload(&out, MESSAGE_SKIPPED)), ERR_LIMIT);
    buf_clear(&out);
    wire_put_seek(&out, &seek);
    assert_int_equal(wire_get_seek(cuts_payload(&out, MESSAGE_SEEK), &seek2), ERR_OK);
    assert_true(seek2.stream == 4 && seek2.as == 5 && seek2.frame == UINT32_MAX);
    check(MESSAGE_SEEK, get_seek);
    wire_put_rendition(&out, &rendition);
    assert_int_equal(wire_get_rendition(cuts_payload(&out, MESSAGE_RENDITION), &rendition2),
                     ERR_OK);
    assert_true(rendition2.stream == 14 && rendition2.height == 1440);
    check(MESSAGE_RENDITION, get_rendition);
    wire_put_stop(&out, 12);
    assert_int_equal(wire_get_stop(cuts_payload(&out, MESSAGE_STOP), &stream), ERR_OK);
    assert_int_equal(stream, 12);
    check(MESSAGE_STOP, get_stop);
    wire_put_stream_end(&out, 13, END_BROKEN, "cut short");
    assert_int_equal(wire_get_stream_end(cuts_payload(&out, MESSAGE_STREAM_END), &end), ERR_OK);
    assert_true(end.stream == 13 && end.reason == END_BROKEN && end.text.len == 9);
    check(MESSAGE_STREAM_END, get_stream_end);
    wire_put_list(&out);
    assert_int_equal(cuts_payload(&out, MESSAGE_LIST).len, 0);
}

static int make(void **state)
{
    (void)state;
    buf_init(&out, 200000);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_round_trip),
        cmocka_unit_test(clips_are_checked),
        cmocka_unit_test(clips_stay_below_their_limit),
        cmocka_unit_test(play_round_trip),
        cmocka_unit_test(stream_round_trip),
        cmocka_unit_test(frames_round_trip),
        cmocka_unit_test(frames_are_checked),
        cmocka_unit_test(small_ones_round_trip),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
