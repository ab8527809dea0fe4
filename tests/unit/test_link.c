/* Links: TLS over a socket, cut into messages, from the hello to the goodbye. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/pump.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
#include "tests/kit/pair.h"

static struct pair pair;

/* That side saw exactly these messages. */
static void check_seen(const struct pair_side *side, const struct buf *expected)
{
    assert_int_equal(side->seen.len, expected->len);
    if (expected->len > 0)
        assert_memory_equal(side->seen.data, expected->data, expected->len);
}

static void both_open_with_one_exporter(void **state)
{
    uint8_t a[SIZE_EXPORTER], b[SIZE_EXPORTER], zero[SIZE_EXPORTER] = {0};

    (void)state;
    pair_open(&pair, keys_get(0)->public.fingerprint);
    assert_false(link_is_open(pair.server.link));
    pair_settle(&pair);
    assert_true(pair.server.opened && pair.client.opened);
    assert_true(link_is_open(pair.server.link) && link_is_open(pair.client.link));
    link_exporter(pair.server.link, a);
    link_exporter(pair.client.link, b);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, zero, sizeof a);
    assert_true(public_key_same(link_peer_key(pair.client.link), &keys_get(0)->public));
    pair_close(&pair);
}

static void without_a_pin_any_key_will_do(void **state)
{
    (void)state;
    pair_open(&pair, NULL);
    pair_settle(&pair);
    assert_true(pair.client.opened);
    assert_true(public_key_same(link_peer_key(pair.client.link), &keys_get(0)->public));
    pair_close(&pair);
}

static void another_key_than_the_pinned_one(void **state)
{
    (void)state;
    pair_open(&pair, keys_get(1)->public.fingerprint);
    pair_settle(&pair);
    assert_false(pair.client.opened);
    assert_true(pair.client.ended);
    assert_int_equal(pair.client.how, LINK_WRONG_KEY);
    link_close(pair.client.link);
    pair.client.link = NULL;
    pair_settle(&pair);
    assert_true(pair.server.ended && !pair.server.opened);
    pair_close(&pair);
}

/* Turns without one for a private-key step, until nothing is ready. */
static void turn_without_steps(void)
{
    while (loop_turn(pair.loop, 0) > 0)
        link_hub_flush(&pair.hub);
    link_hub_flush(&pair.hub);
}

/* A hello that came is not answered, nor does it keep the loop awake, before there is a step for it. */
static void a_first_flight_waits_for_its_step(void **state)
{
    (void)state;
    pair_open(&pair, NULL);
    assert_false(link_hub_waits(&pair.hub));
    turn_without_steps();
    assert_true(link_hub_waits(&pair.hub));
    turn_without_steps();
    assert_false(pair.client.opened);
    link_hub_turn(&pair.hub);
    assert_false(link_hub_waits(&pair.hub));
    turn_without_steps();
    assert_true(pair.client.opened && pair.server.opened);
    pair_close(&pair);
}

/* One step a turn, and who came first goes first; who has gone meanwhile takes none. */
static void steps_are_made_in_turn(void **state)
{
    static struct pair_extra more[3];
    const struct pair_side *const sides[] = {&pair.client, &more[0].client, &more[2].client};

    (void)state;
    pair_open(&pair, NULL);
    turn_without_steps();
    for (size_t i = 0; i < 3; i++) {
        pair_more(&pair, &more[i]);
        turn_without_steps();
    }
    pair_less(&more[1]);
    for (size_t gone = 0; gone < 3; gone++) {
        assert_true(link_hub_waits(&pair.hub));
        assert_false(sides[gone]->opened);
        link_hub_turn(&pair.hub);
        turn_without_steps();
        for (size_t i = 0; i < 3; i++)
            assert_true(sides[i]->opened == (i <= gone));
    }
    assert_false(link_hub_waits(&pair.hub));
    pair_less(&more[0]);
    pair_less(&more[2]);
    pair_close(&pair);
}

