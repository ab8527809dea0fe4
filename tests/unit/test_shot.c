/* Frames of a cast: sealed for one place, and the keys of who watches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/shot.h"

static struct shot_place place(uint32_t epoch, uint64_t number)
{
    struct shot_place p = {.epoch = epoch, .number = number, .pts_ns = 40000000};

    memset(p.caster, 1, sizeof p.caster);
    memset(p.id, 2, sizeof p.id);
    return p;
}

static struct shot_key key_of(uint32_t epoch, uint8_t nonce)
{
    struct shot_key k = {.epoch = epoch};

    memset(k.id, 2, sizeof k.id);
    memset(k.nonce, nonce, sizeof k.nonce);
    memset(k.key, (int)(16 + epoch), sizeof k.key);
    return k;
}

static void seal_frame(uint8_t out[static 100 + GCM_TAG], const struct shot_place *p)
{
    struct shot_key k = key_of(p->epoch, 0);

    for (size_t i = 0; i < 100; i++)
        out[i] = (uint8_t)i;
    shot_seal(k.key, p, out, 100);
}

static void opens_in_its_place_alone(void **state)
{
    const struct shot_place good = place(1, 7);
    struct shot_key k = key_of(1, 0);
    uint8_t sealed[100 + GCM_TAG], copy[sizeof sealed];

    (void)state;
    seal_frame(sealed, &good);
    for (size_t i = 0; i < 5; i++) {
        struct shot_place p = good;

        p.number += i == 0;
        p.epoch += i == 1;
        p.pts_ns += i == 2;
        p.id[0] ^= i == 3;
        p.caster[31] ^= i == 4;
        memcpy(copy, sealed, sizeof copy);
        assert_false(shot_open(k.key, &p, copy, sizeof copy));
    }
    memcpy(copy, sealed, sizeof copy);
    assert_true(shot_open(k.key, &good, copy, sizeof copy));
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(copy[i], i);
    assert_false(shot_open(k.key, &good, copy, GCM_TAG));
}

static void bodies_come_back(void **state)
{
    struct shot_key m = key_of(9, 5), got;
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    shot_put_key(&b, &m);
    assert_int_equal(shot_get_key((struct span){b.data, b.len}, &got), ERR_OK);
    assert_memory_equal(&m, &got, sizeof m);
    for (size_t len = 0; len < b.len; len++)
        assert_int_not_equal(shot_get_key((struct span){b.data, len}, &got), ERR_OK);
    buf_clear(&b);
    shot_put_ask(&b, &m);
    assert_int_equal(b.len, SIZE_CAST_ID + SHOT_NONCE);
    assert_int_equal(shot_get_ask((struct span){b.data, b.len}, &got), ERR_OK);
    assert_memory_equal(got.nonce, m.nonce, sizeof m.nonce);
    assert_int_not_equal(shot_get_ask((struct span){b.data, b.len - 1}, &got), ERR_OK);
    m.epoch = 0;
    buf_clear(&b);
    shot_put_key(&b, &m);
    assert_int_equal(shot_get_key((struct span){b.data, b.len}, &got), ERR_FORMAT);
    buf_free(&b);
}

static enum err open_at(struct shot_ring *r, uint32_t epoch, uint64_t number)
{
    const struct shot_place p = place(epoch, number);
    uint8_t sealed[100 + GCM_TAG];

    seal_frame(sealed, &p);
    return shot_ring_open(r, &p, sealed, sizeof sealed);
}

static void the_first_key_answers_the_question(void **state)
{
    const struct shot_key first = key_of(3, 6), old = key_of(3, 0), later = key_of(4, 0);
    struct shot_key other = key_of(5, 0);
    struct shot_ring r = {0};

    (void)state;
    shot_ring_start(&r, first.id, first.nonce);
    assert_int_equal(open_at(&r, 3, 1), ERR_UNKNOWN);
    assert_false(shot_ring_add(&r, &old));
    assert_false(shot_ring_add(&r, &later));
    assert_true(shot_ring_add(&r, &first));
    assert_false(shot_ring_add(&r, &first));
    assert_int_equal(open_at(&r, 3, 1), ERR_OK);
    other.id[3] = 0;
    assert_false(shot_ring_add(&r, &other));
    assert_true(shot_ring_add(&r, &later));
    /* A frame of before may be on its way still; the first of the new key ends that. */
    assert_int_equal(open_at(&r, 3, 2), ERR_OK);
    assert_int_equal(open_at(&r, 4, 3), ERR_OK);
    assert_int_equal(open_at(&r, 3, 4), ERR_UNKNOWN);
    assert_int_equal(r.keys[0].epoch, 0);
    assert_int_equal(open_at(&r, 0, 5), ERR_UNKNOWN);
    assert_int_equal(open_at(&r, 5, 5), ERR_UNKNOWN);
    shot_ring_wipe(&r);
    assert_int_equal(open_at(&r, 4, 5), ERR_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_in_its_place_alone),
        cmocka_unit_test(bodies_come_back),
        cmocka_unit_test(the_first_key_answers_the_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
