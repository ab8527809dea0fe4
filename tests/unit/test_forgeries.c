/* What a stranger may make who knows the schemes: signatures and wrapped keys whose numbers are right
 * (made with the real key) and whose insides are wrong in one way. All must be refused; the same
 * makers without a mistake must be taken, or the refusals would prove nothing. In the manner of
 * Project Wycheproof's cases for RSASSA-PSS, RSAES-OAEP and AES-GCM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/gcm.h"
#include "crypto/oaep.h"
#include "crypto/pss.h"
#include "tests/kit/keys.h"

#define EM 256 /* bytes of a block */
#define HASH DIGEST_SIZE

static const char label[] = "den1 envelope";

/* MGF1-SHA-256, xored over a mask's worth of bytes (RFC 8017 B.2.1). */
static void mgf1(uint8_t *over, size_t len, const uint8_t *seed, size_t seed_len)
{
    uint8_t counter[4], block[HASH];
    struct digest d;

    for (size_t at = 0; at < len; at++) {
        if (at % HASH == 0) {
            bytes_put32(counter, (uint32_t)(at / HASH));
            digest_start(&d);
            digest_add(&d, seed, seed_len);
            digest_add(&d, counter, sizeof counter);
            digest_get(&d, block);
        }
        over[at] ^= block[at % HASH];
    }
}

/* --- signatures --- */

struct forged_pss {
    size_t salt;     /* its length */
    uint8_t one;     /* what stands before it: 1 */
    uint8_t trailer; /* 0xbc */
    uint8_t filling; /* of the padding: 0 */
    bool top;        /* the bit above emBits is set */
    bool unmasked;   /* DB stands bare */
    bool no_zeros;   /* the eight zeros of M' are missing */
    const char *purpose;
};

#define GOOD_PSS                                                 \
    {                                                            \
        .salt = 32, .one = 1, .trailer = 0xbc, .purpose = "line" \
    }

/* SHA-256 of what is signed: purpose, one field "text". */
static void pss_message(uint8_t out[static HASH], const char *purpose)
{
    static const uint8_t field[] = {0, 0, 0, 4, 't', 'e', 'x', 't'};
    struct digest d;

    digest_start(&d);
    digest_add(&d, "den1 ", 5);
    digest_add(&d, purpose, strlen(purpose) + 1);
    digest_add(&d, field, sizeof field);
    digest_get(&d, out);
}

static void make_pss(uint8_t sig[static EM], const struct forged_pss *f)
{
    static const uint8_t zeros[8], salt[EM] = {7, 7, 7};
    const size_t db = EM - HASH - 1;
    uint8_t message[HASH];
    struct digest d;

    pss_message(message, f->purpose);
    digest_start(&d);
    digest_add(&d, zeros, f->no_zeros ? 0 : sizeof zeros);
    digest_add(&d, message, sizeof message);
    digest_add(&d, salt, f->salt);
    digest_get(&d, sig + db);
    memset(sig, f->filling, db);
    memcpy(sig + db - f->salt, salt, f->salt);
    if (f->salt < db)
        sig[db - f->salt - 1] = f->one;
    if (!f->unmasked)
        mgf1(sig, db, sig + db, HASH);
    sig[0] &= 0x7f;
    if (f->top)
        sig[0] |= 0x80;
    sig[EM - 1] = f->trailer;
}

/* False also if the block is no number below n, which can't be signed at all. */
static bool pss_taken(const struct forged_pss *f)
{
    const struct identity *id = keys_get(0);
    struct span field = {(const uint8_t *)"text", 4};
    uint8_t sig[EM];

    make_pss(sig, f);
    return identity_private(id, sig) && pss_verify(sig, &id->public, "line", &field, 1);
}

static void forged_signatures_fail(void **state)
{
    static const struct forged_pss good = GOOD_PSS;
    struct forged_pss f;

    (void)state;
    assert_true(pss_taken(&good));
#define REFUSED(change)              \
    do {                             \
        f = good;                    \
        f.change;                    \
        assert_false(pss_taken(&f)); \
    } while (0)
    REFUSED(one = 0);
    REFUSED(one = 2);
    REFUSED(one = 0x81);
    REFUSED(trailer = 0xcc);
    REFUSED(trailer = 0);
    REFUSED(filling = 1);
    REFUSED(filling = 0xff);
    REFUSED(top = true);
    REFUSED(unmasked = true);
    REFUSED(no_zeros = true);
    REFUSED(purpose = "say");
    REFUSED(purpose = "link");
    REFUSED(purpose = "");
#undef REFUSED
}

static void other_salt_lengths_fail(void **state)
{
    struct forged_pss f = GOOD_PSS;

    (void)state;
    for (f.salt = 0; f.salt <= EM - HASH - 2; f.salt++)
        assert_int_equal(pss_taken(&f), f.salt == 32);
}

