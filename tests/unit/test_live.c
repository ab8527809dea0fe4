/* A cast of somebody's that is watched: whose frames are shown under which key, and what a server or a caster that lies
 * gets. Times are the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/now.h"
#include "tests/kit/screening.h"
#include "wire/hello.h"
#include "wire/video.h"

#define SECOND INT64_C(1000000000)

static struct screening s;

static int leave(void **state)
{
    (void)state;
    screening_close(&s);
    return 0;
}

static size_t saw(enum message_type type)
{
    return visitor_saw(&s.v, (uint8_t)type, NULL);
}

static bool is_over(void)
{
    return s.v.client.state >= CLIENT_LEAVING;
}

static void live(bool sealed, unsigned key)
{
    struct buf out;

    buf_init(&out, LIMIT_MESSAGE);
    screening_put_live(&s, sealed, key, &out);
    visitor_send(&s.v, &out);
}

/* From here on no time goes by for the client but by that. */
static void stop_time(void)
{
    s.v.stands = now_ns();
}

static void keyed(uint32_t epoch)
{
    screening_give(&s, &(struct screening_key){.epoch = epoch, .answers = true});
}

/* The frame is taken by the player, or not. */
static bool shoot(uint64_t number, uint32_t epoch)
{
    size_t before = screening_taken(&s);

    screening_shoot(&s, number, epoch);
    return screening_taken(&s) > before;
}

static void asks_until_it_has_the_key(void **state)
{
    struct shot_key first, again;

    (void)state;
    screening_ask(&s);
    stop_time();
    live(true, VISITOR_BOB);
    assert_true(screening_question(&s, &first));
    assert_int_equal(saw(MESSAGE_ASK), 1);
    for (int i = 0; i < 3; i++) {
        visitor_forget(&s.v);
        visitor_at(&s.v, s.v.client.live.again - 1);
        assert_int_equal(saw(MESSAGE_ASK), 0);
        visitor_at(&s.v, s.v.client.live.again);
        assert_int_equal(saw(MESSAGE_ASK), 1);
        assert_true(screening_question(&s, &again));
        assert_memory_equal(again.nonce, first.nonce, sizeof first.nonce);
        stop_time();
    }
    assert_false(shoot(1, 1));
    keyed(1);
    assert_true(screening_taken(&s) > 0); /* the frame waited for it */
    assert_true(shoot(2, 1));
    visitor_forget(&s.v);
    visitor_at(&s.v, now_ns() + 100 * SECOND);
    assert_int_equal(saw(MESSAGE_ASK), 0);
}

static void nobody_is_asked_about_a_plain_cast(void **state)
{
    (void)state;
    screening_open(&s, false);
    assert_true(shoot(5, 0) && shoot(6, 0) && shoot(9, 0) && shoot(UINT64_MAX - 1, 0));
    screening_await(&s, UINT64_MAX - 1);
    assert_true(screening_told(&s, 5) == 1 && screening_told(&s, UINT64_MAX - 1) == 1);
    assert_int_equal(visitor_said(&s.v, "\"outcome\":\"skipped\""), 2);
    assert_int_equal(saw(MESSAGE_ASK), 0);
    keyed(1); /* of no use */
    assert_false(is_over());
}

/* The first is the answer to the question, and each other one newer. */
static void keys_that_are_none(void **state)
{
    static const struct screening_key no[] = {
        {.epoch = 1},                                       /* answers nothing */
        {.epoch = 1, .answers = true, .id_off = 1},         /* of another cast */
        {.epoch = 1, .answers = true, .all = true},         /* to one answers only one */
        {.epoch = 1, .answers = true, .by = VISITOR_CAROL}, /* not by its caster */
        {.epoch = 1, .answers = true, .kind = ENVELOPE_CAST_ASK},
        {.epoch = 1, .answers = true, .kind = ENVELOPE_TEXT},
        {.epoch = 1, .answers = true, .server_off = 1},
        {.epoch = 0, .answers = true},
    };

    (void)state;
    screening_open(&s, true);
    stop_time();
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        screening_give(&s, &no[i]);
        if (shoot(i, 1))
            fail_msg("%zu", i);
    }
    assert_int_equal(visitor_said(&s.v, "bad-envelope"), 4);
    assert_int_equal(visitor_said(&s.v, "\"event\":\"cast_key\""), 0);
    keyed(3);
    assert_true(shoot(100, 3));
    keyed(3);
    keyed(2);
    screening_give(&s, &(struct screening_key){.epoch = 4, .id_off = 1});
    assert_int_equal(visitor_said(&s.v, "\"event\":\"cast_key\""), 1);
    assert_false(shoot(101, 2) || shoot(102, 4));
    screening_give(&s, &(struct screening_key){.epoch = 5, .all = true});
    assert_true(shoot(103, 3) && shoot(104, 5));
    assert_int_equal(visitor_said(&s.v, "\"event\":\"cast_key\""), 2);
    assert_false(is_over());
}

