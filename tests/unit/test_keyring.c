/* A cast of ours as the server and who watches see it: whose key opens which frame, and who is put out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/caster.h"
#include "platform/now.h"
#include "tests/kit/jpegs.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/live.h"
#include "wire/video.h"

#define SECOND INT64_C(1000000000)

static struct visitor v;
static struct scratch dir;
static struct casting *cast;
static uint8_t *jpeg;
static size_t jpeg_len;
static int pipe_fd;

static struct buf message(void)
{
    struct buf b;

    buf_init(&b, 65536);
    return b;
}

static void tell(enum message_type type, uint32_t other)
{
    struct buf b = message();

    if (type == MESSAGE_CASTING)
        wire_put_number(&b, type, cast->number);
    else
        wire_put_pair(&b, type, cast->number, other);
    visitor_send(&v, &b);
}

static bool begin(const char *viewers, bool plain)
{
    char path[512];

    scratch_path(&dir, "pipe", path);
    return caster_begin(
        &v.client,
        &(struct caster_wish){.name = "door", .source = path, .viewers = viewers, .plain = plain});
}

static void open_cast(const char *viewers, bool plain)
{
    char path[512];

    scratch_make(&dir);
    scratch_path(&dir, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    jpeg = jpegs_make(32, 16, 0x123456, &jpeg_len);
    visitor_open(&v);
    v.features = FEATURE_LIVE;
    visitor_go_in(&v);
    if (!begin(viewers, plain))
        fail_msg("%s", buf_text(&v.said));
    cast = v.client.castings;
    visitor_settle(&v);
    assert_int_equal(visitor_saw(&v, MESSAGE_CAST, NULL), 1);
    pipe_fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(pipe_fd >= 0);
    tell(MESSAGE_CASTING, 0);
    tell(MESSAGE_GRANT, 1000000);
    assert_int_equal(cast->state, CASTING_OPEN);
    visitor_forget(&v);
}

static void close_cast(void)
{
    if (pipe_fd >= 0)
        close(pipe_fd);
    visitor_close(&v);
    free(jpeg);
    scratch_remove(&dir);
}

static void feed(void)
{
    assert_int_equal(write(pipe_fd, jpeg, jpeg_len), jpeg_len);
    visitor_settle(&v);
}

/* As it comes from the server, which says who it is from; by whose key it is sealed. */
static void ask_as(unsigned by, const char *from, unsigned key, uint32_t viewer, uint8_t id_off)
{
    struct shot_key m = {.nonce = {(uint8_t)viewer, 7}};
    struct envelope_content c = visitor_content(&v, 1, "");
    struct wire_pass pass = {
        .number = cast->number, .viewer = viewer, .fingerprint = keys_get(key)->public.fingerprint};
    struct buf body = message(), envelope = message(), b = message();
    size_t at;

    memcpy(m.id, cast->id, sizeof m.id);
    m.id[0] ^= id_off;
    strcpy(pass.from, from);
    strcpy(c.sender, from);
    shot_put_ask(&body, &m);
    c.kind = ENVELOPE_CAST_ASK;
    c.body = (struct span){body.data, body.len};
    assert_int_equal(
        envelope_seal_one(&envelope, keys_get(by), &v.random, &c, &keys_get(VISITOR_ME)->public),
        ERR_OK);
    at = wire_asked_begin(&b, &pass);
    buf_add(&b, envelope.data, envelope.len);
    message_end(&b, at);
    visitor_send(&v, &b);
    buf_free(&body);
    buf_free(&envelope);
}

static void bob_asks(void)
{
    ask_as(VISITOR_BOB, "bob", VISITOR_BOB, 3, 0);
}

static void carol_asks(void)
{
    ask_as(VISITOR_CAROL, "carol", VISITOR_CAROL, 4, 0);
}

/* The key in the last GIVE, as that one opens it; false if it is not for him. */
static bool given(unsigned who, uint32_t viewer, struct shot_key *key)
{
    struct span payload;
    struct wire_pass m;
    struct envelope_content c;
    struct buf plain = message();
    bool good;

    assert_true(visitor_saw(&v, MESSAGE_GIVE, &payload) > 0);
    assert_int_equal(wire_get_give(payload, &m), ERR_OK);
    assert_int_equal(m.number, cast->number);
    good = m.viewer == viewer &&
           envelope_open(&c, &plain, keys_get(who), m.envelope.data, m.envelope.len) == ERR_OK;
    if (good) {
        assert_int_equal(c.kind, ENVELOPE_CAST_KEY);
        assert_int_equal(shot_get_key(c.body, key), ERR_OK);
        assert_memory_equal(key->id, cast->id, sizeof key->id);
    }
    buf_free(&plain);
    return good;
}

