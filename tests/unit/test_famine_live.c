/* Memory that runs out while somebody casts, and while somebody watches: a frame or a key is left out and the next one
 * comes, or it was said what is wrong, or the link ended; nothing leaks, and nobody is given what he must not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include "platform/now.h"
#include "tests/kit/audience.h"
#include "tests/kit/famine.h"
#include "tests/kit/screening.h"
#include "wire/live.h"
#include "wire/video.h"

#define ROOM (1 << 20) /* for what the kit notes meanwhile */

static struct audience a;
static struct screening s;

static struct buf message(void)
{
    struct buf b;

    buf_init(&b, ROOM);
    return b;
}

static void make_room(struct visitor *v)
{
    assert_non_null(buf_reserve(&v->said, ROOM));
    assert_non_null(buf_reserve(&v->pair.server.seen, ROOM));
}

static bool is_here(const struct visitor *v)
{
    return v->client.state == CLIENT_ROOM && !v->pair.server.ended && !v->pair.server.broken;
}

/* As visitor_send, which insists. */
static void hear(struct visitor *v, struct buf *out)
{
    assert_false(out->failed);
    if (!v->pair.server.ended && link_send(v->pair.server.link, out))
        visitor_settle(v);
    buf_free(out);
}

/* A cast is begun: it is there, or it was said why not. */
static void begins(void)
{
    bool struck, good;

    audience_open(&a, NULL, false);
    make_room(&a.v);
    assert_true(audience_begin(&a, "two", NULL, false)); /* so that its pipe is there */
    caster_end(caster_find(&a.v.client, "two"), "stopped");
    visitor_settle(&a.v);
    visitor_forget(&a.v);
    famine_begin();
    good = audience_begin(&a, "two", "bob", false);
    visitor_settle(&a.v);
    struck = famine_end();
    visitor_settle(&a.v);
    assert_true(struck || good);
    if (good && is_here(&a.v))
        assert_int_equal(audience_saw(&a, MESSAGE_CAST), 1);
    if (!good)
        assert_true(caster_find(&a.v.client, "two") == NULL &&
                    a.v.client.exit_code == CLIENT_EXIT_FAILED);
    audience_close(&a);
}

/* Bob asks and is answered; if not, then when he asks again. */
static void admits(void)
{
    struct buf out = message();
    struct shot_key key;
    bool struck;

    audience_open(&a, NULL, false);
    make_room(&a.v);
    audience_put_ask(&a, &(struct audience_ask){a.cast, "bob", VISITOR_BOB, VISITOR_BOB, 3, 0},
                     &out);
    famine_begin();
    hear(&a.v, &out);
    struck = famine_end();
    visitor_settle(&a.v);
    assert_true(struck || audience_saw(&a, MESSAGE_GIVE) == 1);
    assert_true(audience_saw(&a, MESSAGE_GIVE) <= 1 && a.cast->keys.count <= 1);
    if (is_here(&a.v)) {
        audience_bob_asks(&a);
        assert_true(audience_given(&a, VISITOR_BOB, 3, &key) && key.nonce[0] == 3);
        audience_feed(&a);
        assert_true(audience_sees(&a, &key));
    }
    audience_close(&a);
}

/* Carol is put out: whatever failed, the next frame is not hers, and bob is given the key, or told when he asks. */
static void puts_out(void)
{
    struct shot_key old, key;
    bool struck;

    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    audience_carol_asks(&a);
    assert_true(audience_given(&a, VISITOR_CAROL, 4, &old));
    visitor_forget(&a.v);
    make_room(&a.v);
    famine_begin();
    caster_admit(a.cast, "bob");
    visitor_settle(&a.v);
    struck = famine_end();
    visitor_settle(&a.v);
    assert_int_equal(a.cast->keys.epoch, 2);
    assert_int_equal(a.cast->keys.count, 1);
    if (is_here(&a.v)) {
        bool given = audience_saw(&a, MESSAGE_GIVE) > 0;

        assert_true(struck || given);
        /* What was not given was said. */
        if (!given)
            audience_bob_asks(&a);
        assert_true(audience_given(&a, VISITOR_BOB, given ? 0 : 3, &key) && key.epoch == 2);
        audience_feed(&a);
        assert_true(audience_sees(&a, &key) && !audience_sees(&a, &old));
    }
    audience_close(&a);
}

