/* Envelopes: who can open them, what the server sees and passes on, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/gcm.h"
#include "crypto/oaep.h"
#include "proto/envelope.h"
#include "proto/envelope_content.h"
#include "proto/envelope_outer.h"
#include "tests/kit/keys.h"

static const uint8_t server[32] = "the server's fingerprint, 32 b.";

/* An envelope and what is needed to make it. */
struct made {
    struct random random;
    struct envelope_content content;
    struct buf bytes;
    struct buf plain;
    struct envelope_content opened;
};

static void start(struct made *m, const char *body)
{
    *m = (struct made){.random = keys_random(1)};
    strcpy(m->content.sender, "Alice");
    memcpy(m->content.server, server, 32);
    m->content.id = 0x0102030405060708;
    m->content.time_ms = 1700000000000;
    m->content.n = 12;
    memset(m->content.h, 0x77, 32);
    m->content.kind = ENVELOPE_TEXT;
    m->content.body = (struct span){(const uint8_t *)body, strlen(body)};
    buf_init(&m->bytes, LIMIT_ENVELOPE);
    buf_init(&m->plain, LIMIT_SEALED);
}

static void finish(struct made *m)
{
    buf_free(&m->bytes);
    buf_free(&m->plain);
}

static void seal_one(struct made *m, unsigned from, unsigned to)
{
    assert_int_equal(envelope_seal_one(&m->bytes, keys_get(from), &m->random, &m->content,
                                       &keys_get(to)->public),
                     ERR_OK);
}

static void seal_all(struct made *m, unsigned from, unsigned first, size_t count)
{
    const struct public_key *to[KEYS_COUNT];

    for (unsigned i = 0; i < count; i++)
        to[i] = &keys_get((first + i) % KEYS_COUNT)->public;
    assert_int_equal(
        envelope_seal_all(&m->bytes, keys_get(from), &m->random, &m->content, to, count), ERR_OK);
}

static enum err open_by(struct made *m, unsigned who)
{
    return envelope_open(&m->opened, &m->plain, keys_get(who), m->bytes.data, m->bytes.len);
}

static void same_content(const struct made *m, unsigned from)
{
    const struct envelope_content *a = &m->content, *b = &m->opened;

    assert_string_equal(a->sender, b->sender);
    assert_true(public_key_same(&b->key, &keys_get(from)->public));
    assert_memory_equal(a->server, b->server, 32);
    assert_true(a->id == b->id && a->time_ms == b->time_ms && a->n == b->n);
    assert_memory_equal(a->h, b->h, 32);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->body.len, b->body.len);
    if (a->body.len > 0)
        assert_memory_equal(a->body.data, b->body.data, a->body.len);
}

static void only_the_receiver_opens(void **state)
{
    struct made m;

    (void)state;
    start(&m, "hello Bob");
    seal_one(&m, 0, 1);
    assert_int_equal(envelope_check(m.bytes.data, m.bytes.len), ERR_OK);
    assert_int_equal(envelope_form_of(m.bytes.data), ENVELOPE_ONE);
    assert_int_equal(open_by(&m, 1), ERR_OK);
    same_content(&m, 0);
    assert_int_equal(m.opened.to, ENVELOPE_ONE);
    assert_memory_equal(m.opened.receiver, keys_get(1)->public.fingerprint, 32);
    assert_int_equal(open_by(&m, 0), ERR_SEALED);
    assert_int_equal(open_by(&m, 2), ERR_SEALED);
    finish(&m);
}

static void everyone_opens(void **state)
{
    struct made m;

    (void)state;
    start(&m, "hello everyone");
    seal_all(&m, 0, 1, 2);
    assert_int_equal(envelope_check(m.bytes.data, m.bytes.len), ERR_OK);
    assert_int_equal(envelope_form_of(m.bytes.data), ENVELOPE_ALL);
    for (unsigned who = 1; who <= 2; who++) {
        assert_int_equal(open_by(&m, who), ERR_OK);
        same_content(&m, 0);
        assert_int_equal(m.opened.to, ENVELOPE_ALL);
    }
    assert_int_equal(open_by(&m, 0), ERR_SEALED);
    assert_int_equal(open_by(&m, 3), ERR_SEALED);
    finish(&m);
}

