/* A direct call from both ends, on a clock of the test's: the proof, what each state takes, and every
 * way to end. Keys: 0 the room's server, 1 alice (calls), 2 bob (is called), 3 mallory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/call.h"
#include "proto/direct.h"
#include "tests/kit/keys.h"
#include "wire/direct.h"
#include "wire/framer.h"
#include "wire/hello.h"

#define SECOND INT64_C(1000000000)

struct line {
    struct call_self alice, bob;
    struct call from, to;
    int64_t now;
};

static void open_line(struct line *l)
{
    *l = (struct line){.now = 5 * SECOND};
    l->alice = (struct call_self){
        .name = "alice", .key = &keys_get(1)->public, .server = keys_get(0)->public.fingerprint};
    l->bob = (struct call_self){
        .name = "bob", .key = &keys_get(2)->public, .server = keys_get(0)->public.fingerprint};
    call_start_caller(&l->from, &l->alice, "bob", l->bob.key);
    call_start_callee(&l->to, &l->bob, l->now);
    memset(l->from.exporter, 0x77, SIZE_EXPORTER);
    memset(l->to.exporter, 0x77, SIZE_EXPORTER);
}

static void close_line(struct line *l)
{
    call_free(&l->from);
    call_free(&l->to);
}

/* The one message that a call left, if its phase lets it through. */
static enum call_news carry(struct call *from, struct call *to, int64_t now)
{
    struct framer f;
    struct message m;
    struct cursor in = cursor_over(from->out.data, from->out.len);
    const char *why = "";
    enum call_news news = CALL_NOTHING;

    framer_init(&f, from->caller ? MESSAGE_FROM_CLIENT : MESSAGE_FROM_SERVER);
    f.phase = call_phase(to);
    if (framer_next(&f, &in, &m, &why) == FRAMER_MESSAGE)
        news = call_message(to, &m, now);
    else
        fail_msg("%s", why);
    assert_int_equal(in.left, 0);
    framer_free(&f);
    buf_clear(&from->out);
    return news;
}

static struct direct_proof proof(const struct line *l)
{
    return (struct direct_proof){.exporter = l->from.exporter,
                                 .callee = l->bob.key->fingerprint,
                                 .caller = l->alice.key->fingerprint,
                                 .name = "alice",
                                 .server = l->alice.server};
}

static void knock_with(struct line *l, const struct direct_proof *p, unsigned key)
{
    struct random random = keys_random(7);
    uint8_t signature[SIZE_SIGNATURE];

    assert_true(direct_sign(signature, keys_get(key), &random, p));
    call_knock(&l->from, signature, l->now);
    assert_int_equal(carry(&l->from, &l->to, l->now), CALL_CAME);
    assert_int_equal(l->to.state, CALL_WAITING);
}

static void knock(struct line *l)
{
    struct direct_proof p = proof(l);

    knock_with(l, &p, 1);
}

static void ring(struct line *l)
{
    knock(l);
    assert_true(l->to.proven);
    call_ring(&l->to, l->now);
    assert_int_equal(carry(&l->to, &l->from, l->now), CALL_RINGS);
}

static void talk(struct line *l)
{
    ring(l);
    call_accept(&l->to);
    assert_int_equal(carry(&l->to, &l->from, l->now), CALL_ACCEPTED);
    assert_int_equal(call_phase(&l->from), PHASE_CHAT);
    assert_int_equal(call_phase(&l->to), PHASE_CHAT);
    assert_true(l->from.due == INT64_MAX && l->to.due == INT64_MAX);
}

static void say(struct line *l, struct call *from, struct call *to, const char *text)
{
    call_say(from, (struct span){(const uint8_t *)text, strlen(text)});
    assert_int_equal(carry(from, to, l->now), CALL_SAID);
    assert_int_equal(to->text.len, strlen(text));
}

