#include "crypto/identity.h"

#include <string.h>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/wipe.h"
#include "crypto/pem.h"

#define EXPONENT 65537
#define PART (PUBLIC_KEY_MODULUS / 2) /* bytes of p, q, dp, dq, iq at most */
#define DER_MAX 2048                  /* bytes of a private key's DER: 1,219 for ours */

_Static_assert(5 * PART <= sizeof((struct identity *)0)->secret, "five parts fit");

enum err identity_generate(struct identity *id, struct random *random)
{
    uint8_t public[BR_RSA_KBUF_PUB_SIZE(2048)];
    br_rsa_public_key key;

    uint32_t made = br_rsa_keygen_get_default()(random_context(random), &id->key, id->secret, &key,
                                                public, 2048, EXPONENT);
    wipe_stack();
    enum err e = ERR_KEY;
    if (made && key.nlen == PUBLIC_KEY_MODULUS)
        e = public_key_from_modulus(&id->public, key.n);
    if (e != ERR_OK)
        identity_wipe(id);
    return e;
}

bool identity_private(const struct identity *id, uint8_t x[static PUBLIC_KEY_MODULUS])
{
    uint8_t before[PUBLIC_KEY_MODULUS], back[PUBLIC_KEY_MODULUS];
    br_rsa_public_key public = public_key_rsa(&id->public);

    memcpy(before, x, sizeof before);
    uint32_t ok = br_rsa_private_get_default()(x, &id->key);
    wipe_stack();
    memcpy(back, x, sizeof back);
    ok &= br_rsa_public_get_default()(back, sizeof back, &public);
    bool good = ok == 1 && bytes_equal(before, back, sizeof back);
    if (!good)
        wipe(x, PUBLIC_KEY_MODULUS);
    wipe(before, sizeof before);
    wipe(back, sizeof back);
    return good;
}

static enum err write_der(const struct identity *id, struct buf *out)
{
    uint8_t d[PUBLIC_KEY_MODULUS], der[DER_MAX];
    br_rsa_public_key public = public_key_rsa(&id->public);
    enum err e = ERR_KEY;

    size_t d_len = br_rsa_compute_privexp_get_default()(d, &id->key, EXPONENT);
    if (d_len != 0 && d_len <= sizeof d) {
        size_t len = br_encode_rsa_pkcs8_der(NULL, &id->key, &public, d, d_len);
        if (len <= sizeof der) {
            br_encode_rsa_pkcs8_der(der, &id->key, &public, d, d_len);
            buf_add(out, der, len);
            e = out->failed ? ERR_MEMORY : ERR_OK;
        }
    }
    wipe(d, sizeof d);
    wipe(der, sizeof der);
    return e;
}

enum err identity_to_der(const struct identity *id, struct buf *out)
{
    enum err e = write_der(id, out);

    wipe_stack();
    return e;
}

enum err identity_to_pem(const struct identity *id, struct buf *out)
{
    struct buf der;

    buf_init(&der, DER_MAX);
    enum err e = identity_to_der(id, &der);
    if (e == ERR_OK) {
        pem_write(out, BR_ENCODE_PEM_PKCS8, der.data, der.len);
        e = out->failed ? ERR_MEMORY : ERR_OK;
    }
    buf_free(&der);
    wipe_stack();
    return e;
}

/* Copies one part to its place without leading zeros. */
static bool keep(uint8_t *place, unsigned char **part, size_t *part_len, const unsigned char *p,
                 size_t len)
{
    while (len > 0 && *p == 0) {
        p++;
        len--;
    }
    if (len == 0 || len > PART)
        return false;
    memcpy(place, p, len);
    *part = place;
    *part_len = len;
    return true;
}

static bool keep_parts(struct identity *id, const br_rsa_private_key *k)
{
    uint8_t *at = id->secret;

    id->key.n_bitlen = k->n_bitlen;
    return k->n_bitlen == 2048 && keep(at, &id->key.p, &id->key.plen, k->p, k->plen) &&
           keep(at + PART, &id->key.q, &id->key.qlen, k->q, k->qlen) &&
           keep(at + 2 * PART, &id->key.dp, &id->key.dplen, k->dp, k->dplen) &&
           keep(at + 3 * PART, &id->key.dq, &id->key.dqlen, k->dq, k->dqlen) &&
           keep(at + 4 * PART, &id->key.iq, &id->key.iqlen, k->iq, k->iqlen);
}

