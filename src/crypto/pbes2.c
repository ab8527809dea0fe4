#include "crypto/pbes2.h"

#include <bearssl.h>
#include <string.h>

#include "base/limits.h"
#include "base/wipe.h"
#include "crypto/der.h"
#include "crypto/pbkdf2.h"

#define KEY 32  /* bytes of an AES-256 key */
#define SALT 16 /* of a key of ours */

static const uint8_t oid_pbes2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
static const uint8_t oid_pbkdf2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
static const uint8_t oid_hmac_sha1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x07};
static const uint8_t oid_hmac_sha256[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09};
static const uint8_t oid_aes256_cbc[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};

/* Reading: the first reason stays. */
struct reader {
    enum err e;
    const char *why;
};

static void refuse(struct reader *r, enum err e, const char *why)
{
    if (r->e == ERR_OK)
        *r = (struct reader){e, why};
}

/* An object identifier that must be this one; what is behind it is not understood otherwise. */
static bool take_oid(struct reader *r, struct cursor *c, const void *oid, size_t len,
                     const char *otherwise)
{
    struct span s = der_take(c, DER_OID);

    if (s.data == NULL)
        refuse(r, ERR_FORMAT, NULL);
    else if (s.len != len || memcmp(s.data, oid, len) != 0)
        refuse(r, ERR_VERSION, otherwise);
    return r->e == ERR_OK;
}

static void end(struct reader *r, const struct cursor *c)
{
    if (c->failed || c->left > 0)
        refuse(r, ERR_FORMAT, NULL);
}

static void take_hash(struct reader *r, struct cursor *c)
{
    static const char sha1[] = "encrypted with PBKDF2 and SHA-1; encrypt it with SHA-256 instead "
                               "(openssl pkcs8 -topk8 -v2prf hmacWithSHA256)";
    struct cursor in;

    /* Left out, it is SHA-1 (RFC 8018 A.2). */
    if (!c->failed && c->left == 0) {
        refuse(r, ERR_VERSION, sha1);
        return;
    }
    in = der_inside(c, DER_SEQUENCE);
    if (in.left > 2 + sizeof oid_hmac_sha1 && in.at[1] == sizeof oid_hmac_sha1 &&
        memcmp(in.at + 2, oid_hmac_sha1, sizeof oid_hmac_sha1) == 0)
        refuse(r, ERR_VERSION, sha1);
    if (!take_oid(r, &in, oid_hmac_sha256, sizeof oid_hmac_sha256,
                  "encrypted with a hash other than SHA-256"))
        return;
    if (der_take(&in, DER_NULL).len != 0)
        in.failed = true;
    end(r, &in);
}

static void take_derivation(struct reader *r, struct cursor *c, struct pbes2 *p)
{
    struct cursor in = der_inside(c, DER_SEQUENCE), parameters;

    if (!take_oid(r, &in, oid_pbkdf2, sizeof oid_pbkdf2,
                  "encrypted with a key derivation other than PBKDF2"))
        return;
    parameters = der_inside(&in, DER_SEQUENCE);
    end(r, &in);
    p->salt = der_take(&parameters, DER_OCTETS);
    p->iterations = der_number(&parameters);
    if (der_next(&parameters, DER_INTEGER) && der_number(&parameters) != KEY)
        parameters.failed = true;
    if (parameters.failed)
        refuse(r, ERR_FORMAT, NULL);
    take_hash(r, &parameters);
    end(r, &parameters);
    if (p->salt.len < LIMIT_SALT_LEAST || p->salt.len > LIMIT_SALT)
        refuse(r, ERR_LIMIT, "encrypted with a salt that is not of 8 to 64 bytes");
    if (p->iterations < LIMIT_ITERATIONS_LEAST || p->iterations > LIMIT_ITERATIONS)
        refuse(r, ERR_LIMIT,
               "encrypted with PBKDF2 of fewer than 1,000 or more than 10,000,000 "
               "iterations");
}

