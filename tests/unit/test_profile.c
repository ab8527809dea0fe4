/* Two TLS engines in memory: what they agree on, whom they believe, and what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/gcm.h"
#include "crypto/profile.h"
#include "tests/kit/keys.h"

/* Both ends of one link. */
struct pair {
    br_ssl_client_context client;
    br_ssl_server_context server;
    struct pin pin;
    struct cert cert;
    uint8_t client_buffer[PROFILE_BUFFER];
    uint8_t server_buffer[PROFILE_BUFFER];
    struct buf transcript; /* all that crossed, both ways */
    size_t step;           /* bytes that cross at once at most */
};

static struct pair *make_pair(const uint8_t *fingerprint, unsigned seed)
{
    struct pair *p = calloc(1, sizeof *p);
    struct random random = keys_random(seed);

    assert_non_null(p);
    buf_init(&p->transcript, 1 << 20);
    p->step = SIZE_MAX;
    pin_init(&p->pin, fingerprint);
    assert_int_equal(cert_make(&p->cert, keys_get(0), &random), ERR_OK);
    assert_true(profile_client(&p->client, &p->pin, p->client_buffer, &random));
    assert_true(profile_server(&p->server, keys_get(0), &p->cert, p->server_buffer, &random));
    return p;
}

static void free_pair(struct pair *p)
{
    buf_free(&p->transcript);
    free(p);
}

static bool move(struct pair *p, br_ssl_engine_context *from, br_ssl_engine_context *to)
{
    size_t have, room;
    const uint8_t *source = br_ssl_engine_sendrec_buf(from, &have);
    uint8_t *target = br_ssl_engine_recvrec_buf(to, &room);

    if (source == NULL || target == NULL)
        return false;
    size_t len = have < room ? have : room;
    len = len < p->step ? len : p->step;
    memcpy(target, source, len);
    buf_add(&p->transcript, source, len);
    br_ssl_engine_sendrec_ack(from, len);
    br_ssl_engine_recvrec_ack(to, len);
    return true;
}

/* Lets records cross until nothing moves; true if both can then carry data. */
static bool shake(struct pair *p)
{
    bool moved = true;

    while (moved) {
        moved = move(p, &p->client.eng, &p->server.eng);
        moved = move(p, &p->server.eng, &p->client.eng) || moved;
    }
    return (br_ssl_engine_current_state(&p->client.eng) & BR_SSL_SENDAPP) != 0 &&
           (br_ssl_engine_current_state(&p->server.eng) & BR_SSL_SENDAPP) != 0;
}

static void send_text(struct pair *p, br_ssl_engine_context *from, br_ssl_engine_context *to,
                      const char *text)
{
    size_t room, have;
    uint8_t *target = br_ssl_engine_sendapp_buf(from, &room);

    assert_non_null(target);
    memcpy(target, text, strlen(text));
    br_ssl_engine_sendapp_ack(from, strlen(text));
    br_ssl_engine_flush(from, 0);
    assert_true(shake(p));
    const uint8_t *source = br_ssl_engine_recvapp_buf(to, &have);
    assert_non_null(source);
    assert_int_equal(have, strlen(text));
    assert_memory_equal(source, text, have);
    br_ssl_engine_recvapp_ack(to, have);
}

static void both_ends_agree(void **state)
{
    struct pair *p = make_pair(keys_get(0)->public.fingerprint, 1);
    uint8_t client[SIZE_EXPORTER], server[SIZE_EXPORTER];

    (void)state;
    assert_false(profile_exporter(&p->client.eng, client));
    assert_false(profile_exporter(&p->server.eng, server));
    assert_true(shake(p));
    assert_true(profile_exporter(&p->client.eng, client));
    assert_true(profile_exporter(&p->server.eng, server));
    assert_memory_equal(client, server, SIZE_EXPORTER);
    assert_int_equal(p->pin.state, PIN_HELD);
    assert_true(public_key_same(&p->pin.key, &keys_get(0)->public));
    send_text(p, &p->client.eng, &p->server.eng, "to the server");
    send_text(p, &p->server.eng, &p->client.eng, "to the client");
    free_pair(p);
}

