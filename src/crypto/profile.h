/* Den's profile of TLS 1.2 for BearSSL's engines.
 *
 * ECDHE_RSA with AES-128-GCM or ChaCha20-Poly1305; X25519, P-256; SHA-256, -384, -512; the RSA key
 * only signs; no renegotiation, no resumption. AES-GCM is used if both sides have it in hardware,
 * else ChaCha20 (the side that lacks it puts it second; a server that has it follows the client).
 * The engines never ask the system for randomness: 32 bytes of the caller's are all they get. */
#ifndef DEN_CRYPTO_PROFILE_H
#define DEN_CRYPTO_PROFILE_H

#include <bearssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypto/cert.h"
#include "crypto/identity.h"
#include "crypto/pin.h"
#include "crypto/random.h"

#define PROFILE_BUFFER BR_SSL_BUFSIZE_BIDI /* bytes of an engine's buffer, both ways at once */

/* Set up and started: the engine wants to send (client) or receive (server) when these return. All
 * that is passed but random must outlive the engine. */
bool profile_client(br_ssl_client_context *tls, struct pin *pin,
                    uint8_t buffer[static PROFILE_BUFFER], struct random *random);
bool profile_server(br_ssl_server_context *tls, const struct identity *id, const struct cert *cert,
                    uint8_t buffer[static PROFILE_BUFFER], struct random *random);

/* Keying material of this TLS session (RFC 5705, label "EXPORTER-den-1", no context). False before
 * the handshake is done. */
bool profile_exporter(br_ssl_engine_context *tls, uint8_t out[static SIZE_EXPORTER]);

#endif
