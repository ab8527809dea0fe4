/* Links that idle give up their buffers, and nothing that they then lack was of use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/cooler.h"
#include "net/pump.h"
#include "platform/now.h"
#include "platform/pages.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
#include "tests/kit/pair.h"

static struct pair pair;
static int64_t later; /* always further on than any use */

static void tick(void)
{
    later += 2 * COOLER_IDLE_NS;
    cooler_tick(&pair.hub, later);
}

/* Spoils what a link has given up: whatever it still needed of that is then wrong. */
static size_t spoil(void)
{
    struct link *links[] = {pair.server.link, pair.client.link};
    size_t cold = 0;

    for (size_t i = 0; i < 2; i++) {
        if (links[i]->places[ROW_WARM].taken)
            continue;
        memset(links[i]->buffer, 0xaa, sizeof links[i]->buffer);
        cold++;
    }
    return cold;
}

static int make(void **state)
{
    (void)state;
    later = now_ns();
    return 0;
}

static void idle_links_are_cold(void **state)
{
    const uint8_t *middle;

    (void)state;
    pair_open_room(&pair);
    assert_true(cooler_due(&pair.hub) <= now_ns() + COOLER_IDLE_NS);
    cooler_tick(&pair.hub, cooler_due(&pair.hub) - 1);
    assert_true(pair.server.link->places[ROW_WARM].taken &&
                pair.client.link->places[ROW_WARM].taken);
    tick();
    assert_int_equal(spoil(), 2);
    assert_true(cooler_due(&pair.hub) == INT64_MAX);
    for (uint64_t i = 0; i < 20; i++) {
        pair_send(&pair.client, i * 1000, i);
        pair_send(&pair.server, i * 500, i);
        pair_settle(&pair);
        assert_int_equal(pair.client.messages, i + 1);
        assert_int_equal(pair.server.messages, i + 1);
        tick();
        assert_int_equal(spoil(), 2);
    }
    /* The middle is given back, where pages are small enough for it to be in a whole one. */
    middle = pair.server.link->buffer + sizeof pair.server.link->buffer / 2;
    assert_int_equal(*middle, 0xaa);
    pair_send(&pair.client, 10, 1);
    pair_settle(&pair);
    tick();
    if (sysconf(_SC_PAGESIZE) <= 8192)
        assert_int_equal(*middle, 0);
    pair_close(&pair);
}

/* However many there are: who is due soon goes with who is due, and using one again costs no wake-up. */
static void one_wake_up_for_all(void **state)
{
    int64_t now = now_ns() + 100 * COOLER_IDLE_NS, due;

    (void)state;
    pair_open_room(&pair);
    tick();
    cooler_use(pair.server.link, now);
    cooler_use(pair.client.link, now + COOLER_SOON_NS / 2);
    due = cooler_due(&pair.hub);
    assert_true(due == now + COOLER_IDLE_NS);
    cooler_use(pair.server.link, now + COOLER_IDLE_NS / 2);
    assert_true(cooler_due(&pair.hub) == due);
    cooler_tick(&pair.hub, due);
    assert_true(pair.server.link->places[ROW_WARM].taken &&
                !pair.client.link->places[ROW_WARM].taken);
    assert_true(cooler_due(&pair.hub) == due + COOLER_IDLE_NS);
    cooler_tick(&pair.hub, due + COOLER_IDLE_NS);
    assert_false(pair.server.link->places[ROW_WARM].taken);
    assert_true(cooler_due(&pair.hub) == INT64_MAX);
    pair_close(&pair);
}

/* The oldest goes first, and closing takes a link out of the row wherever it stands. */
static void a_link_leaves_the_row(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct pair_side *gone = first == 0 ? &pair.server : &pair.client;

        pair_open_room(&pair);
        cooler_use(gone->link, now_ns());
        link_close(gone->link);
        gone->link = NULL;
        assert_true(pair.hub.rows[ROW_WARM].first == pair.hub.rows[ROW_WARM].last);
        assert_non_null(pair.hub.rows[ROW_WARM].first);
        pair_close(&pair);
        assert_null(pair.hub.rows[ROW_WARM].first);
    }
}

/* Hands on at most n bytes. */
static void carry(int from, int to, size_t n)
{
    uint8_t bytes[4096];
    ssize_t got = recv(from, bytes, n < sizeof bytes ? n : sizeof bytes, MSG_DONTWAIT);

    if (got > 0)
        assert_int_equal(send(to, bytes, (size_t)got, 0), got);
}

/* In pieces of any size, the clock an hour on after each: only who has part of a record keeps it. */
static void half_a_record_is_kept(void **state)
{
    struct dice dice = dice_make(5);
    struct buf up, down;
    size_t cold = 0;

    (void)state;
    buf_init(&up, 1000000);
    buf_init(&down, 1000000);
    pair_open_apart(&pair, keys_get(0)->public.fingerprint);
    for (int i = 0; i < 200 && !pair.client.opened; i++) {
        carry(pair.raw, pair.raw_client, 4096);
        carry(pair.raw_client, pair.raw, 4096);
        pair_turn(&pair);
        tick();
        spoil();
    }
    link_phase(pair.server.link, PHASE_ROOM);
    link_phase(pair.client.link, PHASE_ROOM);
    for (uint64_t i = 0; i < 3000; i++) {
        size_t len = dice_below(&dice, 2000), n = 1 + dice_below(&dice, i % 7 == 0 ? 1500 : 20);

        if (i % 50 == 0) {
            pair_message(&up, MESSAGE_SEND, len, i);
            pair_message(&down, MESSAGE_SEALED, len, i);
            pair_send(&pair.client, len, i);
            pair_send(&pair.server, len, i);
        }
        carry(pair.raw, pair.raw_client, n);
        carry(pair.raw_client, pair.raw, n);
        pair_turn(&pair);
        tick();
        cold += spoil();
    }
    for (int i = 0; i < 2000; i++) {
        carry(pair.raw, pair.raw_client, 4096);
        carry(pair.raw_client, pair.raw, 4096);
        pair_turn(&pair);
    }
    assert_int_equal(pair.server.seen.len, up.len);
    assert_memory_equal(pair.server.seen.data, up.data, up.len);
    assert_int_equal(pair.client.seen.len, down.len);
    assert_memory_equal(pair.client.seen.data, down.data, down.len);
    assert_true(cold > 0 && cold < 6000);
    pair_close(&pair);
    buf_free(&up);
    buf_free(&down);
}

static void whole_pages_only(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *p = mmap(NULL, page * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(p != MAP_FAILED);
    memset(p, 1, page * 4);
    pages_give_back(p + 1, page - 1);
    pages_give_back(p + 1, page * 2 - 2);
    pages_give_back(p, 0);
    for (size_t i = 0; i < page * 4; i++)
        assert_int_equal(p[i], 1);
    pages_give_back(p + 1, page * 3 - 2);
    assert_int_equal(p[page - 1], 1);
    assert_int_equal(p[page], 0);
    assert_int_equal(p[page * 2 - 1], 0);
    assert_int_equal(p[page * 2], 1);
    munmap(p, page * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(idle_links_are_cold, make),
        cmocka_unit_test_setup(one_wake_up_for_all, make),
        cmocka_unit_test_setup(a_link_leaves_the_row, make),
        cmocka_unit_test_setup(half_a_record_is_kept, make),
        cmocka_unit_test(whole_pages_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
