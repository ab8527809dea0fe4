/* The log of sealed envelopes: numbers without gaps, whatever happens to the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/sealed_log.h"
#include "tests/kit/desk.h"
#include "tests/kit/dice.h"

#define FIRST "log/00000000000000000001.seg"

static struct desk desk;
static struct sealed_log sealed_log;
static uint64_t durable, failed;
static int failures;

static void on_durable(void *owner, uint64_t number)
{
    assert_ptr_equal(owner, &desk);
    assert_true(number > durable);
    durable = number;
}

static void on_failed(void *owner, uint64_t number)
{
    (void)owner;
    failed = number;
    failures++;
}

static const struct sealed_log_events events = {on_durable, on_failed};

static enum err open_log(void)
{
    static const struct shelf_bounds bounds = {.bytes = 100000};
    char path[512];

    durable = failed = 0;
    failures = 0;
    scratch_path(&desk.scratch, "log", path);
    return sealed_log_open(&sealed_log, path, &bounds, &desk.random, desk.worker, &events, &desk);
}

static int make(void **state)
{
    (void)state;
    log_start("test", (enum log_level) - 1);
    desk_open(&desk);
    return open_log() == ERR_OK ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    desk_finish(&desk);
    sealed_log_close(&sealed_log);
    sealed_log_close(&sealed_log);
    desk_close(&desk);
    return 0;
}

static struct segment_entry entry_of(const uint8_t *envelope, size_t len)
{
    return (struct segment_entry){.time_ms = 1234567890123,
                                  .name = "alice",
                                  .fingerprint = "a fingerprint",
                                  .envelope = {envelope, len}};
}

/* Adds one with len bytes and returns its number. */
static uint64_t add(size_t len)
{
    static const uint8_t envelope[4000] = "envelope";
    struct segment_entry entry = entry_of(envelope, len);

    assert_int_equal(sealed_log_add(&sealed_log, &entry), ERR_OK);
    return entry.number;
}

static void reopen(uint64_t last)
{
    sealed_log_close(&sealed_log);
    assert_int_equal(open_log(), ERR_OK);
    assert_true(sealed_log.last == last && sealed_log.durable == last);
}

static void small_segments(int64_t bytes)
{
    sealed_log.segment = sealed_log.rotate_size = bytes;
}

static void get_file(struct buf *b, const char *name)
{
    buf_init(b, 1000000);
    scratch_get(&desk.scratch, name, b);
}

static void heads_round_trip(void **state)
{
    struct segment_head head = {.log_id = "0123456789abcde", .first = UINT64_C(1) << 50}, got;
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    segment_put_head(&b, &head);
    assert_int_equal(b.len, SEGMENT_HEAD);
    assert_int_equal(segment_get_head(b.data, &got), ERR_OK);
    assert_true(got.first == head.first);
    assert_memory_equal(got.log_id, head.log_id, SEGMENT_LOG_ID);
    for (size_t i = 0; i < b.len; i++) {
        enum err e;

        b.data[i] ^= 4;
        e = segment_get_head(b.data, &got);
        assert_int_equal(e, i < 8 ? ERR_FORMAT : i < 12 ? ERR_VERSION : ERR_BROKEN);
        b.data[i] ^= 4;
    }
    buf_free(&b);
}

static void entries_round_trip(void **state)
{
    struct segment_entry got, entry = entry_of((const uint8_t *)"sealed", 6);
    struct buf b;
    struct span body;

    (void)state;
    buf_init(&b, 1000);
    entry.number = 77;
    segment_put_entry(&b, &entry);
    assert_int_equal(segment_body_length(b.data), b.len - SEGMENT_ENTRY_HEAD);
    body = (struct span){b.data + SEGMENT_ENTRY_HEAD, b.len - SEGMENT_ENTRY_HEAD};
    assert_int_equal(segment_get_entry(b.data, body, &got), ERR_OK);
    assert_true(got.number == 77 && got.time_ms == entry.time_ms);
    assert_string_equal(got.name, "alice");
    assert_memory_equal(got.fingerprint, entry.fingerprint, SIZE_FINGERPRINT);
    assert_int_equal(got.envelope.len, 6);
    assert_memory_equal(got.envelope.data, "sealed", 6);
    for (size_t i = SEGMENT_ENTRY_HEAD; i < b.len; i++) {
        b.data[i] ^= 4;
        assert_int_equal(segment_get_entry(b.data, body, &got), ERR_BROKEN);
        b.data[i] ^= 4;
    }
    bytes_put32le(b.data, SEGMENT_BODY_MAX);
    assert_int_equal(segment_body_length(b.data), SEGMENT_BODY_MAX);
    bytes_put32le(b.data, SEGMENT_BODY_MAX + 1);
    assert_int_equal(segment_body_length(b.data), 0);
    bytes_put32le(b.data, SEGMENT_BODY_LEAST - 1);
    assert_int_equal(segment_body_length(b.data), 0);
    buf_free(&b);
}

