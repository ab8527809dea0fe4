/* Encrypted private keys: PBKDF2 by its vectors, PBES2 as openssl writes it, and what is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "crypto/der.h"
#include "crypto/pbes2.h"
#include "crypto/pbkdf2.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"

#define FEW 1000 /* iterations: what is tested is not how slow they are */

static struct span text(const char *s)
{
    return (struct span){(const uint8_t *)s, strlen(s)};
}

/* RFC 7914 section 11, and two of the well-known vectors for SHA-256 in RFC 6070's manner. */
static void pbkdf2_vectors(void **state)
{
    static const struct {
        const char *password, *salt;
        uint32_t iterations;
        const char *key;
    } vectors[] = {
        {"passwd", "salt", 1,
         "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
         "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"},
        {"Password", "NaCl", 80000,
         "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
         "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"},
        {"password", "salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"},
        {"passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
         "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        size_t len = strlen(vectors[i].key) / 2;
        uint8_t got[64];
        char hex[2 * sizeof got + 1];

        pbkdf2(got, len, text(vectors[i].password), text(vectors[i].salt), vectors[i].iterations);
        text_hex(hex, got, len);
        assert_int_equal(strncmp(hex, vectors[i].key, 2 * len), 0);
    }
}

static int64_t clock_stopped(void)
{
    return 7;
}

static int64_t clock_back(void)
{
    static int64_t now;

    return now -= 1000000000;
}

static int64_t clock_fast(void)
{
    static int64_t now;

    return now += 1;
}

static int64_t clock_slow(void)
{
    static int64_t now;

    return now += INT64_C(1000000000) * 1000;
}

/* 80,000 iterations take 2.5 ms. */
static int64_t clock_some(void)
{
    static int64_t now;

    return now += 2500000;
}

static void work_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(pbkdf2_measure(PBKDF2_NS, clock_stopped), PBKDF2_LEAST);
    assert_int_equal(pbkdf2_measure(PBKDF2_NS, clock_back), PBKDF2_LEAST);
    assert_int_equal(pbkdf2_measure(PBKDF2_NS, clock_fast), PBKDF2_MOST);
    assert_int_equal(pbkdf2_measure(PBKDF2_NS, clock_slow), PBKDF2_LEAST);
    assert_int_equal(pbkdf2_measure(1000000000, clock_some), PBKDF2_MOST);
    assert_int_equal(pbkdf2_measure(10000000, clock_some), 320000);
}

/* A small key's stand-in: any SEQUENCE. */
static void sealed(struct buf *out, size_t inside)
{
    struct random random = keys_random(5);
    uint8_t content[2000] = {0};
    struct buf plain;

    assert_true(inside <= sizeof content);
    buf_init(&plain, 4096);
    buf_init(out, 8192);
    der_add(&plain, DER_SEQUENCE, content, inside);
    assert_int_equal(
        pbes2_seal(out, (struct span){plain.data, plain.len}, text("secret"), FEW, &random),
        ERR_OK);
    buf_free(&plain);
}

/* Parses and opens a copy of exactly that size, so that a sanitizer sees what reads behind it. */
static enum err opened(const uint8_t *der, size_t len, const char *passphrase, size_t *inside)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    struct pbes2 p;
    struct buf out;
    const char *why;

    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, der, len);
    enum err e = pbes2_parse(&p, copy, len, &why);
    assert_true(e != ERR_OK || why == NULL);
    assert_true((e != ERR_VERSION && e != ERR_LIMIT) || why != NULL);
    buf_init(&out, 8192);
    if (e == ERR_OK) /* other iterations give another key: no need to wait for it */
        e = p.iterations == FEW ? pbes2_open(&p, text(passphrase), &out) : ERR_PASSPHRASE;
    *inside = out.len;
    buf_free(&out);
    free(copy);
    return e;
}