/* BearSSL's decoder passes over n, e and the algorithm's parameters, so look ourselves. The
 * RSAPrivateKey is the whole object (RFC 8017 A.1.2), or stands 26 bytes in behind version and
 * algorithm for PKCS#8 (RFC 5958 2). */
static bool names_modulus(const uint8_t *der, size_t len, const uint8_t n[PUBLIC_KEY_MODULUS])
{
    static const uint8_t pkcs8[] = {0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
                                    0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    static const uint8_t before[] = {0x02, 0x01, 0x00, 0x02, 0x82, 0x01, 0x01, 0x00};
    static const uint8_t behind[] = {0x02, 0x03, 0x01, 0x00, 0x01};
    struct cursor c = cursor_over(der, len);

    cursor_take(&c, 4);
    if (c.left > sizeof pkcs8 && memcmp(c.at, pkcs8, sizeof pkcs8) == 0)
        cursor_take(&c, 26);
    const uint8_t *p = cursor_take(&c, sizeof before + PUBLIC_KEY_MODULUS + sizeof behind);
    return p != NULL && memcmp(p, before, sizeof before) == 0 &&
           memcmp(p + sizeof before, n, PUBLIC_KEY_MODULUS) == 0 &&
           memcmp(p + sizeof before + PUBLIC_KEY_MODULUS, behind, sizeof behind) == 0;
}

static enum err check(struct identity *id, const uint8_t *der, size_t len)
{
    uint8_t n[PUBLIC_KEY_MODULUS], trial[PUBLIC_KEY_MODULUS];

    if (br_rsa_compute_modulus_get_default()(NULL, &id->key) != sizeof n ||
        br_rsa_compute_modulus_get_default()(n, &id->key) != sizeof n)
        return ERR_KEY;
    if (!names_modulus(der, len, n) || public_key_from_modulus(&id->public, n) != ERR_OK)
        return ERR_KEY;
    /* A number whose root is found shows that dp, dq, iq and e belong to p and q. */
    memset(trial, 0x5a, sizeof trial);
    return identity_private(id, trial) ? ERR_OK : ERR_KEY;
}

static enum err read_der(struct identity *id, const uint8_t *der, size_t len)
{
    br_skey_decoder_context decoder;
    enum err e = ERR_KEY;

    /* The outer length is compared here: the decoder takes what follows an object in silence. */
    if (len < 4 || der[0] != 0x30 || der[1] != 0x82 || bytes_get16(der + 2) != len - 4)
        return ERR_FORMAT;
    br_skey_decoder_init(&decoder);
    br_skey_decoder_push(&decoder, der, len);
    const br_rsa_private_key *key = br_skey_decoder_get_rsa(&decoder);
    if (br_skey_decoder_last_error(&decoder) == 0 && key != NULL && keep_parts(id, key))
        e = check(id, der, len);
    wipe(&decoder, sizeof decoder);
    return e;
}

enum err identity_from_der(struct identity *id, const void *der, size_t len)
{
    enum err e = read_der(id, der, len);

    wipe_stack();
    if (e != ERR_OK)
        identity_wipe(id);
    return e;
}

enum err identity_from_pem(struct identity *id, const void *pem, size_t len)
{
    struct buf der;

    if (len > LIMIT_KEY_FILE)
        return ERR_LIMIT;
    buf_init(&der, LIMIT_KEY_FILE);
    enum err e = pem_read(&der, BR_ENCODE_PEM_PKCS8, pem, len);
    if (e == ERR_UNKNOWN)
        e = pem_read(&der, BR_ENCODE_PEM_RSA_RAW, pem, len);
    if (e == ERR_UNKNOWN)
        e = ERR_FORMAT;
    if (e == ERR_OK)
        e = identity_from_der(id, der.data, der.len);
    else
        identity_wipe(id);
    buf_free(&der);
    wipe_stack();
    return e;
}

void identity_wipe(struct identity *id)
{
    wipe(id, sizeof *id);
}
