#include "crypto/profile.h"

#include "base/wipe.h"
#include "crypto/curves.h"
#include "crypto/gcm.h"

static void set_suites(br_ssl_engine_context *tls)
{
    static const uint16_t aes_first[] = {
        BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    };
    static const uint16_t chacha_first[] = {
        BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    };

    br_ssl_engine_set_suites(tls, gcm_fast() ? aes_first : chacha_first, 2);
}

/* As br_ssl_engine_set_default_aes_gcm and _chapol, which ask the processor each time. */
static void set_ciphers(br_ssl_engine_context *tls)
{
    br_poly1305_run poly1305 = br_poly1305_ctmulq_get();

    br_ssl_engine_set_gcm(tls, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
    br_ssl_engine_set_aes_ctr(tls, gcm_aes());
    br_ssl_engine_set_ghash(tls, gcm_ghash());
    br_ssl_engine_set_chapol(tls, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
    br_ssl_engine_set_poly1305(tls, poly1305 != 0 ? poly1305 : &br_poly1305_ctmul_run);
    /* The library's default, sse2, is slower than what a compiler makes of the plain code. */
    br_ssl_engine_set_chacha20(tls, &br_chacha20_ct_run);
}

static void set_algorithms(br_ssl_engine_context *tls)
{
    br_ssl_engine_set_versions(tls, BR_TLS12, BR_TLS12);
    set_suites(tls);
    br_ssl_engine_set_hash(tls, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_hash(tls, br_sha384_ID, &br_sha384_vtable);
    br_ssl_engine_set_hash(tls, br_sha512_ID, &br_sha512_vtable);
    br_ssl_engine_set_prf_sha256(tls, &br_tls12_sha256_prf);
    br_ssl_engine_set_ec(tls, curves_get());
    set_ciphers(tls);
    br_ssl_engine_add_flags(tls, BR_OPT_NO_RENEGOTIATION);
}

static void set_randomness(br_ssl_engine_context *tls, struct random *random)
{
    uint8_t seed[RANDOM_SEED];

    random_bytes(random, seed, sizeof seed);
    br_ssl_engine_inject_entropy(tls, seed, sizeof seed);
    wipe(seed, sizeof seed);
    /* Else the engine opens /dev/urandom on its own, which a sandbox forbids. */
    tls->rng_os_rand_done = 1;
}

bool profile_client(br_ssl_client_context *tls, struct pin *pin,
                    uint8_t buffer[static PROFILE_BUFFER], struct random *random)
{
    br_ssl_client_zero(tls);
    set_algorithms(&tls->eng);
    br_ssl_engine_set_default_rsavrfy(&tls->eng);
    br_ssl_engine_set_x509(&tls->eng, &pin->vtable);
    br_ssl_engine_set_buffer(&tls->eng, buffer, PROFILE_BUFFER, 1);
    set_randomness(&tls->eng, random);
    return br_ssl_client_reset(tls, NULL, 0) == 1;
}

/* The library's signature leaves parts of the key on the stack. */
static uint32_t sign(const unsigned char *oid, const unsigned char *hash, size_t len,
                     const br_rsa_private_key *key, unsigned char *x)
{
    uint32_t done = br_rsa_pkcs1_sign_get_default()(oid, hash, len, key, x);

    wipe_stack();
    return done;
}

bool profile_server(br_ssl_server_context *tls, const struct identity *id, const struct cert *cert,
                    uint8_t buffer[static PROFILE_BUFFER], struct random *random)
{
    br_ssl_server_zero(tls);
    set_algorithms(&tls->eng);
    if (!gcm_fast())
        br_ssl_engine_add_flags(&tls->eng, BR_OPT_ENFORCE_SERVER_PREFERENCES);
    br_ssl_server_set_single_rsa(tls, &cert->chain, 1, &id->key, BR_KEYTYPE_SIGN,
                                 br_rsa_private_get_default(), sign);
    br_ssl_engine_set_buffer(&tls->eng, buffer, PROFILE_BUFFER, 1);
    set_randomness(&tls->eng, random);
    return br_ssl_server_reset(tls) == 1;
}

bool profile_exporter(br_ssl_engine_context *tls, uint8_t out[static SIZE_EXPORTER])
{
    return br_ssl_key_export(tls, out, SIZE_EXPORTER, "EXPORTER-den-1", NULL, 0) == 1;
}
