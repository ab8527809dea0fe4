#include "tests/kit/cuts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "tests/kit/dice.h"
#include "wire/message.h"

#define ROUNDS 300

struct span cuts_payload(const struct buf *b, uint8_t type)
{
    assert_false(b->failed);
    assert_true(b->len >= MESSAGE_HEADER);
    assert_int_equal(b->data[0], type);
    assert_int_equal(bytes_get32(b->data + 1), b->len - MESSAGE_HEADER);
    assert_true(b->len - MESSAGE_HEADER <= message_rule(type)->limit);
    return (struct span){b->data + MESSAGE_HEADER, b->len - MESSAGE_HEADER};
}

/* Reads a copy of len bytes, of which the payload has only the first. */
static enum err get_copy(struct span payload, size_t len, const void *behind, size_t extra,
                         enum err (*get)(struct span payload))
{
    uint8_t *copy = malloc(len + extra > 0 ? len + extra : 1);
    enum err e;

    assert_non_null(copy);
    memcpy(copy, payload.data, len);
    if (extra > 0)
        memcpy(copy + len, behind, extra);
    e = get((struct span){copy, len + extra});
    free(copy);
    return e;
}

void cuts_check(struct span payload, enum err (*get)(struct span payload))
{
    assert_int_equal(get_copy(payload, payload.len, NULL, 0, get), ERR_OK);
    for (size_t len = 0; len < payload.len; len++) {
        if (get_copy(payload, len, NULL, 0, get) == ERR_OK)
            fail_msg("cut to %zu of %zu bytes, and accepted", len, payload.len);
    }
    assert_int_not_equal(get_copy(payload, payload.len, "\0", 1, get), ERR_OK);
    assert_int_not_equal(get_copy(payload, payload.len, "\xff\xff", 2, get), ERR_OK);
}

void cuts_check_fields(struct span payload, enum err (*get)(struct span payload))
{
    static const char fields[] = "\xc8\0\3abc\xc9\0\0";

    cuts_check(payload, get);
    for (size_t extra = 0; extra <= 9; extra++) {
        bool whole = extra == 0 || extra == 6 || extra == 9;

        assert_int_equal(get_copy(payload, payload.len, fields, extra, get) == ERR_OK, whole);
    }
}

void cuts_check_changed(struct span payload, enum err (*get)(struct span payload))
{
    struct dice dice = dice_make(payload.len);
    uint8_t *copy = malloc(payload.len + 1);

    assert_non_null(copy);
    for (int round = 0; round < ROUNDS; round++) {
        size_t changes = 1 + dice_below(&dice, 4);

        memcpy(copy, payload.data, payload.len);
        for (size_t i = 0; i < changes && payload.len > 0; i++)
            copy[dice_below(&dice, payload.len)] = (uint8_t)dice_u64(&dice);
        get_copy((struct span){copy, payload.len}, dice_below(&dice, payload.len + 1), NULL, 0,
                 get);
        get_copy((struct span){copy, payload.len}, payload.len, NULL, 0, get);
    }
    free(copy);
}
