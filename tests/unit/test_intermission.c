/* A clip whose link was lost, in a room that is too busy for it when the client is back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/video.h"

#define LATER INT64_C(40000000000) /* more than it waits between two tries */

static struct visitor v;

static int leave(void **state)
{
    (void)state;
    visitor_close(&v);
    return 0;
}

static uint32_t asked_from(uint32_t start)
{
    struct wire_play m;
    struct span payload;

    assert_int_equal(visitor_saw(&v, MESSAGE_PLAY, &payload), 1);
    assert_int_equal(wire_get_play(payload, &m), ERR_OK);
    assert_int_equal(m.start, start);
    visitor_forget(&v);
    return m.stream;
}

static void send_stream(uint32_t stream)
{
    struct wire_stream m = {
        .stream = stream,
        .schedule = {(const uint8_t *)"thirds", 6},
        .clip = {.name = {(const uint8_t *)"card", 4},
                 .fps_num = 24,
                 .fps_den = 1,
                 .frames = 8,
                 .count = 1,
                 .heights = {120}},
        .widths = {160},
        .real_heights = {120},
    };
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_stream(&out, &m);
    visitor_send(&v, &out);
}

static void refuse(uint64_t about, enum message_code code)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, about, (uint16_t)code, "the server is busy: try again");
    visitor_send(&v, &out);
}

/* Plays, loses the link, and is back: the stream that it asks for then. */
static uint32_t come_back(void)
{
    visitor_open(&v);
    v.config.reconnect = true;
    visitor_go_in(&v);
    visitor_forget(&v);
    cinema_play(&v.client, "card", "thirds");
    visitor_settle(&v);
    send_stream(asked_from(0));
    assert_non_null(v.client.cinema.player);
    visitor_lose(&v);
    visitor_return(&v);
    visitor_go_in(&v);
    return asked_from(0);
}

static void asks_again_until_it_may(void **state)
{
    uint32_t stream = come_back();

    (void)state;
    for (int i = 0; i < 3; i++) {
        refuse(stream, CODE_FULL);
        if (i == 0) /* from then on its time is ahead */
            assert_int_equal(visitor_saw(&v, MESSAGE_PLAY, NULL), 0);
        visitor_at(&v, v.stands + LATER);
        stream = asked_from(0);
    }
    send_stream(stream);
    assert_false(v.client.cinema.away.on);
    assert_int_equal(visitor_saw(&v, MESSAGE_CREDIT, NULL), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"stream_back\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"error\""), 0);
}

static void not_for_ever(void **state)
{
    uint32_t stream = come_back();
    int tries = 1;

    (void)state;
    for (; visitor_said(&v, "broken-clip") == 0; tries++) {
        assert_true(tries < 20);
        refuse(stream, CODE_FULL);
        visitor_at(&v, v.stands + LATER);
        if (visitor_said(&v, "broken-clip") == 0)
            stream = asked_from(0);
    }
    assert_true(tries > 5);
    assert_false(cinema_busy(&v.client.cinema));
    visitor_at(&v, v.stands + LATER);
    assert_int_equal(visitor_saw(&v, MESSAGE_PLAY, NULL), 0);
}

/* What is not there will not be there later, and who stops it waits for nothing. */
static void other_reasons_end_it(void **state)
{
    (void)state;
    refuse(come_back(), CODE_UNKNOWN_CLIP);
    assert_int_equal(visitor_said(&v, "broken-clip"), 1);
    visitor_close(&v);
    refuse(come_back(), CODE_FULL);
    assert_true(cinema_stop(&v.client, "stopped"));
    visitor_at(&v, v.stands + LATER);
    assert_int_equal(visitor_saw(&v, MESSAGE_PLAY, NULL), 0);
    assert_int_equal(visitor_said(&v, "\"reason\":\"stopped\""), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(asks_again_until_it_may, leave),
        cmocka_unit_test_teardown(not_for_ever, leave),
        cmocka_unit_test_teardown(other_reasons_end_it, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
