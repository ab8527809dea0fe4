/* The messages of the room: WELCOME, the lists, and envelopes on their way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/kit/cuts.h"
#include "wire/room.h"

static struct buf out;
static uint8_t spki[SIZE_SPKI], fingerprint[SIZE_FINGERPRINT];

static enum err get_welcome(struct span payload)
{
    struct wire_welcome m;
    enum err e = wire_get_welcome(payload, &m);

    assert_true(e != ERR_OK || (m.room.len <= LIMIT_ROOM && text_valid(m.room.data, m.room.len)));
    return e;
}

static void welcome_round_trip(void **state)
{
    struct wire_welcome got, m = {.room = {(const uint8_t *)"k\xc3\xbc"
                                                            "che",
                                           6},
                                  .log_id = fingerprint + 7,
                                  .last = UINT64_C(1) << 40,
                                  .n = 7,
                                  .h = fingerprint};
    struct span payload;

    (void)state;
    buf_clear(&out);
    wire_put_welcome(&out, &m);
    payload = cuts_payload(&out, MESSAGE_WELCOME);
    assert_int_equal(wire_get_welcome(payload, &got), ERR_OK);
    assert_int_equal(got.room.len, 6);
    assert_memory_equal(got.log_id, fingerprint + 7, SIZE_LOG_ID);
    assert_true(got.last == m.last && got.n == 7);
    assert_memory_equal(got.h, fingerprint, SIZE_FINGERPRINT);
    cuts_check_fields(payload, get_welcome);
    cuts_check_changed(payload, get_welcome);
    m.room = (struct span){(const uint8_t *)"\xff", 1};
    buf_clear(&out);
    wire_put_welcome(&out, &m);
    assert_int_equal(get_welcome(cuts_payload(&out, MESSAGE_WELCOME)), ERR_UTF8);
}

static struct wire_member member(unsigned i)
{
    struct wire_member m = {.flags = (uint8_t)(i % 2), .spki = spki};

    snprintf(m.name, sizeof m.name, "member-%u", i);
    if (i % 3 == 0) {
        m.address = (struct span){(const uint8_t *)"192.168.100.200", 15};
        m.direct_port = (uint16_t)(1000 + i);
    }
    return m;
}

/* Reads a whole list of members and returns the verdict; the count goes to *count. */
static enum err count_members(struct span payload, size_t *count)
{
    struct wire_list list = wire_members_open(payload);
    struct wire_member m;
    enum err e = ERR_STATE;

    for (*count = 0; wire_members_next(&list, &m, &e); ++*count) {
        assert_true(text_name_valid(m.name, strlen(m.name)));
        assert_non_null(m.spki);
        assert_true(text_valid(m.address.data, m.address.len));
    }
    return e;
}

static enum err get_one_member(struct span payload)
{
    size_t count;
    enum err e = count_members(payload, &count);

    return e == ERR_OK && count != 1 ? ERR_EMPTY : e;
}

static void a_member_round_trip(void **state)
{
    struct wire_member m = member(3), got;
    struct wire_list list;
    struct span payload;
    size_t begin;
    enum err e;

    (void)state;
    buf_clear(&out);
    begin = wire_members_begin(&out, MESSAGE_JOINED);
    wire_members_add(&out, &m);
    wire_members_end(&out, begin, false);
    payload = cuts_payload(&out, MESSAGE_JOINED);
    list = wire_members_open(payload);
    assert_false(list.more);
    assert_true(wire_members_next(&list, &got, &e));
    assert_string_equal(got.name, "member-3");
    assert_int_equal(got.flags, MEMBER_EPHEMERAL);
    assert_memory_equal(got.spki, spki, SIZE_SPKI);
    assert_memory_equal(got.address.data, "192.168.100.200", 15);
    assert_int_equal(got.direct_port, 1003);
    assert_false(wire_members_next(&list, &got, &e));
    assert_int_equal(e, ERR_OK);
    cuts_check(payload, get_one_member);
    cuts_check_changed(payload, get_one_member);
}

