/* Casts of ours at the server: several at once, frames of any size, the end, a lost link, and a server that says
 * what it should not. Time is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "platform/now.h"
#include "tests/kit/audience.h"
#include "wire/hello.h"
#include "wire/live.h"
#include "wire/video.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static struct audience a;
static _Atomic int64_t the_time = 1000 * SECOND;

/* All of platform/now.c. */
int64_t now_ns(void)
{
    return the_time;
}

int64_t now_since_boot(void)
{
    return the_time / SECOND;
}

uint64_t now_wall_ms(void)
{
    return 1700000000000u + (uint64_t)(the_time / MS);
}

static void later(int64_t ns)
{
    the_time += ns;
    if (a.v.stands != 0)
        a.v.stands = the_time;
    visitor_settle(&a.v);
}

static size_t saw(enum message_type type)
{
    return audience_saw(&a, type);
}

static int leave(void **state)
{
    (void)state;
    audience_close(&a);
    return 0;
}

/* A frame that is no picture, but nobody looks. */
static void give(struct casting *k, const uint8_t *data, size_t len)
{
    k->events.frame(k, (struct span){data, len}, (int64_t)k->frames);
    visitor_settle(&a.v);
}

static bool is_over(void)
{
    return a.v.client.state >= CLIENT_LEAVING;
}

/* Frames of several go in turns, each under its own key and id. */
static void several_at_once(void **state)
{
    static const char *const names[] = {"door", "two", "three", "four"};
    static uint8_t large[40000];
    struct casting *casts[4];
    struct shot_key keys[4];

    (void)state;
    audience_open(&a, NULL, false);
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            assert_true(audience_begin(&a, names[i], "bob", false));
        visitor_settle(&a.v);
        casts[i] = caster_find(&a.v.client, names[i]);
        if (i > 0)
            audience_say(&a, casts[i], MESSAGE_CASTING, 0);
        audience_asks(&a, &(struct audience_ask){casts[i], "bob", VISITOR_BOB, VISITOR_BOB, 9, 0});
        a.cast = casts[i];
        assert_true(audience_given(&a, VISITOR_BOB, 9, &keys[i]));
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(keys[i].key, keys[j].key, GCM_KEY);
            assert_memory_not_equal(keys[i].id, keys[j].id, SIZE_CAST_ID);
            assert_int_not_equal(casts[i]->number, casts[j]->number);
        }
    }
    assert_false(audience_begin(&a, "five", NULL, false));
    for (size_t i = 0; i < 4; i++) {
        struct span payload;

        visitor_forget(&a.v);
        casts[i]->granted = 10000;
        give(casts[i], a.jpeg, a.jpeg_len);
        assert_int_equal(visitor_saw(&a.v, MESSAGE_SHOT, &payload), 1);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(audience_opens(&a, casts[i], payload, keys[j].key), i == j);
        casts[i]->granted = 0;
        give(casts[i], large, sizeof large);
    }
    visitor_forget(&a.v);
    for (size_t i = 0; i < 4; i++)
        casts[i]->granted = 100000;
    link_kick(a.v.client.link);
    visitor_settle(&a.v);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(audience_shot(&a, i + 4).stream, audience_shot(&a, i).stream);
        for (size_t j = 1; j < 4; j++)
            assert_int_not_equal(audience_shot(&a, i + j).stream, audience_shot(&a, i).stream);
    }
    for (size_t i = 0; i < 4; i++)
        assert_null(casts[i]->sending.data);
    caster_end(casts[1], "stopped");
    visitor_settle(&a.v);
    assert_int_equal(saw(MESSAGE_UNCAST), 1);
    visitor_forget(&a.v);
    give(casts[2], a.jpeg, a.jpeg_len);
    assert_int_equal(audience_shot(&a, 0).stream, casts[2]->number);
}

/* Of casts that are none of ours, nothing; of ours in the wrong order, the end. */
static void a_server_out_of_order(void **state)
{
    const struct casting other = {.number = 12345, .id = {1}};

    (void)state;
    audience_ask(&a, NULL, false);
    audience_say(&a, &other, MESSAGE_CASTING, 0);
    audience_say(&a, &other, MESSAGE_GRANT, UINT32_MAX);
    audience_say(&a, &other, MESSAGE_UNWATCHED, 3);
    audience_say(&a, &other, MESSAGE_UNCAST, 0);
    audience_asks(&a, &(struct audience_ask){&other, "bob", VISITOR_BOB, VISITOR_BOB, 3, 0});
    assert_false(caster_refused(&a.v.client, 12345, CODE_LIMIT, (struct span){0}));
    assert_false(caster_refused(&a.v.client, UINT64_MAX, CODE_LIMIT, (struct span){0}));
    assert_true(!is_over() && a.cast->state == CASTING_ASKED);
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 3);
    assert_false(is_over());
    audience_say(&a, a.cast, MESSAGE_GRANT, 10);
    assert_true(is_over());
    audience_close(&a);
    audience_open(&a, NULL, false);
    assert_false(caster_refused(&a.v.client, a.cast->number, CODE_LIMIT, (struct span){0}));
    a.cast->granted = 0;
    audience_say(&a, a.cast, MESSAGE_GRANT, LIMIT_GRANT);
    assert_false(is_over());
    audience_say(&a, a.cast, MESSAGE_GRANT, 1);
    assert_true(is_over());
}