/* The next key may come before the last frame of the one before, which goes then. */
static void one_key_goes_when_the_next_has_opened_a_frame(void **state)
{
    (void)state;
    screening_open(&s, true);
    keyed(1);
    screening_give(&s, &(struct screening_key){.epoch = 2, .all = true});
    assert_true(shoot(1, 1) && shoot(2, 1) && shoot(3, 2));
    assert_false(shoot(4, 1));
    assert_int_equal(s.v.client.live.ring.keys[0].epoch, 0);
    assert_true(shoot(5, 2));
}

/* Nothing older is shown when its key comes at last. */
static void a_frame_that_waited_too_long(void **state)
{
    (void)state;
    screening_open(&s, true);
    keyed(1);
    assert_false(shoot(1, 2));
    assert_true(shoot(2, 1));
    screening_give(&s, &(struct screening_key){.epoch = 2});
    assert_true(shoot(3, 2));
    assert_int_equal(screening_taken(&s), 2 * (s.jpeg_len + 12));
    assert_null(s.v.client.live.held.data);
}

/* A server that is too busy lets it go, and a caster without memory. */
static void a_later_key_that_was_lost_is_asked_for(void **state)
{
    struct shot_key question;

    (void)state;
    screening_open(&s, true);
    stop_time();
    keyed(1);
    assert_true(shoot(1, 1));
    visitor_forget(&s.v);
    stop_time();
    assert_false(shoot(2, 2) || shoot(3, 2));
    visitor_at(&s.v, s.v.client.live.again - 1);
    assert_int_equal(saw(MESSAGE_ASK), 0); /* it may be on its way */
    visitor_at(&s.v, s.v.client.live.again);
    assert_int_equal(saw(MESSAGE_ASK), 1);
    assert_true(screening_question(&s, &question));
    stop_time();
    screening_give(&s, &(struct screening_key){.epoch = 2});
    screening_await(&s, 3);
    assert_int_equal(screening_told(&s, 3), 1); /* the newest that waited */
    assert_int_equal(screening_told(&s, 2), 0);
    visitor_forget(&s.v);
    visitor_at(&s.v, now_ns() + 100 * SECOND);
    assert_int_equal(saw(MESSAGE_ASK), 0);
}

/* Nothing new may be granted while it is paused; after that it goes on. */
static void a_pause_in_the_middle_of_a_frame(void **state)
{
    struct buf frame, out;

    (void)state;
    screening_open(&s, false);
    buf_init(&frame, LIMIT_MESSAGE);
    buf_init(&out, LIMIT_MESSAGE);
    assert_non_null(buf_reserve(&frame, 20000));
    buf_grew(&frame, 20000);
    screening_put_shots(&s, &(struct wire_shot){.number = 1}, (struct span){frame.data, 20000},
                        8192, &out);
    out.len = 2 * (MESSAGE_HEADER + SHOT_CHUNK_HEAD) + SHOT_FIRST_HEAD + 2 * 8192;
    assert_true(cinema_pause(&s.v.client));
    visitor_settle(&s.v);
    visitor_forget(&s.v);
    visitor_send(&s.v, &out);
    assert_int_equal(saw(MESSAGE_CREDIT), 0);
    assert_true(cinema_pause(&s.v.client));
    visitor_settle(&s.v);
    assert_int_equal(saw(MESSAGE_CREDIT), 1);
    buf_free(&frame);
}

static void another_key_than_the_name_has(void **state)
{
    (void)state;
    screening_ask(&s);
    live(true, VISITOR_CAROL);
    assert_int_equal(visitor_said(&s.v, "key-changed"), 1);
    assert_int_equal(visitor_said(&s.v, "\"reason\":\"refused\""), 1);
    assert_int_equal(s.v.client.exit_code, CLIENT_EXIT_REFUSED);
    assert_true(saw(MESSAGE_ASK) == 0 && saw(MESSAGE_STOP) == 1);
    assert_null(s.v.client.cinema.player);
    assert_false(is_over());
}