static void numbers_go_on_after_a_restart(void **state)
{
    uint8_t log_id[SEGMENT_LOG_ID], zero[SEGMENT_LOG_ID] = {0};

    (void)state;
    memcpy(log_id, sealed_log.log_id, sizeof log_id);
    assert_memory_not_equal(log_id, zero, sizeof zero);
    for (size_t i = 1; i <= 5; i++)
        assert_true(add(10 * i) == i);
    assert_true(sealed_log.last == 5 && sealed_log.durable == 0);
    desk_finish(&desk);
    assert_true(durable == 5);
    reopen(5);
    assert_memory_equal(sealed_log.log_id, log_id, sizeof log_id);
    assert_true(add(1) == 6);
    desk_finish(&desk);
    assert_true(durable == 6);
}

static void what_the_disk_refuses_never_was(void **state)
{
    (void)state;
    add(100);
    desk_finish(&desk);
    desk_limit_files((size_t)sealed_log.file.size + 50);
    assert_true(add(100) == 2);
    assert_true(add(100) == 3);
    desk_finish(&desk);
    assert_int_equal(failures, 1);
    assert_true(failed == 1 && sealed_log.last == 1);
    desk_limit_files(0);
    assert_true(add(7) == 2);
    desk_finish(&desk);
    assert_true(durable == 2);
    reopen(2);
}

static void a_torn_end_at_every_offset(void **state)
{
    struct buf whole;
    size_t last;

    (void)state;
    add(20);
    add(20);
    desk_finish(&desk);
    last = (size_t)sealed_log.file.size;
    add(30);
    desk_finish(&desk);
    get_file(&whole, FIRST);
    sealed_log_close(&sealed_log);
    for (size_t len = last; len < whole.len; len++) {
        scratch_put(&desk.scratch, FIRST, whole.data, len);
        assert_int_equal(open_log(), ERR_OK);
        assert_true(sealed_log.last == 2);
        assert_true(sealed_log.file.size == (int64_t)last);
        assert_true(add(5) == 3);
        desk_finish(&desk);
        reopen(3);
        sealed_log_close(&sealed_log);
    }
    assert_int_equal(open_log(), ERR_OK);
    buf_free(&whole);
}

/* Opened with the newest segment damaged before its end: it stays as it is, and the next one begins
 * behind it. */
static void check_goes_behind(const struct buf *damaged)
{
    struct buf now;

    assert_int_equal(open_log(), ERR_OK);
    assert_true(sealed_log.last == 3 && sealed_log.file.size == SEGMENT_HEAD);
    assert_true(sealed_log_bytes(&sealed_log) == damaged->len + SEGMENT_HEAD);
    get_file(&now, FIRST);
    assert_int_equal(now.len, damaged->len);
    assert_memory_equal(now.data, damaged->data, now.len);
    buf_free(&now);
    assert_true(add(1) == 4);
    desk_finish(&desk);
    reopen(4);
    assert_true(shelf_remove(sealed_log.dir, 4));
}

static void an_altered_byte_anywhere(void **state)
{
    struct buf b, now;
    size_t last;

    (void)state;
    add(20);
    add(20);
    desk_finish(&desk);
    last = (size_t)sealed_log.file.size;
    add(20);
    desk_finish(&desk);
    get_file(&b, FIRST);
    sealed_log_close(&sealed_log);
    for (size_t i = 0; i < b.len; i++) {
        b.data[i] ^= 0x41;
        scratch_put(&desk.scratch, FIRST, b.data, b.len);
        if (i >= last) {
            assert_int_equal(open_log(), ERR_OK);
            assert_true(sealed_log.last == 2);
        } else if (i >= SEGMENT_HEAD) {
            check_goes_behind(&b);
        } else {
            assert_true(open_log() != ERR_OK);
            get_file(&now, FIRST);
            assert_memory_equal(now.data, b.data, b.len);
            buf_free(&now);
        }
        sealed_log_close(&sealed_log);
        b.data[i] ^= 0x41;
    }
    scratch_put(&desk.scratch, FIRST, b.data, b.len);
    assert_int_equal(open_log(), ERR_OK);
    assert_true(sealed_log.last == 3);
    buf_free(&b);
}

static size_t count_segments(void)
{
    char path[512];
    DIR *d;
    size_t count = 0;

    scratch_path(&desk.scratch, "log", path);
    d = opendir(path);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        count += strstr(e->d_name, ".seg") != NULL;
    closedir(d);
    return count;
}