static void server_passes_on_one_slot_each(void **state)
{
    struct made m;
    struct buf passed;

    (void)state;
    start(&m, "hello everyone");
    buf_init(&passed, LIMIT_ENVELOPE);
    seal_all(&m, 0, 0, 3);
    for (unsigned who = 0; who < KEYS_COUNT; who++) {
        buf_clear(&passed);
        envelope_pass(&passed, m.bytes.data, m.bytes.len, keys_get(who)->public.fingerprint);
        assert_int_equal(envelope_check(passed.data, passed.len), ERR_OK);
        assert_int_equal(passed.len, m.bytes.len - (who < 3 ? 2u : 3u) * ENVELOPE_SLOT);
        for (unsigned reader = 0; reader < KEYS_COUNT; reader++) {
            enum err e =
                envelope_open(&m.opened, &m.plain, keys_get(reader), passed.data, passed.len);
            assert_int_equal(e, reader == who && who < 3 ? ERR_OK : ERR_SEALED);
        }
    }
    buf_clear(&m.bytes);
    buf_clear(&passed);
    seal_one(&m, 0, 1);
    envelope_pass(&passed, m.bytes.data, m.bytes.len, keys_get(2)->public.fingerprint);
    assert_int_equal(passed.len, m.bytes.len);
    assert_memory_equal(passed.data, m.bytes.data, passed.len);
    buf_free(&passed);
    finish(&m);
}

static void sealed_to_nobody(void **state)
{
    struct made m;

    (void)state;
    start(&m, "an empty room");
    seal_all(&m, 0, 0, 0);
    assert_int_equal(envelope_check(m.bytes.data, m.bytes.len), ERR_OK);
    assert_int_equal(open_by(&m, 0), ERR_SEALED);
    finish(&m);
}

static void sizes_come_in_classes(void **state)
{
    size_t last = 0, classes = 0;

    (void)state;
    for (size_t len = 0; len <= 98304; len++) {
        size_t size = envelope_outer_class(len);
        assert_true(size >= len && size >= last && (len <= 1024 || 2 * size <= 3 * len + 2));
        assert_int_equal(envelope_outer_class(size), size);
        classes += size != last;
        last = size;
    }
    assert_int_equal(classes, 14);
    assert_int_equal(envelope_outer_class(1025), 1536);
    assert_int_equal(envelope_outer_class(1537), 2048);
    assert_int_equal(envelope_outer_class(65537), 98304);
    assert_int_equal(envelope_outer_class(98305), 0);
}

static void length_tells_the_class_only(void **state)
{
    static char body[LIMIT_BODY + 2];
    static const size_t lengths[] = {0, 1, 300, 310, 330, 340, 350, 360, 5000, LIMIT_BODY};
    struct made m;

    (void)state;
    start(&m, "");
    memset(body, 'x', LIMIT_BODY + 1);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        buf_clear(&m.bytes);
        m.content.body = (struct span){(const uint8_t *)body, lengths[i]};
        seal_one(&m, 0, 1);
        size_t size = m.bytes.len - ENVELOPE_HEAD - SIZE_WRAPPED - 4 - GCM_TAG;
        assert_int_equal(envelope_outer_class(size), size);
        assert_int_equal(open_by(&m, 1), ERR_OK);
        same_content(&m, 0);
    }
    m.content.body.len = LIMIT_BODY + 1;
    assert_int_equal(
        envelope_seal_one(&m.bytes, keys_get(0), &m.random, &m.content, &keys_get(1)->public),
        ERR_LIMIT);
    finish(&m);
}

