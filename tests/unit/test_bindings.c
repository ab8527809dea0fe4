/* The list of bindings: rules, chain, bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "crypto/digest.h"
#include "proto/bindings.h"
#include "tests/kit/keys.h"

static const uint8_t server[32] = "the server's fingerprint, 32 b.";

static void fingerprint_of(uint8_t out[32], unsigned number)
{
    digest_sha256(out, &number, sizeof number);
}

static void start(struct bindings *b)
{
    struct random random = keys_random(1);

    bindings_init(b, server, &random);
}

static enum err bind(struct bindings *b, const char *name, unsigned key, bool expect_added)
{
    uint8_t fp[32];
    bool added = !expect_added;

    fingerprint_of(fp, key);
    enum err e = bindings_bind(b, name, fp, &added);
    assert_int_equal(added, expect_added);
    return e;
}

static bool has(const struct bindings *b, const char *name, unsigned key)
{
    uint8_t fp[32];
    const uint8_t *found = bindings_find(b, name);

    fingerprint_of(fp, key);
    return found != NULL && memcmp(found, fp, 32) == 0;
}

static bool had(const struct bindings *b, const char *name, unsigned key)
{
    uint8_t fp[32];

    fingerprint_of(fp, key);
    return bindings_ever(b, name, fp);
}

static void first_key_keeps_the_name(void **state)
{
    struct bindings b;

    (void)state;
    start(&b);
    assert_null(bindings_find(&b, "alice"));
    assert_int_equal(bind(&b, "Alice", 1, true), ERR_OK);
    assert_int_equal(bind(&b, "alice", 1, false), ERR_OK);
    assert_int_equal(bind(&b, "ALICE", 2, false), ERR_EXISTS);
    assert_true(has(&b, "aLiCe", 1));
    assert_int_equal(bind(&b, "bob", 1, true), ERR_OK);
    assert_int_equal(b.count, 2);
    assert_int_equal(bind(&b, "", 1, false), ERR_NAME);
    assert_int_equal(bind(&b, "white space", 1, false), ERR_NAME);
    assert_int_equal(bind(&b, "a-name-of-thirty-three-characters", 1, false), ERR_NAME);
    bindings_free(&b);
    bindings_free(&b);
}

static enum bindings_known knows(const struct bindings *b, unsigned key)
{
    uint8_t fp[32];

    fingerprint_of(fp, key);
    return bindings_knows(b, fp);
}

/* By any of its names, in any order. */
static void a_key_is_known_while_it_has_a_name(void **state)
{
    struct bindings b;

    (void)state;
    start(&b);
    assert_int_equal(knows(&b, 1), BINDINGS_NEVER);
    bind(&b, "alice", 1, true);
    assert_int_equal(knows(&b, 1), BINDINGS_NOW);
    assert_int_equal(knows(&b, 2), BINDINGS_NEVER);
    bind(&b, "ally", 1, true);
    bindings_release(&b, "alice");
    assert_int_equal(knows(&b, 1), BINDINGS_NOW);
    bindings_release(&b, "ally");
    assert_int_equal(knows(&b, 1), BINDINGS_BEFORE);
    bind(&b, "alice", 2, true);
    assert_int_equal(knows(&b, 1), BINDINGS_BEFORE);
    assert_int_equal(knows(&b, 2), BINDINGS_NOW);
    bindings_release(&b, "alice");
    bind(&b, "alice", 1, true);
    assert_int_equal(knows(&b, 1), BINDINGS_NOW);
    assert_int_equal(knows(&b, 2), BINDINGS_BEFORE);
    bindings_undo(&b); /* could not be written */
    assert_int_equal(knows(&b, 1), BINDINGS_BEFORE);
    bindings_free(&b);
}

static void released_name_is_free(void **state)
{
    struct bindings b;
    struct binding entry;

    (void)state;
    start(&b);
    assert_int_equal(bindings_release(&b, "alice"), ERR_UNKNOWN);
    assert_int_equal(bind(&b, "alice", 1, true), ERR_OK);
    assert_int_equal(bindings_release(&b, "Alice"), ERR_OK);
    assert_null(bindings_find(&b, "alice"));
    assert_int_equal(bindings_release(&b, "alice"), ERR_UNKNOWN);
    assert_int_equal(bind(&b, "alice", 2, true), ERR_OK);
    assert_true(has(&b, "alice", 2));
    assert_true(had(&b, "ALICE", 1) && had(&b, "alice", 2));
    assert_false(had(&b, "alice", 3) || had(&b, "bob", 1) || had(&b, "no name", 1));
    assert_int_equal(b.count, 3);
    assert_int_equal(b.bound, 1);
    assert_true(bindings_get(&b, 2, &entry));
    assert_int_equal(entry.kind, BINDING_RELEASE);
    assert_int_equal(entry.n, 2);
    assert_false(bindings_get(&b, 0, &entry));
    assert_false(bindings_get(&b, 4, &entry));
    bindings_free(&b);
}