static void from_call_to_eom(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    assert_int_equal(call_phase(&l.from), PHASE_CALL);
    assert_int_equal(call_phase(&l.to), PHASE_CALL);
    talk(&l);
    assert_string_equal(l.to.name, "alice");
    assert_true(public_key_same(&l.to.key, l.alice.key));
    say(&l, &l.from, &l.to, "hello");
    say(&l, &l.to, &l.from, "hi");
    say(&l, &l.to, &l.from, "EOM is no end by itself");
    call_finish(&l.to, CALL_END_EOM);
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_EOM);
    assert_int_equal(l.from.out.len, 0);
    assert_int_equal(call_lost(&l.from, CALL_END_GONE), CALL_NOTHING);
    assert_int_equal(l.from.end, CALL_END_EOM);
    close_line(&l);
    close_line(&l);
}

static void one_bit_of_what_is_signed(void **state)
{
    uint8_t other[SIZE_FINGERPRINT];
    struct direct_proof p;
    struct line l;

    (void)state;
    for (int which = 0; which < 6; which++) {
        unsigned key = which == 5 ? 3 : 1;

        open_line(&l);
        p = proof(&l);
        memcpy(other,
               (const uint8_t *const[]){p.exporter, p.callee, p.caller, p.server, p.server,
                                        p.server}[which],
               sizeof other);
        other[31] ^= 1;
        p.exporter = which == 0 ? other : p.exporter;
        p.callee = which == 1 ? other : p.callee;
        p.caller = which == 2 ? other : p.caller;
        p.server = which == 3 ? other : p.server;
        p.name = which == 4 ? "Alice" : p.name;
        knock_with(&l, &p, key);
        assert_false(l.to.proven);
        close_line(&l);
    }
}

static void another_room_or_no_version(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    /* The signature is good, for the room that CALL names. */
    l.alice.server = keys_get(4)->public.fingerprint;
    knock(&l);
    assert_false(l.to.proven);
    close_line(&l);
    open_line(&l);
    knock(&l);
    assert_true(l.to.proven);
    assert_int_equal(l.to.version, 1);
    close_line(&l);
}

/* Whatever is wrong with it: the same bytes at the same time. */
static void refusals_are_the_same(void **state)
{
    struct buf first;
    struct line l;

    (void)state;
    buf_init(&first, 4096);
    for (int which = 0; which < 3; which++) {
        struct direct_proof p;

        open_line(&l);
        p = proof(&l);
        if (which == 1)
            p.name = "bob";
        if (which == 2)
            l.alice.server = keys_get(4)->public.fingerprint;
        knock_with(&l, &p, 1);
        assert_int_equal(l.to.out.len, 0);
        assert_true(l.to.due == l.now + 3 * SECOND / 10);
        assert_int_equal(call_tick(&l.to, l.to.due - 1), CALL_NOTHING);
        assert_int_equal(call_tick(&l.to, l.to.due), CALL_ENDED);
        assert_int_equal(l.to.end, CALL_END_REFUSED);
        if (first.len == 0)
            buf_add(&first, l.to.out.data, l.to.out.len);
        assert_int_equal(first.len, l.to.out.len);
        assert_memory_equal(first.data, l.to.out.data, first.len);
        l.from.state = CALL_KNOCKING;
        assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
        assert_int_equal(l.from.end, CALL_END_REFUSED);
        close_line(&l);
    }
    buf_free(&first);
}

static void an_end_for_every_silence(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    assert_int_equal(call_tick(&l.to, l.now + 10 * SECOND - 1), CALL_NOTHING);
    assert_int_equal(call_tick(&l.to, l.now + 10 * SECOND), CALL_ENDED);
    assert_int_equal(l.to.end, CALL_END_UNREACHABLE);
    close_line(&l);
    open_line(&l);
    knock(&l);
    assert_int_equal(call_tick(&l.from, l.now + 10 * SECOND), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_UNREACHABLE);
    close_line(&l);
    open_line(&l);
    ring(&l);
    assert_int_equal(call_tick(&l.to, l.now + 60 * SECOND - 1), CALL_NOTHING);
    assert_int_equal(call_tick(&l.from, l.now + 60 * SECOND), CALL_NOTHING);
    assert_int_equal(call_tick(&l.to, l.now + 60 * SECOND), CALL_ENDED);
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
    assert_int_equal(l.to.end, CALL_END_NO_ANSWER);
    assert_int_equal(l.from.end, CALL_END_NO_ANSWER);
    close_line(&l);
    open_line(&l);
    talk(&l);
    assert_int_equal(call_tick(&l.to, l.now + 1000000 * SECOND), CALL_NOTHING);
    close_line(&l);
}