static void sealed_and_opened(void **state)
{
    struct buf der;
    size_t inside;

    (void)state;
    for (size_t len = 0; len < 300; len += len < 40 ? 1 : 11) {
        sealed(&der, len);
        assert_int_equal(opened(der.data, der.len, "secret", &inside), ERR_OK);
        assert_int_equal(inside, len + (len < 128 ? 2 : len < 256 ? 3 : 4));
        buf_free(&der);
    }
}

static void wrong_passphrases(void **state)
{
    static const char *const wrong[] = {"", "Secret", "secret ", "secre", "secret\n"};
    char guess[16];
    struct buf der;
    size_t inside;

    (void)state;
    sealed(&der, 1215);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(opened(der.data, der.len, wrong[i], &inside), ERR_PASSPHRASE);
    /* One in 256 comes out with good padding. */
    for (unsigned i = 0; i < 400; i++) {
        snprintf(guess, sizeof guess, "guess %u", i);
        assert_int_equal(opened(der.data, der.len, guess, &inside), ERR_PASSPHRASE);
        assert_int_equal(inside, 0);
    }
    buf_free(&der);
}

static void passphrases_out_of_range(void **state)
{
    static uint8_t long_one[LIMIT_PASSPHRASE + 1] = "x";
    struct random random = keys_random(6);
    struct buf der;

    (void)state;
    buf_init(&der, 8192);
    assert_int_equal(pbes2_seal(&der, text("0"), text(""), FEW, &random), ERR_LIMIT);
    assert_int_equal(
        pbes2_seal(&der, text("0"), (struct span){long_one, sizeof long_one}, FEW, &random),
        ERR_LIMIT);
    assert_int_equal(
        pbes2_seal(&der, text("0"), (struct span){long_one, LIMIT_PASSPHRASE}, FEW, &random),
        ERR_OK);
    buf_free(&der);
    buf_init(&der, 40);
    assert_int_equal(pbes2_seal(&der, text("0"), text("secret"), FEW, &random), ERR_MEMORY);
    buf_free(&der);
}

static void no_cut_is_taken(void **state)
{
    struct buf der;
    size_t inside;

    (void)state;
    sealed(&der, 200);
    for (size_t len = 0; len < der.len; len++)
        assert_int_equal(opened(der.data, len, "secret", &inside), ERR_FORMAT);
    buf_add8(&der, 0);
    assert_int_equal(opened(der.data, der.len, "secret", &inside), ERR_FORMAT);
    buf_free(&der);
}

/* CBC gives no proof: a changed bit in the middle comes out as a changed key, which
 * identity_from_der finds. What is not the content must be found here. */
static void changed_bits_do_no_harm(void **state)
{
    struct buf der;
    size_t inside, head;

    (void)state;
    sealed(&der, 40);
    head = der.len - 48;
    for (size_t bit = 0; bit < 8 * der.len; bit++) {
        enum err e;

        der.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        e = opened(der.data, der.len, "secret", &inside);
        der.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (e == ERR_OK && bit / 8 < head)
            assert_true(bit / 8 >= head - 2 - PBES2_BLOCK); /* the IV: the first block's bits */
        assert_true(e == ERR_OK || e == ERR_FORMAT || e == ERR_VERSION || e == ERR_LIMIT ||
                    e == ERR_PASSPHRASE);
    }
    buf_free(&der);
}

static void any_bytes_do_no_harm(void **state)
{
    struct dice dice = dice_make(11);
    struct buf der;
    size_t inside;

    (void)state;
    sealed(&der, 40);
    for (unsigned round = 0; round < 500; round++) {
        uint8_t copy[512];
        size_t changes = 1 + dice_below(&dice, 4);

        memcpy(copy, der.data, der.len);
        for (size_t i = 0; i < changes; i++)
            copy[dice_below(&dice, der.len)] = (uint8_t)dice_u64(&dice);
        opened(copy, der.len, "secret", &inside);
    }
    buf_free(&der);
}

/* Finds the bytes, which must be there, and puts others of the same length. */
static enum err replaced(const char *hex, const char *by)
{
    uint8_t from[32], to[32];
    size_t len = strlen(hex) / 2, at = 0, inside;
    struct buf der;

