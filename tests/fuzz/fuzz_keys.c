/* PEM, public and private keys, and encrypted ones up to the passphrase. */
#include <string.h>

#include "base/wipe.h"
#include "crypto/identity.h"
#include "crypto/pbes2.h"
#include "crypto/pem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/keys.h"

/* What is read is written again, and read as the same. */
static void check_pem(const uint8_t *data, size_t len)
{
    struct buf der, pem, again;
    static const char label[] = "PRIVATE KEY";

    buf_init(&der, 1u << 16);
    buf_init(&pem, 1u << 17);
    buf_init(&again, 1u << 16);
    if (pem_read(&der, label, data, len) == ERR_OK) {
        pem_write(&pem, label, der.data, der.len);
        FUZZ_HOLDS(pem_read(&again, label, pem.data, pem.len) == ERR_OK);
        FUZZ_HOLDS(der.len == again.len);
        FUZZ_HOLDS(der.len == 0 || memcmp(der.data, again.data, der.len) == 0);
    }
    buf_free(&der);
    buf_free(&pem);
    buf_free(&again);
}

static void check_public(const uint8_t *data, size_t len)
{
    struct public_key key, same;
    struct buf pem;

    buf_init(&pem, 4096);
    if (public_key_from_pem(&key, data, len) == ERR_OK ||
        public_key_from_spki(&key, data, len) == ERR_OK) {
        public_key_to_pem(&key, &pem);
        FUZZ_HOLDS(public_key_from_pem(&same, pem.data, pem.len) == ERR_OK);
        FUZZ_HOLDS(public_key_same(&key, &same) && (key.n[0] & 0x80) && (key.n[255] & 1));
    }
    buf_free(&pem);
}

/* A key that is taken works. */
static void check_private(const uint8_t *data, size_t len)
{
    struct identity id;
    uint8_t x[PUBLIC_KEY_MODULUS] = {0};

    if (identity_from_pem(&id, data, len) == ERR_OK ||
        identity_from_der(&id, data, len) == ERR_OK) {
        x[PUBLIC_KEY_MODULUS - 1] = 2;
        FUZZ_HOLDS(identity_private(&id, x));
        identity_wipe(&id);
    }
}

static void check_sealed(const uint8_t *data, size_t len)
{
    struct pbes2 p;
    struct buf plain;
    const char *why = NULL;

    if (pbes2_parse(&p, data, len, &why) != ERR_OK)
        return;
    FUZZ_HOLDS(p.sealed.len > 0 && p.sealed.len % PBES2_BLOCK == 0);
    FUZZ_HOLDS(p.sealed.data + p.sealed.len <= data + len && p.iterations > 0);
    if (p.iterations > 64)
        return; /* what it costs is its purpose */
    buf_init(&plain, 1u << 16);
    if (pbes2_open(&p, (struct span){(const uint8_t *)"word", 4}, &plain) == ERR_OK)
        FUZZ_HOLDS(plain.len <= p.sealed.len);
    buf_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 1u << 16)
        return 0;
    check_pem(data, len);
    check_public(data, len);
    check_private(data, len);
    check_sealed(data, len);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    const struct identity *id = keys_get(1);
    struct random random = keys_random(7);
    struct buf out, der;

    buf_init(&out, 1u << 16);
    buf_init(&der, 1u << 16);
    public_key_to_pem(&id->public, &out);
    put(context, out.data, out.len);
    put(context, id->public.spki, SIZE_SPKI);
    buf_clear(&out);
    FUZZ_HOLDS(identity_to_pem(id, &out) == ERR_OK);
    put(context, out.data, out.len);
    FUZZ_HOLDS(identity_to_der(id, &der) == ERR_OK);
    put(context, der.data, der.len);
    buf_clear(&out);
    FUZZ_HOLDS(pbes2_seal(&out, (struct span){der.data, der.len},
                          (struct span){(const uint8_t *)"word", 4}, 64, &random) == ERR_OK);
    put(context, out.data, out.len);
    buf_free(&out);
    buf_free(&der);
    random_wipe(&random);
}
