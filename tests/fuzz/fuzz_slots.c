/* The binary state files of a den: what was received, what waits for its receipt, what was not sent
 * yet. What is read is gone on with, and then read again; another's file is left as it is.
 *
 * The first byte of the input says which file the rest is, and (16 and up) that its checksums are made
 * right first. */
#include <string.h>

#include "base/bytes.h"
#include "client/awaited.h"
#include "client/received.h"
#include "client/unsent.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/scratch.h"

#define FILE_MOST (1u << 18)

const bool fuzz_slow = true;

enum { RECEIVED, AWAITED, UNSENT, FILES, MADE_RIGHT = 16 };

static const size_t sizes[FILES] = {4096, 64, 0}; /* of a record; 0: the file is one */
static const uint8_t bob[SIZE_FINGERPRINT] = "bob's key";

static void make_right(struct buf *file, size_t size)
{
    if (size == 0)
        size = file->len;
    for (size_t at = 0; size > SLOTS_CRC && file->len - at >= size; at += size)
        bytes_put32le(file->data + at + size - SLOTS_CRC,
                      bytes_crc32c(0, file->data + at, size - SLOTS_CRC));
}

static bool received_again(const char *dir, const char *path)
{
    const uint64_t id = UINT64_MAX - 5;
    struct received r;
    uint64_t owed[REPLAY_OWED];
    size_t at = 0;
    bool again;
    enum err e = received_open(&r, path);

    (void)dir;
    if (e == ERR_OK && received_look(&r, bob, id, &again) == ERR_OK) {
        FUZZ_HOLDS(received_begin(&r, bob, id) == ERR_OK);
        e = received_done(&r, bob, id, true);
        FUZZ_HOLDS(e == ERR_OK || e == ERR_LIMIT);
        FUZZ_HOLDS(received_reached(&r, bob, 7) == ERR_OK);
        if (e == ERR_OK) {
            FUZZ_HOLDS(received_look(&r, bob, id, &again) == ERR_REPLAY && !again);
            FUZZ_HOLDS(received_owed(&r, &at, owed, REPLAY_OWED) > 0);
        }
        e = ERR_OK;
    }
    received_close(&r);
    return e == ERR_OK;
}

static bool awaited_again(const char *dir, const char *path)
{
    struct awaited a;
    bool good = awaited_open(&a, path) == ERR_OK;

    (void)dir;
    if (good) {
        FUZZ_HOLDS(a.count <= LIMIT_AWAITED);
        FUZZ_HOLDS(awaited_add(&a, 12345, bob) == ERR_OK);
        FUZZ_HOLDS(awaited_take(&a, 12345, bob));
        FUZZ_HOLDS(awaited_add(&a, 12346, bob) == ERR_OK);
    }
    awaited_close(&a);
    return good;
}

static enum err on_unsent(void *owner, const struct unsent *u)
{
    const char *kept = owner;

    /* It gives what it would keep. */
    FUZZ_HOLDS(u->id == 0x10 && u->envelope.len <= LIMIT_ENVELOPE);
    FUZZ_HOLDS(memchr(u->name, 0, sizeof u->name) != NULL);
    FUZZ_HOLDS(unsent_keep(kept, u) == ERR_OK);
    return ERR_OK;
}

static bool unsent_again(const char *dir, const char *path)
{
    struct scratch other;
    size_t broken;

    (void)path;
    scratch_make(&other);
    FUZZ_HOLDS(unsent_each(dir, bob, on_unsent, other.path, &broken) == ERR_OK && broken <= 1);
    scratch_remove(&other);
    return broken == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static bool (*const again[FILES])(const char *dir, const char *path) = {
        received_again, awaited_again, unsent_again};
    static const char *const names[FILES] = {"received", "awaited", "0000000000000010.sealed"};
    unsigned which = len > 0 ? data[0] % MADE_RIGHT % FILES : 0;
    struct buf file, after;
    struct scratch s;
    char path[512];

    if (len < 1 || len > FILE_MOST)
        return 0;
    buf_init(&file, FILE_MOST);
    buf_init(&after, 2 * FILE_MOST);
    buf_add(&file, data + 1, len - 1);
    if (data[0] >= MADE_RIGHT)
        make_right(&file, sizes[which]);
    scratch_make(&s);
    scratch_path(&s, names[which], path);
    scratch_put(&s, names[which], file.data, file.len);
    if (again[which](s.path, path)) {
        FUZZ_HOLDS(again[which](s.path, path));
    } else {
        scratch_get(&s, names[which], &after);
        FUZZ_HOLDS(after.len == file.len);
        FUZZ_HOLDS(after.len == 0 || memcmp(after.data, file.data, after.len) == 0);
    }
    scratch_remove(&s);
    buf_free(&file);
    buf_free(&after);
    return 0;
}

static void put_file(fuzz_put *put, void *context, const struct scratch *s, const char *name,
                     uint8_t which)
{
    struct buf file, input;

    buf_init(&file, FILE_MOST);
    buf_init(&input, FILE_MOST);
    scratch_get(s, name, &file);
    for (int right = 0; right < 2; right++) {
        buf_clear(&input);
        buf_add8(&input, (uint8_t)(which + right * MADE_RIGHT));
        buf_add(&input, file.data, file.len);
        put(context, input.data, input.len);
    }
    buf_free(&file);
    buf_free(&input);
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const uint8_t envelope[100] = {1, 1, 1};
    struct unsent u = {.id = 16, .name = "bob", .envelope = {envelope, sizeof envelope}};
    struct received r;
    struct awaited a;
    struct scratch s;
    char path[512];

    scratch_make(&s);
    memcpy(u.server, bob, sizeof bob);
    scratch_path(&s, "received", path);
    FUZZ_HOLDS(received_open(&r, path) == ERR_OK);
    for (uint64_t id = 100; id < 103; id++) {
        FUZZ_HOLDS(received_begin(&r, bob, id) == ERR_OK);
        if (id < 102)
            FUZZ_HOLDS(received_done(&r, bob, id, true) == ERR_OK);
    }
    received_close(&r);
    scratch_path(&s, "awaited", path);
    FUZZ_HOLDS(awaited_open(&a, path) == ERR_OK);
    FUZZ_HOLDS(awaited_add(&a, 5, bob) == ERR_OK && awaited_add(&a, 6, bob) == ERR_OK);
    awaited_close(&a);
    FUZZ_HOLDS(unsent_keep(s.path, &u) == ERR_OK);
    put_file(put, context, &s, "received", RECEIVED);
    put_file(put, context, &s, "awaited", AWAITED);
    put_file(put, context, &s, "0000000000000010.sealed", UNSENT);
    scratch_remove(&s);
}