/* PKCS#1 v1.5 of the same hash, by the same key (which signs so in TLS), is no PSS. */
static void another_scheme_fails(void **state)
{
    static const uint8_t sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                          0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                          0x01, 0x05, 0x00, 0x04, 0x20};
    const struct identity *id = keys_get(0);
    struct span field = {(const uint8_t *)"text", 4};
    uint8_t sig[EM];

    (void)state;
    memset(sig, 0xff, sizeof sig);
    sig[0] = 0;
    sig[1] = 1;
    sig[EM - HASH - sizeof sha256_info - 1] = 0;
    memcpy(sig + EM - HASH - sizeof sha256_info, sha256_info, sizeof sha256_info);
    pss_message(sig + EM - HASH, "line");
    assert_true(identity_private(id, sig));
    assert_false(pss_verify(sig, &id->public, "line", &field, 1));
}

/* Lengths stand in front of the fields: moving a byte from one to the next is another text. */
static void fields_do_not_run_together(void **state)
{
    struct random random = keys_random(3);
    const struct public_key *key = &keys_get(0)->public;
    struct span ab_c[] = {{(const uint8_t *)"ab", 2}, {(const uint8_t *)"c", 1}};
    struct span a_bc[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"bc", 2}};
    uint8_t sig[EM];

    (void)state;
    assert_true(pss_sign(sig, keys_get(0), &random, "line", ab_c, 2));
    assert_true(pss_verify(sig, key, "line", ab_c, 2));
    assert_false(pss_verify(sig, key, "line", a_bc, 2));
    assert_false(pss_verify(sig, key, "line", ab_c, 1));
    random_wipe(&random);
}

/* --- wrapped keys --- */

struct forged_oaep {
    uint8_t first;   /* Y: 0 */
    uint8_t one;     /* before the message: 1 */
    uint8_t filling; /* of PS: 0 */
    uint8_t hash_bit;
    size_t len; /* of the message: 32 */
    const char *label;
};

#define GOOD_OAEP                           \
    {                                       \
        .one = 1, .len = 32, .label = label \
    }

/* Encrypts the block by the public key, as a stranger can. */
static bool oaep_taken(const struct forged_oaep *f)
{
    const struct identity *id = keys_get(1);
    br_rsa_public_key key = public_key_rsa(&id->public);
    uint8_t em[EM] = {0}, out[32], *seed = em + 1, *db = em + 1 + HASH;
    const size_t db_len = EM - 1 - HASH;
    struct digest d;

    memset(seed, 0x5a, HASH);
    memset(db, f->filling, db_len);
    digest_start(&d);
    digest_add(&d, f->label, strlen(f->label));
    digest_get(&d, db);
    db[0] ^= f->hash_bit;
    memset(db + db_len - f->len, 0x33, f->len);
    db[db_len - f->len - 1] = f->one;
    mgf1(db, db_len, seed, HASH);
    mgf1(seed, HASH, db, db_len);
    em[0] = f->first;
    assert_int_equal(br_rsa_public_get_default()(em, sizeof em, &key), 1);
    return oaep_open(out, sizeof out, id, (struct span){(const uint8_t *)label, sizeof label - 1},
                     em);
}

static void forged_wraps_fail(void **state)
{
    static const struct forged_oaep good = GOOD_OAEP;
    struct forged_oaep f;

    (void)state;
    assert_true(oaep_taken(&good));
#define REFUSED(change)               \
    do {                              \
        f = good;                     \
        f.change;                     \
        assert_false(oaep_taken(&f)); \
    } while (0)
    REFUSED(first = 1);
    REFUSED(first = 2);
    REFUSED(one = 0);
    REFUSED(one = 2);
    REFUSED(one = 0xff);
    REFUSED(filling = 2);
    REFUSED(filling = 1); /* the message begins earlier */
    REFUSED(filling = 0xff);
    REFUSED(hash_bit = 1);
    REFUSED(hash_bit = 0x80);
    REFUSED(label = "den1 session");
    REFUSED(label = "");
    REFUSED(label = "den1 envelope ");
    for (size_t len = 0; len <= 190; len++) {
        f = good;
        f.len = len;
        assert_int_equal(oaep_taken(&f), len == 32);
    }
#undef REFUSED
}

/* Numbers that are no ciphertext of this key: 0, 1, n - 1, n, n + c for a good c that has room. */
static void numbers_out_of_range_fail(void **state)
{
    const struct identity *id = keys_get(1);
    struct span l = {(const uint8_t *)label, sizeof label - 1};
    uint8_t x[EM] = {0}, out[32];

    (void)state;
    assert_false(oaep_open(out, sizeof out, id, l, x));
    x[EM - 1] = 1;
    assert_false(oaep_open(out, sizeof out, id, l, x));
    memcpy(x, id->public.n, EM);
    assert_false(oaep_open(out, sizeof out, id, l, x));
    x[EM - 1] ^= 1; /* n is odd */
    assert_false(oaep_open(out, sizeof out, id, l, x));
    memset(x, 0xff, EM);
    assert_false(oaep_open(out, sizeof out, id, l, x));
}

