/* The openssl command line opens what we seal, verifies what we sign, makes both for us, and reads
 * our keys and our certificate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/fingerprint.h"
#include "crypto/identity_file.h"
#include "crypto/oaep.h"
#include "crypto/pss.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"

static struct scratch scratch;

static const uint8_t label_text[] = "den1 envelope";
static const struct span label = {label_text, sizeof label_text - 1};
#define LABEL_HEX "64656e3120656e76656c6f7065"
#define OAEP                                                                                  \
    "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 " \
    "-pkeyopt rsa_oaep_label:" LABEL_HEX
#define PSS \
    "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha256"

static void must_run(const char *command)
{
    struct buf output;

    if (scratch_run(&scratch, "%s", command))
        return;
    buf_init(&output, 65536);
    scratch_get(&scratch, "output", &output);
    fail_msg("%s: %s", command, buf_text(&output));
}

/* Our identity as key.pem and public.pem, a stranger's as theirs.pem. */
static int make(void **state)
{
    char path[512];
    struct buf pem;

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "key.pem", path);
    if (identity_file_save(keys_get(0), path) != ERR_OK)
        return -1;
    buf_init(&pem, LIMIT_PEM);
    public_key_to_pem(&keys_get(0)->public, &pem);
    scratch_put(&scratch, "public.pem", pem.data, pem.len);
    buf_free(&pem);
    return scratch_run(&scratch, "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 "
                                 "-out theirs.pem && chmod 600 theirs.pem")
               ? 0
               : -1;
}

static int remove_all(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void openssl_reads_our_keys(void **state)
{
    struct buf theirs, ours;

    (void)state;
    buf_init(&theirs, LIMIT_KEY_FILE);
    buf_init(&ours, LIMIT_KEY_FILE);
    must_run("openssl pkey -in key.pem -check -noout");
    must_run("openssl pkey -in key.pem -out again.pem && cmp again.pem key.pem");
    must_run("openssl pkey -in key.pem -pubout -out p.pem && cmp p.pem public.pem");
    must_run("openssl pkey -pubin -in public.pem -pubcheck -noout");
    must_run("openssl pkey -pubin -in public.pem -outform DER | openssl dgst -sha256 -r -out fp");
    scratch_get(&scratch, "fp", &theirs);
    char text[FINGERPRINT_TEXT];
    fingerprint_text(text, keys_get(0)->public.fingerprint);
    assert_memory_equal(theirs.data, text + 7, 64);
    buf_free(&theirs);
    buf_free(&ours);
}

static void load_theirs(const char *name, struct identity *id)
{
    char path[512];

    scratch_path(&scratch, name, path);
    assert_int_equal(identity_file_load(id, path), ERR_OK);
}

static void we_read_keys_of_openssl(void **state)
{
    struct identity id, old;
    struct buf pem;
    struct public_key key;

    (void)state;
    load_theirs("theirs.pem", &id);
    must_run("openssl rsa -in theirs.pem -traditional -out old.pem && chmod 600 old.pem && "
             "head -n 1 old.pem | grep -q 'BEGIN RSA PRIVATE KEY'");
    load_theirs("old.pem", &old);
    assert_true(public_key_same(&id.public, &old.public));
    must_run("openssl pkey -in theirs.pem -pubout -out their-public.pem");
    buf_init(&pem, LIMIT_PEM);
    scratch_get(&scratch, "their-public.pem", &pem);
    assert_int_equal(public_key_from_pem(&key, pem.data, pem.len), ERR_OK);
    assert_true(public_key_same(&id.public, &key));
    buf_free(&pem);
    identity_wipe(&id);
    identity_wipe(&old);
}

/* Keys of any shape (their primes are 1 or 3 modulo 4) come through our hands unharmed. */
static void keys_of_openssl_pass_through(void **state)
{
    struct identity id;
    struct buf pem;

    (void)state;
    buf_init(&pem, LIMIT_KEY_FILE);
    for (unsigned i = 0; i < 4; i++) {
        must_run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out one.pem && "
                 "chmod 600 one.pem");
        load_theirs("one.pem", &id);
        buf_clear(&pem);
        assert_int_equal(identity_to_pem(&id, &pem), ERR_OK);
        scratch_put(&scratch, "two.pem", pem.data, pem.len);
        must_run("openssl pkey -in two.pem -check -noout");
        must_run("openssl pkey -in one.pem -pubout -out 1 && openssl pkey -in two.pem -pubout "
                 "-out 2 && cmp 1 2");
    }
    identity_wipe(&id);
    buf_free(&pem);
}

