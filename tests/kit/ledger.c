#include "tests/kit/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "server/backlog.h"
#include "tests/kit/stage.h"
#include "wire/past.h"

#define TIME_MS UINT64_C(1700000000000)

const uint8_t ledger_receiver[SIZE_FINGERPRINT] = "the receiver";

static void on_durable(void *owner, uint64_t number)
{
    ((struct ledger *)owner)->accepted = number;
}

static void on_failed(void *owner, uint64_t number)
{
    assert_true(number == ((struct ledger *)owner)->accepted);
}

static const struct sealed_log_events events = {on_durable, on_failed};

static void open_log(struct ledger *l, int64_t segment)
{
    assert_int_equal(
        sealed_log_open(&l->log, l->dir, &l->bounds, &l->desk.random, l->desk.worker, &events, l),
        ERR_OK);
    l->log.segment = l->log.rotate_size = segment;
}

void ledger_open(struct ledger *l)
{
    *l = (struct ledger){.bounds = {.bytes = UINT64_MAX}};
    desk_open(&l->desk);
    scratch_path(&l->desk.scratch, "log", l->dir);
    open_log(l, 5000);
}

void ledger_close(struct ledger *l)
{
    desk_finish(&l->desk);
    sealed_log_close(&l->log);
    desk_close(&l->desk);
}

void ledger_reopen(struct ledger *l, int64_t segment)
{
    sealed_log_close(&l->log);
    open_log(l, segment);
}

bool ledger_add(struct ledger *l, uint64_t seed)
{
    struct segment_entry entry = {.time_ms = TIME_MS + seed, .name = "alice"};
    struct buf envelope;
    enum err e;

    buf_init(&envelope, 2000);
    stage_envelope(&envelope, seed);
    memcpy(entry.fingerprint, ledger_receiver, sizeof entry.fingerprint);
    entry.envelope = (struct span){envelope.data, envelope.len};
    e = sealed_log_add(&l->log, &entry);
    if (e == ERR_OK)
        l->seeds[entry.number] = seed;
    buf_free(&envelope);
    return e == ERR_OK;
}

void ledger_add_many(struct ledger *l, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        assert_true(ledger_add(l, l->log.last + 1));
        desk_finish(&l->desk);
    }
}

uint64_t ledger_check(const struct ledger *l, const struct buf *got, size_t *at)
{
    struct buf envelope;
    struct wire_past m;
    size_t len = bytes_get32(got->data + *at + 1);
    struct span payload = {got->data + *at + MESSAGE_HEADER, len};
    uint64_t seed;

    assert_int_equal(got->data[*at], MESSAGE_PAST);
    assert_int_equal(wire_get_past(payload, &m), ERR_OK);
    *at += MESSAGE_HEADER + len;
    assert_true(*at <= got->len && m.sealed.number < LEDGER_MOST);
    seed = l->seeds[m.sealed.number];
    buf_init(&envelope, 2000);
    stage_envelope(&envelope, seed);
    assert_true(m.time_ms == TIME_MS + seed);
    assert_string_equal(m.sealed.from, "alice");
    assert_int_equal(m.sealed.envelope.len, envelope.len);
    assert_memory_equal(m.sealed.envelope.data, envelope.data, envelope.len);
    buf_free(&envelope);
    return m.sealed.number;
}

uint64_t ledger_read(const struct ledger *l, uint64_t after, uint64_t last, size_t enough)
{
    struct backlog b;
    struct buf got;
    uint64_t number = after, count = 0;

    buf_init(&got, 10 * 1000 * 1000);
    backlog_start(&b, l->dir, ledger_receiver, after + 1, last);
    while (b.next <= b.last) {
        buf_clear(&got);
        assert_int_equal(backlog_read(&b, enough, &got), ERR_OK);
        assert_true(got.len < enough + 1500);
        for (size_t at = 0; at < got.len; count++) {
            uint64_t n = ledger_check(l, &got, &at);

            assert_true(n > number && n <= last);
            number = n;
        }
    }
    assert_true(b.next == last + 1);
    assert_true(b.lost == last - after - count);
    buf_free(&got);
    return b.lost;
}