/* A part of a hello takes no step: who stops there holds nobody up. */
static void half_a_hello_takes_no_step(void **state)
{
    struct pair_extra whole;

    (void)state;
    pair_open_raw(&pair);
    assert_int_equal(write(pair.raw, "\x16\x03\x01", 3), 3);
    turn_without_steps();
    pair_more(&pair, &whole);
    turn_without_steps();
    link_hub_turn(&pair.hub);
    turn_without_steps();
    assert_true(whole.client.opened);
    assert_false(link_hub_waits(&pair.hub));
    assert_int_equal(write(pair.raw, "\x00", 1), 1);
    turn_without_steps();
    assert_true(link_hub_waits(&pair.hub));
    pair_less(&whole);
    pair_close(&pair);
}

static void messages_both_ways(void **state)
{
    struct buf up, down;

    (void)state;
    buf_init(&up, 1000000);
    buf_init(&down, 1000000);
    pair_open_room(&pair);
    for (size_t i = 0; i < 50; i++) {
        size_t len = i == 20 ? 300 * 1024 : i * 9;

        pair_message(&up, MESSAGE_SEND, len, i);
        pair_message(&down, MESSAGE_SEALED, len, i + 100);
        pair_send(&pair.client, len, i);
        pair_send(&pair.server, len, i + 100);
    }
    assert_true(link_queued(pair.client.link) == up.len);
    pair_settle(&pair);
    check_seen(&pair.server, &up);
    check_seen(&pair.client, &down);
    assert_int_equal(link_queued(pair.client.link), 0);
    pair_close(&pair);
    buf_free(&up);
    buf_free(&down);
}

static void blobs_go_back_when_sent(void **state)
{
    struct buf b;
    struct blob *blob;

    (void)state;
    buf_init(&b, 1000);
    pair_message(&b, MESSAGE_SEALED, 100, 1);
    blob = blob_make(b.data, b.len);
    pair_open_room(&pair);
    for (int i = 0; i < 5; i++)
        assert_true(link_send_blob(pair.server.link, blob));
    assert_int_equal(blob->refs, 6);
    pair_settle(&pair);
    assert_int_equal(blob->refs, 1);
    assert_int_equal(pair.client.messages, 5);
    assert_true(link_send_blob(pair.server.link, blob));
    pair_close(&pair);
    assert_int_equal(blob->refs, 1);
    blob_drop(blob);
    buf_free(&b);
}

static void nothing_waits_then_fill(void **state)
{
    struct buf down;

    (void)state;
    buf_init(&down, 1000000);
    pair_open_room(&pair);
    assert_true(pair.server.fills > 0);
    pair.server.fills = 0;
    pair_settle(&pair);
    assert_int_equal(pair.server.fills, 0);
    /* What is queued goes first, though fill has something too. */
    for (uint64_t i = 0; i < 40; i++)
        pair_message(&pair.server.to_fill, MESSAGE_FRAME, 16000, i);
    pair_message(&down, MESSAGE_SEALED, 5000, 99);
    buf_add(&down, pair.server.to_fill.data, pair.server.to_fill.len);
    link_kick(pair.server.link);
    pair_send(&pair.server, 5000, 99);
    pair_settle(&pair);
    check_seen(&pair.client, &down);
    pair_close(&pair);
    buf_free(&down);
}

/* A full record is written with the word that another follows: when none does, TCP must not wait. */
static void tcp_holds_nothing_back(void **state)
{
    int fd = pair_open_tcp(&pair), unsent = -1;

    (void)state;
    while (!pair.server.opened || !pair.client.opened)
        pair_settle(&pair);
    link_phase(pair.client.link, PHASE_ROOM);
    pair_message(&pair.server.to_fill, MESSAGE_FRAME, 16384 - MESSAGE_HEADER, 1);
    pair_message(&pair.server.to_fill, MESSAGE_FRAME, 16384 - MESSAGE_HEADER, 2);
    link_kick(pair.server.link);
    link_hub_flush(&pair.hub);
    assert_int_equal(pair.server.to_fill.len, 0);
    assert_int_equal(ioctl(fd, SIOCOUTQNSD, &unsent), 0);
    assert_int_equal(unsent, 0);
    pair_close(&pair);
}