/* A frame is left out; the next one goes, under a number of its own. */
static void feeds(void)
{
    struct shot_key key;
    size_t sent;
    bool struck;

    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    assert_true(audience_given(&a, VISITOR_BOB, 3, &key));
    visitor_forget(&a.v);
    make_room(&a.v);
    assert_int_equal(write(a.pipe_fd, a.jpeg, a.jpeg_len), a.jpeg_len);
    famine_begin();
    visitor_settle(&a.v);
    struck = famine_end();
    sent = audience_saw(&a, MESSAGE_SHOT);
    assert_true(sent == 1 || (struck && sent == 0));
    if (is_here(&a.v)) {
        audience_feed(&a);
        assert_int_equal(audience_saw(&a, MESSAGE_SHOT), sent + 1);
        assert_true(audience_sees(&a, &key));
        assert_int_equal(audience_shot(&a, sent).number + 1, a.cast->frames);
    }
    audience_close(&a);
}

static void a_caster_without_memory(void **state)
{
    (void)state;
    famine_walk(begins);
    famine_walk(admits);
    famine_walk(puts_out);
    famine_walk(feeds);
}

static void put_frame(uint64_t number, uint32_t epoch, struct buf *out)
{
    const struct wire_shot m = {.number = number, .epoch = epoch};
    const struct shot_place place = {.number = number, .epoch = epoch};
    struct buf frame = message();

    screening_picture(&s, number, &frame);
    screening_seal(&s, &place, &frame);
    screening_put_shots(&s, &m, (struct span){frame.data, frame.len}, 300, out);
    buf_free(&frame);
}

static void put_given(uint32_t epoch, struct buf *out)
{
    const struct screening_key k = {.epoch = epoch, .answers = true};
    struct buf envelope = message();
    size_t begin = wire_given_begin(out, s.stream);

    screening_put_key(&s, &k, &envelope);
    buf_add(out, envelope.data, envelope.len);
    message_end(out, begin);
    buf_free(&envelope);
}

/* Its display is there, or it can't be. */
static void await_display(void)
{
    const struct cinema *k = &s.v.client.cinema;

    while (k->player != NULL && !k->shown) {
        struct pollfd wait = {.fd = player_fd(k->player), .events = POLLIN};

        assert_int_equal(poll(&wait, 1, 20000), 1);
        visitor_settle(&s.v);
    }
}

/* LIVE, a key, frames, and what comes after memory is back. */
static void watches(void)
{
    struct buf live = message(), rest = message();
    bool struck;

    screening_ask(&s);
    s.v.config.reconnect = false;
    make_room(&s.v);
    s.v.stands = now_ns();
    screening_put_live(&s, true, VISITOR_BOB, &live);
    famine_begin();
    hear(&s.v, &live);
    await_display();
    struck = famine_end();
    visitor_settle(&s.v);
    if (!is_here(&s.v) || s.v.client.cinema.player == NULL) {
        /* Or LIVE has not come: the server had no memory. */
        assert_true(struck);
        assert_true(!is_here(&s.v) || s.v.client.exit_code == CLIENT_EXIT_FAILED ||
                    s.v.client.cinema.stream == s.stream);
        buf_free(&rest);
        screening_close(&s);
        return;
    }
    put_given(1, &rest);
    put_frame(1, 1, &rest);
    put_frame(2, 1, &rest);
    famine_begin();
    hear(&s.v, &rest);
    struck = famine_end();
    visitor_settle(&s.v);
    assert_true(struck || screening_taken(&s) > 0);
    if (is_here(&s.v)) {
        size_t before = screening_taken(&s);

        /* With the question again, if the answer was lost. */
        if (!s.v.client.live.keyed) {
            visitor_at(&s.v, s.v.client.live.again);
            assert_true(visitor_saw(&s.v, MESSAGE_ASK, NULL) > 0);
            s.v.stands = now_ns();
            screening_give(&s, &(struct screening_key){.epoch = 1, .answers = true});
        }
        assert_true(s.v.client.live.keyed);
        screening_shoot(&s, 3, 1);
        assert_true(screening_taken(&s) > before);
    } else {
        assert_true(struck);
    }
    screening_close(&s);
}

static void a_viewer_without_memory(void **state)
{
    (void)state;
    famine_walk(watches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caster_without_memory),
        cmocka_unit_test(a_viewer_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
