/* Identities: made, kept, read back; what is damaged or open to others is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "crypto/identity.h"
#include "crypto/identity_file.h"
#include "crypto/pem.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"

static bool wiped(const struct identity *id)
{
    const uint8_t *p = (const uint8_t *)id;

    for (size_t i = 0; i < sizeof *id; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static void pem_there_and_back(void **state)
{
    struct identity id;
    struct buf pem, again;

    (void)state;
    buf_init(&pem, LIMIT_KEY_FILE);
    buf_init(&again, LIMIT_KEY_FILE);
    for (unsigned i = 0; i < 2; i++) {
        buf_clear(&pem);
        buf_clear(&again);
        assert_int_equal(identity_to_pem(keys_get(i), &pem), ERR_OK);
        assert_int_equal(identity_from_pem(&id, pem.data, pem.len), ERR_OK);
        assert_memory_equal(&id.public, &keys_get(i)->public, sizeof id.public);
        assert_int_equal(identity_to_pem(&id, &again), ERR_OK);
        assert_string_equal(buf_text(&pem), buf_text(&again));
    }
    identity_wipe(&id);
    assert_true(wiped(&id));
    buf_free(&pem);
    buf_free(&again);
}

static void pkcs1_is_read(void **state)
{
    const struct identity *id = keys_get(0);
    uint8_t d[256], der[2048];
    br_rsa_public_key public = public_key_rsa(&id->public);
    struct identity back;
    struct buf pem;

    (void)state;
    buf_init(&pem, LIMIT_KEY_FILE);
    size_t d_len = br_rsa_compute_privexp_get_default()(d, &id->key, 65537);
    size_t len = br_encode_rsa_raw_der(der, &id->key, &public, d, d_len);
    pem_write(&pem, "RSA PRIVATE KEY", der, len);
    assert_int_equal(identity_from_pem(&back, pem.data, pem.len), ERR_OK);
    assert_true(public_key_same(&back.public, &id->public));
    identity_wipe(&back);
    buf_free(&pem);
}

/* The DER of one of our keys, to damage. */
static void der_of(const struct identity *id, struct buf *der)
{
    struct buf pem;

    buf_init(&pem, LIMIT_KEY_FILE);
    buf_init(der, LIMIT_KEY_FILE);
    assert_int_equal(identity_to_pem(id, &pem), ERR_OK);
    assert_int_equal(pem_read(der, "PRIVATE KEY", pem.data, pem.len), ERR_OK);
    buf_free(&pem);
}

static enum err from_der(const uint8_t *der, size_t len)
{
    struct identity id;
    struct buf pem;

    buf_init(&pem, LIMIT_KEY_FILE);
    pem_write(&pem, "PRIVATE KEY", der, len);
    enum err e = identity_from_pem(&id, pem.data, pem.len);
    if (e != ERR_OK)
        assert_true(wiped(&id));
    identity_wipe(&id);
    buf_free(&pem);
    return e;
}

/* Of PKCS#8, only d may be wrong unnoticed, for it is not used (p, q, dp, dq and iq are). */
static void damaged_key_is_refused(void **state)
{
    struct buf der;
    size_t accepted = 0;

    (void)state;
    der_of(keys_get(0), &der);
    assert_int_equal(from_der(der.data, der.len), ERR_OK);
    for (size_t at = 0; at < der.len; at += at < 40 ? 1 : 13) {
        der.data[at] ^= 0x10;
        enum err e = from_der(der.data, der.len);
        der.data[at] ^= 0x10;
        if (e != ERR_OK)
            continue;
        accepted++;
        assert_in_range(at, 30 + 264 + 5, 30 + 264 + 5 + 4 + 257);
    }
    assert_true(accepted <= 21);
    buf_free(&der);
}

static void short_or_long_key_is_refused(void **state)
{
    struct buf der;

    (void)state;
    der_of(keys_get(0), &der);
    for (size_t len = 0; len < der.len; len += 7)
        assert_int_not_equal(from_der(der.data, len), ERR_OK);
    buf_add8(&der, 0);
    assert_int_equal(from_der(der.data, der.len), ERR_FORMAT);
    buf_free(&der);
}

