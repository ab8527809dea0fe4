#include "crypto/gcm.h"

#include <bearssl.h>

#include "base/wipe.h"

/* BearSSL's state for one message. */
struct work {
    br_aes_gen_ctr_keys keys;
    br_gcm_context gcm;
};

bool gcm_fast(void)
{
    return (br_aes_x86ni_ctr_get_vtable() != NULL && br_ghash_pclmul_get() != 0) ||
           (br_aes_pwr8_ctr_get_vtable() != NULL && br_ghash_pwr8_get() != 0);
}

static const br_block_ctr_class *fastest_aes(void)
{
    const br_block_ctr_class *aes = br_aes_x86ni_ctr_get_vtable();

    if (aes == NULL)
        aes = br_aes_pwr8_ctr_get_vtable();
    if (aes == NULL)
        aes = sizeof(size_t) >= 8 ? &br_aes_ct64_ctr_vtable : &br_aes_ct_ctr_vtable;
    return aes;
}

static br_ghash fastest_ghash(void)
{
    br_ghash ghash = br_ghash_pclmul_get();

    if (ghash == 0)
        ghash = br_ghash_pwr8_get();
    if (ghash == 0)
        ghash = sizeof(size_t) >= 8 ? &br_ghash_ctmul64 : &br_ghash_ctmul;
    return ghash;
}

static void begin(struct work *w, const uint8_t *key, const uint8_t *nonce, struct span aad)
{
    fastest_aes()->init(&w->keys.vtable, key, GCM_KEY);
    br_gcm_init(&w->gcm, &w->keys.vtable, fastest_ghash());
    br_gcm_reset(&w->gcm, nonce, GCM_NONCE);
    if (aad.len > 0)
        br_gcm_aad_inject(&w->gcm, aad.data, aad.len);
    br_gcm_flip(&w->gcm);
}

void gcm_seal(const uint8_t key[static GCM_KEY], const uint8_t nonce[static GCM_NONCE],
              struct span aad, void *data, size_t len, uint8_t tag[static GCM_TAG])
{
    struct work w;

    begin(&w, key, nonce, aad);
    br_gcm_run(&w.gcm, 1, data, len);
    br_gcm_get_tag(&w.gcm, tag);
    wipe(&w, sizeof w);
}

bool gcm_open(const uint8_t key[static GCM_KEY], const uint8_t nonce[static GCM_NONCE],
              struct span aad, void *data, size_t len, const uint8_t tag[static GCM_TAG])
{
    struct work w;

    begin(&w, key, nonce, aad);
    br_gcm_run(&w.gcm, 0, data, len);
    bool good = br_gcm_check_tag(&w.gcm, tag) == 1;
    wipe(&w, sizeof w);
    if (!good)
        wipe(data, len);
    return good;
}
