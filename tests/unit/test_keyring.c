/* A cast of ours as the server and who watches see it: whose key opens which frame, and who is put out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "platform/now.h"
#include "tests/kit/audience.h"
#include "wire/live.h"
#include "wire/video.h"

#define SECOND INT64_C(1000000000)

static struct audience a;

static size_t saw(enum message_type type)
{
    return audience_saw(&a, type);
}

static void ask_as(unsigned by, const char *from, unsigned key, uint32_t viewer, uint8_t id_off)
{
    audience_asks(&a, &(struct audience_ask){a.cast, from, key, by, viewer, id_off});
}

static void frames_go_to_who_has_asked(void **state)
{
    struct shot_key key;

    (void)state;
    audience_open(&a, NULL, false);
    audience_feed(&a);
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    audience_bob_asks(&a);
    assert_int_equal(visitor_said(&a.v, "admitted"), 1);
    assert_true(audience_given(&a, VISITOR_BOB, 3, &key));
    assert_false(audience_given(&a, VISITOR_CAROL, 3, &key));
    assert_true(key.epoch == 1 && key.nonce[0] == 3 && key.nonce[1] == 7);
    audience_feed(&a);
    assert_true(saw(MESSAGE_SHOT) >= 1 && audience_sees(&a, &key));
    /* The same question again is answered again, and he is one viewer. */
    visitor_forget(&a.v);
    audience_bob_asks(&a);
    assert_true(audience_given(&a, VISITOR_BOB, 3, &key) && key.epoch == 1);
    assert_int_equal(a.cast->keys.count, 1);
    audience_close(&a);
}

/* Nobody is given a key for what somebody else could have made. */
static void questions_that_are_none(void **state)
{
    (void)state;
    audience_open(&a, "bob", false);
    audience_carol_asks(&a);
    assert_int_equal(visitor_said(&a.v, "refused"), 1);
    assert_int_equal(saw(MESSAGE_OUST), 1);
    visitor_forget(&a.v);
    ask_as(VISITOR_BOB, "bob", VISITOR_BOB, 3, 1); /* of another cast */
    assert_int_equal(visitor_said(&a.v, "\"error\""), 0);
    ask_as(VISITOR_CAROL, "bob", VISITOR_BOB, 3, 0); /* the server names another */
    assert_int_equal(visitor_said(&a.v, "bad-envelope"), 1);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    assert_int_equal(a.cast->keys.count, 0);
    visitor_forget(&a.v);
    /* A name that is another key's. */
    ask_as(VISITOR_CAROL, "bob", VISITOR_CAROL, 5, 0);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    assert_int_equal(saw(MESSAGE_OUST), 1);
    audience_close(&a);
}

static void who_is_put_out_can_not_read_the_next_frame(void **state)
{
    struct shot_key old, key;

    (void)state;
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    assert_true(audience_given(&a, VISITOR_BOB, 3, &old));
    audience_carol_asks(&a);
    visitor_forget(&a.v);
    caster_admit(a.cast, "carol");
    audience_feed(&a);
    assert_int_equal(saw(MESSAGE_OUST), 1);
    assert_int_equal(a.cast->keys.epoch, 2);
    assert_true(audience_given(&a, VISITOR_CAROL, 0, &key) && key.epoch == 2);
    assert_false(audience_given(&a, VISITOR_BOB, 0, &old));
    assert_true(audience_sees(&a, &key));
    assert_false(audience_sees(&a, &old));
    /* Nor is he let in again, and it stays the key that it is. */
    visitor_forget(&a.v);
    audience_bob_asks(&a);
    assert_true(saw(MESSAGE_OUST) == 1 && saw(MESSAGE_GIVE) == 0);
    assert_int_equal(a.cast->keys.epoch, 2);
    /* A policy that puts nobody out changes no key. */
    caster_admit(a.cast, "all");
    assert_int_equal(a.cast->keys.epoch, 2);
    audience_close(&a);
}

static void who_leaves_changes_the_key_at_most_once_a_second(void **state)
{
    (void)state;
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    audience_carol_asks(&a);
    a.cast->keys.changed = now_ns() - 2 * SECOND;
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 3);
    assert_int_equal(a.cast->keys.epoch, 2);
    assert_int_equal(a.cast->keys.due, INT64_MAX);
    a.cast->keys.changed =
        now_ns() + 100 * SECOND; /* as if it were a moment ago, however slow we are */
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 4);
    assert_int_equal(a.cast->keys.epoch, 2);
    assert_int_equal(a.cast->keys.due, a.cast->keys.changed + SECOND);
    assert_int_equal(caster_due(&a.v.client), a.cast->keys.due);
    audience_bob_asks(&a);
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 3);
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 77); /* nobody */
    keyring_tick(a.cast, a.cast->keys.due - 1);
    assert_int_equal(a.cast->keys.epoch, 2);
    keyring_tick(a.cast, a.cast->keys.due);
    assert_int_equal(a.cast->keys.epoch, 3);
    assert_int_equal(a.cast->keys.due, INT64_MAX);
    audience_close(&a);
}