static void other_sizes_are_refused(void **state)
{
    struct random random = keys_random(1);
    uint8_t secret[BR_RSA_KBUF_PRIV_SIZE(1024)], public[BR_RSA_KBUF_PUB_SIZE(1024)], der[1024],
        d[128];
    br_rsa_private_key key;
    br_rsa_public_key pub;

    (void)state;
    for (uint32_t e = 3; e <= 65537; e += 65534) {
        br_rsa_keygen_get_default()(random_context(&random), &key, secret, &pub, public, 1024, e);
        size_t d_len = br_rsa_compute_privexp_get_default()(d, &key, e);
        size_t len = br_encode_rsa_pkcs8_der(der, &key, &pub, d, d_len);
        assert_int_equal(from_der(der, len), ERR_KEY);
    }
}

static void exponent_three_is_refused(void **state)
{
    struct random random = keys_random(2);
    uint8_t secret[BR_RSA_KBUF_PRIV_SIZE(2048)], public[BR_RSA_KBUF_PUB_SIZE(2048)], der[2048],
        d[256];
    br_rsa_private_key key;
    br_rsa_public_key pub;

    (void)state;
    br_rsa_keygen_get_default()(random_context(&random), &key, secret, &pub, public, 2048, 3);
    size_t d_len = br_rsa_compute_privexp_get_default()(d, &key, 3);
    size_t len = br_encode_rsa_pkcs8_der(der, &key, &pub, d, d_len);
    assert_int_equal(from_der(der, len), ERR_KEY);
}

static void private_operation_checks_itself(void **state)
{
    struct identity broken;
    struct buf pem;
    uint8_t x[PUBLIC_KEY_MODULUS] = {0, 1, 2}, zero[PUBLIC_KEY_MODULUS] = {0};

    (void)state;
    buf_init(&pem, LIMIT_KEY_FILE);
    assert_int_equal(identity_to_pem(keys_get(0), &pem), ERR_OK);
    assert_int_equal(identity_from_pem(&broken, pem.data, pem.len), ERR_OK);
    assert_true(identity_private(&broken, x));
    /* One wrong bit in one half of the CRT: the result would give p away. */
    broken.key.dq[5] ^= 1;
    assert_false(identity_private(&broken, x));
    assert_memory_equal(x, zero, sizeof x);
    memcpy(x, broken.public.n, sizeof x);
    assert_false(identity_private(keys_get(0), x));
    identity_wipe(&broken);
    buf_free(&pem);
}

static void kept_in_a_file(void **state)
{
    struct scratch scratch = {""};
    struct identity id;
    struct stat st;
    char path[512], directory[512];

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "state/den/identity.pem", path);
    scratch_path(&scratch, "state/den", directory);
    assert_int_equal(identity_file_load(&id, path), ERR_UNKNOWN);
    assert_int_equal(identity_file_save(keys_get(0), path), ERR_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(directory, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(identity_file_load(&id, path), ERR_OK);
    assert_true(public_key_same(&id.public, &keys_get(0)->public));
    identity_wipe(&id);
    scratch_remove(&scratch);
}

static void file_open_to_others_is_refused(void **state)
{
    static const mode_t open_modes[] = {0640, 0604, 0620, 0602, 0610, 0644};
    struct scratch scratch = {""};
    struct identity id;
    struct buf reason;
    char path[512];

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "key", path);
    assert_int_equal(identity_file_save(keys_get(0), path), ERR_OK);
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        assert_int_equal(chmod(path, open_modes[i]), 0);
        assert_int_equal(identity_file_load(&id, path), ERR_STATE);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(identity_file_load(&id, path), ERR_OK);
    identity_wipe(&id);
    buf_init(&reason, 1024);
    identity_file_reason(&reason, path, ERR_STATE, NULL);
    assert_non_null(strstr(buf_text(&reason), path));
    assert_non_null(strstr(buf_text(&reason), "chmod 600"));
    buf_free(&reason);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_there_and_back),
        cmocka_unit_test(pkcs1_is_read),
        cmocka_unit_test(damaged_key_is_refused),
        cmocka_unit_test(short_or_long_key_is_refused),
        cmocka_unit_test(other_sizes_are_refused),
        cmocka_unit_test(exponent_three_is_refused),
        cmocka_unit_test(private_operation_checks_itself),
        cmocka_unit_test(kept_in_a_file),
        cmocka_unit_test(file_open_to_others_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
