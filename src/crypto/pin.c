#include "crypto/pin.h"

#include <string.h>

#include "base/bytes.h"

/* A certificate with an RSA-2048 key and a few extensions has some 1,000 bytes. */
#define CERTIFICATE_MAX (16 * 1024)

/* BearSSL hands us the address of our vtable, which is our first member. */
static struct pin *pin_of(const br_x509_class **vtable)
{
    return (struct pin *)(void *)vtable;
}

static void pin_start_chain(const br_x509_class **vtable, const char *server_name)
{
    struct pin *pin = pin_of(vtable);

    (void)server_name;
    pin->state = PIN_WAITING;
    pin->certificates = 0;
}

static void pin_start_certificate(const br_x509_class **vtable, uint32_t length)
{
    struct pin *pin = pin_of(vtable);

    if (pin->certificates == 0) {
        br_x509_decoder_init(&pin->decoder, NULL, NULL);
        if (length > CERTIFICATE_MAX)
            pin->state = PIN_BAD;
    }
    if (pin->certificates < 2)
        pin->certificates++;
}

static void pin_append(const br_x509_class **vtable, const unsigned char *p, size_t len)
{
    struct pin *pin = pin_of(vtable);

    /* Pushed on after an error the decoder goes on behind the check that failed, with the length or
     * the index that it has just refused: it would read and write past its memory. */
    if (pin->certificates == 1 && pin->state == PIN_WAITING && pin->decoder.err == 0)
        br_x509_decoder_push(&pin->decoder, p, len);
}

/* The modulus, in our own memory: the decoder's goes away. */
static bool take_key(struct pin *pin)
{
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    const br_x509_pkey *key = br_x509_decoder_get_pkey(&pin->decoder);

    if (key == NULL || key->key_type != BR_KEYTYPE_RSA)
        return false;
    const br_rsa_public_key *rsa = &key->key.rsa;
    return rsa->nlen == PUBLIC_KEY_MODULUS && rsa->elen == sizeof exponent &&
           memcmp(rsa->e, exponent, sizeof exponent) == 0 &&
           public_key_from_modulus(&pin->key, rsa->n) == ERR_OK;
}

static void pin_end_certificate(const br_x509_class **vtable)
{
    struct pin *pin = pin_of(vtable);

    if (pin->certificates != 1 || pin->state != PIN_WAITING)
        return;
    if (!take_key(pin))
        pin->state = PIN_BAD;
    else if (pin->expected &&
             !bytes_equal(pin->fingerprint, pin->key.fingerprint, SIZE_FINGERPRINT))
        pin->state = PIN_MISMATCH;
    else
        pin->state = PIN_HELD;
}

static unsigned pin_end_chain(const br_x509_class **vtable)
{
    switch (pin_of(vtable)->state) {
    case PIN_HELD:
        return 0;
    case PIN_MISMATCH:
        return BR_ERR_X509_NOT_TRUSTED;
    case PIN_BAD:
        return BR_ERR_X509_WRONG_KEY_TYPE;
    case PIN_WAITING:
        break;
    }
    return BR_ERR_X509_EMPTY_CHAIN;
}

static const br_x509_pkey *pin_get_key(const br_x509_class *const *vtable, unsigned *usages)
{
    const struct pin *pin = (const struct pin *)(const void *)vtable;

    if (usages != NULL)
        *usages = BR_KEYTYPE_SIGN;
    return pin->state == PIN_HELD ? &pin->pkey : NULL;
}

static const br_x509_class pin_class = {
    .context_size = sizeof(struct pin),
    .start_chain = pin_start_chain,
    .start_cert = pin_start_certificate,
    .append = pin_append,
    .end_cert = pin_end_certificate,
    .end_chain = pin_end_chain,
    .get_pkey = pin_get_key,
};

void pin_init(struct pin *pin, const uint8_t *fingerprint)
{
    memset(pin, 0, sizeof *pin);
    pin->vtable = &pin_class;
    pin->state = PIN_WAITING;
    pin->expected = fingerprint != NULL;
    if (fingerprint != NULL)
        memcpy(pin->fingerprint, fingerprint, sizeof pin->fingerprint);
    pin->pkey.key_type = BR_KEYTYPE_RSA;
    pin->pkey.key.rsa = public_key_rsa(&pin->key);
}