static void the_next_segment(void **state)
{
    struct buf b;
    struct segment_head head;
    uint8_t log_id[SEGMENT_LOG_ID];

    (void)state;
    memcpy(log_id, sealed_log.log_id, sizeof log_id);
    small_segments(1000);
    for (uint64_t i = 1; i <= 4; i++) {
        assert_true(add(400) == i);
        desk_finish(&desk);
    }
    assert_int_equal(count_segments(), 2);
    get_file(&b, "log/00000000000000000004.seg");
    assert_int_equal(segment_get_head(b.data, &head), ERR_OK);
    assert_true(head.first == 4);
    assert_memory_equal(head.log_id, log_id, sizeof log_id);
    buf_free(&b);
    reopen(4);
    assert_memory_equal(sealed_log.log_id, log_id, sizeof log_id);
    /* What was added while the segment ended goes into the next one. */
    small_segments(1);
    add(10);
    add(10);
    add(10);
    desk_finish(&desk);
    assert_true(durable == 7);
    reopen(7);
    assert_int_equal(count_segments(), 4);
}

static void the_oldest_expire(void **state)
{
    struct dice dice = dice_make(8);

    (void)state;
    small_segments(5000);
    for (int i = 0; i < 150; i++) {
        add(dice_below(&dice, 4000));
        if (dice_below(&dice, 3) == 0)
            desk_finish(&desk);
    }
    desk_finish(&desk);
    assert_true(sealed_log.durable == 150);
    assert_true(count_segments() >= 3 && count_segments() < 25);
    assert_true(add(1) == 151);
    desk_finish(&desk);
    reopen(151);
    sealed_log.upkeep.bounds.bytes = 0;
    small_segments(1);
    add(1);
    desk_finish(&desk);
    assert_int_equal(count_segments(), 1); /* the newest always stays */
    reopen(152);
}

/* The first at once, further ones within the gap together. */
static void gathered(void **state)
{
    int64_t now = 5 * SEALED_LOG_GAP_NS;

    (void)state;
    sealed_log_gather(&sealed_log);
    sealed_log_tick(&sealed_log, now);
    assert_true(sealed_log_due(&sealed_log) > now + SEALED_LOG_GAP_NS);
    add(10);
    assert_true(sealed_log_due(&sealed_log) <= now);
    sealed_log_tick(&sealed_log, now);
    desk_finish(&desk);
    assert_int_equal(durable, 1);
    assert_false(sealed_log.several);
    for (int i = 0; i < 3; i++)
        add(10);
    assert_int_equal(sealed_log_due(&sealed_log), now + SEALED_LOG_GAP_NS);
    sealed_log_tick(&sealed_log, now + SEALED_LOG_GAP_NS - 1);
    desk_finish(&desk);
    assert_int_equal(durable, 1);
    sealed_log_tick(&sealed_log, now + SEALED_LOG_GAP_NS);
    assert_true(sealed_log_due(&sealed_log) > now + SEALED_LOG_GAP_NS);
    add(10); /* while that is being written */
    desk_finish(&desk);
    assert_int_equal(durable, 4);
    assert_true(sealed_log.several);
    sealed_log_tick(&sealed_log, now + 2 * SEALED_LOG_GAP_NS);
    desk_finish(&desk);
    assert_int_equal(durable, 5);
    assert_false(sealed_log.several);
    reopen(5);
}

static void not_ours(void **state)
{
    struct buf b, now;

    (void)state;
    add(10);
    desk_finish(&desk);
    get_file(&b, FIRST);
    sealed_log_close(&sealed_log);
    b.data[8] = 2;
    scratch_put(&desk.scratch, FIRST, b.data, b.len);
    assert_int_equal(open_log(), ERR_VERSION);
    get_file(&now, FIRST);
    assert_memory_equal(now.data, b.data, b.len);
    b.data[8] = 1;
    scratch_put(&desk.scratch, "log/00000000000000000009.seg", b.data, b.len);
    assert_int_equal(open_log(), ERR_BROKEN); /* says it begins with another number */
    buf_free(&b);
    buf_free(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_round_trip),
        cmocka_unit_test(entries_round_trip),
        cmocka_unit_test_setup_teardown(numbers_go_on_after_a_restart, make, unmake),
        cmocka_unit_test_setup_teardown(what_the_disk_refuses_never_was, make, unmake),
        cmocka_unit_test_setup_teardown(a_torn_end_at_every_offset, make, unmake),
        cmocka_unit_test_setup_teardown(an_altered_byte_anywhere, make, unmake),
        cmocka_unit_test_setup_teardown(the_next_segment, make, unmake),
        cmocka_unit_test_setup_teardown(the_oldest_expire, make, unmake),
        cmocka_unit_test_setup_teardown(gathered, make, unmake),
        cmocka_unit_test_setup_teardown(not_ours, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
