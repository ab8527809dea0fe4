/* A lost link: waiting and coming back, what comes back with us, and when there is no way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/backoff.h"
#include "platform/now.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"

static struct visitor v;

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 64 * 1024);
    return b;
}

static int enter(void **state)
{
    (void)state;
    visitor_open_room(&v);
    v.config.reconnect = true;
    return 0;
}

static int leave(void **state)
{
    (void)state;
    visitor_close(&v);
    return 0;
}

/* It waits at least and at most so long, by the time that it took to say so. */
static void waits(int64_t before, int64_t least, int64_t most)
{
    int64_t due = v.client.reconnect.due;

    assert_int_equal(v.client.state, CLIENT_WAITING);
    assert_true(due >= before + least && due <= now_ns() + most);
    assert_true(client_due(&v.client) == due);
}

/* Longer each time, told once, and from the beginning when it was in the room again. */
static void waits_longer_each_time(void **state)
{
    int64_t least = BACKOFF_LEAST_NS, before = now_ns();

    (void)state;
    visitor_lose(&v);
    for (int tries = 0; tries < 12; tries++) {
        int64_t most = least + least / 2;

        waits(before, least, most < BACKOFF_MOST_NS ? most : BACKOFF_MOST_NS);
        assert_true(reconnect_away(&v.client) && client_inside(&v.client));
        v.client.state = CLIENT_DIALLING;
        before = now_ns();
        client_lost(&v.client, CLIENT_EXIT_FAILED, "unreachable", "nobody is there");
        least = 2 * least < BACKOFF_MOST_NS * 3 / 4 ? 2 * least : BACKOFF_MOST_NS * 3 / 4;
    }
    assert_int_equal(visitor_said(&v, "\"event\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"away\""), 1);
    visitor_return(&v);
    visitor_go_in(&v);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    assert_int_equal(visitor_said(&v, "\"event\":\"back\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"ready\""), 0);
    assert_int_equal(v.entered, 1);
    assert_false(reconnect_away(&v.client));
    before = now_ns();
    visitor_lose(&v);
    waits(before, BACKOFF_LEAST_NS, BACKOFF_LEAST_NS * 3 / 2);
    assert_int_equal(visitor_said(&v, "\"event\":\"away\""), 2);
}

/* Not before its time; then it dials, and a failure of that is one more try. */
static void tries_when_it_is_time(void **state)
{
    (void)state;
    visitor_lose(&v);
    visitor_at(&v, v.client.reconnect.due - 1);
    assert_int_equal(v.client.state, CLIENT_WAITING);
    assert_int_equal(v.client.reconnect.tries, 1);
    /* Nothing was said about where to: so there is no such place. */
    visitor_at(&v, v.client.reconnect.due);
    assert_int_equal(v.client.reconnect.tries, 2);
    assert_int_equal(v.client.state, CLIENT_WAITING);
    assert_int_equal(visitor_said(&v, "\"event\""), 1);
}

/* The hello is given up after a while, and the room tried again. */
static void a_server_that_says_nothing(void **state)
{
    (void)state;
    visitor_lose(&v);
    visitor_return(&v);
    v.client.patience = v.stands + 1;
    visitor_at(&v, v.stands);
    assert_int_equal(v.client.state, CLIENT_HELLO);
    visitor_at(&v, v.stands + 1);
    assert_int_equal(v.client.state, CLIENT_WAITING);
    assert_int_equal(v.client.reconnect.tries, 2);
    assert_true(v.client.patience == INT64_MAX);
}

static const struct {
    uint16_t code;
    bool again;
} errors[] = {
    {CODE_FULL, true},      {CODE_SLOW, true},     {CODE_TIMEOUT, true}, {CODE_STORE, true},
    {CODE_CLOSING, true},   {CODE_FAST, false},    {CODE_PROOF, false},  {CODE_NAME_TAKEN, false},
    {CODE_REPLACED, false}, {CODE_REFUSED, false}, {CODE_LIMIT, false},  {CODE_PROTOCOL, false},
    {CODE_VERSION, false},  {999, false},
};

