/* A stream of bytes cut into messages, in whatever pieces it arrives; and the table of messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/kit/dice.h"
#include "wire/framer.h"

/* What came out: every message's type, length and bytes, one after the other. */
static struct buf seen;

static void put(struct buf *b, uint8_t type, size_t len)
{
    size_t begin = message_begin(b, type);

    for (size_t i = 0; i < len; i++)
        buf_add8(b, (uint8_t)(i * 7 + type));
    message_end(b, begin);
}

/* Feeds one piece, from memory of exactly its size; the last result. */
static enum framer_result feed(struct framer *f, const uint8_t *p, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    struct cursor in;
    struct message m;
    const char *why = NULL;
    enum framer_result got;

    assert_non_null(copy);
    memcpy(copy, p, len);
    in = cursor_over(copy, len);
    while ((got = framer_next(f, &in, &m, &why)) == FRAMER_MESSAGE) {
        buf_add8(&seen, m.type);
        buf_add_sized32(&seen, m.payload.data, m.payload.len);
    }
    assert_true(got != FRAMER_MORE || in.left == 0);
    assert_true(got != FRAMER_REFUSED || why != NULL);
    free(copy);
    return got;
}

static void start(struct framer *f, enum message_from from, enum message_phase phase)
{
    framer_init(f, from);
    f->phase = phase;
    buf_clear(&seen);
}

/* What a client may say in the room: empty, small, ignorable and large ones. */
static void script(struct buf *b)
{
    static const struct {
        uint8_t type;
        size_t len;
    } lines[] = {{MESSAGE_LIST, 0},    {MESSAGE_STOP, 4},   {MESSAGE_LIST, 0},
                 {MESSAGE_LIST, 0},    {MESSAGE_QUIT, 2},   {0x80, 0},
                 {0xff, 17},           {MESSAGE_SEND, 300}, {MESSAGE_SEEK, 12},
                 {MESSAGE_SEND, 1000}, {MESSAGE_LIST, 0}};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        put(b, lines[i].type, lines[i].len);
}

static void the_same_however_it_arrives(void **state)
{
    struct buf b;
    struct framer f;

    (void)state;
    buf_init(&b, 10000);
    script(&b);
    start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
    assert_int_equal(feed(&f, b.data, b.len), FRAMER_MORE);
    /* What goes in comes out: the layouts are the same. */
    assert_int_equal(seen.len, b.len);
    assert_memory_equal(seen.data, b.data, b.len);
    framer_free(&f);
    for (size_t cut = 0; cut <= b.len; cut++) {
        start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
        feed(&f, b.data, cut);
        feed(&f, b.data + cut, b.len - cut);
        assert_int_equal(seen.len, b.len);
        assert_memory_equal(seen.data, b.data, b.len);
        framer_free(&f);
    }
    start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
    for (size_t i = 0; i < b.len; i++)
        assert_int_equal(feed(&f, b.data + i, 1), FRAMER_MORE);
    assert_int_equal(seen.len, b.len);
    assert_memory_equal(seen.data, b.data, b.len);
    framer_free(&f);
    buf_free(&b);
}

static void any_messages_in_any_pieces(void **state)
{
    static const uint8_t types[] = {MESSAGE_SEND, MESSAGE_SEND, MESSAGE_LIST, 0x90};
    struct dice dice = dice_make(5);
    struct buf b;
    struct framer f;

    (void)state;
    buf_init(&b, 4 * LIMIT_MESSAGE);
    for (int round = 0; round < 60; round++) {
        buf_clear(&b);
        start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
        for (size_t n = 1 + dice_below(&dice, 20); n > 0; n--) {
            uint8_t type = types[dice_below(&dice, 4)];
            size_t most = message_rule(type) != NULL ? message_rule(type)->limit : 2000;
            size_t len = dice_below(&dice, 20) == 0 ? 40000 : dice_below(&dice, 600);

            put(&b, type, len < most ? len : dice_below(&dice, most + 1));
        }
        for (size_t at = 0; at < b.len;) {
            size_t len = 1 + dice_below(&dice, dice_below(&dice, 2) ? 20 : 9000);

            len = len < b.len - at ? len : b.len - at;
            assert_int_equal(feed(&f, b.data + at, len), FRAMER_MORE);
            at += len;
        }
        assert_int_equal(seen.len, b.len);
        assert_memory_equal(seen.data, b.data, b.len);
        framer_free(&f);
    }
    buf_free(&b);
}

