/* What came before is not taken again: against a plain set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/replay.h"
#include "tests/kit/dice.h"

static const uint8_t alice[SIZE_FINGERPRINT] = {1}, bob[SIZE_FINGERPRINT] = {2};

static void takes_each_once(void **state)
{
    struct replay r = {0};

    (void)state;
    assert_int_equal(replay_check(&r, alice, 10), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 10), ERR_REPLAY);
    assert_int_equal(replay_check(&r, bob, 10), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 9), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 9), ERR_REPLAY);
    assert_int_equal(replay_check(&r, alice, 0), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 0), ERR_REPLAY);
    assert_int_equal(r.count, 2);
    replay_free(&r);
    replay_free(&r);
}

static void first_id_may_be_any(void **state)
{
    static const uint64_t firsts[] = {0, 1, 63, 64, 1023, 1024, UINT64_MAX - 1, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        struct replay r = {0};

        assert_int_equal(replay_check(&r, alice, firsts[i]), ERR_OK);
        assert_int_equal(replay_check(&r, alice, firsts[i]), ERR_REPLAY);
        replay_free(&r);
    }
}

static void too_old_is_refused(void **state)
{
    struct replay r = {0};

    (void)state;
    for (uint64_t i = 1; i <= REPLAY_KEPT; i++)
        assert_int_equal(replay_check(&r, alice, 1000 * i), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 999), ERR_REPLAY);
    /* between those that came there is room, and the lowest goes */
    assert_int_equal(replay_check(&r, alice, 1001), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 1001), ERR_REPLAY);
    assert_int_equal(replay_check(&r, alice, 1000), ERR_REPLAY);
    assert_int_equal(replay_check(&r, alice, UINT64_MAX), ERR_OK);
    assert_int_equal(replay_check(&r, alice, 1001), ERR_REPLAY);
    assert_int_equal(replay_check(&r, alice, 1002), ERR_REPLAY);
    assert_int_equal(replay_check(&r, alice, 2000), ERR_REPLAY);
    assert_int_equal(replay_check(&r, alice, 2001), ERR_OK);
    assert_int_equal(replay_check(&r, alice, UINT64_MAX), ERR_REPLAY);
    replay_free(&r);
}

/* As ids are in life: by the clock, a retry long after what overtook it. */
static void far_apart_and_out_of_order(void **state)
{
    struct replay r = {0};
    uint64_t start = UINT64_C(1790000000000) << 20;

    (void)state;
    assert_int_equal(replay_check(&r, alice, start), ERR_OK);
    for (uint64_t i = 2; i < 300; i++)
        assert_int_equal(replay_check(&r, alice, start + (i * 86400000 << 20)), ERR_OK);
    assert_int_equal(replay_check(&r, alice, start + (UINT64_C(86400000) << 20)), ERR_OK);
    assert_int_equal(replay_check(&r, alice, start + (UINT64_C(86400000) << 20)), ERR_REPLAY);
    replay_free(&r);
}

enum { IDS = 60000 };

struct model {
    bool kept[IDS];
    size_t count;
    uint64_t lowest;
};

static enum err model_check(struct model *m, uint64_t id)
{
    if (m->kept[id] || (m->count == REPLAY_KEPT && id < m->lowest))
        return ERR_REPLAY;
    m->kept[id] = true;
    if (m->count == 0 || id < m->lowest)
        m->lowest = id;
    if (m->count++ < REPLAY_KEPT)
        return ERR_OK;
    m->kept[m->lowest] = false;
    m->count--;
    while (!m->kept[m->lowest])
        m->lowest++;
    return ERR_OK;
}

/* Three senders, whose ids wander up in steps of all sizes. */
static void agrees_with_a_set(void **state)
{
    static const size_t strides[] = {1, 2, 3, 64, 65, 200, 1023, 1024, 1025, 3000};
    static struct model models[3];
    struct dice d = dice_make(11);

    (void)state;
    for (int round = 0; round < 30; round++) {
        struct replay r = {0};
        uint64_t centre[3] = {0};

        memset(models, 0, sizeof models);
        for (int i = 0; i < 4000; i++) {
            size_t who = dice_below(&d, 3);
            size_t span = strides[dice_below(&d, sizeof strides / sizeof *strides)];
            uint8_t fingerprint[SIZE_FINGERPRINT] = {[31] = (uint8_t)(3 - who)};
            uint64_t id = centre[who] + dice_below(&d, span);

            if (dice_below(&d, 3) == 0)
                id = id > span ? id - span : 0;
            if (id >= IDS)
                id = IDS - 1 - dice_below(&d, 2000);
            assert_int_equal(replay_check(&r, fingerprint, id), model_check(&models[who], id));
            if (dice_below(&d, 20) == 0)
                centre[who] = id;
        }
        assert_int_equal(r.count, 3);
        replay_free(&r);
    }
}

static void many_senders(void **state)
{
    struct replay r = {0};
    struct dice d = dice_make(12);
    static uint8_t who[LIMIT_REPLAY_SENDERS + 1][SIZE_FINGERPRINT];

    (void)state;
    for (size_t i = 0; i <= LIMIT_REPLAY_SENDERS; i++) {
        dice_bytes(&d, who[i], sizeof who[i]);
        assert_int_equal(replay_check(&r, who[i], i),
                         i < LIMIT_REPLAY_SENDERS ? ERR_OK : ERR_LIMIT);
    }
    /* those who are known go on */
    for (size_t i = 0; i < LIMIT_REPLAY_SENDERS; i++) {
        assert_int_equal(replay_check(&r, who[i], i), ERR_REPLAY);
        assert_int_equal(replay_check(&r, who[i], LIMIT_REPLAY_SENDERS + i), ERR_OK);
    }
    for (size_t i = 1; i < r.count; i++)
        assert_true(
            memcmp(r.senders[i - 1]->fingerprint, r.senders[i]->fingerprint, SIZE_FINGERPRINT) < 0);
    replay_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_each_once),    cmocka_unit_test(first_id_may_be_any),
        cmocka_unit_test(too_old_is_refused), cmocka_unit_test(far_apart_and_out_of_order),
        cmocka_unit_test(agrees_with_a_set),  cmocka_unit_test(many_senders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