/* Does it open the last frame that was sent? */
static bool opens(const struct shot_key *key)
{
    struct shot_place p = {0};
    struct span payload;
    struct wire_shot m;
    uint8_t copy[4096];

    assert_true(visitor_saw(&v, MESSAGE_SHOT, &payload) > 0);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_int_equal(m.flags, FRAME_FIRST | FRAME_LAST);
    assert_in_range(m.data.len, jpeg_len + GCM_TAG, sizeof copy);
    memcpy(p.caster, v.client.identity.public.fingerprint, sizeof p.caster);
    memcpy(p.id, cast->id, sizeof p.id);
    p.epoch = m.epoch;
    p.number = m.number;
    p.pts_ns = m.pts_ns;
    memcpy(copy, m.data.data, m.data.len);
    return shot_open(key->key, &p, copy, m.data.len) && memcmp(copy, jpeg, jpeg_len) == 0;
}

static size_t saw(enum message_type type)
{
    return visitor_saw(&v, (uint8_t)type, NULL);
}

static void frames_go_to_who_has_asked(void **state)
{
    struct shot_key key;

    (void)state;
    open_cast(NULL, false);
    feed();
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    bob_asks();
    assert_int_equal(visitor_said(&v, "admitted"), 1);
    assert_true(given(VISITOR_BOB, 3, &key));
    assert_false(given(VISITOR_CAROL, 3, &key));
    assert_true(key.epoch == 1 && key.nonce[0] == 3 && key.nonce[1] == 7);
    feed();
    assert_true(saw(MESSAGE_SHOT) >= 1 && opens(&key));
    /* The same question again is answered again, and he is one viewer. */
    visitor_forget(&v);
    bob_asks();
    assert_true(given(VISITOR_BOB, 3, &key) && key.epoch == 1);
    assert_int_equal(cast->keys.count, 1);
    close_cast();
}

/* Nobody is given a key for what somebody else could have made. */
static void questions_that_are_none(void **state)
{
    (void)state;
    open_cast("bob", false);
    carol_asks();
    assert_int_equal(visitor_said(&v, "refused"), 1);
    assert_int_equal(saw(MESSAGE_OUST), 1);
    visitor_forget(&v);
    ask_as(VISITOR_BOB, "bob", VISITOR_BOB, 3, 1); /* of another cast */
    assert_int_equal(visitor_said(&v, "\"error\""), 0);
    ask_as(VISITOR_CAROL, "bob", VISITOR_BOB, 3, 0); /* the server names another */
    assert_int_equal(visitor_said(&v, "bad-envelope"), 1);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    assert_int_equal(cast->keys.count, 0);
    visitor_forget(&v);
    /* A name that is another key's. */
    ask_as(VISITOR_CAROL, "bob", VISITOR_CAROL, 5, 0);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    assert_int_equal(saw(MESSAGE_OUST), 1);
    close_cast();
}

static void who_is_put_out_can_not_read_the_next_frame(void **state)
{
    struct shot_key old, key;

    (void)state;
    open_cast(NULL, false);
    bob_asks();
    assert_true(given(VISITOR_BOB, 3, &old));
    carol_asks();
    visitor_forget(&v);
    caster_admit(cast, "carol");
    feed();
    assert_int_equal(saw(MESSAGE_OUST), 1);
    assert_int_equal(cast->keys.epoch, 2);
    assert_true(given(VISITOR_CAROL, 0, &key) && key.epoch == 2);
    assert_false(given(VISITOR_BOB, 0, &old));
    assert_true(opens(&key));
    assert_false(opens(&old));
    /* Nor is he let in again, and it stays the key that it is. */
    visitor_forget(&v);
    bob_asks();
    assert_true(saw(MESSAGE_OUST) == 1 && saw(MESSAGE_GIVE) == 0);
    assert_int_equal(cast->keys.epoch, 2);
    /* A policy that puts nobody out changes no key. */
    caster_admit(cast, "all");
    assert_int_equal(cast->keys.epoch, 2);
    close_cast();
}

