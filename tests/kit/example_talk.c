#include "tests/kit/example_talk.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/oaep.h"
#include "proto/talk_line.h"
#include "tests/kit/example.h"

#define TEXT "Good morning."
#define SAID "Dinner at eight."

static void must(bool good)
{
    if (!good)
        abort();
}

void example_talk_label(struct buf *out)
{
    buf_add_text(out, "den1 session");
    buf_add(out, example_now()->exporter, SIZE_EXPORTER);
}

/* The randomness goes on behind it. */
static struct random *make_key(uint8_t key[static GCM_KEY], uint8_t wrapped[static SIZE_WRAPPED])
{
    struct random *random = example_random();
    struct buf label;

    buf_init(&label, 64);
    example_talk_label(&label);
    random_bytes(random, key, GCM_KEY);
    must(oaep_wrap(wrapped, random, &example_now()->alice.public,
                   (struct span){label.data, label.len}, key, GCM_KEY));
    buf_free(&label);
    return random;
}

void example_talk_wrapped(struct buf *out)
{
    uint8_t key[GCM_KEY], wrapped[SIZE_WRAPPED];

    make_key(key, wrapped);
    buf_add(out, wrapped, sizeof wrapped);
}

void example_talk_key(struct buf *out)
{
    uint8_t key[GCM_KEY], wrapped[SIZE_WRAPPED];

    make_key(key, wrapped);
    buf_add(out, key, sizeof key);
}

/* By hand, from the document's words: not by the code that is tested. */
void example_talk_session_signed(struct buf *out)
{
    const struct example *x = example_now();

    buf_add(out, "den1 session", 13);
    buf_add_sized32(out, x->exporter, SIZE_EXPORTER);
    buf_add_sized32(out, x->server.fingerprint, SIZE_FINGERPRINT);
    buf_add_sized32(out, x->alice.public.fingerprint, SIZE_FINGERPRINT);
    buf_add32(out, SIZE_WRAPPED);
}

void example_talk_line_signed(struct buf *out)
{
    buf_add(out, "den1 line", 10);
    buf_add_sized32(out, example_now()->exporter, SIZE_EXPORTER);
    buf_add_sized32(out, "\0\0\0\1", 4);
    buf_add_sized32(out, "\0\0\0\0\0\0\0\0", 8);
    buf_add_sized32(out, TEXT, strlen(TEXT));
}

void example_talk_say_signed(struct buf *out)
{
    buf_add(out, "den1 say", 9);
    buf_add_sized32(out, example_now()->server.fingerprint, SIZE_FINGERPRINT);
    buf_add32(out, 8);
    buf_add64(out, EXAMPLE_TIME_MS << 20);
    buf_add_sized32(out, SAID, strlen(SAID));
}

void example_talk_line(struct buf *out)
{
    const struct example *x = example_now();
    struct talk_line line = {.kind = TALK_LINE, .text = {(const uint8_t *)TEXT, strlen(TEXT)}};
    uint8_t key[GCM_KEY], wrapped[SIZE_WRAPPED];
    struct random *random = make_key(key, wrapped);
    struct talk_keys keys;

    talk_line_start(&keys, TALK_CLIENT, key, x->exporter);
    must(talk_line_sign(&line, x->exporter, TALK_CLIENT, &x->alice, random));
    must(talk_line_seal(&keys, out, &line) == ERR_OK);
}