static void other_keys_of_openssl_are_refused(void **state)
{
    static const char *const made[] = {
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "genpkey -algorithm ED25519",
        "pkcs8 -topk8 -in key.pem -passout pass:secret",
    };
    struct identity id;
    struct public_key key;
    struct buf pem;
    char path[512], command[512];

    (void)state;
    buf_init(&pem, 65536);
    scratch_path(&scratch, "bad.pem", path);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        snprintf(command, sizeof command,
                 "openssl %s -out bad.pem && chmod 600 bad.pem && openssl pkey -in bad.pem "
                 "-passin pass:secret -pubout -out bad-public.pem",
                 made[i]);
        must_run(command);
        assert_int_not_equal(identity_file_load(&id, path), ERR_OK);
        scratch_get(&scratch, "bad-public.pem", &pem);
        if (i + 1 < sizeof made / sizeof *made)
            assert_int_equal(public_key_from_pem(&key, pem.data, pem.len), ERR_KEY);
    }
    buf_free(&pem);
}

static void openssl_opens_what_we_wrap(void **state)
{
    struct random random = keys_random(1);
    uint8_t wrapped[SIZE_WRAPPED], key[32];

    (void)state;
    random_bytes(&random, key, sizeof key);
    scratch_put(&scratch, "secret", key, sizeof key);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(oaep_wrap(wrapped, &random, &keys_get(0)->public, label, key, sizeof key));
        scratch_put(&scratch, "wrapped", wrapped, sizeof wrapped);
        must_run("openssl pkeyutl -decrypt -inkey key.pem -in wrapped -out got " OAEP
                 " && cmp got secret");
    }
}

static void we_open_what_openssl_wraps(void **state)
{
    static const uint8_t secret[] = "thirty-two bytes, exactly so many";
    struct buf wrapped;
    uint8_t out[32];

    (void)state;
    buf_init(&wrapped, 4096);
    scratch_put(&scratch, "secret", secret, 32);
    must_run("openssl pkeyutl -encrypt -pubin -inkey public.pem -in secret -out wrapped " OAEP);
    scratch_get(&scratch, "wrapped", &wrapped);
    assert_int_equal(wrapped.len, SIZE_WRAPPED);
    assert_true(oaep_open(out, 32, keys_get(0), label, wrapped.data));
    assert_memory_equal(out, secret, 32);
    buf_free(&wrapped);
}

/* What pss.h promises to sign, written out here a second time. */
static void put_message(const char *first, const char *second)
{
    struct buf message;

    buf_init(&message, 4096);
    buf_add(&message, "den1 link", 10);
    buf_add_sized32(&message, first, strlen(first));
    buf_add_sized32(&message, second, strlen(second));
    scratch_put(&scratch, "message", message.data, message.len);
    buf_free(&message);
}

static void openssl_verifies_what_we_sign(void **state)
{
    struct random random = keys_random(2);
    struct span fields[] = {{(const uint8_t *)"first", 5}, {NULL, 0}};
    uint8_t sig[SIZE_SIGNATURE];

    (void)state;
    put_message("first", "");
    for (unsigned i = 0; i < 5; i++) {
        assert_true(pss_sign(sig, keys_get(0), &random, "link", fields, 2));
        scratch_put(&scratch, "sig", sig, sizeof sig);
        must_run("openssl dgst " PSS " -verify public.pem -signature sig message");
    }
    sig[100] ^= 1;
    scratch_put(&scratch, "sig", sig, sizeof sig);
    assert_false(
        scratch_run(&scratch, "openssl dgst " PSS " -verify public.pem -signature sig message"));
}