static void bad_names_are_not_sealed(void **state)
{
    struct made m;

    (void)state;
    start(&m, "x");
    strcpy(m.content.sender, "no name");
    assert_int_equal(
        envelope_seal_one(&m.bytes, keys_get(0), &m.random, &m.content, &keys_get(1)->public),
        ERR_NAME);
    m.content.sender[0] = 0;
    assert_int_equal(envelope_seal_all(&m.bytes, keys_get(0), &m.random, &m.content, NULL, 0),
                     ERR_NAME);
    strcpy(m.content.sender, "a");
    assert_int_equal(
        envelope_seal_all(&m.bytes, keys_get(0), &m.random, &m.content, NULL, LIMIT_SLOTS + 1),
        ERR_LIMIT);
    finish(&m);
}

static void cut_or_long_is_refused(void **state)
{
    struct made m;

    (void)state;
    for (unsigned form = 1; form <= 2; form++) {
        start(&m, "hello");
        if (form == 1)
            seal_one(&m, 0, 1);
        else
            seal_all(&m, 0, 1, 2);
        for (size_t len = 0; len < m.bytes.len; len++) {
            enum err e = envelope_check(m.bytes.data, len);
            assert_true(e == ERR_SHORT);
            assert_int_not_equal(envelope_open(&m.opened, &m.plain, keys_get(1), m.bytes.data, len),
                                 ERR_OK);
        }
        buf_add8(&m.bytes, 0);
        assert_int_equal(envelope_check(m.bytes.data, m.bytes.len), ERR_TRAILING);
        assert_int_equal(open_by(&m, 1), ERR_TRAILING);
        finish(&m);
    }
}

static void altered_is_refused(void **state)
{
    struct made m;

    (void)state;
    for (unsigned form = 1; form <= 2; form++) {
        start(&m, "hello");
        if (form == 1)
            seal_one(&m, 0, 1);
        else
            seal_all(&m, 0, 1, 1);
        for (size_t at = 0; at < m.bytes.len; at += at < 30 ? 1 : 11) {
            m.bytes.data[at] ^= 0x20;
            assert_int_not_equal(open_by(&m, 1), ERR_OK);
            m.bytes.data[at] ^= 0x20;
        }
        assert_int_equal(open_by(&m, 1), ERR_OK);
        finish(&m);
    }
}

static void server_checks_the_outside(void **state)
{
    struct made m;
    uint8_t *b;

    (void)state;
    start(&m, "hello");
    seal_all(&m, 0, 0, 4);
    b = m.bytes.data;
    size_t slots = m.bytes.len - 4 * ENVELOPE_SLOT;
    b[0] = 2;
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_VERSION);
    b[0] = 1;
    b[1] = 2;
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_VERSION);
    b[1] = 1;
    b[2] = 3;
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_FORMAT);
    b[2] = 2;
    b[slots + 4] |= 0x80;
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_FORMAT);
    b[slots + 4] &= 0x7f;
    uint8_t first[4];
    memcpy(first, b + slots, 4);
    memset(b + slots, 0xff, 4);
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_FORMAT);
    memcpy(b + slots, first, 4);
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_OK);
    bytes_put16(b + slots - 2, LIMIT_SLOTS + 1);
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_LIMIT);
    bytes_put16(b + slots - 2, 3);
    assert_int_equal(envelope_check(b, m.bytes.len), ERR_TRAILING);
    finish(&m);
}

static void server_refuses_sizes_between(void **state)
{
    static uint8_t bytes[ENVELOPE_HEAD + SIZE_WRAPPED + 4 + LIMIT_SEALED + 1] = {1, 1, 1};
    static const size_t bad[] = {0, 1, 16, 17, 1024, 1039, 1041, 1280, 98304, LIMIT_SEALED + 1};
    uint8_t *len = bytes + ENVELOPE_HEAD + SIZE_WRAPPED;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bytes_put32(len, (uint32_t)bad[i]);
        assert_int_not_equal(envelope_check(bytes, (size_t)(len - bytes) + 4 + bad[i]), ERR_OK);
    }
    bytes_put32(len, LIMIT_SEALED);
    assert_int_equal(envelope_check(bytes, (size_t)(len - bytes) + 4 + LIMIT_SEALED), ERR_OK);
    bytes_put32(len, UINT32_MAX);
    assert_int_not_equal(envelope_check(bytes, sizeof bytes), ERR_OK);
}