static void take_cipher(struct reader *r, struct cursor *c, struct pbes2 *p)
{
    struct cursor in = der_inside(c, DER_SEQUENCE);
    struct span iv;

    if (!take_oid(r, &in, oid_aes256_cbc, sizeof oid_aes256_cbc,
                  "encrypted with a cipher other than AES-256-CBC"))
        return;
    iv = der_take(&in, DER_OCTETS);
    if (iv.len != PBES2_BLOCK)
        in.failed = true;
    p->iv = iv.data;
    end(r, &in);
}

static void take_scheme(struct reader *r, struct cursor *c, struct pbes2 *p)
{
    struct cursor in = der_inside(c, DER_SEQUENCE), parameters;

    if (!take_oid(r, &in, oid_pbes2, sizeof oid_pbes2, "encrypted with a scheme other than PBES2"))
        return;
    parameters = der_inside(&in, DER_SEQUENCE);
    end(r, &in);
    take_derivation(r, &parameters, p);
    take_cipher(r, &parameters, p);
    end(r, &parameters);
}

enum err pbes2_parse(struct pbes2 *p, const void *der, size_t len, const char **why)
{
    struct cursor c = cursor_over(der, len), whole = der_inside(&c, DER_SEQUENCE);
    struct reader r = {ERR_OK, NULL};

    *p = (struct pbes2){.iv = NULL};
    end(&r, &c);
    take_scheme(&r, &whole, p);
    p->sealed = der_take(&whole, DER_OCTETS);
    if (r.e == ERR_OK && (p->sealed.len == 0 || p->sealed.len % PBES2_BLOCK != 0))
        whole.failed = true;
    end(&r, &whole);
    *why = r.why;
    return r.e;
}

/* The padding of RFC 8018 6.1.1: 1 to 16 bytes, each of which tells how many. */
static bool take_padding(const uint8_t *p, size_t *len)
{
    size_t pad = p[*len - 1];
    bool good = pad >= 1 && pad <= PBES2_BLOCK;

    for (size_t i = 0; good && i < pad; i++)
        good = p[*len - 1 - i] == pad;
    if (good)
        *len -= pad;
    return good;
}

static bool is_sequence(const uint8_t *p, size_t len)
{
    struct cursor c = cursor_over(p, len);

    der_take(&c, DER_SEQUENCE);
    return cursor_end(&c) == ERR_OK;
}

static void decrypt(uint8_t *p, size_t len, const uint8_t key[KEY], const uint8_t *iv)
{
    br_aes_ct64_cbcdec_keys aes;
    uint8_t chain[PBES2_BLOCK];

    memcpy(chain, iv, sizeof chain);
    br_aes_ct64_cbcdec_init(&aes, key, KEY);
    br_aes_ct64_cbcdec_run(&aes, chain, p, len);
    wipe(&aes, sizeof aes);
}

static void encrypt(uint8_t *p, size_t len, const uint8_t key[KEY], const uint8_t *iv)
{
    br_aes_ct64_cbcenc_keys aes;
    uint8_t chain[PBES2_BLOCK];

    memcpy(chain, iv, sizeof chain);
    br_aes_ct64_cbcenc_init(&aes, key, KEY);
    br_aes_ct64_cbcenc_run(&aes, chain, p, len);
    wipe(&aes, sizeof aes);
}

enum err pbes2_open(const struct pbes2 *p, struct span passphrase, struct buf *out)
{
    uint8_t key[KEY], *to = buf_reserve(out, p->sealed.len);
    size_t len = p->sealed.len;

    if (to == NULL)
        return ERR_MEMORY;
    memcpy(to, p->sealed.data, len);
    pbkdf2(key, sizeof key, passphrase, p->salt, p->iterations);
    decrypt(to, len, key, p->iv);
    wipe(key, sizeof key);
    wipe_stack();
    if (!take_padding(to, &len) || !is_sequence(to, len)) {
        wipe(to, p->sealed.len);
        return ERR_PASSPHRASE;
    }
    buf_grew(out, len);
    return ERR_OK;
}