static void other_ends(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    ring(&l);
    call_finish(&l.to, CALL_END_DECLINED);
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_DECLINED);
    close_line(&l);
    open_line(&l);
    ring(&l);
    call_finish(&l.from, CALL_END_HUNG_UP);
    assert_int_equal(carry(&l.from, &l.to, l.now), CALL_ENDED);
    assert_int_equal(l.to.end, CALL_END_HUNG_UP);
    close_line(&l);
    open_line(&l);
    knock(&l);
    call_finish(&l.to, CALL_END_BUSY);
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_BUSY);
    close_line(&l);
    open_line(&l);
    talk(&l);
    call_finish(&l.to, CALL_END_AGAIN); /* QUIT */
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_EOM);
    close_line(&l);
    /* Before anything was said there is nobody to say goodbye to. */
    open_line(&l);
    call_finish(&l.from, CALL_END_HUNG_UP);
    assert_int_equal(l.from.out.len, 0);
    close_line(&l);
}

static void the_link_is_lost(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    assert_int_equal(call_lost(&l.from, CALL_END_GONE), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_UNREACHABLE);
    close_line(&l);
    open_line(&l);
    ring(&l);
    call_lost(&l.from, CALL_END_GONE);
    call_lost(&l.to, CALL_END_GONE);
    assert_int_equal(l.from.end, CALL_END_GONE);
    assert_int_equal(l.to.end, CALL_END_HUNG_UP);
    close_line(&l);
    open_line(&l);
    talk(&l);
    call_lost(&l.from, CALL_END_GONE);
    call_lost(&l.to, CALL_END_GONE);
    assert_int_equal(l.from.end, CALL_END_GONE);
    assert_int_equal(l.to.end, CALL_END_GONE);
    close_line(&l);
}

static enum call_news give(struct call *k, uint8_t type, const void *payload, size_t len)
{
    return call_message(k, &(struct message){type, {payload, len}}, 0);
}

static void what_is_malformed_ends_it(void **state)
{
    static const struct {
        uint8_t type;
        const char *payload;
        size_t len;
    } wrong[] = {
        {MESSAGE_TEXT, "", 0},
        {MESSAGE_TEXT, "\0\0", 2},
        {MESSAGE_TEXT, "\0\1\xff", 3},
        {MESSAGE_TEXT, "\0\1xy", 4},
        {MESSAGE_EOM, "x", 1},
        {MESSAGE_QUIT, "", 0},
        {MESSAGE_ERROR, "\0\1", 2},
        {MESSAGE_ACCEPT, "x", 1},
        {MESSAGE_DECLINE, "x", 1},
        {MESSAGE_CALL, "\0\1", 2},
        {MESSAGE_RINGING, "", 0},
        {MESSAGE_RINGING, "\0\2........", 10},
        {MESSAGE_RINGING, "\0\0........", 10},
    };
    struct line l;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        open_line(&l);
        if (wrong[i].type == MESSAGE_RINGING)
            l.from.state = CALL_KNOCKING;
        else
            talk(&l);
        assert_int_equal(give(&l.from, wrong[i].type, wrong[i].payload, wrong[i].len), CALL_ENDED);
        assert_int_equal(l.from.end, CALL_END_PROTOCOL);
        assert_int_equal(l.from.out.data[0], MESSAGE_ERROR);
        close_line(&l);
    }
}