/* Back in the room with another question: what was given before opens nothing. */
static void come_back(void)
{
    visitor_lose(&s.v);
    visitor_return(&s.v);
    visitor_go_in(&s.v);
    screening_asked(&s);
}

static void a_lost_link_begins_anew(void **state)
{
    uint8_t nonce[SHOT_NONCE];

    (void)state;
    screening_open(&s, true);
    keyed(4);
    assert_true(shoot(10, 4));
    memcpy(nonce, s.v.client.live.ring.nonce, sizeof nonce);
    come_back();
    s.id[5] ^= 1;
    live(true, VISITOR_BOB);
    assert_memory_not_equal(nonce, s.v.client.live.ring.nonce, sizeof nonce);
    assert_false(shoot(1, 4));
    keyed(1);
    assert_true(shoot(2, 1));
    assert_int_equal(visitor_said(&s.v, "\"event\":\"error\""), 0);
    /* It is not there yet. */
    come_back();
    for (int i = 0; i < 3; i++) {
        struct buf out;

        buf_init(&out, LIMIT_HELLO);
        wire_put_refused(&out, s.stream, CODE_UNKNOWN_CLIP, "no such clip");
        visitor_send(&s.v, &out);
        assert_int_equal(saw(MESSAGE_PLAY), 0);
        visitor_at(&s.v, s.v.client.live.again);
        screening_asked(&s);
        stop_time();
    }
    live(true, VISITOR_BOB);
    keyed(1);
    assert_true(shoot(3, 1));
}

/* One PLAY is enough, though the question for the key was about to be put again. */
static void a_link_lost_before_the_key_came(void **state)
{
    (void)state;
    screening_open(&s, true);
    come_back();
    visitor_at(&s.v, now_ns() + 3 * SECOND);
    assert_int_equal(saw(MESSAGE_PLAY), 0);
    stop_time();
    live(true, VISITOR_BOB);
    assert_true(s.v.client.live.on && !s.v.client.cinema.away.on);
}

static void nothing_else_takes_its_place(void **state)
{
    for (int i = 0; i < 2; i++) {
        screening_open(&s, true);
        come_back();
        live(i == 1, i == 1 ? VISITOR_CAROL : VISITOR_BOB);
        assert_int_equal(visitor_said(&s.v, "broken-clip"), 1);
        assert_int_equal(visitor_said(&s.v, "\"reason\":\"broken\""), 1);
        assert_true(saw(MESSAGE_STOP) == 1 && saw(MESSAGE_ASK) == 0);
        assert_false(is_over());
        if (i == 0)
            leave(state);
    }
}

/* And nothing is left of it in memory. */
static void each_end(void **state)
{
    static const struct {
        uint8_t reason;
        const char *word;
        enum client_exit code;
    } rows[] = {
        {END_CAST_OVER, "\"reason\":\"over\"", CLIENT_EXIT_GOOD},
        {END_CAST_LOST, "\"reason\":\"lost\"", CLIENT_EXIT_FAILED},
        {END_OUSTED, "\"reason\":\"put-out\"", CLIENT_EXIT_REFUSED},
    };
    static const struct live none = {.again = INT64_MAX};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        screening_open(&s, true);
        keyed(1);
        assert_true(shoot(1, 1));
        assert_false(shoot(2, 2));
        screening_end(&s, rows[i].reason);
        assert_int_equal(visitor_said(&s.v, rows[i].word), 1);
        assert_int_equal(s.v.client.exit_code, rows[i].code);
        assert_memory_equal(&s.v.client.live, &none, sizeof none);
        assert_int_equal(saw(MESSAGE_STOP), 0);
        keyed(2); /* too late */
        assert_false(shoot(3, 1));
        assert_false(is_over());
        if (i < 2)
            leave(state);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(asks_until_it_has_the_key),
        CASE(nobody_is_asked_about_a_plain_cast),
        CASE(keys_that_are_none),
        CASE(one_key_goes_when_the_next_has_opened_a_frame),
        CASE(a_frame_that_waited_too_long),
        CASE(a_later_key_that_was_lost_is_asked_for),
        CASE(a_pause_in_the_middle_of_a_frame),
        CASE(another_key_than_the_name_has),
        CASE(a_lost_link_begins_anew),
        CASE(a_link_lost_before_the_key_came),
        CASE(nothing_else_takes_its_place),
        CASE(each_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
