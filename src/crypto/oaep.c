#include "crypto/oaep.h"

#include <string.h>

#include "base/wipe.h"

/* Each draw succeeds with one half at least. */
#define TRIES 128

bool oaep_wrap(uint8_t out[static SIZE_WRAPPED], struct random *random, const struct public_key *to,
               struct span label, const void *in, size_t len)
{
    br_rsa_oaep_encrypt encrypt = br_rsa_oaep_encrypt_get_default();
    br_rsa_public_key key = public_key_rsa(to);
    bool wrapped = false;

    for (int i = 0; i < TRIES && !wrapped; i++) {
        if (encrypt(random_context(random), &br_sha256_vtable, label.data, label.len, &key, out,
                    SIZE_WRAPPED, in, len) != SIZE_WRAPPED)
            break;
        wrapped = (out[0] & 0x80) == 0;
    }
    wipe_stack();
    if (!wrapped)
        wipe(out, SIZE_WRAPPED);
    return wrapped;
}

bool oaep_open(void *out, size_t len, const struct identity *id, struct span label,
               const uint8_t wrapped[static SIZE_WRAPPED])
{
    uint8_t work[SIZE_WRAPPED];
    size_t got = sizeof work;

    memcpy(work, wrapped, sizeof work);
    uint32_t ok = br_rsa_oaep_decrypt_get_default()(&br_sha256_vtable, label.data, label.len,
                                                    &id->key, work, &got);
    wipe_stack();
    bool good = ok == 1 && got == len;
    if (good)
        memcpy(out, work, len);
    else
        wipe(out, len);
    wipe(work, sizeof work);
    return good;
}