/* The bytes and the chain as the protocol has them, written out. */
static void bytes_and_chain(void **state)
{
    struct bindings b;
    struct binding entry;
    struct buf out;
    uint8_t fp[32], expected[8 + 1 + 1 + 5 + 32] = {0}, h[32], chained[32];
    struct digest d;

    (void)state;
    start(&b);
    buf_init(&out, 1000);
    fingerprint_of(fp, 7);
    assert_int_equal(bind(&b, "alice", 7, true), ERR_OK);
    expected[7] = 1;
    expected[8] = 1;
    expected[9] = 5;
    memcpy(expected + 10, "alice", 5);
    memcpy(expected + 15, fp, 32);
    assert_int_equal(bindings_write(&b, 1, 1000, &out), 2);
    assert_int_equal(out.len, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    assert_true(bindings_hash(&b, 0, h));
    assert_memory_equal(h, server, 32);
    digest_start(&d);
    digest_add(&d, server, 32);
    digest_add(&d, expected, sizeof expected);
    digest_get(&d, chained);
    assert_true(bindings_hash(&b, 1, h));
    assert_memory_equal(h, chained, 32);
    assert_false(bindings_hash(&b, 2, h));
    struct cursor c = cursor_over(expected, sizeof expected);
    assert_int_equal(binding_decode(&entry, &c), ERR_OK);
    assert_int_equal(cursor_end(&c), ERR_OK);
    assert_string_equal(entry.name, "alice");
    buf_free(&out);
    bindings_free(&b);
}

static void damaged_entries_are_refused(void **state)
{
    struct binding entry = {.n = 9, .kind = BINDING_BIND, .name = "carol"}, back;
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    binding_encode(&out, &entry);
    for (size_t len = 0; len < out.len; len++) {
        struct cursor c = cursor_over(out.data, len);
        assert_int_equal(binding_decode(&back, &c), ERR_SHORT);
    }
    for (unsigned kind = 0; kind < 256; kind++) {
        out.data[8] = (uint8_t)kind;
        struct cursor c = cursor_over(out.data, out.len);
        assert_int_equal(binding_decode(&back, &c), kind == 1 || kind == 2 ? ERR_OK : ERR_FORMAT);
    }
    out.data[8] = 1;
    out.data[10] = '\n';
    struct cursor c = cursor_over(out.data, out.len);
    assert_int_equal(binding_decode(&back, &c), ERR_NAME);
    out.data[9] = 255;
    c = cursor_over(out.data, out.len);
    assert_int_equal(binding_decode(&back, &c), ERR_SHORT);
    buf_free(&out);
}

static void append_takes_only_what_fits(void **state)
{
    struct bindings b;
    struct binding entry = {.n = 1, .kind = BINDING_BIND, .name = "alice"};

    (void)state;
    start(&b);
    entry.n = 2;
    assert_int_equal(bindings_append(&b, &entry), ERR_STATE);
    entry.n = 0;
    assert_int_equal(bindings_append(&b, &entry), ERR_STATE);
    entry.n = 1;
    entry.kind = BINDING_RELEASE;
    assert_int_equal(bindings_append(&b, &entry), ERR_UNKNOWN);
    entry.kind = BINDING_BIND;
    assert_int_equal(bindings_append(&b, &entry), ERR_OK);
    assert_int_equal(bindings_append(&b, &entry), ERR_STATE);
    entry.n = 2;
    assert_int_equal(bindings_append(&b, &entry), ERR_EXISTS);
    entry.kind = BINDING_RELEASE;
    entry.fingerprint[0] = 1;
    assert_int_equal(bindings_append(&b, &entry), ERR_KEY);
    entry.fingerprint[0] = 0;
    assert_int_equal(bindings_append(&b, &entry), ERR_OK);
    assert_int_equal(b.count, 2);
    bindings_free(&b);
}

static void same_state(const struct bindings *a, const struct bindings *b)
{
    uint8_t x[32], y[32];

    assert_int_equal(a->count, b->count);
    assert_int_equal(a->bound, b->bound);
    for (uint64_t n = 0; n <= a->count; n++) {
        assert_true(bindings_hash(a, n, x));
        assert_true(bindings_hash(b, n, y));
        assert_memory_equal(x, y, 32);
    }
}

/* A copy made from parts of any size has the same chain and finds the same names. */
static void copied_in_parts(void **state)
{
    static const size_t sizes[] = {BINDINGS_ENTRY_MAX, 100, 777, 65536};
    struct bindings b, copy;
    struct binding entry;
    char name[40];
    struct buf part;

    (void)state;
    start(&b);
    buf_init(&part, 65536);
    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "%.*su%u", (int)(i % 20), "xxxxxxxxxxxxxxxxxxxx", i);
        assert_int_equal(bind(&b, name, i, true), ERR_OK);
        if (i % 3 == 0)
            assert_int_equal(bindings_release(&b, name), ERR_OK);
    }
    for (size_t i = 0; i < 4; i++) {
        start(&copy);
        for (uint64_t from = 1; from <= b.count;) {
            buf_clear(&part);
            uint64_t next = bindings_write(&b, from, sizes[i], &part);
            assert_true(next > from && part.len <= sizes[i]);
            from = next;
            struct cursor c = cursor_over(part.data, part.len);
            while (c.left > 0) {
                assert_int_equal(binding_decode(&entry, &c), ERR_OK);
                assert_int_equal(bindings_append(&copy, &entry), ERR_OK);
            }
        }
        same_state(&b, &copy);
        bindings_free(&copy);
    }
    buf_free(&part);
    bindings_free(&b);
}