static void add_derivation(struct buf *out, const uint8_t salt[SALT], uint32_t iterations)
{
    struct buf hash, parameters, all;

    buf_init(&hash, 256);
    buf_init(&parameters, 256);
    buf_init(&all, 256);
    der_add(&hash, DER_OID, oid_hmac_sha256, sizeof oid_hmac_sha256);
    der_add(&hash, DER_NULL, "", 0);
    der_add(&parameters, DER_OCTETS, salt, SALT);
    der_add_number(&parameters, iterations);
    der_add(&parameters, DER_SEQUENCE, hash.data, hash.len);
    der_add(&all, DER_OID, oid_pbkdf2, sizeof oid_pbkdf2);
    der_add(&all, DER_SEQUENCE, parameters.data, parameters.len);
    der_add(out, DER_SEQUENCE, all.data, all.len);
    out->failed |= hash.failed || parameters.failed || all.failed;
    buf_free(&hash);
    buf_free(&parameters);
    buf_free(&all);
}

static void add_scheme(struct buf *out, const uint8_t salt[SALT], uint32_t iterations,
                       const uint8_t iv[PBES2_BLOCK])
{
    struct buf cipher, parameters, all;

    buf_init(&cipher, 256);
    buf_init(&parameters, 256);
    buf_init(&all, 256);
    der_add(&cipher, DER_OID, oid_aes256_cbc, sizeof oid_aes256_cbc);
    der_add(&cipher, DER_OCTETS, iv, PBES2_BLOCK);
    add_derivation(&parameters, salt, iterations);
    der_add(&parameters, DER_SEQUENCE, cipher.data, cipher.len);
    der_add(&all, DER_OID, oid_pbes2, sizeof oid_pbes2);
    der_add(&all, DER_SEQUENCE, parameters.data, parameters.len);
    der_add(out, DER_SEQUENCE, all.data, all.len);
    out->failed |= cipher.failed || parameters.failed || all.failed;
    buf_free(&cipher);
    buf_free(&parameters);
    buf_free(&all);
}

/* The plaintext with its padding, encrypted. */
static void add_sealed(struct buf *out, struct span plain, const uint8_t key[KEY],
                       const uint8_t iv[PBES2_BLOCK])
{
    uint8_t pad = (uint8_t)(PBES2_BLOCK - plain.len % PBES2_BLOCK);
    struct buf text;

    buf_init(&text, LIMIT_KEY_FILE);
    buf_add(&text, plain.data, plain.len);
    for (uint8_t i = 0; i < pad; i++)
        buf_add8(&text, pad);
    if (!text.failed)
        encrypt(text.data, text.len, key, iv);
    der_add(out, DER_OCTETS, text.data, text.failed ? 0 : text.len);
    out->failed |= text.failed;
    buf_free(&text);
}

enum err pbes2_seal(struct buf *out, struct span plain, struct span passphrase, uint32_t iterations,
                    struct random *random)
{
    uint8_t salt[SALT], iv[PBES2_BLOCK], key[KEY];
    struct buf all;

    if (passphrase.len == 0 || passphrase.len > LIMIT_PASSPHRASE)
        return ERR_LIMIT;
    random_bytes(random, salt, sizeof salt);
    random_bytes(random, iv, sizeof iv);
    pbkdf2(key, sizeof key, passphrase, (struct span){salt, sizeof salt}, iterations);
    buf_init(&all, LIMIT_KEY_FILE);
    add_scheme(&all, salt, iterations, iv);
    add_sealed(&all, plain, key, iv);
    wipe(key, sizeof key);
    wipe_stack();
    der_add(out, DER_SEQUENCE, all.data, all.len);
    out->failed |= all.failed;
    buf_free(&all);
    return out->failed ? ERR_MEMORY : ERR_OK;
}