static void kicked_while_much_is_queued(void **state)
{
    (void)state;
    pair_open_room(&pair);
    pair_settle(&pair);
    pair.server.fills = 0;
    pair_send(&pair.server, 300 * 1024, 1);
    link_kick(pair.server.link);
    link_hub_flush(&pair.hub);
    assert_int_equal(pair.server.fills, 0);
    pair_settle(&pair);
    assert_int_equal(pair.client.messages, 1);
    assert_true(pair.server.fills > 0); /* asked when all was sent */
    pair_close(&pair);
}

static void paused_nothing_is_read(void **state)
{
    size_t after;

    (void)state;
    pair_open_room(&pair);
    link_pause(pair.server.link, true);
    for (uint64_t i = 0; i < 100; i++)
        pair_send(&pair.client, 10000, i);
    pair_settle(&pair);
    assert_int_equal(pair.server.messages, 0);
    assert_true(link_queued(pair.client.link) > 0);
    link_pause(pair.server.link, false);
    pair_settle(&pair);
    assert_int_equal(pair.server.messages, 100);
    /* The other way goes on meanwhile. */
    link_pause(pair.server.link, true);
    pair_send(&pair.server, 10, 1);
    pair_settle(&pair);
    after = pair.client.messages;
    assert_int_equal(after, 1);
    pair_close(&pair);
}

static void pause_at_the_first(struct pair_side *side, const struct message *m)
{
    (void)m;
    link_pause(side->link, true);
}

/* Many records are read at once: those behind the one that paused wait in the link, and come when it goes
 * on though the socket has nothing more. */
static void paused_between_records(void **state)
{
    (void)state;
    pair_open_room(&pair);
    for (uint64_t i = 0; i < 5; i++) {
        pair_send(&pair.client, 100, i);
        link_hub_flush(&pair.hub);
    }
    pair.server.on_message = pause_at_the_first;
    for (size_t i = 1; i <= 5; i++) {
        pair_settle(&pair);
        assert_int_equal(pair.server.messages, i);
        link_pause(pair.server.link, false);
    }
    pair_settle(&pair);
    assert_int_equal(pair.server.messages, 5);
    pair_close(&pair);
}

/* The link goes, with what it had read ahead. */
static void closed_between_records(void **state)
{
    (void)state;
    pair_open_room(&pair);
    for (uint64_t i = 0; i < 5; i++) {
        pair_send(&pair.client, 100, i);
        link_hub_flush(&pair.hub);
    }
    pair.server.on_message = pause_at_the_first;
    pair_settle(&pair);
    assert_int_equal(pair.server.messages, 1);
    link_finish(pair.server.link);
    pair_settle(&pair);
    assert_int_equal(pair.server.messages, 1);
    assert_true(pair.client.ended && pair.client.how == LINK_GOODBYE);
    pair_close(&pair);
}

static void finish_sends_all_first(void **state)
{
    struct buf down;

    (void)state;
    buf_init(&down, 4000000);
    pair_open_room(&pair);
    for (uint64_t i = 0; i < 100; i++) {
        pair_message(&down, MESSAGE_SEALED, 30000, i);
        pair_send(&pair.server, 30000, i);
    }
    link_finish(pair.server.link);
    assert_false(link_is_open(pair.server.link));
    pair_send(&pair.server, 10, 1); /* too late: nothing happens */
    pair_settle(&pair);
    check_seen(&pair.client, &down);
    assert_true(pair.client.ended);
    assert_int_equal(pair.client.how, LINK_GOODBYE);
    assert_false(pair.server.ended); /* waits for the other side's end */
    link_close(pair.client.link);
    pair.client.link = NULL;
    pair_settle(&pair);
    assert_true(pair.server.ended);
    assert_int_equal(pair.server.how, LINK_GOODBYE);
    pair_close(&pair);
    buf_free(&down);
}

