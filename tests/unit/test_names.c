/* Which key has which name, across restarts, crashes and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/names.h"
#include "tests/kit/desk.h"

#define HEAD (8 + 4 + SIZE_FINGERPRINT + 16 + 4)

static const uint8_t server[SIZE_FINGERPRINT] = "the server's fingerprint";
static const uint8_t alice[SIZE_FINGERPRINT] = "alice's key";
static const uint8_t bob[SIZE_FINGERPRINT] = "bob's key";

static uint8_t log_id[16] = "the log";
static struct names_log sealed_log = {.id = log_id};
static struct desk desk;
static struct names names;
static uint64_t durable, failed;
static int failures;

static void on_durable(void *owner, uint64_t n)
{
    assert_ptr_equal(owner, &desk);
    durable = n;
}

static void on_failed(void *owner, uint64_t n)
{
    (void)owner;
    failed = n;
    failures++;
}

static const struct names_events events = {on_durable, on_failed};

static enum err open_as(const uint8_t *who)
{
    char path[512];

    durable = failed = 0;
    failures = 0;
    scratch_path(&desk.scratch, "names.bin", path);
    return names_open(&names, path, who, &sealed_log, &desk.random, desk.worker, &events, &desk);
}

static void reopen(void)
{
    names_close(&names);
    assert_int_equal(open_as(server), ERR_OK);
}

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    desk_open(&desk);
    return open_as(server) == ERR_OK ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    desk_finish(&desk);
    names_close(&names);
    desk_close(&desk);
    return 0;
}

/* Claims and waits for the disk; the list's length after it. */
static uint64_t claim(const char *name, const uint8_t *key)
{
    uint64_t at = 0;

    assert_int_equal(names_claim(&names, name, key, 0, &at), ERR_OK);
    desk_finish(&desk);
    return at;
}

static void check_owner(const char *name, const uint8_t *key)
{
    const uint8_t *owner = bindings_find(&names.list, name);

    if (key == NULL)
        assert_null(owner);
    else
        assert_memory_equal(owner, key, SIZE_FINGERPRINT);
}

static void a_name_belongs_to_its_first_key(void **state)
{
    uint64_t at;

    (void)state;
    assert_int_equal(names_claim(&names, "alice", alice, 0, &at), ERR_OK);
    assert_true(at == 1 && names.durable == 0);
    desk_finish(&desk);
    assert_true(durable == 1 && names.durable == 1);
    assert_true(claim("ALICE", alice) == 1);
    assert_int_equal(names_claim(&names, "Alice", bob, 0, &at), ERR_EXISTS);
    assert_true(claim("bob", bob) == 2);
    reopen();
    assert_true(names.durable == 2);
    check_owner("alice", alice);
    check_owner("BOB", bob);
    assert_int_equal(names_claim(&names, "alice", bob, 0, &at), ERR_EXISTS);
    assert_true(claim("alice", alice) == 2);
    assert_int_equal(names_claim(&names, "no name", bob, 0, &at), ERR_NAME);
}

static void a_released_name_is_free(void **state)
{
    (void)state;
    claim("alice", alice);
    assert_int_equal(names_release(&names, "bob"), ERR_UNKNOWN);
    assert_int_equal(names_release(&names, "alice"), ERR_OK);
    desk_finish(&desk);
    assert_true(names.durable == 2);
    assert_true(claim("alice", bob) == 3);
    reopen();
    check_owner("alice", bob);
    assert_int_equal(names.list.count, 3);
}

static void the_hash_survives(void **state)
{
    uint8_t before[BINDINGS_HASH], after[BINDINGS_HASH];
    char name[LIMIT_NAME + 1];

    (void)state;
    for (int i = 0; i < 300; i++) {
        uint64_t at;

        snprintf(name, sizeof name, "member-%d", i);
        assert_int_equal(names_claim(&names, name, i % 2 ? alice : bob, 0, &at), ERR_OK);
    }
    desk_finish(&desk);
    assert_true(durable == 300);
    assert_true(bindings_hash(&names.list, 300, before));
    reopen();
    assert_true(bindings_hash(&names.list, 300, after));
    assert_memory_equal(before, after, sizeof before);
}

