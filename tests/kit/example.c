#include "tests/kit/example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/oaep.h"
#include "proto/direct.h"
#include "proto/envelope_outer.h"
#include "proto/testimony.h"
#include "tests/kit/document.h"
#include "tests/kit/example_talk.h"
#include "wire/direct.h"
#include "wire/hello.h"
#include "wire/past.h"
#include "wire/room.h"

#define LIMIT_DOCUMENT (1024 * 1024)

static struct example x;

static void must(bool good)
{
    if (!good)
        abort();
}

static void read_keys(void)
{
    must(document_block(&x.document, "pem", "server", &x.scratch));
    must(public_key_from_pem(&x.server, x.scratch.data, x.scratch.len) == ERR_OK);
    must(document_block(&x.document, "pem", "alice", &x.scratch));
    must(identity_from_pem(&x.alice, x.scratch.data, x.scratch.len) == ERR_OK);
    must(document_block(&x.document, "pem", "bob", &x.scratch));
    must(identity_from_pem(&x.bob, x.scratch.data, x.scratch.len) == ERR_OK);
}

struct example *example_open(void)
{
    const char *path = getenv("DEN_PROTOCOL");
    bool added;

    buf_init(&x.document, LIMIT_DOCUMENT);
    buf_init(&x.scratch, LIMIT_DOCUMENT);
    if (!document_load(path != NULL ? path : "src/wire/PROTOCOL.md", &x.document))
        return NULL;
    read_keys();
    for (size_t i = 0; i < SIZE_EXPORTER; i++)
        x.exporter[i] = (uint8_t)(0xe0 + i);
    x.proof = (struct hello_proof){.exporter = x.exporter,
                                   .server = x.server.fingerprint,
                                   .client = x.alice.public.fingerprint,
                                   .name = "alice"};
    random_seed(&x.random, x.exporter, sizeof x.exporter);
    bindings_init(&x.bindings, x.server.fingerprint, &x.random);
    bindings_bind(&x.bindings, "bob", x.bob.public.fingerprint, &added);
    bindings_bind(&x.bindings, "alice", x.alice.public.fingerprint, &added);
    x.content =
        (struct envelope_content){.sender = "alice",
                                  .id = EXAMPLE_TIME_MS << 20,
                                  .time_ms = EXAMPLE_TIME_MS,
                                  .n = 2,
                                  .kind = ENVELOPE_TEXT,
                                  .body = {(const uint8_t *)EXAMPLE_BODY, strlen(EXAMPLE_BODY)}};
    memcpy(x.content.server, x.server.fingerprint, SIZE_FINGERPRINT);
    bindings_hash(&x.bindings, 2, x.content.h);
    return &x;
}

void example_close(void)
{
    buf_free(&x.document);
    buf_free(&x.scratch);
    bindings_free(&x.bindings);
}

/* Where the example's randomness begins, for the maker that comes first. */
static void restart(void)
{
    uint8_t seed[RANDOM_SEED];

    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    random_seed(&x.random, seed, sizeof seed);
}

struct random *example_random(void)
{
    restart();
    return &x.random;
}

const struct example *example_now(void)
{
    return &x;
}

static void make_fingerprint_server(struct buf *out)
{
    buf_add(out, x.server.fingerprint, SIZE_FINGERPRINT);
}

static void make_fingerprint_alice(struct buf *out)
{
    buf_add(out, x.alice.public.fingerprint, SIZE_FINGERPRINT);
}

static void make_fingerprint_bob(struct buf *out)
{
    buf_add(out, x.bob.public.fingerprint, SIZE_FINGERPRINT);
}

static void make_hello(struct buf *out)
{
    struct wire_hello m = {
        .version = WIRE_VERSION, .features = FEATURE_VIDEO | FEATURE_TALK, .name = "alice"};

    buf_clear(&x.scratch);
    public_key_to_pem(&x.alice.public, &x.scratch);
    m.pem = (struct span){x.scratch.data, x.scratch.len};
    wire_put_hello(out, &m);
}

static void make_hello_ack(struct buf *out)
{
    struct wire_hello_ack m = {.version = WIRE_VERSION, .features = FEATURE_VIDEO | FEATURE_TALK};

    buf_clear(&x.scratch);
    public_key_to_pem(&x.server, &x.scratch);
    m.pem = (struct span){x.scratch.data, x.scratch.len};
    wire_put_hello_ack(out, &m);
}

static void make_exporter(struct buf *out)
{
    buf_add(out, x.exporter, sizeof x.exporter);
}

/* By hand, from the document's words: not by the code that is tested. */
static void make_link_signed(struct buf *out)
{
    buf_add(out, "den1 link", 10);
    buf_add_sized32(out, x.exporter, SIZE_EXPORTER);
    buf_add_sized32(out, x.server.fingerprint, SIZE_FINGERPRINT);
    buf_add_sized32(out, x.alice.public.fingerprint, SIZE_FINGERPRINT);
    buf_add_sized32(out, "alice", 5);
    buf_add32(out, 0);
}