static void what_comes_after_the_end_is_nothing(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    talk(&l);
    call_finish(&l.from, CALL_END_EOM);
    assert_int_equal(give(&l.from, MESSAGE_TEXT, "\0\1x", 3), CALL_NOTHING);
    assert_int_equal(give(&l.from, MESSAGE_TEXT, "", 0), CALL_NOTHING);
    assert_int_equal(give(&l.from, MESSAGE_EOM, "", 0), CALL_NOTHING);
    assert_int_equal(call_broken(&l.from, "x"), CALL_NOTHING);
    assert_int_equal(l.from.out.len, MESSAGE_HEADER);
    assert_int_equal(give(&l.to, 0xf0, "future", 6), CALL_NOTHING);
    assert_int_equal(l.to.state, CALL_CHATTING);
    close_line(&l);
}

/* A call for files is none for a chat, and the other way round. */
static void a_link_for_files(void **state)
{
    struct message file = {MESSAGE_KEPT, {NULL, 0}};
    struct line l;

    (void)state;
    open_line(&l);
    l.from.files = true;
    knock(&l);
    assert_true(l.to.proven && l.to.files);
    call_ring(&l.to, l.now);
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_RINGS);
    call_accept(&l.to);
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ACCEPTED);
    assert_int_equal(call_phase(&l.from), PHASE_FILES);
    assert_int_equal(call_phase(&l.to), PHASE_FILES);
    assert_int_equal(call_message(&l.from, &file, l.now), CALL_FILE);
    call_finish(&l.from, CALL_END_EOM);
    assert_int_equal(carry(&l.from, &l.to, l.now), CALL_ENDED);
    close_line(&l);
}

/* An older den rings its user, for it knows of chats alone: nothing is sent to it. */
static void a_callee_without_files(void **state)
{
    struct line l;

    (void)state;
    open_line(&l);
    l.from.files = true;
    knock(&l);
    wire_put_ringing(&l.to.out, &(struct wire_ringing){.version = 1});
    assert_int_equal(carry(&l.to, &l.from, l.now), CALL_ENDED);
    assert_int_equal(l.from.end, CALL_END_NO_FILES);
    assert_int_equal(l.from.out.data[0], MESSAGE_QUIT);
    close_line(&l);
}

static void a_purpose_from_the_future(void **state)
{
    struct direct_proof p;
    struct random random = keys_random(7);
    uint8_t signature[SIZE_SIGNATURE];
    struct wire_call m = {.version = 1, .purpose = 2, .name = "alice", .signature = signature};
    struct line l;

    (void)state;
    open_line(&l);
    p = proof(&l);
    m.spki = l.alice.key->spki;
    m.server = l.alice.server;
    assert_true(direct_sign(signature, keys_get(1), &random, &p));
    wire_put_call(&l.from.out, &m);
    assert_int_equal(carry(&l.from, &l.to, l.now), CALL_CAME);
    assert_false(l.to.proven);
    close_line(&l);
}

static void every_end_has_its_word(void **state)
{
    (void)state;
    for (enum call_end e = CALL_END_NONE; e <= CALL_END_NO_FILES; e++) {
        assert_non_null(call_end_word(e));
        for (enum call_end o = CALL_END_NONE; o < e; o++)
            assert_string_not_equal(call_end_word(e), call_end_word(o));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_call_to_eom),
        cmocka_unit_test(one_bit_of_what_is_signed),
        cmocka_unit_test(another_room_or_no_version),
        cmocka_unit_test(refusals_are_the_same),
        cmocka_unit_test(an_end_for_every_silence),
        cmocka_unit_test(other_ends),
        cmocka_unit_test(the_link_is_lost),
        cmocka_unit_test(what_is_malformed_ends_it),
        cmocka_unit_test(what_comes_after_the_end_is_nothing),
        cmocka_unit_test(a_link_for_files),
        cmocka_unit_test(a_callee_without_files),
        cmocka_unit_test(a_purpose_from_the_future),
        cmocka_unit_test(every_end_has_its_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
