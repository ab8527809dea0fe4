/* Envelopes: the outside as the server checks and passes it on; opening by a receiver; and the inside,
 * which only a member could have written.
 *
 * The first byte of the input says what the rest is: 0 and 1 a whole envelope, 2 a plaintext with its
 * signature, else a plaintext whose signature is made right (by bob, whose key stands in it). */
#include <string.h>

#include "crypto/pss.h"
#include "proto/envelope.h"
#include "proto/envelope_content.h"
#include "proto/envelope_outer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/keys.h"

enum { ME = 1, BOB = 2 };

static void check_whole(const uint8_t *p, size_t len)
{
    const struct identity *me = keys_get(ME);
    struct envelope_content content;
    struct buf passed, plain;

    if (envelope_check(p, len) != ERR_OK) {
        /* It may have been altered since: whatever comes, opening comes back. */
        buf_init(&plain, LIMIT_ENVELOPE);
        FUZZ_HOLDS(envelope_open(&content, &plain, me, p, len) != ERR_OK);
        buf_free(&plain);
        return;
    }
    buf_init(&passed, LIMIT_ENVELOPE);
    buf_init(&plain, LIMIT_ENVELOPE);
    envelope_pass(&passed, p, len, me->public.fingerprint);
    FUZZ_HOLDS(!passed.failed && passed.len <= len);
    FUZZ_HOLDS(envelope_check(passed.data, passed.len) == ERR_OK);
    FUZZ_HOLDS(envelope_form_of(passed.data) == envelope_form_of(p));
    if (envelope_open(&content, &plain, me, passed.data, passed.len) == ERR_OK)
        FUZZ_HOLDS(content.body.len <= LIMIT_BODY && content.to == envelope_form_of(p));
    buf_free(&plain);
    buf_free(&passed);
}

/* The inside, in memory of a size class. */
static void check_inside(const uint8_t *p, size_t len, bool sign)
{
    size_t size = envelope_outer_class(len);
    uint8_t *plain = calloc(1, size > 0 ? size : 1);
    struct envelope_content c;

    FUZZ_HOLDS(plain != NULL);
    if (len > 0)
        memcpy(plain, p, len);
    if (size > 0 && sign && len > 4 + SIZE_SIGNATURE) {
        struct random random = keys_random(9);
        const struct span rest = {plain + 4 + SIZE_SIGNATURE, len - 4 - SIZE_SIGNATURE};

        plain[0] = plain[1] = 0;
        plain[2] = (uint8_t)((len - 4) >> 8);
        plain[3] = (uint8_t)(len - 4);
        FUZZ_HOLDS(pss_sign(plain + 4, keys_get(BOB), &random, "envelope", &rest, 1));
        random_wipe(&random);
    }
    if (size > 0 && envelope_content_read(&c, plain, size) == ERR_OK) {
        FUZZ_HOLDS(c.body.len <= LIMIT_BODY && strlen(c.sender) <= LIMIT_NAME);
        FUZZ_HOLDS(c.body.data >= plain && c.body.data + c.body.len <= plain + size);
    }
    free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > LIMIT_ENVELOPE)
        return 0;
    if (data[0] < 2)
        check_whole(data + 1, len - 1);
    else if (len < 1u << 16)
        check_inside(data + 1, len - 1, data[0] > 2);
    return 0;
}

static void content(struct envelope_content *c, const char *text)
{
    *c = (struct envelope_content){.sender = "bob",
                                   .to = ENVELOPE_ONE,
                                   .id = 77,
                                   .n = 3,
                                   .kind = ENVELOPE_TEXT,
                                   .body = {(const uint8_t *)text, strlen(text)}};
    c->key = keys_get(BOB)->public;
    memcpy(c->receiver, keys_get(ME)->public.fingerprint, sizeof c->receiver);
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    const struct identity *bob = keys_get(BOB), *me = keys_get(ME);
    const struct public_key *to[] = {&me->public, &keys_get(3)->public, &bob->public};
    struct random random = keys_random(8);
    struct envelope_content c;
    uint8_t inside[1 + 1024];
    struct buf out;

    content(&c, "the text");
    buf_init(&out, LIMIT_ENVELOPE);
    buf_add8(&out, 0);
    FUZZ_HOLDS(envelope_seal_one(&out, bob, &random, &c, to[0]) == ERR_OK);
    put(context, out.data, out.len);
    buf_clear(&out);
    buf_add8(&out, 1);
    c.to = ENVELOPE_ALL;
    memset(c.receiver, 0, sizeof c.receiver);
    FUZZ_HOLDS(envelope_seal_all(&out, bob, &random, &c, to, 3) == ERR_OK);
    put(context, out.data, out.len);
    content(&c, "inside");
    FUZZ_HOLDS(envelope_content_write(inside + 1, 1024, &c, bob, &random) == ERR_OK);
    for (uint8_t kind = 2; kind < 4; kind++) {
        inside[0] = kind;
        put(context, inside, 1 + envelope_content_size(&c));
    }
    buf_free(&out);
    random_wipe(&random);
}