static void add_digest(struct buf *out, void (*make)(struct buf *out))
{
    uint8_t digest[DIGEST_SIZE];
    struct buf whole;

    buf_init(&whole, LIMIT_DOCUMENT);
    make(&whole);
    digest_sha256(digest, whole.data, whole.len);
    buf_add(out, digest, sizeof digest);
    buf_free(&whole);
}

static void make_link_hash(struct buf *out)
{
    add_digest(out, make_link_signed);
}

static void make_ack(struct buf *out)
{
    uint8_t signature[SIZE_SIGNATURE];
    struct wire_ack m = {.signature = signature};

    restart();
    must(hello_sign(signature, &x.alice, &x.random, &x.proof));
    wire_put_ack(out, &m);
}

/* By hand, as make_link_signed. */
static void make_direct_signed(struct buf *out)
{
    buf_add(out, "den1 direct", 12);
    buf_add_sized32(out, x.exporter, SIZE_EXPORTER);
    buf_add_sized32(out, x.bob.public.fingerprint, SIZE_FINGERPRINT);
    buf_add_sized32(out, x.alice.public.fingerprint, SIZE_FINGERPRINT);
    buf_add_sized32(out, "alice", 5);
    buf_add_sized32(out, x.server.fingerprint, SIZE_FINGERPRINT);
}

static void make_direct_hash(struct buf *out)
{
    add_digest(out, make_direct_signed);
}

static void make_call(struct buf *out)
{
    uint8_t signature[SIZE_SIGNATURE];
    struct wire_call m = {.version = WIRE_VERSION,
                          .name = "alice",
                          .spki = x.alice.public.spki,
                          .server = x.server.fingerprint,
                          .signature = signature};
    struct direct_proof p = {.exporter = x.exporter,
                             .callee = x.bob.public.fingerprint,
                             .caller = x.alice.public.fingerprint,
                             .name = m.name,
                             .server = x.server.fingerprint};

    restart();
    must(direct_sign(signature, &x.alice, &x.random, &p));
    wire_put_call(out, &m);
}

static void make_ringing(struct buf *out)
{
    wire_put_ringing(out, &(struct wire_ringing){.version = WIRE_VERSION});
}

static void make_accept(struct buf *out)
{
    wire_put_bare(out, MESSAGE_ACCEPT);
}

static void make_text(struct buf *out)
{
    wire_put_text(out, (struct span){(const uint8_t *)EXAMPLE_BODY, 7});
}

static void make_welcome(struct buf *out)
{
    uint8_t log_id[SIZE_LOG_ID];
    struct wire_welcome m = {
        .room = {(const uint8_t *)"den", 3}, .log_id = log_id, .n = 2, .h = x.content.h};

    memset(log_id, 0x11, sizeof log_id);
    wire_put_welcome(out, &m);
}

static void make_bindings(struct buf *out)
{
    size_t begin = wire_bindings_begin(out);
    struct wire_binding m = {.n = 1, .kind = 1, .name = "bob"};

    m.fingerprint = x.bob.public.fingerprint;
    wire_bindings_add(out, &m);
    m = (struct wire_binding){.n = 2, .kind = 1, .name = "alice"};
    m.fingerprint = x.alice.public.fingerprint;
    wire_bindings_add(out, &m);
    message_end(out, begin);
}

static void make_h(struct buf *out, uint64_t n)
{
    uint8_t h[BINDINGS_HASH];

    must(bindings_hash(&x.bindings, n, h));
    buf_add(out, h, sizeof h);
}

static void make_h1(struct buf *out)
{
    make_h(out, 1);
}

static void make_testimony(struct buf *out)
{
    testimony_ask(out, &x.bindings, 2);
}

static void make_h2(struct buf *out)
{
    make_h(out, 2);
}

static void make_members(struct buf *out)
{
    size_t begin = wire_members_begin(out, MESSAGE_MEMBERS);
    struct wire_member m = {.name = "alice", .spki = x.alice.public.spki};

    wire_members_add(out, &m);
    m = (struct wire_member){.name = "bob", .spki = x.bob.public.spki};
    m.address = (struct span){(const uint8_t *)"192.0.2.7", 9};
    m.direct_port = 40000;
    wire_members_add(out, &m);
    wire_members_end(out, begin, false);
}

static void make_envelope_signed(struct buf *out)
{
    size_t begin;

    buf_add(out, "den1 envelope", 14);
    buf_add32(out, 0);
    begin = out->len;
    buf_add_sized8(out, "alice", 5);
    buf_add(out, x.alice.public.spki, SIZE_SPKI);
    buf_add8(out, 1);
    buf_add(out, x.bob.public.fingerprint, SIZE_FINGERPRINT);
    buf_add(out, x.server.fingerprint, SIZE_FINGERPRINT);
    buf_add64(out, EXAMPLE_TIME_MS << 20);
    buf_add64(out, EXAMPLE_TIME_MS);
    buf_add64(out, 2);
    buf_add(out, x.content.h, sizeof x.content.h);
    buf_add8(out, 1);
    buf_add_sized32(out, EXAMPLE_BODY, strlen(EXAMPLE_BODY));
    out->data[begin - 2] = (uint8_t)((out->len - begin) >> 8);
    out->data[begin - 1] = (uint8_t)(out->len - begin);
}