/* The client writes on and on: none of it is heard, and the goodbye still comes through. */
static void finish_while_the_other_sends(void **state)
{
    (void)state;
    pair_open_room(&pair);
    for (uint64_t i = 0; i < 100; i++)
        pair_send(&pair.client, 30000, i);
    for (uint64_t i = 0; i < 100; i++)
        pair_send(&pair.server, 30000, i);
    link_finish(pair.server.link);
    pair_settle(&pair);
    assert_int_equal(pair.client.messages, 100);
    assert_int_equal(pair.client.how, LINK_GOODBYE);
    assert_int_equal(pair.server.messages, 0);
    pair_close(&pair);
}

static void both_finish_at_once(void **state)
{
    (void)state;
    pair_open_room(&pair);
    pair_send(&pair.client, 100, 1);
    pair_send(&pair.server, 100, 1);
    link_finish(pair.client.link);
    link_finish(pair.server.link);
    link_finish(pair.server.link);
    pair_settle(&pair);
    assert_true(pair.client.ended && pair.server.ended);
    assert_int_equal(pair.client.how, LINK_GOODBYE);
    assert_int_equal(pair.server.how, LINK_GOODBYE);
    pair_close(&pair);
}

static void finish_before_tls_is_there(void **state)
{
    char byte;

    (void)state;
    pair_open_raw(&pair);
    pair_settle(&pair);
    link_finish(pair.server.link);
    pair_settle(&pair);
    assert_int_equal(read(pair.raw, &byte, 1), 0);
    assert_false(pair.server.ended);
    close(pair.raw);
    pair.raw = -1;
    pair_settle(&pair);
    assert_int_equal(pair.server.how, LINK_GOODBYE);
    pair_close(&pair);
}

static void broken_then_last_words(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    pair_open_room(&pair);
    pair_message(&b, MESSAGE_LIST, 0, 0);
    pair_message(&b, MESSAGE_SEALED, 10, 0); /* the server's alone */
    pair_message(&b, MESSAGE_LIST, 0, 0);
    assert_true(link_send(pair.client.link, &b));
    pair_settle(&pair);
    assert_true(pair.server.broken);
    assert_string_equal(pair.server.why, "message not allowed now");
    assert_int_equal(pair.server.messages, 1);
    assert_true(pair.client.ended);
    assert_int_equal(pair.client.how, LINK_GOODBYE);
    pair_close(&pair);
    buf_free(&b);
}

static void abrupt_end(void **state)
{
    (void)state;
    pair_open_room(&pair);
    pair_send(&pair.client, 100, 1);
    pair_settle(&pair);
    link_close(pair.client.link);
    pair.client.link = NULL;
    pair_settle(&pair);
    assert_int_equal(pair.server.messages, 1);
    assert_true(pair.server.ended);
    assert_int_equal(pair.server.how, LINK_GONE);
    pair_close(&pair);
}

static void junk_instead_of_tls(void **state)
{
    static const char *const junk[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff",
                                       "\x80\x2e\x01", "\x15\x03\x03\x00\x02\x02\x28",
                                       "\x17\x03\x03\x00\x01x"};

    (void)state;
    for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++) {
        pair_open_raw(&pair);
        assert_true(write(pair.raw, junk[i], i == 3 ? 7 : strlen(junk[i])) > 0);
        pair_settle(&pair);
        close(pair.raw);
        pair.raw = -1;
        pair_settle(&pair);
        assert_true(pair.server.ended && !pair.server.opened);
        assert_true(pair.server.how == LINK_TLS || pair.server.how == LINK_GONE);
        pair_close(&pair);
    }
}