static void sessions_export_different_keys(void **state)
{
    struct pair *p = make_pair(NULL, 2), *q = make_pair(NULL, 3);
    uint8_t a[SIZE_EXPORTER], b[SIZE_EXPORTER];

    (void)state;
    assert_true(shake(p));
    assert_true(shake(q));
    assert_true(profile_exporter(&p->client.eng, a));
    assert_true(profile_exporter(&q->client.eng, b));
    assert_memory_not_equal(a, b, SIZE_EXPORTER);
    free_pair(p);
    free_pair(q);
}

static void agrees_byte_by_byte(void **state)
{
    struct pair *p = make_pair(NULL, 4);

    (void)state;
    p->step = 1;
    assert_true(shake(p));
    free_pair(p);
}

/* Same seeds, same bytes: nothing from outside goes into a handshake. */
static void asks_the_system_for_nothing(void **state)
{
    struct pair *p = make_pair(NULL, 5), *q = make_pair(NULL, 5);

    (void)state;
    assert_true(shake(p));
    assert_true(shake(q));
    assert_int_equal(p->transcript.len, q->transcript.len);
    assert_memory_equal(p->transcript.data, q->transcript.data, p->transcript.len);
    free_pair(p);
    free_pair(q);
}

static void another_key_fails_and_is_known(void **state)
{
    struct pair *p = make_pair(keys_get(1)->public.fingerprint, 6);

    (void)state;
    assert_false(shake(p));
    assert_int_equal(br_ssl_engine_last_error(&p->client.eng), BR_ERR_X509_NOT_TRUSTED);
    assert_int_equal(p->pin.state, PIN_MISMATCH);
    assert_true(public_key_same(&p->pin.key, &keys_get(0)->public));
    free_pair(p);
}

static void first_contact_learns_the_key(void **state)
{
    struct pair *p = make_pair(NULL, 7);

    (void)state;
    assert_int_equal(p->pin.state, PIN_WAITING);
    assert_true(shake(p));
    assert_int_equal(p->pin.state, PIN_HELD);
    assert_memory_equal(p->pin.key.fingerprint, keys_get(0)->public.fingerprint, SIZE_FINGERPRINT);
    free_pair(p);
}

static void suite_follows_the_processors(void **state)
{
    struct pair *p = make_pair(NULL, 8), *q = make_pair(NULL, 9);
    static const uint16_t chacha[] = {BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                      BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};

    (void)state;
    assert_true(shake(p));
    br_ssl_session_parameters session;
    br_ssl_engine_get_session_parameters(&p->client.eng, &session);
    assert_int_equal(session.version, BR_TLS12);
    assert_int_equal(session.cipher_suite, gcm_fast()
                                               ? BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                                               : BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256);
    /* A client without AES in hardware. */
    br_ssl_engine_set_suites(&q->client.eng, chacha, 2);
    assert_int_equal(br_ssl_client_reset(&q->client, NULL, 0), 1);
    assert_true(shake(q));
    br_ssl_engine_get_session_parameters(&q->client.eng, &session);
    assert_int_equal(session.cipher_suite, BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256);
    free_pair(p);
    free_pair(q);
}

/* A client of the library's own full profile that offers only these. */
static bool shakes_with(unsigned version, const uint16_t *suites, size_t count,
                        const br_ec_impl *curves)
{
    struct pair *p = make_pair(NULL, 10);
    br_x509_minimal_context unused;

    br_ssl_client_init_full(&p->client, &unused, NULL, 0);
    br_ssl_engine_set_versions(&p->client.eng, version, version);
    br_ssl_engine_set_suites(&p->client.eng, suites, count);
    br_ssl_engine_set_x509(&p->client.eng, &p->pin.vtable);
    if (curves != NULL)
        br_ssl_engine_set_ec(&p->client.eng, curves);
    br_ssl_engine_set_buffer(&p->client.eng, p->client_buffer, PROFILE_BUFFER, 1);
    br_ssl_client_reset(&p->client, NULL, 0);
    bool shook = shake(p);
    free_pair(p);
    return shook;
}

