/* Codes of invitations as people type them: the values are made by Python from PROTOCOL.md 5.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/invitation.h"
#include "tests/kit/dice.h"
#include "tests/kit/document.h"

#define RISING "000G4-0R40M-30E20-9185G-R38E1-YVKCB"

static void check(const char *text, const uint8_t *expected)
{
    uint8_t got[SIZE_INVITATION], zeros[SIZE_INVITATION] = {0};
    bool ok;

    memset(got, 'x', sizeof got);
    ok = invitation_parse(got, text);
    if (ok != (expected != NULL))
        fail_msg("'%s' was %s", text, ok ? "taken" : "refused");
    assert_memory_equal(got, ok ? expected : zeros, sizeof got);
}

static void known_codes(void **state)
{
    uint8_t zeros[SIZE_INVITATION] = {0}, ones[SIZE_INVITATION], rising[SIZE_INVITATION];
    char text[INVITATION_TEXT];

    (void)state;
    memset(ones, 0xff, sizeof ones);
    for (size_t i = 0; i < sizeof rising; i++)
        rising[i] = (uint8_t)i;
    invitation_text(text, zeros);
    assert_string_equal(text, "00000-00000-00000-00000-00000-015YG");
    invitation_text(text, ones);
    assert_string_equal(text, "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-XHDX1");
    invitation_text(text, rising);
    assert_string_equal(text, RISING);
}

static void as_people_write_it(void **state)
{
    uint8_t rising[SIZE_INVITATION];

    (void)state;
    for (size_t i = 0; i < sizeof rising; i++)
        rising[i] = (uint8_t)i;
    check(RISING, rising);
    check("000g4 0r40m 30e20 9185g r38e1 yvkcb", rising);
    check("oooG4-oR4oM-3oE2o-9l85G-R38El-YVKCB", rising);
    check("  000G40R40M30E209185GR38E1YVKCB \r\n", rising);
    check(RISING "0", NULL);
    check(RISING "-", rising);
    check("", NULL);
    check("-", NULL);
    check("000G40R40M30E209185GR38E1YVKC", NULL);
    check(RISING "\xc3\xa9", NULL);
    check("U00G40R40M30E209185GR38E1YVKCB", NULL);
    check("." RISING, NULL);
    check("000000000000000000000000000000", NULL);
}

static void any_code_comes_back(void **state)
{
    struct dice d = dice_make(56);
    uint8_t code[SIZE_INVITATION];
    char text[INVITATION_TEXT];

    (void)state;
    for (int i = 0; i < 2000; i++) {
        dice_bytes(&d, code, sizeof code);
        invitation_text(text, code);
        assert_int_equal(strlen(text), INVITATION_TEXT - 1);
        check(text, code);
    }
}

/* Every other digit in every place, every two neighbours that change places, every digit left out. */
static void a_slip_of_the_pen_is_seen(void **state)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char text[INVITATION_TEXT];

    (void)state;
    for (size_t at = 0; at < INVITATION_TEXT - 1; at++) {
        if (RISING[at] == '-')
            continue;
        for (const char *other = digits; *other != 0; other++) {
            memcpy(text, RISING, sizeof text);
            text[at] = *other;
            if (*other != RISING[at])
                check(text, NULL);
        }
        memcpy(text, RISING, sizeof text);
        text[at] = RISING[at + 1];
        text[at + 1] = RISING[at];
        if (RISING[at + 1] != 0 && RISING[at + 1] != '-' && RISING[at] != RISING[at + 1])
            check(text, NULL);
        memcpy(text, RISING, sizeof text);
        text[at] = '-';
        check(text, NULL);
    }
}

static void the_document_has_the_same(void **state)
{
    struct buf document, block;

    (void)state;
    buf_init(&document, 1 << 20);
    buf_init(&block, 1024);
    assert_true(document_load("src/wire/PROTOCOL.md", &document));
    assert_true(document_block(&document, "text", "invitation", &block));
    assert_string_equal(buf_text(&block), RISING "\n");
    buf_free(&block);
    buf_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_codes),
        cmocka_unit_test(as_people_write_it),
        cmocka_unit_test(any_code_comes_back),
        cmocka_unit_test(a_slip_of_the_pen_is_seen),
        cmocka_unit_test(the_document_has_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