/* Many slots, some with the same hint: the right ones are found, four at most. */
static void slots_are_found(void **state)
{
    enum { COUNT = 64 };
    uint8_t *slots = calloc(COUNT, ENVELOPE_SLOT), fp[SIZE_FINGERPRINT] = {0};
    struct envelope_outer outer = {.slots = slots, .count = COUNT};
    size_t first;

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        slots[i * ENVELOPE_SLOT + 3] = (uint8_t)(i < 10 ? i : i < 13 ? 50 : i < 20 ? 60 : 70 + i);
    for (unsigned hint = 0; hint < 256; hint++) {
        fp[3] = (uint8_t)hint;
        size_t expected = hint < 10 ? 1 : hint == 50 ? 3 : hint == 60 ? LIMIT_HINTS : 0;
        if (hint >= 90 && hint < 134)
            expected = 1;
        assert_int_equal(envelope_outer_slots(&outer, fp, &first), expected);
        for (size_t i = 0; i < expected; i++)
            assert_int_equal(slots[(first + i) * ENVELOPE_SLOT + 3], hint);
    }
    free(slots);
}

/* Seals any plaintext to key 1 as a stranger's program could. */
static void seal_plain(struct made *m, const uint8_t *plain, size_t size)
{
    static const uint8_t nonce[12], label_text[] = "den1 envelope";
    uint8_t key[32] = {3}, wrapped[SIZE_WRAPPED], head[ENVELOPE_HEAD] = {1, 1, 1}, tag[16];
    struct span label = {label_text, sizeof label_text - 1}, aad = {head, sizeof head};
    uint8_t *work = malloc(size);

    assert_non_null(work);
    memcpy(work, plain, size);
    assert_true(oaep_wrap(wrapped, &m->random, &keys_get(1)->public, label, key, 32));
    gcm_seal(key, nonce, aad, work, size, tag);
    buf_clear(&m->bytes);
    buf_add(&m->bytes, head, sizeof head);
    buf_add(&m->bytes, wrapped, sizeof wrapped);
    buf_add32(&m->bytes, (uint32_t)size + 16);
    buf_add(&m->bytes, work, size);
    buf_add(&m->bytes, tag, sizeof tag);
    free(work);
}

static void inside_must_be_right_too(void **state)
{
    enum { SIZE = 1024 };
    uint8_t plain[SIZE];
    struct made m;

    (void)state;
    start(&m, "hello");
    m.content.key = keys_get(0)->public;
    m.content.to = ENVELOPE_ONE;
    memcpy(m.content.receiver, keys_get(1)->public.fingerprint, 32);
    assert_int_equal(envelope_content_write(plain, SIZE, &m.content, keys_get(0), &m.random),
                     ERR_OK);
    seal_plain(&m, plain, SIZE);
    assert_int_equal(open_by(&m, 1), ERR_OK);
    same_content(&m, 0);
    for (size_t at = 0; at < SIZE; at += at < 4 ? 1 : 9) {
        plain[at] ^= 0x01;
        seal_plain(&m, plain, SIZE);
        enum err e = open_by(&m, 1);
        assert_true(e == ERR_FORMAT || e == ERR_SIGNATURE || e == ERR_KEY || e == ERR_NAME ||
                    e == ERR_SHORT || e == ERR_TRAILING);
        plain[at] ^= 0x01;
    }
    plain[SIZE - 1] = 1;
    seal_plain(&m, plain, SIZE);
    assert_int_equal(open_by(&m, 1), ERR_FORMAT);
    finish(&m);
}