static void make_envelope_hash(struct buf *out)
{
    add_digest(out, make_envelope_signed);
}

/* Goes on with the randomness behind ACK's. */
static void make_send(struct buf *out)
{
    struct buf envelope;

    make_ack(out);
    buf_clear(out);
    buf_init(&envelope, LIMIT_ENVELOPE);
    must(envelope_seal_one(&envelope, &x.alice, &x.random, &x.content, &x.bob.public) == ERR_OK);
    wire_put_send(out, x.content.id, (struct span){envelope.data, envelope.len});
    buf_free(&envelope);
}

#define ENVELOPE_AT (MESSAGE_HEADER + 8)

static void make_envelope_key(struct buf *out)
{
    static const uint8_t label[] = "den1 envelope";
    struct buf send;
    uint8_t key[32];

    buf_init(&send, LIMIT_DOCUMENT);
    make_send(&send);
    must(oaep_open(key, sizeof key, &x.bob, (struct span){label, sizeof label - 1},
                   send.data + ENVELOPE_AT + ENVELOPE_HEAD));
    buf_add(out, key, sizeof key);
    buf_free(&send);
}

static void make_envelope_signature(struct buf *out)
{
    struct envelope_content opened;
    struct buf send, plain;

    buf_init(&send, LIMIT_DOCUMENT);
    buf_init(&plain, LIMIT_SEALED);
    make_send(&send);
    must(envelope_open(&opened, &plain, &x.bob, send.data + ENVELOPE_AT, send.len - ENVELOPE_AT) ==
         ERR_OK);
    buf_add(out, plain.data + 4, SIZE_SIGNATURE);
    buf_free(&send);
    buf_free(&plain);
}

static void make_accepted(struct buf *out)
{
    wire_put_accepted(out, x.content.id, 1);
}

/* Ends the message that began there without the envelope, whose bytes are those of SEND. */
static void end_at_head(struct buf *out, size_t begin)
{
    struct buf send;
    size_t head = out->len;

    buf_init(&send, LIMIT_DOCUMENT);
    make_send(&send);
    buf_add(out, send.data + ENVELOPE_AT, send.len - ENVELOPE_AT);
    message_end(out, begin);
    out->len = head;
    buf_free(&send);
}

static void make_sealed_head(struct buf *out)
{
    end_at_head(out, wire_sealed_begin(out, 1, "alice", x.alice.public.fingerprint));
}

static void make_resume(struct buf *out)
{
    uint8_t log_id[SIZE_LOG_ID];
    struct wire_resume m = {.log_id = log_id};

    memset(log_id, 0x11, sizeof log_id);
    wire_put_resume(out, &m);
}

static void make_past_head(struct buf *out)
{
    end_at_head(
        out, wire_past_begin(out, 1, "alice", x.alice.public.fingerprint, EXAMPLE_TIME_MS + 500));
}

static void make_past_end(struct buf *out)
{
    struct wire_past_end m = {.from = 0, .last = 1, .lost = 0};

    wire_put_past_end(out, &m);
}

const struct example_value example_values[] = {
    {"fingerprint-server", make_fingerprint_server},
    {"fingerprint-alice", make_fingerprint_alice},
    {"fingerprint-bob", make_fingerprint_bob},
    {"hello", make_hello},
    {"hello-ack", make_hello_ack},
    {"exporter", make_exporter},
    {"link-signed", make_link_signed},
    {"link-hash", make_link_hash},
    {"ack", make_ack},
    {"welcome", make_welcome},
    {"bindings", make_bindings},
    {"h1", make_h1},
    {"h2", make_h2},
    {"testimony", make_testimony},
    {"members", make_members},
    {"session-signed", example_talk_session_signed},
    {"session-wrapped", example_talk_wrapped},
    {"session-label", example_talk_label},
    {"session-key", example_talk_key},
    {"line-signed", example_talk_line_signed},
    {"line", example_talk_line},
    {"say-signed", example_talk_say_signed},
    {"envelope-signed", make_envelope_signed},
    {"envelope-hash", make_envelope_hash},
    {"envelope-signature", make_envelope_signature},
    {"envelope-key", make_envelope_key},
    {"send", make_send},
    {"accepted", make_accepted},
    {"sealed-head", make_sealed_head},
    {"resume", make_resume},
    {"past-head", make_past_head},
    {"past-end", make_past_end},
    {"direct-signed", make_direct_signed},
    {"direct-hash", make_direct_hash},
    {"call", make_call},
    {"ringing", make_ringing},
    {"accept", make_accept},
    {"text", make_text},
};
const size_t example_count = sizeof example_values / sizeof example_values[0];