/* The header alone decides, before anything of the payload is stored: fed whole and by bytes. */
static void check_header(enum message_from from, enum message_phase phase, uint8_t type, size_t len,
                         bool allowed)
{
    uint8_t header[MESSAGE_HEADER];
    enum framer_result want = allowed ? FRAMER_MORE : FRAMER_REFUSED;
    struct framer f;

    message_header(header, type, len);
    for (int by_bytes = 0; by_bytes < 2; by_bytes++) {
        enum framer_result got = FRAMER_MORE;

        start(&f, from, phase);
        for (size_t i = 0; by_bytes && i < 4; i++)
            assert_int_equal(feed(&f, header + i, 1), FRAMER_MORE);
        got = by_bytes ? feed(&f, header + 4, 1) : feed(&f, header, 5);
        if (got != want)
            fail_msg("type %02x length %zu from %d in %d", type, len, (int)from, (int)phase);
        assert_true(f.partial.cap <= 64);
        assert_int_equal(f.refused != 0, !allowed);
        /* Once refused, for ever refused. */
        if (!allowed)
            assert_int_equal(feed(&f, header, 5), FRAMER_REFUSED);
        framer_free(&f);
    }
}

static void the_header_decides(void **state)
{
    static const enum message_phase phases[] = {PHASE_HELLO, PHASE_ACK,  PHASE_ROOM, PHASE_CALL,
                                                PHASE_RING,  PHASE_CHAT, PHASE_FILES};

    (void)state;
    for (int type = 0; type < 256; type++) {
        const struct message_rule *rule = message_rule((uint8_t)type);
        size_t limit = rule != NULL ? rule->limit : LIMIT_LIST;

        for (int from = MESSAGE_FROM_CLIENT; from <= MESSAGE_FROM_SERVER; from++) {
            for (int i = 0; i < 7; i++) {
                bool open = phases[i] == PHASE_ROOM || phases[i] >= PHASE_CHAT;
                bool may = rule != NULL ? (rule->from & from) != 0 && (rule->phase & phases[i]) != 0
                                        : type >= MESSAGE_IGNORABLE && open;

                check_header((enum message_from)from, phases[i], (uint8_t)type, limit, may);
                check_header((enum message_from)from, phases[i], (uint8_t)type, 0, may);
                check_header((enum message_from)from, phases[i], (uint8_t)type, limit + 1, false);
                check_header((enum message_from)from, phases[i], (uint8_t)type, UINT32_MAX, false);
            }
        }
    }
}

static void what_came_before_still_counts(void **state)
{
    struct framer f;
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    put(&b, MESSAGE_STOP, 4);
    put(&b, MESSAGE_STOP, 4);
    put(&b, 0x7f, 0);
    put(&b, MESSAGE_STOP, 4);
    start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
    assert_int_equal(feed(&f, b.data, b.len), FRAMER_REFUSED);
    assert_int_equal(seen.len, 18);
    assert_int_equal(f.refused, CODE_PROTOCOL);
    framer_free(&f);
    buf_free(&b);
}

