/* Who watches a cast of ours: whatever they and its caster do in whatever order, who may see a frame can open it, and
 * nobody else can. Time is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/now.h"
#include "tests/kit/audience.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
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

/* What has begun under a key ends under it; the next is under another one. */
static void a_frame_on_its_way_when_somebody_is_put_out(void **state)
{
    struct shot_key old, key;

    (void)state;
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    audience_carol_asks(&a);
    assert_true(audience_given(&a, VISITOR_CAROL, 4, &old));
    visitor_forget(&a.v);
    a.cast->granted = 10;
    audience_feed(&a);
    assert_int_equal(audience_shot(&a, 0).epoch, 1);
    caster_admit(a.cast, "bob");
    audience_feed(&a);
    audience_say(&a, a.cast, MESSAGE_GRANT, 100000);
    assert_int_equal(saw(MESSAGE_SHOT), 3);
    assert_true(audience_shot(&a, 1).number == audience_shot(&a, 0).number &&
                audience_shot(&a, 1).flags == FRAME_LAST);
    assert_true(audience_shot(&a, 2).epoch == 2 &&
                audience_shot(&a, 2).number > audience_shot(&a, 0).number);
    assert_true(audience_given(&a, VISITOR_BOB, 0, &key) && audience_sees(&a, &key));
    assert_false(audience_sees(&a, &old));
}

static void ask_now(unsigned who, const char *name, uint32_t viewer)
{
    struct buf b;

    buf_init(&b, LIMIT_MESSAGE);
    audience_put_ask(&a, &(struct audience_ask){a.cast, name, who, who, viewer, 0}, &b);
    assert_true(link_send(a.v.pair.server.link, &b));
    buf_free(&b);
}

/* Turns until he is let in, and his answer is being sealed. */
static void let_in(unsigned who, const char *name, uint32_t viewer)
{
    size_t before = a.cast->keys.count;

    ask_now(who, name, viewer);
    while (a.cast->keys.count == before)
        visitor_turn(&a.v);
    assert_true(a.cast->keys.viewers->busy);
}

/* The last GIVE to that viewer alone: others may be sealed sooner or later. */
static bool answered(unsigned who, uint32_t viewer, struct shot_key *key)
{
    const struct buf *seen = &a.v.pair.server.seen;
    struct cursor c = cursor_over(seen->data, seen->len);
    bool found = false;

    while (c.left > 0) {
        uint8_t type = cursor_get8(&c);
        struct span payload = cursor_sized32(&c, LIMIT_MESSAGE);

        if (type == MESSAGE_GIVE)
            found |= audience_opens_give(payload, who, a.cast->number, viewer, key);
    }
    return found;
}

static void decided_while_the_answer_is_sealed(void **state)
{
    struct shot_key key;

    (void)state;
    audience_open(&a, NULL, false);
    let_in(VISITOR_BOB, "bob", 3);
    caster_admit(a.cast, "all,!bob");
    visitor_settle(&a.v);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    assert_int_equal(saw(MESSAGE_OUST), 1);
    caster_admit(a.cast, "all");
    let_in(VISITOR_BOB, "bob", 5);
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 5);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    /* The key became another one meanwhile: he gets that. */
    audience_carol_asks(&a);
    visitor_forget(&a.v);
    let_in(VISITOR_BOB, "bob", 6);
    caster_admit(a.cast, "bob");
    visitor_settle(&a.v);
    assert_true(answered(VISITOR_BOB, 6, &key));
    assert_true(key.nonce[0] == 6 && key.epoch == a.cast->keys.epoch);
    audience_feed(&a);
    assert_true(audience_sees(&a, &key));
}

/* A server may say it of anybody: one number is one viewer with one key. */
static void viewers_that_a_server_makes_up(void **state)
{
    (void)state;
    audience_open(&a, NULL, false);
    audience_bob_asks(&a);
    visitor_forget(&a.v);
    audience_asks(&a, &(struct audience_ask){a.cast, "carol", VISITOR_CAROL, VISITOR_CAROL, 3, 0});
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    assert_int_equal(a.cast->keys.count, 1);
    while (a.cast->keys.count < LIMIT_WATCHERS) {
        struct keyring_viewer *v = calloc(1, sizeof *v);

        assert_non_null(v);
        v->viewer = 1000 + (uint32_t)a.cast->keys.count++;
        v->key = keys_get(VISITOR_BOB)->public;
        v->next = a.cast->keys.viewers;
        a.cast->keys.viewers = v;
    }
    audience_carol_asks(&a);
    assert_int_equal(a.cast->keys.count, LIMIT_WATCHERS);
    assert_int_equal(saw(MESSAGE_GIVE), 0);
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, 1001);
    audience_carol_asks(&a);
    assert_int_equal(a.cast->keys.count, LIMIT_WATCHERS);
    assert_true(saw(MESSAGE_GIVE) > 0);
}

#define PEOPLE 4
#define STEPS 250
#define KEYS 200 /* epochs, more than there can be */

/* Somebody who keeps every key that he can get. */
struct person {
    const char *name;
    uint32_t viewer; /* 0: does not watch */
    bool banned, in; /* in: has asked and was let in */
    bool answered;   /* by a key that bears his nonce: before that he takes none */
    int64_t left;    /* when he went by himself; 0: is in, or was put out */
    bool has[KEYS];
    uint8_t keys[KEYS][GCM_KEY];
};

static struct play {
    struct dice dice;
    struct person people[PEOPLE];
    uint32_t viewers, epoch; /* the last viewer's number, and the last frame's epoch */
    uint64_t number;         /* the last frame's, + 1 */
    int64_t changed;         /* when the key was */
    size_t frames, reads;
} play;

