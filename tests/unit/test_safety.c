/* Safety numbers: the values are made by Python's hashlib from the words of PROTOCOL.md 5.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/safety.h"
#include "tests/kit/dice.h"

static void both_ways(const uint8_t *a, const uint8_t *b, const char *expected)
{
    char one[SAFETY_TEXT], other[SAFETY_TEXT];

    memset(one, 'x', sizeof one);
    safety_number(one, a, b);
    safety_number(other, b, a);
    assert_string_equal(one, expected);
    assert_string_equal(other, expected);
}

static void known_numbers(void **state)
{
    uint8_t zeros[SIZE_FINGERPRINT] = {0}, one[SIZE_FINGERPRINT] = {0};
    uint8_t high[SIZE_FINGERPRINT] = {0x80}, low[SIZE_FINGERPRINT], ones[SIZE_FINGERPRINT];
    uint8_t rising[SIZE_FINGERPRINT], further[SIZE_FINGERPRINT];

    (void)state;
    memset(ones, 0xff, sizeof ones);
    memset(low, 0xff, sizeof low);
    low[0] = 0x7f;
    one[SIZE_FINGERPRINT - 1] = 1;
    for (size_t i = 0; i < SIZE_FINGERPRINT; i++) {
        rising[i] = (uint8_t)i;
        further[i] = (uint8_t)(SIZE_FINGERPRINT + i);
    }
    both_ways(zeros, ones, "886828646720827585591914942198127411346304166515410514294103");
    both_ways(rising, further, "215401700592237526071405291551569774420835949721922779932068");
    both_ways(zeros, one, "874965203335739217296512960705373150429915856013709686634712");
    /* bytes are compared without sign */
    both_ways(high, low, "052254127892466440406966514133124220991983326029994102303757");
    both_ways(rising, rising, "691708906628721230645443341894526801738392214983295934600045");
}

static void any_pair_has_its_own(void **state)
{
    enum { PAIRS = 500 };
    static char numbers[PAIRS][SAFETY_TEXT];
    struct dice d = dice_make(31);
    uint8_t a[SIZE_FINGERPRINT], b[SIZE_FINGERPRINT];
    char back[SAFETY_TEXT];

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        dice_bytes(&d, a, sizeof a);
        memcpy(b, a, sizeof b);
        b[dice_below(&d, sizeof b)] ^= (uint8_t)(1u << dice_below(&d, 8));
        safety_number(numbers[i], a, b);
        safety_number(back, b, a);
        assert_string_equal(numbers[i], back);
        assert_int_equal(strspn(back, "0123456789"), SAFETY_TEXT - 1);
        assert_int_equal(strlen(back), SAFETY_TEXT - 1);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(numbers[i], numbers[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers),
        cmocka_unit_test(any_pair_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