/* The phase may change between two messages of one piece. */
static void the_phase_counts_at_each_header(void **state)
{
    struct framer f;
    struct buf b;
    struct cursor in;
    struct message m;
    const char *why;

    (void)state;
    buf_init(&b, 1000);
    put(&b, MESSAGE_HELLO, 10);
    put(&b, MESSAGE_ACK, 10);
    start(&f, MESSAGE_FROM_CLIENT, PHASE_HELLO);
    in = cursor_over(b.data, b.len);
    assert_int_equal(framer_next(&f, &in, &m, &why), FRAMER_MESSAGE);
    f.phase = PHASE_ACK;
    assert_int_equal(framer_next(&f, &in, &m, &why), FRAMER_MESSAGE);
    assert_int_equal(m.type, MESSAGE_ACK);
    framer_free(&f);
    start(&f, MESSAGE_FROM_CLIENT, PHASE_HELLO);
    assert_int_equal(feed(&f, b.data, b.len), FRAMER_REFUSED);
    assert_int_equal(seen.len, 15);
    framer_free(&f);
    buf_free(&b);
}

static void memory_of_a_large_message_is_given_back(void **state)
{
    struct framer f;
    struct buf b;

    (void)state;
    buf_init(&b, 400000);
    put(&b, MESSAGE_SEND, 300000);
    start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
    feed(&f, b.data, 1000);
    feed(&f, b.data + 1000, b.len - 1000);
    assert_int_equal(seen.len, b.len);
    assert_true(f.partial.cap <= 64);
    framer_free(&f);
    buf_free(&b);
}

/* Nobody may look at it any more: then its memory goes at once; what is not whole yet stays. */
static void what_is_held_is_known(void **state)
{
    const char *why = "";
    struct framer f;
    struct cursor in;
    struct message m;
    struct buf b;

    (void)state;
    buf_init(&b, 400000);
    put(&b, MESSAGE_SEND, 300000);
    start(&f, MESSAGE_FROM_CLIENT, PHASE_ROOM);
    in = cursor_over(b.data, 200000);
    assert_int_equal(framer_next(&f, &in, &m, &why), FRAMER_MORE);
    assert_true(framer_settle(&f) >= 200000);
    in = cursor_over(b.data + 200000, b.len - 200000);
    assert_int_equal(framer_next(&f, &in, &m, &why), FRAMER_MESSAGE);
    assert_true(framer_settle(&f) == 0);
    in = cursor_over(b.data, 200000);
    assert_int_equal(framer_next(&f, &in, &m, &why), FRAMER_MORE);
    framer_drop(&f);
    assert_true(framer_settle(&f) == 0);
    assert_int_equal(framer_next(&f, &in, &m, &why), FRAMER_REFUSED);
    assert_int_equal(f.refused, CODE_FULL);
    framer_free(&f);
    buf_free(&b);
}

static void the_table_is_in_order(void **state)
{
    int last = 0;

    (void)state;
    assert_null(message_rule(0));
    for (int type = 1; type < 256; type++) {
        const struct message_rule *rule = message_rule((uint8_t)type);

        if (rule == NULL)
            continue;
        assert_int_equal(rule->type, type);
        assert_true(type > last && type < MESSAGE_IGNORABLE);
        assert_true(rule->limit <= LIMIT_MESSAGE);
        assert_true(rule->phase == PHASE_ROOM || rule->phase >= PHASE_CHAT ||
                    rule->limit <= LIMIT_HELLO);
        last = type;
    }
    assert_int_equal(last, MESSAGE_UNWATCHED);
}

static int make(void **state)
{
    (void)state;
    buf_init(&seen, 5 * LIMIT_MESSAGE);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    buf_free(&seen);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_however_it_arrives),
        cmocka_unit_test(any_messages_in_any_pieces),
        cmocka_unit_test(the_header_decides),
        cmocka_unit_test(what_came_before_still_counts),
        cmocka_unit_test(the_phase_counts_at_each_header),
        cmocka_unit_test(memory_of_a_large_message_is_given_back),
        cmocka_unit_test(what_is_held_is_known),
        cmocka_unit_test(the_table_is_in_order),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
