/* The messages of a direct link for files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/kit/cuts.h"
#include "wire/file.h"

static struct buf out;

static void begin(void)
{
    buf_free(&out);
    buf_init(&out, 1024 * 1024);
}

static enum err get_offer(struct span payload)
{
    struct wire_offer m;
    enum err e = wire_get_offer(payload, &m);

    if (e == ERR_OK) {
        assert_true(m.name.len > 0 && m.name.len <= LIMIT_FILE_NAME);
        assert_true(text_valid(m.name.data, m.name.len) && m.size <= LIMIT_PARCEL_SIZE);
    }
    return e;
}

static struct wire_offer sample(const char *name)
{
    static uint8_t token[SIZE_FILE_TOKEN] = {1, 2, 3};

    return (struct wire_offer){
        7, token, 1000000, UINT64_C(1700000000123456789), {(const uint8_t *)name, strlen(name)}};
}

static void offer_round_trip(void **state)
{
    struct wire_offer m = sample("photo.jpg"), got;
    struct span payload;

    (void)state;
    begin();
    wire_put_offer(&out, &m);
    payload = cuts_payload(&out, MESSAGE_OFFER);
    assert_int_equal(wire_get_offer(payload, &got), ERR_OK);
    assert_int_equal(got.file, 7);
    assert_true(got.size == m.size && got.mtime == m.mtime && got.name.len == 9);
    assert_memory_equal(got.name.data, "photo.jpg", 9);
    assert_memory_equal(got.token, m.token, SIZE_FILE_TOKEN);
    cuts_check_fields(payload, get_offer);
    cuts_check_changed(payload, get_offer);
}

static enum err offered(const struct wire_offer *m)
{
    begin();
    wire_put_offer(&out, m);
    return get_offer((struct span){out.data + MESSAGE_HEADER, out.len - MESSAGE_HEADER});
}

static void offers_that_are_wrong(void **state)
{
    char name[LIMIT_FILE_NAME + 2];
    struct wire_offer m = sample("");

    (void)state;
    assert_int_equal(offered(&m), ERR_EMPTY);
    memset(name, 'n', sizeof name);
    m.name = (struct span){(uint8_t *)name, LIMIT_FILE_NAME};
    assert_int_equal(offered(&m), ERR_OK);
    m.name.len++;
    assert_int_equal(offered(&m), ERR_SHORT);
    m = sample("\xff");
    assert_int_equal(offered(&m), ERR_UTF8);
    m = sample("x");
    m.size = (uint64_t)LIMIT_PARCEL_SIZE + 1;
    assert_int_equal(offered(&m), ERR_LIMIT);
}

static enum err get_take(struct span payload)
{
    struct wire_take m;

    return wire_get_take(payload, &m);
}

static enum err get_begin(struct span payload)
{
    struct wire_begin m;

    return wire_get_begin(payload, &m);
}

static enum err get_end(struct span payload)
{
    struct wire_file_end m;

    return wire_get_file_end(payload, &m);
}

static enum err get_kept(struct span payload)
{
    uint32_t file;

    return wire_get_kept(payload, &file);
}

static enum err get_drop(struct span payload)
{
    struct wire_drop_file m;

    return wire_get_drop(payload, &m);
}

static void the_small_ones(void **state)
{
    static const uint8_t hash[SIZE_FILE_HASH] = {9, 8, 7};
    struct wire_take take;
    struct wire_begin first;
    struct wire_file_end end;
    struct wire_drop_file drop;
    uint32_t file;

    (void)state;
    begin();
    wire_put_take(&out, &(struct wire_take){3, 77, hash});
    assert_int_equal(wire_get_take(cuts_payload(&out, MESSAGE_TAKE), &take), ERR_OK);
    assert_true(take.file == 3 && take.offset == 77 && memcmp(take.hash, hash, 32) == 0);
    cuts_check_fields(cuts_payload(&out, MESSAGE_TAKE), get_take);
    begin();
    wire_put_begin(&out, &(struct wire_begin){4, 78});
    assert_int_equal(wire_get_begin(cuts_payload(&out, MESSAGE_BEGIN), &first), ERR_OK);
    assert_true(first.file == 4 && first.offset == 78);
    cuts_check_fields(cuts_payload(&out, MESSAGE_BEGIN), get_begin);
    begin();
    wire_put_file_end(&out, &(struct wire_file_end){5, hash});
    assert_int_equal(wire_get_file_end(cuts_payload(&out, MESSAGE_END), &end), ERR_OK);
    assert_true(end.file == 5 && memcmp(end.hash, hash, 32) == 0);
    cuts_check_fields(cuts_payload(&out, MESSAGE_END), get_end);
    begin();
    wire_put_kept(&out, 6);
    assert_int_equal(wire_get_kept(cuts_payload(&out, MESSAGE_KEPT), &file), ERR_OK);
    assert_int_equal(file, 6);
    cuts_check_fields(cuts_payload(&out, MESSAGE_KEPT), get_kept);
    begin();
    wire_put_drop(&out, &(struct wire_drop_file){8, DROP_NO_SPACE});
    assert_int_equal(wire_get_drop(cuts_payload(&out, MESSAGE_DROP), &drop), ERR_OK);
    assert_true(drop.file == 8 && drop.why == DROP_NO_SPACE);
    cuts_check_fields(cuts_payload(&out, MESSAGE_DROP), get_drop);
}

static void data_is_all_the_rest(void **state)
{
    uint8_t whole[MESSAGE_HEADER + FILE_DATA_HEAD + 3];
    struct wire_data m;

    (void)state;
    assert_int_equal(wire_data_head(whole, 9, 3), MESSAGE_HEADER + FILE_DATA_HEAD);
    memcpy(whole + MESSAGE_HEADER + FILE_DATA_HEAD, "abc", 3);
    assert_int_equal(whole[0], MESSAGE_DATA);
    assert_int_equal(wire_get_data((struct span){whole + MESSAGE_HEADER, 7}, &m), ERR_OK);
    assert_true(m.file == 9 && m.bytes.len == 3 && memcmp(m.bytes.data, "abc", 3) == 0);
    assert_int_equal(wire_get_data((struct span){whole + MESSAGE_HEADER, 4}, &m), ERR_EMPTY);
    assert_int_equal(wire_get_data((struct span){whole + MESSAGE_HEADER, 3}, &m), ERR_SHORT);
}

static int forget(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offer_round_trip),
        cmocka_unit_test(offers_that_are_wrong),
        cmocka_unit_test(the_small_ones),
        cmocka_unit_test(data_is_all_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
