/* Public keys: one form of DER, one strict form of PEM, everything else refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/digest.h"
#include "crypto/pem.h"
#include "crypto/public_key.h"
#include "tests/kit/keys.h"

static const struct public_key *ours(void)
{
    return &keys_get(0)->public;
}

static void spki_there_and_back(void **state)
{
    struct public_key key;
    uint8_t digest[32];

    (void)state;
    assert_int_equal(public_key_from_spki(&key, ours()->spki, SIZE_SPKI), ERR_OK);
    assert_memory_equal(&key, ours(), sizeof key);
    assert_true(public_key_same(&key, ours()));
    assert_false(public_key_same(&key, &keys_get(1)->public));
    digest_sha256(digest, key.spki, SIZE_SPKI);
    assert_memory_equal(digest, key.fingerprint, 32);
}

static void other_spki_is_refused(void **state)
{
    uint8_t spki[SIZE_SPKI + 1] = {0};
    struct public_key key = *ours();

    (void)state;
    memcpy(spki, ours()->spki, SIZE_SPKI);
    for (size_t len = 0; len <= sizeof spki; len++)
        if (len != SIZE_SPKI)
            assert_int_equal(public_key_from_spki(&key, spki, len), ERR_KEY);
    for (size_t bit = 0; bit < 8 * SIZE_SPKI; bit++) {
        size_t at = bit / 8;
        bool in_modulus = at >= 33 && at < 33 + 256;
        bool end_bit = bit == 8 * 33 + 7 || bit == 8 * (33 + 255);
        spki[at] ^= (uint8_t)(1u << bit % 8);
        enum err e = public_key_from_spki(&key, spki, SIZE_SPKI);
        assert_int_equal(e, in_modulus && !end_bit ? ERR_OK : ERR_KEY);
        spki[at] ^= (uint8_t)(1u << bit % 8);
    }
}

static void refusal_leaves_the_key_alone(void **state)
{
    struct public_key key = *ours();
    uint8_t even[PUBLIC_KEY_MODULUS];

    (void)state;
    memcpy(even, keys_get(1)->public.n, sizeof even);
    even[255] &= 0xfe;
    assert_int_equal(public_key_from_modulus(&key, even), ERR_KEY);
    assert_memory_equal(&key, ours(), sizeof key);
}

static enum err from_text(const char *text)
{
    struct public_key key;
    enum err e = public_key_from_pem(&key, text, strlen(text));

    if (e == ERR_OK)
        assert_memory_equal(&key, ours(), sizeof key);
    return e;
}

static void pem_there_and_back(void **state)
{
    struct buf pem;

    (void)state;
    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(ours(), &pem);
    assert_int_equal(pem.len, 451);
    assert_int_equal(from_text(buf_text(&pem)), ERR_OK);
    buf_add_text(&pem, "\n \t\r\n");
    assert_int_equal(from_text(buf_text(&pem)), ERR_OK);
    buf_free(&pem);
}

static void pem_with_crlf(void **state)
{
    struct buf pem, crlf;

    (void)state;
    buf_init(&pem, LIMIT_PEM);
    buf_init(&crlf, LIMIT_PEM);
    public_key_to_pem(ours(), &pem);
    for (size_t i = 0; i < pem.len; i++) {
        if (pem.data[i] == '\n')
            buf_add8(&crlf, '\r');
        buf_add8(&crlf, pem.data[i]);
    }
    assert_int_equal(from_text(buf_text(&crlf)), ERR_OK);
    buf_free(&pem);
    buf_free(&crlf);
}

/* Only what carries no meaning may be missing or be changed: the last line feed. */
static void damaged_pem_is_refused(void **state)
{
    struct buf pem;
    struct public_key key;

    (void)state;
    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(ours(), &pem);
    for (size_t len = 0; len < pem.len; len++)
        assert_int_equal(public_key_from_pem(&key, pem.data, len) == ERR_OK, len == pem.len - 1);
    for (size_t i = 0; i < pem.len - 1; i++) {
        uint8_t was = pem.data[i];
        for (unsigned v = 0; v < 256; v++) {
            pem.data[i] = (uint8_t)v;
            if (v != was && public_key_from_pem(&key, pem.data, pem.len) == ERR_OK)
                assert_memory_not_equal(key.n, ours()->n, sizeof key.n);
        }
        pem.data[i] = was;
    }
    buf_free(&pem);
}