/* The library's own choice for this processor, but for ChaCha20, which is faster in plain code. */
static void the_fastest_code_is_chosen(void **state)
{
    static br_ssl_client_context usual;
    static br_x509_minimal_context x509;
    struct pair *p = make_pair(NULL, 10);
    const br_ssl_engine_context *ours = &p->client.eng, *theirs = &usual.eng;

    (void)state;
    br_ssl_client_init_full(&usual, &x509, NULL, 0);
    assert_ptr_equal(ours->iaes_ctr, theirs->iaes_ctr);
    assert_true(ours->ighash == theirs->ighash);
    assert_true(ours->ipoly == theirs->ipoly);
    assert_true(ours->ichacha == &br_chacha20_ct_run);
    assert_int_equal(gcm_fast(),
                     (br_aes_x86ni_ctr_get_vtable() != NULL && br_ghash_pclmul_get() != 0) ||
                         (br_aes_pwr8_ctr_get_vtable() != NULL && br_ghash_pwr8_get() != 0));
    free_pair(p);
}

static void server_refuses_all_other_suites(void **state)
{
    static const uint16_t refused[] = {
        BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, BR_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
        BR_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,    BR_TLS_RSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_RSA_WITH_AES_128_CBC_SHA256,       BR_TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
        BR_TLS_RSA_WITH_AES_256_GCM_SHA384,       BR_TLS_RSA_WITH_AES_128_CCM_8,
    };
    static const uint16_t taken[] = {BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                     BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_true(shakes_with(BR_TLS12, &taken[i], 1, NULL));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(shakes_with(BR_TLS12, &refused[i], 1, NULL));
}

static void server_refuses_other_versions_and_curves(void **state)
{
    static const uint16_t suites[] = {BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                      BR_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA};
    br_ec_impl curves = *br_ec_get_default();

    (void)state;
    assert_false(shakes_with(BR_TLS10, suites, 2, NULL));
    assert_false(shakes_with(BR_TLS11, suites, 2, NULL));
    curves.supported_curves = UINT32_C(1) << BR_EC_secp256r1;
    assert_true(shakes_with(BR_TLS12, suites, 1, &curves));
    curves.supported_curves = UINT32_C(1) << BR_EC_curve25519;
    assert_true(shakes_with(BR_TLS12, suites, 1, &curves));
    curves.supported_curves = UINT32_C(1) << BR_EC_secp384r1 | UINT32_C(1) << BR_EC_secp521r1;
    assert_false(shakes_with(BR_TLS12, suites, 1, &curves));
}

static void neither_end_renegotiates(void **state)
{
    struct pair *p = make_pair(NULL, 11);

    (void)state;
    assert_true(shake(p));
    assert_int_equal(br_ssl_engine_renegotiate(&p->client.eng), 0);
    assert_int_equal(br_ssl_engine_renegotiate(&p->server.eng), 0);
    free_pair(p);
}

/* Whatever bit of the server's first flight somebody between alters. */
static void altered_handshake_never_shakes(void **state)
{
    (void)state;
    for (size_t at = 0; at < 1400; at += 97) {
        struct pair *p = make_pair(keys_get(0)->public.fingerprint, 12);
        size_t len;

        while (move(p, &p->client.eng, &p->server.eng))
            ;
        uint8_t *out = br_ssl_engine_sendrec_buf(&p->server.eng, &len);
        assert_non_null(out);
        if (at < len)
            out[at] ^= 0x04;
        assert_int_equal(shake(p), at >= len);
        free_pair(p);
    }
}

static void feed(struct pin *pin, const void *p, size_t len)
{
    pin->vtable->start_cert(&pin->vtable, (uint32_t)len);
    pin->vtable->append(&pin->vtable, p, len);
    pin->vtable->end_cert(&pin->vtable);
}

static void pin_looks_at_the_first_only(void **state)
{
    struct random random = keys_random(13);
    struct cert first, second;
    struct pin pin;
    unsigned usages = 0;

    (void)state;
    assert_int_equal(cert_make(&first, keys_get(0), &random), ERR_OK);
    assert_int_equal(cert_make(&second, keys_get(1), &random), ERR_OK);
    pin_init(&pin, keys_get(0)->public.fingerprint);
    pin.vtable->start_chain(&pin.vtable, NULL);
    assert_int_not_equal(pin.vtable->end_chain(&pin.vtable), 0);
    feed(&pin, first.der, sizeof first.der);
    for (unsigned i = 0; i < 3; i++)
        feed(&pin, second.der, sizeof second.der);
    assert_int_equal(pin.vtable->end_chain(&pin.vtable), 0);
    assert_true(public_key_same(&pin.key, &keys_get(0)->public));
    assert_non_null(pin.vtable->get_pkey(&pin.vtable, &usages));
    assert_int_equal(usages, BR_KEYTYPE_SIGN);
    pin.vtable->start_chain(&pin.vtable, NULL);
    feed(&pin, second.der, sizeof second.der);
    feed(&pin, first.der, sizeof first.der);
    assert_int_not_equal(pin.vtable->end_chain(&pin.vtable), 0);
    assert_null(pin.vtable->get_pkey(&pin.vtable, &usages));
}

static void pin_refuses_cut_certificates(void **state)
{
    struct random random = keys_random(14);
    struct cert cert;
    struct pin pin;

    (void)state;
    assert_int_equal(cert_make(&cert, keys_get(0), &random), ERR_OK);
    for (size_t len = 0; len < sizeof cert.der; len++) {
        pin_init(&pin, NULL);
        pin.vtable->start_chain(&pin.vtable, NULL);
        feed(&pin, cert.der, len);
        assert_int_not_equal(pin.vtable->end_chain(&pin.vtable), 0);
        assert_int_equal(pin.state, PIN_BAD);
    }
}

/* After an error the decoder must not be run again: it would go on with what it refused. */
static void pin_gives_nothing_more_to_a_decoder_that_refused(void **state)
{
    struct random random = keys_random(6);
    struct cert cert;
    struct pin pin;
    br_x509_decoder_context refused;

    (void)state;
    assert_int_equal(cert_make(&cert, keys_get(0), &random), ERR_OK);
    for (size_t at = 0; at < 300; at++) {
        bool over = false;

        cert.der[at] ^= 0x55;
        pin_init(&pin, NULL);
        pin.vtable->start_chain(&pin.vtable, NULL);
        pin.vtable->start_cert(&pin.vtable, CERT_SIZE);
        for (size_t i = 0; i < CERT_SIZE; i++) {
            pin.vtable->append(&pin.vtable, cert.der + i, 1);
            if (over)
                assert_memory_equal(&pin.decoder, &refused, sizeof refused);
            else if (pin.decoder.err != 0) {
                refused = pin.decoder;
                over = true;
            }
        }
        pin.vtable->end_cert(&pin.vtable);
        assert_true(!over || pin.vtable->end_chain(&pin.vtable) != 0);
        cert.der[at] ^= 0x55;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_agree),
        cmocka_unit_test(sessions_export_different_keys),
        cmocka_unit_test(agrees_byte_by_byte),
        cmocka_unit_test(asks_the_system_for_nothing),
        cmocka_unit_test(another_key_fails_and_is_known),
        cmocka_unit_test(first_contact_learns_the_key),
        cmocka_unit_test(suite_follows_the_processors),
        cmocka_unit_test(the_fastest_code_is_chosen),
        cmocka_unit_test(server_refuses_all_other_suites),
        cmocka_unit_test(server_refuses_other_versions_and_curves),
        cmocka_unit_test(neither_end_renegotiates),
        cmocka_unit_test(altered_handshake_never_shakes),
        cmocka_unit_test(pin_looks_at_the_first_only),
        cmocka_unit_test(pin_refuses_cut_certificates),
        cmocka_unit_test(pin_gives_nothing_more_to_a_decoder_that_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