/* A later version may say more of each member. */
static void fields_inside_a_member_are_skipped(void **state)
{
    struct wire_member m = member(1);
    size_t begin, count;

    (void)state;
    buf_clear(&out);
    begin = wire_members_begin(&out, MESSAGE_MEMBERS);
    wire_members_add(&out, &m);
    buf_add(&out, "\x42\0\1x", 4);
    out.data[begin + 6] = (uint8_t)((SIZE_SPKI + 13 + 4) >> 8);
    out.data[begin + 7] = (uint8_t)(SIZE_SPKI + 13 + 4);
    wire_members_add(&out, &m);
    wire_members_end(&out, begin, true);
    assert_int_equal(count_members(cuts_payload(&out, MESSAGE_MEMBERS), &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_true(wire_members_open(cuts_payload(&out, MESSAGE_MEMBERS)).more);
    out.data[begin + 7]--;
    assert_int_not_equal(count_members(cuts_payload(&out, MESSAGE_MEMBERS), &count), ERR_OK);
}

/* As many as are said to fit stay below the limit, whatever they look like. */
static void lists_stay_below_their_limit(void **state)
{
    struct wire_member longest = {.spki = spki, .direct_port = 1};
    size_t begin, count = 0, got;

    (void)state;
    memset(longest.name, 'n', LIMIT_NAME);
    longest.address =
        (struct span){(const uint8_t *)"abcd:abcd:abcd:abcd:abcd:abcd:255.255.255.255%", 46};
    buf_clear(&out);
    buf_add_text(&out, "something before");
    begin = wire_members_begin(&out, MESSAGE_MEMBERS);
    for (; wire_list_fits(&out, begin); count++)
        wire_members_add(&out, &longest);
    wire_members_end(&out, begin, false);
    buf_drop(&out, begin);
    assert_true(count > 150);
    assert_int_equal(count_members(cuts_payload(&out, MESSAGE_MEMBERS), &got), ERR_OK);
    assert_int_equal(got, count);
}

static enum err get_one_left(struct span payload)
{
    struct wire_list list = wire_left_open(payload);
    struct wire_left m;
    enum err e;
    size_t count = 0;

    while (wire_left_next(&list, &m, &e)) {
        assert_true(text_name_valid(m.name, strlen(m.name)));
        count++;
    }
    return e == ERR_OK && count != 1 ? ERR_EMPTY : e;
}

static void left_round_trip(void **state)
{
    struct wire_left m = {.name = "bob", .fingerprint = fingerprint, .reason = LEFT_LOST}, got;
    struct wire_list list;
    struct span payload;
    enum err e;

    (void)state;
    buf_clear(&out);
    size_t begin = wire_left_begin(&out);
    wire_left_add(&out, &m);
    message_end(&out, begin);
    payload = cuts_payload(&out, MESSAGE_LEFT);
    list = wire_left_open(payload);
    assert_true(wire_left_next(&list, &got, &e));
    assert_string_equal(got.name, "bob");
    assert_int_equal(got.reason, LEFT_LOST);
    assert_memory_equal(got.fingerprint, fingerprint, SIZE_FINGERPRINT);
    cuts_check(payload, get_one_left);
    cuts_check_changed(payload, get_one_left);
}

static enum err get_one_binding(struct span payload)
{
    struct wire_list list = wire_bindings_open(payload);
    struct wire_binding m;
    enum err e;
    size_t count = 0;

    while (wire_bindings_next(&list, &m, &e)) {
        assert_true(m.kind == 1 || m.kind == 2);
        assert_true(text_name_valid(m.name, strlen(m.name)));
        count++;
    }
    return e == ERR_OK && count != 1 ? ERR_EMPTY : e;
}

static void bindings_round_trip(void **state)
{
    struct wire_binding m = {.n = UINT64_C(1) << 33, .kind = 2, .name = "bob"}, got;
    struct wire_list list;
    struct span payload;
    enum err e;

    (void)state;
    m.fingerprint = fingerprint;
    buf_clear(&out);
    size_t begin = wire_bindings_begin(&out);
    wire_bindings_add(&out, &m);
    message_end(&out, begin);
    payload = cuts_payload(&out, MESSAGE_BINDINGS);
    list = wire_bindings_open(payload);
    assert_true(wire_bindings_next(&list, &got, &e));
    assert_true(got.n == m.n);
    assert_int_equal(got.kind, 2);
    assert_string_equal(got.name, "bob");
    assert_memory_equal(got.fingerprint, fingerprint, SIZE_FINGERPRINT);
    cuts_check(payload, get_one_binding);
    cuts_check_changed(payload, get_one_binding);
    out.data[MESSAGE_HEADER + 8] = 3;
    assert_int_equal(get_one_binding(payload), ERR_FORMAT);
    out.data[MESSAGE_HEADER + 8] = 0;
    assert_int_equal(get_one_binding(payload), ERR_FORMAT);
}

static enum err get_accepted(struct span payload)
{
    uint64_t id, number;

    return wire_get_accepted(payload, &id, &number);
}

static void envelopes_round_trip(void **state)
{
    static const uint8_t envelope[] = "an envelope";
    struct span e = {envelope, sizeof envelope}, payload;
    struct wire_send send;
    struct wire_sealed sealed;
    uint64_t id, number;

    (void)state;
    buf_clear(&out);
    wire_put_send(&out, 0x1122334455667788, e);
    payload = cuts_payload(&out, MESSAGE_SEND);
    assert_int_equal(wire_get_send(payload, &send), ERR_OK);
    assert_true(send.id == 0x1122334455667788);
    assert_int_equal(send.envelope.len, sizeof envelope);
    assert_memory_equal(send.envelope.data, envelope, sizeof envelope);
    for (size_t len = 0; len < 8; len++)
        assert_int_equal(wire_get_send((struct span){payload.data, len}, &send), ERR_SHORT);

    buf_clear(&out);
    size_t begin = wire_sealed_begin(&out, 99, "carol", fingerprint);
    buf_add(&out, envelope, sizeof envelope);
    message_end(&out, begin);
    payload = cuts_payload(&out, MESSAGE_SEALED);
    assert_int_equal(wire_get_sealed(payload, &sealed), ERR_OK);
    assert_true(sealed.number == 99);
    assert_string_equal(sealed.from, "carol");
    assert_memory_equal(sealed.fingerprint, fingerprint, SIZE_FINGERPRINT);
    assert_memory_equal(sealed.envelope.data, envelope, sizeof envelope);
    for (size_t len = 0; len < 8 + 6 + SIZE_FINGERPRINT; len++)
        assert_int_not_equal(wire_get_sealed((struct span){payload.data, len}, &sealed), ERR_OK);

    buf_clear(&out);
    wire_put_accepted(&out, 3, 4);
    payload = cuts_payload(&out, MESSAGE_ACCEPTED);
    assert_int_equal(wire_get_accepted(payload, &id, &number), ERR_OK);
    assert_true(id == 3 && number == 4);
    cuts_check_fields(payload, get_accepted);
}

static void the_largest_envelope_fits(void **state)
{
    struct span largest = {calloc(1, LIMIT_ENVELOPE), LIMIT_ENVELOPE};
    struct buf b;

    (void)state;
    buf_init(&b, MESSAGE_HEADER + LIMIT_MESSAGE);
    wire_put_send(&b, 1, largest);
    cuts_payload(&b, MESSAGE_SEND);
    buf_clear(&b);
    size_t begin = wire_sealed_begin(&b, 1, "12345678901234567890123456789012", fingerprint);
    buf_add(&b, largest.data, largest.len);
    message_end(&b, begin);
    cuts_payload(&b, MESSAGE_SEALED);
    buf_free(&b);
    free((void *)(uintptr_t)largest.data);
}

static int make(void **state)
{
    (void)state;
    buf_init(&out, 200000);
    for (size_t i = 0; i < sizeof spki; i++)
        spki[i] = (uint8_t)(i * 3);
    memcpy(fingerprint, spki + 100, sizeof fingerprint);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welcome_round_trip),
        cmocka_unit_test(a_member_round_trip),
        cmocka_unit_test(fields_inside_a_member_are_skipped),
        cmocka_unit_test(lists_stay_below_their_limit),
        cmocka_unit_test(left_round_trip),
        cmocka_unit_test(bindings_round_trip),
        cmocka_unit_test(envelopes_round_trip),
        cmocka_unit_test(the_largest_envelope_fits),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