/* Bob can't pass Alice's words to him on as words to Carol, nor as words to everyone. */
static void words_to_one_stay_with_one(void **state)
{
    uint8_t plain[1024];
    struct made m;

    (void)state;
    start(&m, "between us");
    m.content.key = keys_get(0)->public;
    m.content.to = ENVELOPE_ONE;
    memcpy(m.content.receiver, keys_get(2)->public.fingerprint, 32);
    assert_int_equal(
        envelope_content_write(plain, sizeof plain, &m.content, keys_get(0), &m.random), ERR_OK);
    seal_plain(&m, plain, sizeof plain);
    assert_int_equal(open_by(&m, 1), ERR_ADDRESS);
    m.content.to = ENVELOPE_ALL;
    memset(m.content.receiver, 0, 32);
    assert_int_equal(
        envelope_content_write(plain, sizeof plain, &m.content, keys_get(0), &m.random), ERR_OK);
    seal_plain(&m, plain, sizeof plain);
    assert_int_equal(open_by(&m, 1), ERR_ADDRESS);
    finish(&m);
}

/* Signed by another key than the one that is named. */
static void signature_is_the_senders(void **state)
{
    uint8_t plain[1024];
    struct made m;

    (void)state;
    start(&m, "I am Alice");
    m.content.key = keys_get(0)->public;
    m.content.to = ENVELOPE_ONE;
    memcpy(m.content.receiver, keys_get(1)->public.fingerprint, 32);
    assert_int_equal(
        envelope_content_write(plain, sizeof plain, &m.content, keys_get(3), &m.random), ERR_OK);
    seal_plain(&m, plain, sizeof plain);
    assert_int_equal(open_by(&m, 1), ERR_SIGNATURE);
    finish(&m);
}

static void server_and_sender_are_expected(void **state)
{
    uint8_t other[32] = {1};
    struct made m;

    (void)state;
    start(&m, "hello");
    seal_one(&m, 0, 1);
    assert_int_equal(open_by(&m, 1), ERR_OK);
    const uint8_t *alice = keys_get(0)->public.fingerprint;
    assert_int_equal(envelope_expect(&m.opened, server, alice, "alice"), ERR_OK);
    assert_int_equal(envelope_expect(&m.opened, other, alice, "alice"), ERR_ADDRESS);
    assert_int_equal(envelope_expect(&m.opened, server, other, "alice"), ERR_KEY);
    assert_int_equal(envelope_expect(&m.opened, server, alice, "bob"), ERR_NAME);
    finish(&m);
}

static void unknown_kinds_come_through(void **state)
{
    struct made m;

    (void)state;
    start(&m, "of a later version");
    m.content.kind = 200;
    seal_one(&m, 0, 1);
    assert_int_equal(open_by(&m, 1), ERR_OK);
    same_content(&m, 0);
    finish(&m);
}

/* Nothing repeats from one envelope to the next but version, suite, form and length. */
static void envelopes_share_nothing(void **state)
{
    struct made m;
    struct buf first;
    size_t same = 0;

    (void)state;
    start(&m, "again");
    buf_init(&first, LIMIT_ENVELOPE);
    seal_one(&m, 0, 1);
    buf_add(&first, m.bytes.data, m.bytes.len);
    buf_clear(&m.bytes);
    seal_one(&m, 0, 1);
    assert_int_equal(first.len, m.bytes.len);
    for (size_t i = 0; i < first.len; i++)
        same += first.data[i] == m.bytes.data[i];
    assert_true(same < 40);
    buf_free(&first);
    finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_receiver_opens),
        cmocka_unit_test(everyone_opens),
        cmocka_unit_test(server_passes_on_one_slot_each),
        cmocka_unit_test(sealed_to_nobody),
        cmocka_unit_test(sizes_come_in_classes),
        cmocka_unit_test(length_tells_the_class_only),
        cmocka_unit_test(bad_names_are_not_sealed),
        cmocka_unit_test(cut_or_long_is_refused),
        cmocka_unit_test(altered_is_refused),
        cmocka_unit_test(server_checks_the_outside),
        cmocka_unit_test(server_refuses_sizes_between),
        cmocka_unit_test(slots_are_found),
        cmocka_unit_test(inside_must_be_right_too),
        cmocka_unit_test(words_to_one_stay_with_one),
        cmocka_unit_test(signature_is_the_senders),
        cmocka_unit_test(server_and_sender_are_expected),
        cmocka_unit_test(unknown_kinds_come_through),
        cmocka_unit_test(envelopes_share_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