/* A wrapped key is one number only: the same plus n is not taken. */
static void a_wrap_plus_the_modulus_fails(void **state)
{
    struct random random = keys_random(8);
    const struct identity *id = keys_get(1);
    struct span l = {(const uint8_t *)label, sizeof label - 1};
    uint8_t key[32] = {1, 2, 3}, out[32], wrapped[EM];
    unsigned carry = 1;

    (void)state;
    while (carry != 0) {
        carry = 0;
        assert_true(oaep_wrap(wrapped, &random, &id->public, l, key, sizeof key));
        assert_true(oaep_open(out, sizeof out, id, l, wrapped));
        for (size_t i = EM; i-- > 0; carry >>= 8) {
            carry += (unsigned)wrapped[i] + id->public.n[i];
            wrapped[i] = (uint8_t)carry;
        }
    }
    assert_false(oaep_open(out, sizeof out, id, l, wrapped));
    random_wipe(&random);
}

/* --- sealed text --- */

static void moved_bytes_fail(void **state)
{
    static const uint8_t key[GCM_KEY] = {1}, nonce[GCM_NONCE] = {2};
    uint8_t text[48] = "the text that is sealed and sealed again here", tag[GCM_TAG], copy[48];
    uint8_t longer[64] = {0};
    struct span aad = {(const uint8_t *)"head", 4};

    (void)state;
    gcm_seal(key, nonce, aad, text, sizeof text, tag);
    memcpy(copy, text, sizeof copy);
    assert_true(gcm_open(key, nonce, aad, copy, sizeof copy, tag));
    /* Cut, without or with other additional data, a byte moved from the one to the other. */
    for (size_t len = 0; len < sizeof text; len++) {
        memcpy(copy, text, sizeof copy);
        assert_false(gcm_open(key, nonce, aad, copy, len, tag));
    }
    /* Lengthened, and two blocks in the other order. */
    memcpy(longer, text, sizeof text);
    for (size_t len = sizeof text + 1; len <= sizeof longer; len++) {
        memcpy(longer, text, sizeof text);
        assert_false(gcm_open(key, nonce, aad, longer, len, tag));
    }
    memcpy(copy, text + 16, 16);
    memcpy(copy + 16, text, 16);
    memcpy(copy + 32, text + 32, 16);
    assert_false(gcm_open(key, nonce, aad, copy, sizeof copy, tag));
    memcpy(copy, text, sizeof copy);
    assert_false(
        gcm_open(key, nonce, (struct span){(const uint8_t *)"head\0", 5}, copy, sizeof copy, tag));
    memcpy(copy, text, sizeof copy);
    assert_false(gcm_open(key, nonce, (struct span){aad.data, 3}, copy, sizeof copy, tag));
    memcpy(copy, text, sizeof copy);
    assert_false(gcm_open(key, nonce, (struct span){NULL, 0}, copy, sizeof copy, tag));
}

static void modified_tags_fail(void **state)
{
    static const uint8_t key[GCM_KEY] = {1}, nonce[GCM_NONCE] = {2}, zeros[GCM_TAG],
                         other[12] = {3};
    uint8_t text[16] = "sixteen letters", tag[GCM_TAG], wrong[GCM_TAG], copy[16];
    struct span none = {NULL, 0};

    (void)state;
    gcm_seal(key, nonce, none, text, sizeof text, tag);
    for (size_t bit = 0; bit < 8 * GCM_TAG; bit++) {
        memcpy(wrong, tag, sizeof wrong);
        wrong[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memcpy(copy, text, sizeof copy);
        assert_false(gcm_open(key, nonce, none, copy, sizeof copy, wrong));
        assert_memory_equal(copy, zeros, sizeof copy);
    }
    memcpy(copy, text, sizeof copy);
    assert_false(gcm_open(key, nonce, none, copy, sizeof copy, zeros));
    memcpy(copy, text, sizeof copy);
    assert_false(gcm_open(key, other, none, copy, sizeof copy, tag));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forged_signatures_fail),
        cmocka_unit_test(other_salt_lengths_fail),
        cmocka_unit_test(another_scheme_fails),
        cmocka_unit_test(fields_do_not_run_together),
        cmocka_unit_test(forged_wraps_fail),
        cmocka_unit_test(numbers_out_of_range_fail),
        cmocka_unit_test(a_wrap_plus_the_modulus_fails),
        cmocka_unit_test(moved_bytes_fail),
        cmocka_unit_test(modified_tags_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
