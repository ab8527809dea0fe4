#include "crypto/gcm.h"

#include <stdatomic.h>

#include "base/wipe.h"

/* BearSSL's state for one message. */
struct work {
    br_aes_gen_ctr_keys keys;
    br_gcm_context gcm;
};

static const br_block_ctr_class *software_aes(void)
{
    return sizeof(size_t) >= 8 ? &br_aes_ct64_ctr_vtable : &br_aes_ct_ctr_vtable;
}

static br_ghash software_ghash(void)
{
    return sizeof(size_t) >= 8 ? &br_ghash_ctmul64 : &br_ghash_ctmul;
}

static const br_block_ctr_class *find_aes(void)
{
    const br_block_ctr_class *aes = br_aes_x86ni_ctr_get_vtable();

    if (aes == NULL)
        aes = br_aes_pwr8_ctr_get_vtable();
    return aes != NULL ? aes : software_aes();
}

static br_ghash find_ghash(void)
{
    br_ghash ghash = br_ghash_pclmul_get();

    if (ghash == 0)
        ghash = br_ghash_pwr8_get();
    return ghash != 0 ? ghash : software_ghash();
}

/* Who asks the processor in a virtual machine waits for its host, some 14 us: so it is asked once. Two
 * threads that ask at once get the same answer. */
const br_block_ctr_class *gcm_aes(void)
{
    static _Atomic(const br_block_ctr_class *) known;
    const br_block_ctr_class *aes = atomic_load_explicit(&known, memory_order_relaxed);

    if (aes == NULL) {
        aes = find_aes();
        atomic_store_explicit(&known, aes, memory_order_relaxed);
    }
    return aes;
}

br_ghash gcm_ghash(void)
{
    static _Atomic(br_ghash) known;
    br_ghash ghash = atomic_load_explicit(&known, memory_order_relaxed);

    if (ghash == 0) {
        ghash = find_ghash();
        atomic_store_explicit(&known, ghash, memory_order_relaxed);
    }
    return ghash;
}

bool gcm_fast(void)
{
    return gcm_aes() != software_aes() && gcm_ghash() != software_ghash();
}

static void begin(struct work *w, const uint8_t *key, const uint8_t *nonce, struct span aad)
{
    gcm_aes()->init(&w->keys.vtable, key, GCM_KEY);
    br_gcm_init(&w->gcm, &w->keys.vtable, gcm_ghash());
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