/* Whatever is done is undone: the state before, also across the table's growth. */
static void undo_goes_back(void **state)
{
    struct bindings b, shadow;
    char name[40];

    (void)state;
    start(&b);
    start(&shadow);
    bindings_undo(&b);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "u%u", i % 70);
        bool bound = bindings_find(&b, name) != NULL;
        assert_int_equal(bound ? bindings_release(&b, name) : bind(&b, name, i, true), ERR_OK);
        bindings_undo(&b);
        same_state(&b, &shadow);
        assert_int_equal(bindings_find(&b, name) != NULL, bound);
        assert_int_equal(bound ? bindings_release(&b, name) : bind(&b, name, i, true), ERR_OK);
        assert_int_equal(bound ? bindings_release(&shadow, name) : bind(&shadow, name, i, true),
                         ERR_OK);
    }
    same_state(&b, &shadow);
    while (b.count > 0)
        bindings_undo(&b);
    for (unsigned i = 0; i < 70; i++) {
        snprintf(name, sizeof name, "u%u", i);
        assert_null(bindings_find(&b, name));
    }
    assert_int_equal(b.names, 0);
    bindings_free(&b);
    bindings_free(&shadow);
}

static void number_of_names_is_bounded(void **state)
{
    struct bindings b;
    char name[40];

    (void)state;
    start(&b);
    for (unsigned i = 0; i < LIMIT_BINDINGS; i++) {
        snprintf(name, sizeof name, "u%u", i);
        if (bind(&b, name, i, true) != ERR_OK)
            fail();
    }
    assert_int_equal(bind(&b, "one-more", 1, false), ERR_LIMIT);
    assert_true(has(&b, "u99999", 99999));
    assert_true(has(&b, "u0", 0));
    assert_int_equal(bindings_release(&b, "u5"), ERR_OK);
    assert_int_equal(bind(&b, "one-more", 1, true), ERR_OK);
    assert_int_equal(bind(&b, "two-more", 1, false), ERR_LIMIT);
    bindings_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_key_keeps_the_name),
        cmocka_unit_test(a_key_is_known_while_it_has_a_name),
        cmocka_unit_test(released_name_is_free),
        cmocka_unit_test(bytes_and_chain),
        cmocka_unit_test(damaged_entries_are_refused),
        cmocka_unit_test(append_takes_only_what_fits),
        cmocka_unit_test(copied_in_parts),
        cmocka_unit_test(undo_goes_back),
        cmocka_unit_test(number_of_names_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