static void refuse_edited(const char *from, const char *to)
{
    struct buf pem;
    char text[2 * LIMIT_PEM] = "";

    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(ours(), &pem);
    const char *whole = buf_text(&pem);
    const char *at = strstr(whole, from);
    assert_non_null(at);
    strncat(text, whole, (size_t)(at - whole));
    strcat(text, to);
    strcat(text, at + strlen(from));
    if (from_text(text) == ERR_OK)
        fail_msg("accepted with %s for %s", to, from);
    buf_free(&pem);
}

static void pem_in_other_words_is_refused(void **state)
{
    (void)state;
    refuse_edited("-----BEGIN", " -----BEGIN");
    refuse_edited("-----BEGIN", "words\n-----BEGIN");
    refuse_edited("PUBLIC KEY-----\nM", "PRIVATE KEY-----\nM");
    refuse_edited("PUBLIC KEY-----\nM", "PUBLIC KEY-----M");
    refuse_edited("PUBLIC KEY-----\nM", "PUBLIC KEY-----\nHead: er\n\nM");
    refuse_edited("MIIB", "MII B");
    refuse_edited("-----END", "\n-----END");
    refuse_edited("-----END", "AAAA\n-----END");
    refuse_edited("END PUBLIC KEY-----\n", "END PUBLIC KEY-----\n-----BEGIN PUBLIC KEY-----\n");
    refuse_edited("END PUBLIC KEY-----\n", "END PUBLIC KEY-----\nx");
    refuse_edited("AQAB\n", "AQ==\n");
}

/* Behind the end there may be white space, and nothing else, not even a NUL. */
static void bytes_behind_the_end_are_refused(void **state)
{
    struct public_key key;
    struct buf pem;

    (void)state;
    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(ours(), &pem);
    buf_add(&pem, " x", 2);
    for (unsigned v = 0; v < 256; v++) {
        bool space = v == ' ' || v == '\t' || v == '\r' || v == '\n';

        for (size_t at = pem.len - 3; at < pem.len; at++) {
            uint8_t was = pem.data[at];

            pem.data[pem.len - 1] = '\n';
            pem.data[at] = (uint8_t)v;
            assert_int_equal(public_key_from_pem(&key, pem.data, pem.len),
                             space ? ERR_OK : ERR_FORMAT);
            pem.data[at] = was;
        }
    }
    buf_free(&pem);
}

/* Base64 whose unused bits are not zero, or that is padded where it need not be. */
static void other_spellings_of_base64_are_refused(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"QQ==", true},    {"QUI=", true},         {"QUJD", true},        {"QR==", false},
        {"QUJ=", false},   {"QQ=A", false},        {"QQ=", false},        {"QQ", false},
        {"Q===", false},   {"====", false},        {"QUJD====", false},   {"QQ==QUJD", false},
        {"QUJD\n", false}, {"QU-_", false},        {"QQ==\nQUJD", false}, {"QUJD\nQQ==", true},
        {"QU JD", false},  {"QUJD\r\nQQ==", true}, {"QUJD\rQQ==", false}, {" QUJD", false},
    };
    char text[128];
    struct buf out;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_init(&out, 64);
        snprintf(text, sizeof text, "-----BEGIN A-----\n%s\n-----END A-----\n", cases[i].text);
        if ((pem_read(&out, "A", text, strlen(text)) == ERR_OK) != cases[i].good)
            fail_msg("%s", cases[i].text);
        buf_free(&out);
    }
}

static void long_pem_is_refused_by_length(void **state)
{
    char text[LIMIT_PEM + 1];
    struct public_key key;

    (void)state;
    memset(text, ' ', sizeof text);
    assert_int_equal(public_key_from_pem(&key, text, sizeof text), ERR_LIMIT);
    assert_int_equal(public_key_from_pem(&key, text, sizeof text - 1), ERR_FORMAT);
    assert_int_equal(public_key_from_pem(&key, NULL, 0), ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spki_there_and_back),
        cmocka_unit_test(other_spki_is_refused),
        cmocka_unit_test(refusal_leaves_the_key_alone),
        cmocka_unit_test(pem_there_and_back),
        cmocka_unit_test(pem_with_crlf),
        cmocka_unit_test(damaged_pem_is_refused),
        cmocka_unit_test(pem_in_other_words_is_refused),
        cmocka_unit_test(bytes_behind_the_end_are_refused),
        cmocka_unit_test(other_spellings_of_base64_are_refused),
        cmocka_unit_test(long_pem_is_refused_by_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