static void who_leaves_changes_the_key_at_most_once_a_second(void **state)
{
    (void)state;
    open_cast(NULL, false);
    bob_asks();
    carol_asks();
    cast->keys.changed = now_ns() - 2 * SECOND;
    tell(MESSAGE_UNWATCHED, 3);
    assert_int_equal(cast->keys.epoch, 2);
    assert_int_equal(cast->keys.due, INT64_MAX);
    cast->keys.changed =
        now_ns() + 100 * SECOND; /* as if it were a moment ago, however slow we are */
    tell(MESSAGE_UNWATCHED, 4);
    assert_int_equal(cast->keys.epoch, 2);
    assert_int_equal(cast->keys.due, cast->keys.changed + SECOND);
    assert_int_equal(caster_due(&v.client), cast->keys.due);
    bob_asks();
    tell(MESSAGE_UNWATCHED, 3);
    tell(MESSAGE_UNWATCHED, 77); /* nobody */
    keyring_tick(cast, cast->keys.due - 1);
    assert_int_equal(cast->keys.epoch, 2);
    keyring_tick(cast, cast->keys.due);
    assert_int_equal(cast->keys.epoch, 3);
    assert_int_equal(cast->keys.due, INT64_MAX);
    close_cast();
}

static void a_plain_cast_has_no_keys(void **state)
{
    struct span payload;
    struct wire_shot m;

    (void)state;
    open_cast(NULL, true);
    bob_asks();
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    feed();
    assert_int_equal(visitor_saw(&v, MESSAGE_SHOT, &payload), 1);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.epoch == 0 && m.data.len == jpeg_len);
    assert_memory_equal(m.data.data, jpeg, jpeg_len);
    close_cast();
}

/* Only the newest frame waits; a grant of few bytes cuts it, and it goes on with the next. */
static void nothing_old_waits(void **state)
{
    struct span payload;
    struct wire_shot m;

    (void)state;
    open_cast(NULL, true);
    cast->granted = 0;
    for (int i = 0; i < 5; i++)
        feed();
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    assert_int_equal(cast->dropped, 4);
    tell(MESSAGE_GRANT, 10);
    assert_int_equal(visitor_saw(&v, MESSAGE_SHOT, &payload), 1);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.number == 4 && m.flags == FRAME_FIRST && m.data.len == 10);
    feed();
    tell(MESSAGE_GRANT, (uint32_t)jpeg_len - 10);
    assert_int_equal(visitor_saw(&v, MESSAGE_SHOT, &payload), 2);
    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.number == 4 && m.flags == FRAME_LAST && cast->sent == 1);
    close_cast();
}

static void what_a_server_must_not_say(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        open_cast(NULL, false);
        if (i == 0)
            tell(MESSAGE_CASTING, 0); /* again */
        else if (i == 1)
            tell(MESSAGE_GRANT, LIMIT_GRANT);
        else {
            struct buf b = message();

            wire_put_number(&b, MESSAGE_UNCAST, cast->number);
            visitor_send(&v, &b);
        }
        assert_true(v.client.state >= CLIENT_LEAVING);
        assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
        close_cast();
    }
}

/* Under the old key nothing is sent any more, and nobody has the new one. */
static void a_lost_link_takes_the_keys_with_it(void **state)
{
    uint8_t id[SIZE_CAST_ID];

    (void)state;
    open_cast(NULL, false);
    bob_asks();
    memcpy(id, cast->id, sizeof id);
    v.config.reconnect = true;
    visitor_lose(&v);
    assert_int_equal(cast->state, CASTING_WAITING);
    assert_true(cast->keys.count == 0 && cast->keys.epoch == 0);
    feed();
    visitor_return(&v);
    visitor_go_in(&v);
    assert_int_equal(cast->state, CASTING_ASKED);
    assert_int_equal(cast->keys.epoch, 1);
    assert_memory_not_equal(id, cast->id, sizeof id);
    assert_int_equal(saw(MESSAGE_SHOT), 0);
    close_cast();
}

static void the_end(void **state)
{
    (void)state;
    open_cast(NULL, true);
    assert_false(begin(NULL, true)); /* the name is taken */
    feed();
    assert_int_equal(write(pipe_fd, jpeg, jpeg_len / 2), jpeg_len / 2);
    close(pipe_fd);
    pipe_fd = -1;
    visitor_settle(&v);
    visitor_settle(&v);
    assert_int_equal(visitor_said(&v, "broken-frame"), 1);
    assert_int_equal(saw(MESSAGE_UNCAST), 1);
    assert_int_equal(visitor_said(&v, "\"cast_end\""), 1);
    assert_null(v.client.castings);
    close_cast();
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
