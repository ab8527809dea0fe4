/* How often one key may ring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/bell.h"

#define SECOND INT64_C(1000000000)

static bool ring(struct bell *b, unsigned key, int64_t now)
{
    uint8_t fingerprint[SIZE_FINGERPRINT] = {(uint8_t)(key >> 8), (uint8_t)key, 7};

    return bell_ring(b, fingerprint, now);
}

static unsigned rings(struct bell *b, unsigned key, int64_t now)
{
    unsigned n = 0;

    while (ring(b, key, now) && n < 1000)
        n++;
    return n;
}

static void some_at_once_and_then_one_by_one(void **state)
{
    struct bell b = {0};
    int64_t gap = LIMIT_RING_GAP_SECONDS * SECOND;

    (void)state;
    assert_int_equal(rings(&b, 1, 5), LIMIT_RINGS);
    assert_int_equal(rings(&b, 2, 5), LIMIT_RINGS);
    assert_false(ring(&b, 1, 4 + gap));
    assert_int_equal(rings(&b, 1, 5 + gap), 1);
    assert_int_equal(rings(&b, 1, 5 + 4 * gap), 3);
    assert_int_equal(rings(&b, 1, 5 + 100 * gap), LIMIT_RINGS);
}

static void those_that_rang_most_are_remembered(void **state)
{
    struct bell b = {0};

    (void)state;
    assert_int_equal(rings(&b, 1, 1), LIMIT_RINGS);
    for (unsigned key = 2; key < 10 * BELL_KEYS; key++)
        assert_true(ring(&b, key, 2));
    assert_false(ring(&b, 1, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_at_once_and_then_one_by_one),
        cmocka_unit_test(those_that_rang_most_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