    assert_true(text_from_hex(from, len, hex) && text_from_hex(to, len, by));
    sealed(&der, 40);
    while (memcmp(der.data + at, from, len) != 0)
        assert_true(++at + len <= der.len);
    memcpy(der.data + at, to, len);
    enum err e = opened(der.data, der.len, "secret", &inside);
    buf_free(&der);
    return e;
}

static void other_schemes_are_told(void **state)
{
    (void)state;
    /* HMAC with SHA-1 or SHA-512, AES-128-CBC, scrypt's arc, PBES1 */
    assert_int_equal(replaced("2a864886f70d0209", "2a864886f70d0207"), ERR_VERSION);
    assert_int_equal(replaced("2a864886f70d0209", "2a864886f70d020b"), ERR_VERSION);
    assert_int_equal(replaced("60864801650304012a", "608648016503040102"), ERR_VERSION);
    assert_int_equal(replaced("2a864886f70d01050c", "2b06010401da470401"), ERR_VERSION);
    assert_int_equal(replaced("2a864886f70d01050d", "2a864886f70d010503"), ERR_VERSION);
    /* 1,000 iterations made 999, -24 and 99 with a zero before it; the hash's NULL another tag */
    assert_int_equal(replaced("020203e8", "020203e7"), ERR_LIMIT);
    assert_int_equal(replaced("020203e8", "0202ffe8"), ERR_FORMAT);
    assert_int_equal(replaced("020203e8", "02020063"), ERR_FORMAT);
    assert_int_equal(replaced("2a864886f70d02090500", "2a864886f70d02090400"), ERR_FORMAT);
}

static void numbers_in_der(void **state)
{
    static const uint32_t numbers[] = {0,          1,           127,        128,     255,
                                       256,        32767,       32768,      8388607, 8388608,
                                       2147483647, 2147483648U, 4294967295U};
    struct buf out;

    (void)state;
    buf_init(&out, 64);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_clear(&out);
        der_add_number(&out, numbers[i]);
        struct cursor c = cursor_over(out.data, out.len);
        assert_int_equal(der_number(&c), numbers[i]);
        assert_int_equal(cursor_end(&c), ERR_OK);
    }
    buf_free(&out);
}

/* Negative, longer than need be, too large, none. */
static void other_spellings_of_numbers(void **state)
{
    static const char *const wrong[] = {"0200",           "020180",           "0202ff00",
                                        "02020001",       "0202007f",         "0203000080",
                                        "02050100000000", "0206000000000001", "02060001ffffffff",
                                        "020101" /* cut below */};
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t len = strlen(wrong[i]) / 2;
        assert_true(text_from_hex(bytes, len, wrong[i]));
        struct cursor c = cursor_over(bytes, i + 1 < sizeof wrong / sizeof *wrong ? len : len - 1);
        der_number(&c);
        assert_true(c.failed);
    }
}

static void lengths_in_der(void **state)
{
    /* not shortest, indefinite, of three bytes, longer than there is */
    static const char *const wrong[] = {
        "048103616263", "04820003616263", "0480616263", "048300000361",
        "0404616263",   "04ff",           "04",         ""};
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t len = strlen(wrong[i]) / 2;
        assert_true(text_from_hex(bytes, len, wrong[i]));
        struct cursor c = cursor_over(bytes, len);
        assert_null(der_take(&c, DER_OCTETS).data);
        assert_true(c.failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pbkdf2_vectors),
        cmocka_unit_test(work_is_bounded),
        cmocka_unit_test(sealed_and_opened),
        cmocka_unit_test(wrong_passphrases),
        cmocka_unit_test(passphrases_out_of_range),
        cmocka_unit_test(no_cut_is_taken),
        cmocka_unit_test(changed_bits_do_no_harm),
        cmocka_unit_test(any_bytes_do_no_harm),
        cmocka_unit_test(other_schemes_are_told),
        cmocka_unit_test(numbers_in_der),
        cmocka_unit_test(other_spellings_of_numbers),
        cmocka_unit_test(lengths_in_der),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