static void what_the_disk_refuses_is_taken_back(void **state)
{
    uint64_t at;

    (void)state;
    claim("alice", alice);
    desk_limit_files(HEAD + 60);
    assert_int_equal(names_claim(&names, "bob", bob, 0, &at), ERR_OK);
    assert_int_equal(names_claim(&names, "carol", bob, 0, &at), ERR_OK);
    desk_finish(&desk);
    assert_int_equal(failures, 1);
    assert_true(failed == 1 && names.durable == 1);
    check_owner("bob", NULL);
    check_owner("carol", NULL);
    desk_limit_files(0);
    assert_true(claim("bob", alice) == 2);
    assert_true(durable == 2);
    reopen();
    check_owner("alice", alice);
    check_owner("bob", alice);
}

/* The file's bytes as they are now. */
static void get_file(struct buf *b)
{
    buf_init(b, 100000);
    scratch_get(&desk.scratch, "names.bin", b);
}

static void check_untouched(const struct buf *expected)
{
    struct buf now;

    get_file(&now);
    assert_int_equal(now.len, expected->len);
    assert_memory_equal(now.data, expected->data, now.len);
    buf_free(&now);
}

static void a_torn_end_at_every_offset(void **state)
{
    struct buf whole, one;

    (void)state;
    claim("alice", alice);
    get_file(&one);
    claim("bob", bob);
    get_file(&whole);
    names_close(&names);
    for (size_t len = one.len; len < whole.len; len++) {
        scratch_put(&desk.scratch, "names.bin", whole.data, len);
        assert_int_equal(open_as(server), ERR_OK);
        assert_true(names.durable == 1);
        check_owner("alice", alice);
        check_owner("bob", NULL);
        check_untouched(&one);
        /* And goes on from there. */
        assert_true(claim("bob", alice) == 2);
        reopen();
        check_owner("bob", alice);
        names_close(&names);
    }
    /* A crash while the file was made. */
    for (size_t len = 0; len < HEAD; len++) {
        scratch_put(&desk.scratch, "names.bin", whole.data, len);
        assert_int_equal(open_as(server), ERR_OK);
        assert_true(names.durable == 0);
        names_close(&names);
    }
    assert_int_equal(open_as(server), ERR_OK);
    buf_free(&whole);
    buf_free(&one);
}

/* In the last entry it may be a torn write; before that it is damage, and nothing is lost by
 * opening the file. */
static void an_altered_byte_anywhere(void **state)
{
    struct buf b;
    size_t last;

    (void)state;
    claim("alice", alice);
    claim("bob", bob);
    get_file(&b);
    last = b.len;
    buf_free(&b);
    claim("carol", bob);
    get_file(&b);
    names_close(&names);
    for (size_t i = 0; i < b.len; i++) {
        enum err e;

        b.data[i] ^= 0x41;
        scratch_put(&desk.scratch, "names.bin", b.data, b.len);
        e = open_as(server);
        if (i < last) {
            assert_true(e == ERR_BROKEN || e == ERR_VERSION || e == ERR_KEY);
            check_untouched(&b);
        } else {
            assert_int_equal(e, ERR_OK);
            assert_true(names.durable == 2);
            check_owner("bob", bob);
            check_owner("carol", NULL);
        }
        names_close(&names);
        b.data[i] ^= 0x41;
    }
    scratch_put(&desk.scratch, "names.bin", b.data, b.len);
    assert_int_equal(open_as(server), ERR_OK);
    assert_true(names.durable == 3);
    buf_free(&b);
}

static void not_ours(void **state)
{
    struct buf b;

    (void)state;
    claim("alice", alice);
    get_file(&b);
    names_close(&names);
    assert_int_equal(open_as(alice), ERR_KEY);
    check_untouched(&b);
    b.data[8] = 3;
    scratch_put(&desk.scratch, "names.bin", b.data, b.len);
    assert_int_equal(open_as(server), ERR_VERSION);
    check_untouched(&b);
    scratch_put(&desk.scratch, "names.bin", "something else that is long enough to be it", 43 + 1);
    assert_int_equal(open_as(server), ERR_BROKEN);
    b.data[8] = 2;
    scratch_put(&desk.scratch, "names.bin", b.data, b.len);
    assert_int_equal(open_as(server), ERR_OK);
    check_owner("alice", alice);
    buf_free(&b);
}