/* In the room, and on the way back into it. */
static void some_errors_pass(void **state)
{
    for (size_t i = 0; i < 2 * sizeof errors / sizeof *errors; i++) {
        struct buf out = messages();

        if (i > 0)
            enter(state);
        if (i % 2 != 0) {
            visitor_lose(&v);
            visitor_return(&v);
        }
        v.stands = 1;
        wire_put_error(&out, errors[i / 2].code, "because");
        visitor_send(&v, &out);
        assert_int_equal(v.client.state, errors[i / 2].again ? CLIENT_WAITING : CLIENT_OVER);
        assert_int_equal(visitor_said(&v, "\"event\":\"error\""), !errors[i / 2].again);
        if (2 * (i + 1) < 4 * sizeof errors / sizeof *errors)
            visitor_close(&v);
    }
}

/* Who does not want it, and who is leaving, does not come back. */
static void there_is_an_end(void **state)
{
    v.config.reconnect = false;
    link_close(v.pair.server.link);
    v.pair.server.link = NULL;
    visitor_settle(&v);
    assert_int_equal(v.client.state, CLIENT_OVER);
    visitor_close(&v);
    enter(state);
    visitor_lose(&v);
    client_leave(&v.client);
    assert_int_equal(v.client.state, CLIENT_OVER);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
}

static void come_back(void)
{
    visitor_return(&v);
    visitor_go_in(&v);
}

/* The list of names went on while we were away. */
static void a_longer_list(void **state)
{
    bool added;

    (void)state;
    visitor_lose(&v);
    assert_int_equal(bindings_bind(&v.bindings, "dave", keys_get(4)->public.fingerprint, &added),
                     ERR_OK);
    come_back();
    assert_int_equal(v.client.state, CLIENT_ROOM);
    assert_true(v.client.bindings.count == 4);
}

static void lies(void)
{
    assert_int_equal(v.client.state, CLIENT_OVER);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_REFUSED);
    assert_int_equal(visitor_said(&v, "\"code\":\"server-lies\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"back\""), 0);
}

/* Another list than before: shorter, or with another entry, however well it is made. */
static void another_list(void **state)
{
    static const char *const names[] = {"me", "bob", "mallory", "dave"};

    for (unsigned count = 2; count <= 4; count++) {
        bool added;

        if (count > 2)
            enter(state);
        visitor_lose(&v);
        bindings_free(&v.bindings);
        bindings_init(&v.bindings, keys_get(VISITOR_SERVER)->public.fingerprint, &v.random);
        for (unsigned i = 0; i < count; i++)
            bindings_bind(&v.bindings, names[i], keys_get(1 + i)->public.fingerprint, &added);
        come_back();
        lies();
        if (count < 4)
            visitor_close(&v);
    }
}

/* The entries are what they were, the hash over them is not. */
static void a_hash_that_does_not_fit(void **state)
{
    struct buf out = messages();
    uint8_t log_id[SIZE_LOG_ID] = {7}, h[BINDINGS_HASH] = {1};
    struct wire_welcome m = {
        .room = {(const uint8_t *)"den", 3}, .log_id = log_id, .n = v.bindings.count, .h = h};

    (void)state;
    visitor_lose(&v);
    visitor_return(&v);
    visitor_ack(&v);
    wire_put_welcome(&out, &m);
    visitor_put_member(&out, MESSAGE_MEMBERS, "me", VISITOR_ME, 0, false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
    assert_int_equal(visitor_said(&v, "\"event\":\"back\""), 0);
    assert_true(v.client.state >= CLIENT_LEAVING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(waits_longer_each_time, enter, leave),
        cmocka_unit_test_setup_teardown(tries_when_it_is_time, enter, leave),
        cmocka_unit_test_setup_teardown(a_server_that_says_nothing, enter, leave),
        cmocka_unit_test_setup_teardown(some_errors_pass, enter, leave),
        cmocka_unit_test_setup_teardown(there_is_an_end, enter, leave),
        cmocka_unit_test_setup_teardown(a_longer_list, enter, leave),
        cmocka_unit_test_setup_teardown(another_list, enter, leave),
        cmocka_unit_test_setup_teardown(a_hash_that_does_not_fit, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