static void we_verify_what_openssl_signs(void **state)
{
    struct span fields[] = {{(const uint8_t *)"first", 5}, {(const uint8_t *)"second", 6}};
    struct buf sig;

    (void)state;
    buf_init(&sig, 4096);
    put_message("first", "second");
    for (unsigned i = 0; i < 5; i++) {
        must_run("openssl dgst " PSS " -sign key.pem -out sig message");
        scratch_get(&scratch, "sig", &sig);
        assert_int_equal(sig.len, SIZE_SIGNATURE);
        assert_true(pss_verify(sig.data, &keys_get(0)->public, "link", fields, 2));
        assert_false(pss_verify(sig.data, &keys_get(0)->public, "link", fields, 1));
    }
    buf_free(&sig);
}

/* A salt of another length, another digest and the old padding are not our signatures. */
static void other_signatures_of_openssl_are_refused(void **state)
{
    static const char *const ways[] = {
        "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20",
        "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:0",
        "-sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32",
        "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha1",
        "-sha256",
    };
    struct span fields[] = {{(const uint8_t *)"first", 5}, {(const uint8_t *)"second", 6}};
    struct buf sig;
    char command[512];

    (void)state;
    buf_init(&sig, 4096);
    put_message("first", "second");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        snprintf(command, sizeof command, "openssl dgst %s -sign key.pem -out sig message",
                 ways[i]);
        must_run(command);
        scratch_get(&scratch, "sig", &sig);
        assert_false(pss_verify(sig.data, &keys_get(0)->public, "link", fields, 2));
    }
    buf_free(&sig);
}

static void openssl_reads_our_certificate(void **state)
{
    struct random random = keys_random(3);
    struct cert cert, other;

    (void)state;
    assert_int_equal(cert_make(&cert, keys_get(0), &random), ERR_OK);
    assert_int_equal(cert_make(&other, keys_get(0), &random), ERR_OK);
    assert_memory_not_equal(cert.der, other.der, sizeof cert.der);
    scratch_put(&scratch, "cert.der", cert.der, sizeof cert.der);
    must_run("openssl x509 -inform DER -in cert.der -out cert.pem");
    must_run("openssl x509 -in cert.pem -noout -pubkey | cmp - public.pem");
    must_run("openssl verify -check_ss_sig -CAfile cert.pem cert.pem");
    must_run("openssl x509 -in cert.pem -outform DER | cmp - cert.der");
    must_run("openssl x509 -in cert.pem -noout -text >text && grep -q 'Version: 3' text && "
             "grep -q 'Subject: CN *= *den' text && grep -q 'Digital Signature' text && "
             "grep -q 'Not After : Dec 31 23:59:59 9999 GMT' text && "
             "grep -q 'Not Before: Jan  1 00:00:00 2000 GMT' text");
    cert.der[300] ^= 1;
    scratch_put(&scratch, "cert.der", cert.der, sizeof cert.der);
    assert_false(scratch_run(&scratch, "openssl x509 -inform DER -in cert.der -out cert.pem && "
                                       "openssl verify -check_ss_sig -CAfile cert.pem cert.pem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_reads_our_keys),
        cmocka_unit_test(we_read_keys_of_openssl),
        cmocka_unit_test(keys_of_openssl_pass_through),
        cmocka_unit_test(other_keys_of_openssl_are_refused),
        cmocka_unit_test(openssl_opens_what_we_wrap),
        cmocka_unit_test(we_open_what_openssl_wraps),
        cmocka_unit_test(openssl_verifies_what_we_sign),
        cmocka_unit_test(we_verify_what_openssl_signs),
        cmocka_unit_test(other_signatures_of_openssl_are_refused),
        cmocka_unit_test(openssl_reads_our_certificate),
    };
    return cmocka_run_group_tests(tests, make, remove_all);
}