static void claim_at(const char *name, const uint8_t *key, uint64_t mark)
{
    uint64_t at;

    assert_int_equal(names_claim(&names, name, key, mark, &at), ERR_OK);
    desk_finish(&desk);
}

static void marks_are_of_the_binding(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        char name[8];

        snprintf(name, sizeof name, "n%d", i);
        claim_at(name, bob, (uint64_t)i);
    }
    claim_at("alice", alice, 500);
    claim_at("ALICE", alice, 700); /* is bound already */
    assert_true(names_mark(&names, "nobody") == UINT64_MAX);
    reopen();
    assert_true(names_mark(&names, "Alice") == 500);
    assert_true(names_mark(&names, "n99") == 99);
    assert_int_equal(names_release(&names, "alice"), ERR_OK);
    assert_true(names_mark(&names, "alice") == UINT64_MAX);
    claim_at("alice", alice, 900);
    reopen();
    assert_true(names_mark(&names, "alice") == 900);
    /* One that was taken back leaves none. */
    desk_limit_files(100);
    claim_at("carol", bob, 1000);
    desk_limit_files(0);
    assert_true(names_mark(&names, "carol") == UINT64_MAX);
    claim_at("carol", bob, 1001);
    assert_true(names_mark(&names, "carol") == 1001);
}

/* Who was bound before the log began has all of it behind its binding. */
static void with_another_log_all_marks_are_0(void **state)
{
    (void)state;
    claim_at("alice", alice, 500);
    claim_at("bob", bob, 501);
    log_id[0] ^= 1;
    reopen();
    assert_true(names_mark(&names, "alice") == 0 && names_mark(&names, "bob") == 0);
    claim_at("carol", bob, 7);
    reopen();
    assert_true(names_mark(&names, "bob") == 0 && names_mark(&names, "carol") == 7);
}

/* As it was before there were marks: it is not known when they were bound, so what the log has then
 * stays before that. */
static void a_file_of_version_1(void **state)
{
    struct buf b, old;
    size_t at;

    (void)state;
    claim_at("alice", alice, 500);
    claim_at("bob", bob, 501);
    get_file(&b);
    buf_init(&old, 1000);
    buf_add(&old, b.data, 8);
    buf_add(&old, "\1\0\0\0", 4);
    buf_add(&old, server, SIZE_FINGERPRINT);
    for (at = HEAD; at < b.len; at += 1 + (size_t)b.data[at] + 4) {
        size_t len = b.data[at] - (size_t)8;
        uint8_t crc[4];

        bytes_put32le(crc, bytes_crc32c(0, b.data + at + 1, len));
        buf_add_sized8(&old, b.data + at + 1, len);
        buf_add(&old, crc, 4);
    }
    scratch_put(&desk.scratch, "names.bin", old.data, old.len - 1); /* torn, too */
    sealed_log.last = 42;
    reopen();
    assert_true(names.durable == 1 && names_mark(&names, "alice") == 42);
    scratch_put(&desk.scratch, "names.bin", old.data, old.len);
    reopen();
    sealed_log.last = 77;
    claim_at("carol", bob, 76);
    reopen();
    assert_true(names_mark(&names, "alice") == 42 && names_mark(&names, "bob") == 42);
    assert_true(names_mark(&names, "carol") == 76);
    check_owner("bob", bob);
    sealed_log.last = 0;
    buf_free(&b);
    buf_free(&old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(marks_are_of_the_binding, make, unmake),
        cmocka_unit_test_setup_teardown(with_another_log_all_marks_are_0, make, unmake),
        cmocka_unit_test_setup_teardown(a_file_of_version_1, make, unmake),
        cmocka_unit_test_setup_teardown(a_name_belongs_to_its_first_key, make, unmake),
        cmocka_unit_test_setup_teardown(a_released_name_is_free, make, unmake),
        cmocka_unit_test_setup_teardown(the_hash_survives, make, unmake),
        cmocka_unit_test_setup_teardown(what_the_disk_refuses_is_taken_back, make, unmake),
        cmocka_unit_test_setup_teardown(a_torn_end_at_every_offset, make, unmake),
        cmocka_unit_test_setup_teardown(an_altered_byte_anywhere, make, unmake),
        cmocka_unit_test_setup_teardown(not_ours, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