/* Keys of the kit begin behind the server's and ours. */
static unsigned key_of(size_t i)
{
    return VISITOR_BOB + (unsigned)i;
}

static void somebody_asks(struct person *p, size_t i)
{
    if (p->viewer == 0)
        p->viewer = ++play.viewers, p->answered = false;
    audience_asks(&a, &(struct audience_ask){a.cast, p->name, key_of(i), key_of(i), p->viewer, 0});
    p->in = !p->banned;
    if (p->banned)
        p->viewer = 0; /* the server has been told */
    else
        p->left = 0;
}

static void somebody_leaves(struct person *p)
{
    if (p->viewer == 0)
        return;
    audience_say(&a, a.cast, MESSAGE_UNWATCHED, p->viewer);
    p->left = p->in ? the_time : p->left;
    p->in = false;
    p->viewer = 0;
}

/* Puts him out, or may he come back. Then nobody who left before can read on either. */
static void policy_changes(struct person *p)
{
    char text[POLICY_TEXT] = "all";

    p->banned = !p->banned;
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct person *other = &play.people[i];

        if (other->banned)
            snprintf(text + strlen(text), sizeof text - strlen(text), ",!%s", other->name);
    }
    caster_admit(a.cast, text);
    visitor_settle(&a.v);
    if (p->banned && p->in)
        p->in = false, p->viewer = 0;
}

static void time_goes(void)
{
    the_time += (int64_t)dice_below(&play.dice, 700) * MS;
    visitor_settle(&a.v);
}

static void learn(struct span payload)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        struct person *p = &play.people[i];
        struct shot_key key;

        if (!audience_opens_give(payload, key_of(i), a.cast->number, 0, &key) &&
            (p->viewer == 0 ||
             !audience_opens_give(payload, key_of(i), a.cast->number, p->viewer, &key)))
            continue;
        assert_true(p->in && key.epoch == a.cast->keys.epoch && key.epoch < KEYS);
        p->answered = p->answered || (key.nonce[0] == (uint8_t)p->viewer && key.nonce[1] == 7);
        assert_false(p->has[key.epoch] && memcmp(p->keys[key.epoch], key.key, sizeof key.key) != 0);
        p->has[key.epoch] = true;
        memcpy(p->keys[key.epoch], key.key, sizeof key.key);
    }
}

static bool reads(const struct person *p, struct span payload)
{
    for (size_t e = 0; e < KEYS; e++) {
        if (p->has[e] && audience_opens(&a, a.cast, payload, p->keys[e]))
            return true;
    }
    return false;
}

static void watch(struct span payload)
{
    struct wire_shot m;

    assert_int_equal(wire_get_shot(payload, &m), ERR_OK);
    assert_true(m.number >= play.number && m.epoch >= play.epoch);
    assert_int_equal(m.epoch, a.cast->keys.epoch);
    play.number = m.number + 1;
    play.epoch = m.epoch;
    play.frames++;
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct person *p = &play.people[i];
        bool sees = reads(p, payload);

        play.reads += sees;
        if (p->in)
            assert_true(sees && p->answered);
        /* Who went by himself is shut out within a second. */
        else if (p->left == 0 || the_time - p->left >= SECOND)
            assert_false(sees);
    }
}

/* First what they are given: a frame may come before its key, and waits. */
static void look(void)
{
    const struct buf *seen = &a.v.pair.server.seen;

    for (int pass = 0; pass < 2; pass++) {
        struct cursor c = cursor_over(seen->data, seen->len);

        while (c.left > 0) {
            uint8_t type = cursor_get8(&c);
            struct span payload = cursor_sized32(&c, LIMIT_MESSAGE);

            assert_false(c.failed);
            if (pass == 0 && type == MESSAGE_GIVE)
                learn(payload);
            if (pass == 1 && type == MESSAGE_SHOT)
                watch(payload);
        }
    }
    visitor_forget(&a.v);
}

static void step(void)
{
    size_t i = dice_below(&play.dice, PEOPLE), what = dice_below(&play.dice, 12);
    struct person *p = &play.people[i];
    uint32_t before = a.cast->keys.epoch;
    bool was_in = p->in;

    if (what < 3)
        somebody_asks(p, i);
    else if (what < 5)
        somebody_leaves(p);
    else if (what < 6)
        policy_changes(p);
    else if (what < 8)
        time_goes();
    else
        audience_feed(&a);
    assert_in_range(a.cast->keys.epoch, before, before + 1);
    if (what == 5)
        assert_int_equal(a.cast->keys.epoch - before, was_in && p->banned);
    else if (a.cast->keys.epoch != before)
        assert_true(the_time - play.changed >= SECOND);
    if (a.cast->keys.epoch != before)
        play.changed = the_time;
    a.cast->granted = 1000000;
    look();
}

static void whatever_they_do(void **state)
{
    static const char *const names[PEOPLE] = {"bob", "carol", "dave", "erin"};

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        audience_open(&a, NULL, false);
        play = (struct play){.dice = dice_make(seed), .changed = the_time};
        for (size_t i = 0; i < PEOPLE; i++)
            play.people[i].name = names[i];
        for (int i = 0; i < STEPS; i++)
            step();
        /* It was no empty play. */
        assert_true(play.frames > 30 && play.reads > 30 && a.cast->keys.epoch > 8);
        if (seed < 3)
            leave(state);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_frame_on_its_way_when_somebody_is_put_out),
        CASE(decided_while_the_answer_is_sealed),
        CASE(viewers_that_a_server_makes_up),
        CASE(whatever_they_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
