/* Digests, the generator of random bytes, fingerprints as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/fingerprint.h"
#include "crypto/random.h"

static void is_hex(const void *p, size_t len, const char *expected)
{
    char hex[2 * 64 + 1];

    text_hex(hex, p, len);
    assert_string_equal(hex, expected);
}

/* FIPS 180-4's examples. */
static void known_digests(void **state)
{
    uint8_t out[DIGEST_512_SIZE];

    (void)state;
    digest_sha256(out, "abc", 3);
    is_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256(out, NULL, 0);
    is_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha512(out, "abc", 3);
    is_hex(out, 64,
           "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

static void digest_split_everywhere(void **state)
{
    static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
                               "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    uint8_t whole[32], parts[32];
    struct digest d;

    (void)state;
    digest_sha256(whole, text, sizeof text);
    for (size_t i = 0; i <= sizeof text; i++) {
        digest_start(&d);
        digest_add(&d, text, i);
        digest_get(&d, parts);
        digest_add(&d, text + i, sizeof text - i);
        digest_get(&d, parts);
        assert_memory_equal(whole, parts, 32);
    }
}

/* In pieces of any length: against BearSSL in one piece. */
static void long_ones_are_the_same(void **state)
{
    static uint8_t bytes[16384 + 77];
    uint8_t ours[32], theirs[32];
    br_sha256_context sha;
    struct digest d;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 253);
    for (size_t begin = 0; begin < 200; begin += 7) {
        br_sha256_init(&sha);
        br_sha256_update(&sha, bytes, sizeof bytes);
        br_sha256_out(&sha, theirs);
        digest_start(&d);
        digest_add(&d, bytes, begin);
        digest_add(&d, bytes + begin, 5000 + begin);
        digest_add(&d, bytes + 5000 + 2 * begin, sizeof bytes - 5000 - 2 * begin);
        digest_get(&d, ours);
        assert_memory_equal(ours, theirs, 32);
    }
}

/* Computed by another implementation of SP 800-90A's HMAC_DRBG. */
static void known_random_bytes(void **state)
{
    uint8_t seed[32], out[40];
    struct random r;

    (void)state;
    for (unsigned i = 0; i < 32; i++)
        seed[i] = (uint8_t)i;
    random_seed(&r, seed, sizeof seed);
    random_bytes(&r, out, 16);
    is_hex(out, 16, "3226437dd9f98b17591aad7313833032");
    random_bytes(&r, out, 40);
    is_hex(out, 40,
           "68ddf0df052af113ad632143c8039de47a598a6186f18fd474eac12f1dece4759b0c76f764a0c326");
}

static void forks_differ(void **state)
{
    uint8_t seed[32] = {1}, bytes[4][32];
    struct random parent, a, b, again;

    (void)state;
    random_seed(&parent, seed, sizeof seed);
    random_fork(&a, &parent);
    random_fork(&b, &parent);
    random_bytes(&parent, bytes[0], 32);
    random_bytes(&a, bytes[1], 32);
    random_bytes(&b, bytes[2], 32);
    random_seed(&again, seed, sizeof seed);
    random_bytes(&again, bytes[3], 32);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(bytes[i], bytes[j], 32);
    assert_true(random_u64(&a) != random_u64(&a));
    random_wipe(&a);
    for (size_t i = 0; i < sizeof a; i++)
        assert_int_equal(((uint8_t *)&a)[i], 0);
}

static void fingerprints_as_text(void **state)
{
    uint8_t fp[SIZE_FINGERPRINT], back[SIZE_FINGERPRINT];
    char text[FINGERPRINT_TEXT], other[FINGERPRINT_TEXT + 8];

    (void)state;
    digest_sha256(fp, "abc", 3);
    fingerprint_text(text, fp);
    assert_string_equal(text,
                        "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(fingerprint_parse(back, text));
    assert_memory_equal(back, fp, sizeof fp);
    assert_true(fingerprint_parse(back, text + 7));
    for (size_t i = 0; text[i] != 0; i++)
        other[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32) : text[i];
    other[FINGERPRINT_TEXT - 1] = 0;
    assert_true(fingerprint_parse(back, other));
    assert_memory_equal(back, fp, sizeof fp);
    strcat(other, " ");
    assert_false(fingerprint_parse(back, other));
    for (size_t cut = 0; cut < FINGERPRINT_TEXT - 1; cut++) {
        memcpy(other, text, cut);
        other[cut] = 0;
        assert_false(fingerprint_parse(back, other));
    }
    assert_false(fingerprint_parse(back, "MD5:ba7816bf8f01cfea414140de5dae2223"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests),          cmocka_unit_test(digest_split_everywhere),
        cmocka_unit_test(long_ones_are_the_same), cmocka_unit_test(known_random_bytes),
        cmocka_unit_test(forks_differ),           cmocka_unit_test(fingerprints_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
