/* The conversation with the server: its messages, and what is inside a line, which only who has the
 * key could have written.
 *
 * The first byte of the input says what the rest is: 0 to 2 the payload of SESSION_KEY, LINE, CLOSE;
 * 3 the payload of a line that comes to a client; else a plaintext that is sealed rightly, for the
 * client (4) or the server. */
#include <string.h>

#include "base/text.h"
#include "proto/talk_line.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/keys.h"
#include "wire/talk.h"

enum { SERVER, CLIENT };

static const uint8_t key[GCM_KEY] = {1, 2, 3}, exporter[SIZE_EXPORTER] = {4, 5, 6};

static void check_messages(uint8_t kind, struct span payload)
{
    struct wire_session_key k;
    struct wire_line line;
    struct buf out;

    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    if (kind == 0 && wire_get_session_key(payload, &k) == ERR_OK) {
        wire_put_session_key(&out, &k);
        FUZZ_HOLDS(memcmp(out.data + MESSAGE_HEADER, payload.data, out.len - MESSAGE_HEADER) == 0);
    }
    if (kind == 1 && wire_get_line(payload, &line) == ERR_OK) {
        wire_put_line(&out, &line);
        FUZZ_HOLDS(out.len == MESSAGE_HEADER + payload.len);
        FUZZ_HOLDS(memcmp(out.data + MESSAGE_HEADER, payload.data, payload.len) == 0);
    }
    if (kind == 2 && wire_get_close(payload) == ERR_OK)
        FUZZ_HOLDS(payload.len != 1 && payload.len != 2);
    buf_free(&out);
}

static void check_line(enum talk_side side, struct span payload)
{
    const struct public_key *peer = &keys_get(side == TALK_CLIENT ? SERVER : CLIENT)->public;
    struct talk_keys k;
    struct talk_line line;
    struct buf plain;

    talk_line_start(&k, side, key, exporter);
    buf_init(&plain, WIRE_TALK_LINE);
    if (talk_line_open(&k, payload, &plain, &line) == ERR_OK) {
        FUZZ_HOLDS(k.received == 1 && line.text.len >= 1 && line.text.len <= LIMIT_TALK);
        FUZZ_HOLDS(text_valid(line.text.data, line.text.len));
        FUZZ_HOLDS(line.kind == TALK_LINE || (line.kind == TALK_SAY && side == TALK_CLIENT));
        talk_line_holds(&line, &k, peer);
    } else {
        FUZZ_HOLDS(k.received == 0 && k.said == 0);
    }
    buf_free(&plain);
}

static void check_sealed(enum talk_side side, const uint8_t *p, size_t len)
{
    const uint8_t nonce[GCM_NONCE] = {0, 0, 0, side == TALK_CLIENT ? TALK_SERVER : TALK_CLIENT};
    uint8_t tag[GCM_TAG];
    struct buf b;

    buf_init(&b, LIMIT_MESSAGE);
    buf_add64(&b, 0);
    buf_add(&b, p, len);
    gcm_seal(key, nonce, (struct span){0}, b.data + 8, len, tag);
    buf_add(&b, tag, sizeof tag);
    check_line(side, (struct span){b.data, b.len});
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > 2 * WIRE_TALK_LINE)
        return 0;
    if (data[0] < 3)
        check_messages(data[0], (struct span){data + 1, len - 1});
    else if (data[0] == 3)
        check_line(TALK_CLIENT, (struct span){data + 1, len - 1});
    else
        check_sealed(data[0] == 4 ? TALK_CLIENT : TALK_SERVER, data + 1, len - 1);
    return 0;
}

static void give(struct buf *b, fuzz_put *put, void *context)
{
    put(context, b->data, b->len);
    buf_clear(b);
}

/* A payload behind the kind. */
static void give_payload(uint8_t kind, const struct buf *message, fuzz_put *put, void *context)
{
    struct buf b;

    buf_init(&b, 2 * WIRE_TALK_LINE);
    buf_add8(&b, kind);
    buf_add(&b, message->data + MESSAGE_HEADER, message->len - MESSAGE_HEADER);
    give(&b, put, context);
    buf_free(&b);
}

static void give_inside(uint8_t kind, const struct talk_line *line, fuzz_put *put, void *context)
{
    struct buf b;

    buf_init(&b, 2 * WIRE_TALK_LINE);
    buf_add8(&b, kind);
    buf_add8(&b, (uint8_t)line->kind);
    if (line->kind == TALK_SAY)
        buf_add64(&b, line->id);
    buf_add(&b, line->signature, sizeof line->signature);
    buf_add(&b, line->text.data, line->text.len);
    give(&b, put, context);
    buf_free(&b);
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const uint8_t bytes[SIZE_WRAPPED] = {7};
    struct talk_line line = {.kind = TALK_LINE, .text = {(const uint8_t *)"hello", 5}};
    struct random random = keys_random(10);
    struct talk_keys k;
    struct buf out;

    buf_init(&out, 1u << 16);
    wire_put_session_key(&out, &(struct wire_session_key){bytes, bytes});
    give_payload(0, &out, put, context);
    buf_clear(&out);
    wire_put_close(&out);
    give_payload(2, &out, put, context);
    FUZZ_HOLDS(talk_line_sign(&line, exporter, TALK_SERVER, keys_get(SERVER), &random));
    talk_line_start(&k, TALK_SERVER, key, exporter);
    buf_clear(&out);
    FUZZ_HOLDS(talk_line_seal(&k, &out, &line) == ERR_OK);
    give_payload(1, &out, put, context);
    give_payload(3, &out, put, context);
    give_inside(4, &line, put, context);
    FUZZ_HOLDS(talk_line_sign(&line, exporter, TALK_CLIENT, keys_get(CLIENT), &random));
    give_inside(5, &line, put, context);
    line.kind = TALK_SAY;
    line.id = 9;
    FUZZ_HOLDS(talk_line_sign_say(&line, keys_get(SERVER), &random));
    give_inside(4, &line, put, context);
    buf_free(&out);
    random_wipe(&random);
}