static void refuse(enum message_code code)
{
    struct buf b;

    buf_init(&b, LIMIT_HELLO);
    wire_put_refused(&b, a.cast->number, (uint16_t)code, "no");
    visitor_send(&a.v, &b);
}

/* The server may not know yet that our last link is dead. */
static void the_name_is_taken_by_ourselves(void **state)
{
    uint8_t id[SIZE_CAST_ID];
    uint64_t frames;

    (void)state;
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    audience_feed(&a);
    frames = audience_shot(&a, 0).number + 1;
    a.v.config.reconnect = true;
    visitor_lose(&a.v);
    visitor_return(&a.v);
    visitor_go_in(&a.v);
    for (int i = 0; i < 59; i++) {
        memcpy(id, a.cast->id, sizeof id);
        refuse(i % 2 == 0 ? CODE_NAME_TAKEN : CODE_FULL);
        visitor_forget(&a.v);
        later(SECOND - 1);
        assert_int_equal(saw(MESSAGE_CAST), 0);
        later(1);
        assert_int_equal(saw(MESSAGE_CAST), 1);
        assert_memory_not_equal(id, a.cast->id, sizeof id);
    }
    audience_say(&a, a.cast, MESSAGE_CASTING, 0);
    audience_say(&a, a.cast, MESSAGE_GRANT, 100000);
    audience_bob_asks(&a);
    visitor_forget(&a.v);
    audience_feed(&a);
    assert_true(audience_shot(&a, 0).epoch == 1 && audience_shot(&a, 0).number >= frames);
    visitor_lose(&a.v);
    visitor_return(&a.v);
    visitor_go_in(&a.v);
    for (int i = 0; i < 59; i++) {
        refuse(CODE_NAME_TAKEN);
        later(SECOND);
    }
    assert_non_null(a.v.client.castings);
    refuse(CODE_NAME_TAKEN);
    assert_null(a.v.client.castings);
    assert_int_equal(visitor_said(&a.v, "not-cast"), 1);
    assert_int_equal(a.v.client.exit_code, CLIENT_EXIT_FAILED);
}

static void refused_the_first_time(void **state)
{
    (void)state;
    audience_ask(&a, NULL, false);
    refuse(CODE_NAME_TAKEN);
    assert_null(a.v.client.castings);
    assert_int_equal(visitor_said(&a.v, "\"reason\":\"refused\""), 1);
    assert_false(is_over());
}

/* The last frame waits a second for somebody who wants it. */
static void the_last_frame(void **state)
{
    for (int wanted = 0; wanted < 2; wanted++) {
        audience_open(&a, NULL, true);
        a.cast->granted = 0;
        audience_feed(&a);
        close(a.pipe_fd);
        a.pipe_fd = -1;
        visitor_settle(&a.v);
        assert_true(a.cast->ending);
        later(SECOND - 1);
        assert_non_null(a.v.client.castings);
        if (wanted == 1)
            audience_say(&a, a.cast, MESSAGE_GRANT, 100000);
        else
            later(1);
        assert_int_equal(saw(MESSAGE_SHOT), wanted);
        assert_null(a.v.client.castings);
        assert_int_equal(visitor_said(&a.v, "\"reason\":\"done\""), 1);
        if (wanted == 0)
            leave(state);
    }
}

static void frames_have_a_limit(void **state)
{
    uint8_t *data = calloc(1, LIMIT_FRAME);

    (void)state;
    assert_non_null(data);
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    give(a.cast, data, LIMIT_FRAME - GCM_TAG + 1);
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    assert_int_equal(visitor_said(&a.v, "broken-frame"), 1);
    give(a.cast, data, LIMIT_FRAME - GCM_TAG);
    assert_int_equal(audience_shot(&a, 0).length, LIMIT_FRAME);
    assert_int_equal(a.cast->granted, 0);
    free(data);
}

#define CASE(name) cmocka_unit_test_teardown(name, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(several_at_once),
        CASE(a_server_out_of_order),
        CASE(the_name_is_taken_by_ourselves),
        CASE(refused_the_first_time),
        CASE(the_last_frame),
        CASE(frames_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