static void a_plain_cast_has_no_keys(void **state)
{
    struct span payload;
    struct wire_shot m;

    (void)state;
    audience_open(&a, NULL, true);
    audience_bob_asks(&a);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    audience_feed(&a);
    assert_int_equal(visitor_saw(&a.v, MESSAGE_SHOT, &payload), 1);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.epoch == 0 && m.data.len == a.jpeg_len);
    assert_memory_equal(m.data.data, a.jpeg, a.jpeg_len);
    audience_close(&a);
}

/* Only the newest frame waits; a grant of few bytes cuts it, and it goes on with the next. */
static void nothing_old_waits(void **state)
{
    struct span payload;
    struct wire_shot m;

    (void)state;
    audience_open(&a, NULL, true);
    a.cast->granted = 0;
    for (int i = 0; i < 5; i++)
        audience_feed(&a);
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    assert_int_equal(a.cast->dropped, 4);
    audience_say(&a, a.cast, MESSAGE_GRANT, 10);
    assert_int_equal(visitor_saw(&a.v, MESSAGE_SHOT, &payload), 1);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.number == 4 && m.flags == FRAME_FIRST && m.data.len == 10);
    audience_feed(&a);
    audience_say(&a, a.cast, MESSAGE_GRANT, (uint32_t)a.jpeg_len - 10);
    assert_int_equal(visitor_saw(&a.v, MESSAGE_SHOT, &payload), 2);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.number == 4 && m.flags == FRAME_LAST && a.cast->sent == 1);
    audience_close(&a);
}

static void what_a_server_must_not_say(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        audience_open(&a, NULL, false);
        if (i == 0)
            audience_say(&a, a.cast, MESSAGE_CASTING, 0); /* again */
        else if (i == 1)
            audience_say(&a, a.cast, MESSAGE_GRANT, LIMIT_GRANT);
        else
            audience_say(&a, a.cast, MESSAGE_UNCAST, 0);
        assert_true(a.v.client.state >= CLIENT_LEAVING);
        assert_int_equal(a.v.client.exit_code, CLIENT_EXIT_FAILED);
        audience_close(&a);
    }
}

/* Under the old key nothing is sent any more, and nobody has the new one. */
static void a_lost_link_takes_the_keys_with_it(void **state)
{
    uint8_t id[SIZE_CAST_ID];

    (void)state;
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    memcpy(id, a.cast->id, sizeof id);
    a.v.config.reconnect = true;
    visitor_lose(&a.v);
    assert_int_equal(a.cast->state, CASTING_WAITING);
    assert_true(a.cast->keys.count == 0 && a.cast->keys.epoch == 0);
    audience_feed(&a);
    visitor_return(&a.v);
    visitor_go_in(&a.v);
    assert_int_equal(a.cast->state, CASTING_ASKED);
    assert_int_equal(a.cast->keys.epoch, 1);
    assert_memory_not_equal(id, a.cast->id, sizeof id);
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    audience_close(&a);
}

static void the_end(void **state)
{
    (void)state;
    audience_open(&a, NULL, true);
    assert_false(audience_begin(&a, "door", NULL, true)); /* the name is taken */
    audience_feed(&a);
    assert_int_equal(write(a.pipe_fd, a.jpeg, a.jpeg_len / 2), a.jpeg_len / 2);
    close(a.pipe_fd);
    a.pipe_fd = -1;
    visitor_settle(&a.v);
    visitor_settle(&a.v);
    assert_int_equal(visitor_said(&a.v, "broken-frame"), 1);
    assert_int_equal(saw(MESSAGE_UNCAST), 1);
    assert_int_equal(visitor_said(&a.v, "\"cast_end\""), 1);
    assert_null(a.v.client.castings);
    audience_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_to_who_has_asked),
        cmocka_unit_test(questions_that_are_none),
        cmocka_unit_test(who_is_put_out_can_not_read_the_next_frame),
        cmocka_unit_test(who_leaves_changes_the_key_at_most_once_a_second),
        cmocka_unit_test(a_plain_cast_has_no_keys),
        cmocka_unit_test(nothing_old_waits),
        cmocka_unit_test(what_a_server_must_not_say),
        cmocka_unit_test(a_lost_link_takes_the_keys_with_it),
        cmocka_unit_test(the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
