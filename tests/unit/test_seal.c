/* OAEP, PSS and GCM: known answers, round trips, and that nothing altered passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/gcm.h"
#include "crypto/oaep.h"
#include "crypto/pss.h"
#include "tests/kit/keys.h"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void unhex(uint8_t *out, size_t len, const char *hex)
{
    assert_true(text_from_hex(out, len, hex));
}

/* Test case 16 of McGrew and Viega's specification of GCM. */
static void gcm_known_answer(void **state)
{
    uint8_t key[32], nonce[12], data[60], aad[20], tag[16], plain[60], expected[60], good[16];

    (void)state;
    unhex(key, 32, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    unhex(nonce, 12, "cafebabefacedbaddecaf888");
    unhex(aad, 20, "feedfacedeadbeeffeedfacedeadbeefabaddad2");
    unhex(plain, 60,
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    unhex(expected, 60,
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
    unhex(good, 16, "76fc6ece0f4e1768cddf8853bb2d551b");
    memcpy(data, plain, sizeof data);
    gcm_seal(key, nonce, (struct span){aad, 20}, data, sizeof data, tag);
    assert_memory_equal(data, expected, sizeof data);
    assert_memory_equal(tag, good, sizeof tag);
    assert_true(gcm_open(key, nonce, (struct span){aad, 20}, data, sizeof data, tag));
    assert_memory_equal(data, plain, sizeof data);
}

static bool gcm_opens(const uint8_t key[32], const uint8_t *sealed, size_t len, struct span aad)
{
    static const uint8_t nonce[12];
    static const uint8_t zeros[256];
    uint8_t work[256];

    memcpy(work, sealed, len);
    bool good = gcm_open(key, nonce, aad, work, len, sealed + len);
    if (!good)
        assert_memory_equal(work, zeros, len);
    return good;
}

static void gcm_refuses_every_altered_bit(void **state)
{
    static const uint8_t nonce[12];
    uint8_t key[32] = {7}, sealed[100 + 16], aad[19] = {1};

    (void)state;
    memset(sealed, 0x33, 100);
    gcm_seal(key, nonce, (struct span){aad, sizeof aad}, sealed, 100, sealed + 100);
    assert_true(gcm_opens(key, sealed, 100, (struct span){aad, sizeof aad}));
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(gcm_opens(key, sealed, 100, (struct span){aad, sizeof aad}));
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_false(gcm_opens(key, sealed, 99, (struct span){aad, sizeof aad}));
    assert_false(gcm_opens(key, sealed, 100, (struct span){aad, sizeof aad - 1}));
    assert_false(gcm_opens(key, sealed, 100, (struct span){NULL, 0}));
    key[31] ^= 1;
    assert_false(gcm_opens(key, sealed, 100, (struct span){aad, sizeof aad}));
}

static void gcm_seals_nothing_too(void **state)
{
    static const uint8_t nonce[12];
    uint8_t key[32] = {9}, tag[16];

    (void)state;
    gcm_seal(key, nonce, span_of("only authenticated"), NULL, 0, tag);
    assert_true(gcm_open(key, nonce, span_of("only authenticated"), NULL, 0, tag));
    assert_false(gcm_open(key, nonce, span_of("only authenticateD"), NULL, 0, tag));
}

static void oaep_there_and_back(void **state)
{
    struct random random = keys_random(1);
    struct span label = span_of("den1 envelope");
    uint8_t wrapped[SIZE_WRAPPED], before[SIZE_WRAPPED] = {0}, out[OAEP_MAX], in[OAEP_MAX + 1];
    size_t lengths[] = {0, 1, 32, OAEP_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i + 1);
    for (size_t i = 0; i < 4; i++) {
        assert_true(oaep_wrap(wrapped, &random, &keys_get(0)->public, label, in, lengths[i]));
        assert_memory_not_equal(wrapped, before, sizeof wrapped);
        assert_true(oaep_open(out, lengths[i], keys_get(0), label, wrapped));
        assert_memory_equal(out, in, lengths[i]);
        memcpy(before, wrapped, sizeof before);
    }
    assert_false(oaep_wrap(wrapped, &random, &keys_get(0)->public, label, in, OAEP_MAX + 1));
}

static void oaep_refuses_what_is_not_meant(void **state)
{
    static const uint8_t zeros[32];
    struct random random = keys_random(2);
    struct span label = span_of("den1 envelope");
    uint8_t wrapped[SIZE_WRAPPED], out[33], in[32] = {5};

    (void)state;
    assert_true(oaep_wrap(wrapped, &random, &keys_get(0)->public, label, in, sizeof in));
    assert_false(oaep_open(out, 32, keys_get(1), label, wrapped));
    assert_memory_equal(out, zeros, 32);
    assert_false(oaep_open(out, 32, keys_get(0), span_of("den1 session"), wrapped));
    assert_false(oaep_open(out, 32, keys_get(0), span_of(""), wrapped));
    assert_false(oaep_open(out, 31, keys_get(0), label, wrapped));
    assert_false(oaep_open(out, 33, keys_get(0), label, wrapped));
    for (size_t bit = 0; bit < 8 * SIZE_WRAPPED; bit += 41) {
        wrapped[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(oaep_open(out, 32, keys_get(0), label, wrapped));
        wrapped[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    memset(wrapped, 0xff, sizeof wrapped);
    assert_false(oaep_open(out, 32, keys_get(0), label, wrapped));
    memset(wrapped, 0, sizeof wrapped);
    assert_false(oaep_open(out, 32, keys_get(0), label, wrapped));
}

static void wrapped_keys_have_a_clear_top_bit(void **state)
{
    struct random random = keys_random(3);
    uint8_t wrapped[SIZE_WRAPPED], in[32] = {5};
    unsigned high = 0;

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        assert_true(oaep_wrap(wrapped, &random, &keys_get(i % KEYS_COUNT)->public,
                              span_of("den1 envelope"), in, sizeof in));
        assert_int_equal(wrapped[0] & 0x80, 0);
        high += wrapped[0] >= 0x40;
    }
    assert_in_range(high, 60, 140);
}

static void signs_and_verifies(void **state)
{
    struct random random = keys_random(4);
    struct span fields[] = {span_of("one"), span_of(""), span_of("three")};
    uint8_t sig[SIZE_SIGNATURE], other[SIZE_SIGNATURE];

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        const struct identity *id = keys_get(i % KEYS_COUNT);
        assert_true(pss_sign(sig, id, &random, "link", fields, 3));
        assert_true(pss_verify(sig, &id->public, "link", fields, 3));
        assert_false(pss_verify(sig, &keys_get((i + 1) % KEYS_COUNT)->public, "link", fields, 3));
    }
    assert_true(pss_sign(other, keys_get(3), &random, "link", fields, 3));
    assert_memory_not_equal(sig, other, sizeof sig);
    assert_true(pss_sign(sig, keys_get(0), &random, "say", NULL, 0));
    assert_true(pss_verify(sig, &keys_get(0)->public, "say", NULL, 0));
}

static void signature_says_one_thing_only(void **state)
{
    struct random random = keys_random(5);
    const struct public_key *key = &keys_get(0)->public;
    struct span fields[] = {span_of("one"), span_of("two")};
    struct span shifted[] = {span_of("onet"), span_of("wo")};
    struct span joined[] = {span_of("onetwo")};
    struct span more[] = {fields[0], fields[1], span_of("")};
    uint8_t sig[SIZE_SIGNATURE];

    (void)state;
    assert_true(pss_sign(sig, keys_get(0), &random, "line", fields, 2));
    assert_true(pss_verify(sig, key, "line", fields, 2));
    assert_false(pss_verify(sig, key, "link", fields, 2));
    assert_false(pss_verify(sig, key, "line", shifted, 2));
    assert_false(pss_verify(sig, key, "line", joined, 1));
    assert_false(pss_verify(sig, key, "line", more, 3));
    assert_false(pss_verify(sig, key, "line", fields, 1));
}

static void altered_signature_fails(void **state)
{
    struct random random = keys_random(6);
    const struct public_key *key = &keys_get(0)->public;
    struct span field = span_of("text");
    uint8_t sig[SIZE_SIGNATURE];

    (void)state;
    assert_true(pss_sign(sig, keys_get(0), &random, "line", &field, 1));
    for (size_t bit = 0; bit < 8 * SIZE_SIGNATURE; bit += 3) {
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(pss_verify(sig, key, "line", &field, 1));
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    memset(sig, 0, sizeof sig);
    assert_false(pss_verify(sig, key, "line", &field, 1));
    sig[255] = 1;
    assert_false(pss_verify(sig, key, "line", &field, 1));
    memcpy(sig, key->n, sizeof sig);
    assert_false(pss_verify(sig, key, "line", &field, 1));
    memset(sig, 0xff, sizeof sig);
    assert_false(pss_verify(sig, key, "line", &field, 1));
}

/* An encoded message is one number only: the root of it plus n is no second signature. */
static void signature_plus_modulus_fails(void **state)
{
    struct random random = keys_random(7);
    const struct public_key *key = &keys_get(0)->public;
    struct span field = span_of("text");
    uint8_t sig[SIZE_SIGNATURE];
    unsigned carry = 1;

    (void)state;
    while (carry != 0) {
        carry = 0;
        assert_true(pss_sign(sig, keys_get(0), &random, "line", &field, 1));
        for (size_t i = SIZE_SIGNATURE; i-- > 0; carry >>= 8) {
            carry += (unsigned)sig[i] + key->n[i];
            sig[i] = (uint8_t)carry;
        }
    }
    assert_false(pss_verify(sig, key, "line", &field, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_known_answer),
        cmocka_unit_test(gcm_refuses_every_altered_bit),
        cmocka_unit_test(gcm_seals_nothing_too),
        cmocka_unit_test(oaep_there_and_back),
        cmocka_unit_test(oaep_refuses_what_is_not_meant),
        cmocka_unit_test(wrapped_keys_have_a_clear_top_bit),
        cmocka_unit_test(signs_and_verifies),
        cmocka_unit_test(signature_says_one_thing_only),
        cmocka_unit_test(altered_signature_fails),
        cmocka_unit_test(signature_plus_modulus_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