/* Any sizes, any pauses, small socket buffers: all arrives, in order, nothing twice. */
static void whatever_happens_all_arrives(void **state)
{
    struct buf up, down;

    (void)state;
    buf_init(&up, 64000000);
    buf_init(&down, 64000000);
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct dice dice = dice_make(seed);

        buf_clear(&up);
        buf_clear(&down);
        pair_open_room(&pair);
        for (int step = 0; step < 120; step++) {
            size_t len =
                dice_below(&dice, 10) == 0 ? dice_below(&dice, 100000) : dice_below(&dice, 400);
            uint64_t content = dice_u64(&dice);

            switch (dice_below(&dice, 6)) {
            case 0:
                pair_message(&up, MESSAGE_SEND, len, content);
                pair_send(&pair.client, len, content);
                break;
            case 1:
                pair_message(&down, MESSAGE_SEALED, len, content);
                pair_send(&pair.server, len, content);
                break;
            case 2:
                link_pause(pair.server.link, dice_below(&dice, 2) == 0);
                break;
            case 3:
                link_pause(pair.client.link, dice_below(&dice, 2) == 0);
                break;
            case 4:
                link_hub_flush(&pair.hub);
                break;
            default:
                loop_turn(pair.loop, 0);
            }
        }
        link_pause(pair.server.link, false);
        link_pause(pair.client.link, false);
        if (seed % 2 == 0)
            link_finish(pair.client.link);
        pair_settle(&pair);
        check_seen(&pair.server, &up);
        if (seed % 2 == 1)
            check_seen(&pair.client, &down);
        assert_int_equal(pair.server.ended, seed % 2 == 0);
        pair_close(&pair);
    }
    buf_free(&up);
    buf_free(&down);
}

/* Whether these bytes, each xor 0x5a, stand anywhere in what this process may write. */
static bool in_memory(const uint8_t *masked, size_t len)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long from, to;
    char line[512];
    bool found = false;

    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || strstr(line, " rw") == NULL)
            continue;
        for (const uint8_t *p = (const uint8_t *)from; p + len <= (const uint8_t *)to; p++) {
            size_t i = 0;

            while (i < len && p[i] == (masked[i] ^ 0x5a))
                i++;
            found = found || i == len;
        }
    }
    fclose(maps);
    return found;
}

/* The keys of a closed link, and what it said last, are nowhere any more. */
static void a_closed_link_leaves_nothing(void **state)
{
    uint8_t secret[48];
    struct buf out;

    (void)state;
    /* Their memory is as large as can be addressed, and keeps what was freed. */
    if (getenv("DEN_SANITIZE") != NULL && *getenv("DEN_SANITIZE") != 0)
        skip();
    pair_open(&pair, NULL);
    pair_settle(&pair);
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = pair.client.link->engine->session.master_secret[i] ^ 0x5a;
    assert_true(in_memory(secret, sizeof secret));
    buf_init(&out, 4096);
    pair_message(&out, MESSAGE_QUIT, 300, 5);
    assert_true(link_send(pair.client.link, &out));
    buf_free(&out);
    link_close(pair.client.link);
    link_close(pair.server.link);
    pair.client.link = pair.server.link = NULL;
    assert_false(in_memory(secret, sizeof secret));
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_open_with_one_exporter),
        cmocka_unit_test(a_closed_link_leaves_nothing),
        cmocka_unit_test(without_a_pin_any_key_will_do),
        cmocka_unit_test(another_key_than_the_pinned_one),
        cmocka_unit_test(a_first_flight_waits_for_its_step),
        cmocka_unit_test(steps_are_made_in_turn),
        cmocka_unit_test(half_a_hello_takes_no_step),
        cmocka_unit_test(messages_both_ways),
        cmocka_unit_test(blobs_go_back_when_sent),
        cmocka_unit_test(nothing_waits_then_fill),
        cmocka_unit_test(tcp_holds_nothing_back),
        cmocka_unit_test(kicked_while_much_is_queued),
        cmocka_unit_test(paused_nothing_is_read),
        cmocka_unit_test(paused_between_records),
        cmocka_unit_test(closed_between_records),
        cmocka_unit_test(finish_sends_all_first),
        cmocka_unit_test(finish_while_the_other_sends),
        cmocka_unit_test(both_finish_at_once),
        cmocka_unit_test(finish_before_tls_is_there),
        cmocka_unit_test(broken_then_last_words),
        cmocka_unit_test(abrupt_end),
        cmocka_unit_test(junk_instead_of_tls),
        cmocka_unit_test(whatever_happens_all_arrives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
