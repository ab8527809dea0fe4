/* names.bin: which key has which name. What is read stays as it is, whatever is added; what is refused
 * is left untouched.
 *
 * The first byte of the input: bit 0, whether checksums are made right first (else nothing behind
 * them would be reached); bit 1, whether the log is another than the file's. */
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/names.h"
#include "server/segment.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/desk.h"

#define HEAD_1 (8 + 4 + SIZE_FINGERPRINT) /* as names.h tells */
#define HEAD (HEAD_1 + SEGMENT_LOG_ID + 4)

const bool fuzz_slow = true;

enum { MADE_RIGHT = 1, OTHER_LOG = 2 };

static const uint8_t server[SIZE_FINGERPRINT] = {5, 6, 7};
static const uint8_t log_ids[2][SEGMENT_LOG_ID] = {"this", "that"};

static void on_number(void *owner, uint64_t n)
{
    (void)owner;
    (void)n;
}

static const struct names_events events = {on_number, on_number};

static void make_right(struct buf *file)
{
    size_t at = HEAD_1;

    if (file->len >= HEAD && bytes_get32le(file->data + 8) > 1) {
        bytes_put32le(file->data + HEAD - 4, bytes_crc32c(0, file->data, HEAD - 4));
        at = HEAD;
    }
    while (at < file->len) {
        size_t len = file->data[at++];

        if (len + 4 > file->len - at)
            return;
        bytes_put32le(file->data + at + len, bytes_crc32c(0, file->data + at, len));
        at += len + 4;
    }
}

static enum err open_names(struct names *n, struct desk *d, unsigned which)
{
    const struct names_log log = {log_ids[which], 77};
    char path[512];

    scratch_path(&d->scratch, "names.bin", path);
    return names_open(n, path, server, &log, &d->random, d->worker, &events, NULL);
}

/* Opened once more, and again with one more entry. */
static void check_again(struct desk *d, unsigned which, const uint8_t *hash, uint64_t count)
{
    const uint8_t key[SIZE_FINGERPRINT] = {9, 9, 9};
    uint8_t now[BINDINGS_HASH];
    struct names n;
    uint64_t at;
    enum err e;

    FUZZ_HOLDS(open_names(&n, d, which) == ERR_OK);
    FUZZ_HOLDS(n.list.count == count && n.durable == count);
    FUZZ_HOLDS(bindings_hash(&n.list, count, now) && memcmp(now, hash, sizeof now) == 0);
    e = names_claim(&n, "zoe", key, 78, &at);
    desk_finish(d);
    FUZZ_HOLDS(e == ERR_EXISTS || (e == ERR_OK && n.durable == n.list.count));
    count = n.list.count;
    names_close(&n);
    FUZZ_HOLDS(open_names(&n, d, which) == ERR_OK && n.list.count == count);
    FUZZ_HOLDS((bindings_find(&n.list, "ZOE") != NULL) && names_mark(&n, "zoe") != UINT64_MAX);
    names_close(&n);
}

static void check_untouched(struct desk *d, const struct buf *file)
{
    struct buf after;

    buf_init(&after, 2u << 20);
    scratch_get(&d->scratch, "names.bin", &after);
    FUZZ_HOLDS(after.len == file->len);
    FUZZ_HOLDS(after.len == 0 || memcmp(after.data, file->data, after.len) == 0);
    buf_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t hash[BINDINGS_HASH];
    struct desk d;
    struct names n;
    struct buf file;
    unsigned which;

    if (len < 1 || len > 1u << 16)
        return 0;
    log_start("fuzz", (enum log_level) - 1);
    which = (data[0] & OTHER_LOG) != 0;
    buf_init(&file, 1u << 17);
    buf_add(&file, data + 1, len - 1);
    if (data[0] & MADE_RIGHT)
        make_right(&file);
    desk_open(&d);
    scratch_put(&d.scratch, "names.bin", file.data, file.len);
    if (open_names(&n, &d, which) == ERR_OK) {
        uint64_t count = n.list.count;

        FUZZ_HOLDS(n.list.bound <= LIMIT_BINDINGS && bindings_hash(&n.list, count, hash));
        names_close(&n);
        check_again(&d, which, hash, count);
    } else {
        check_untouched(&d, &file);
    }
    desk_close(&d);
    buf_free(&file);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const char *const names[] = {"alice", "Bob", "carol"};
    uint8_t key[SIZE_FINGERPRINT] = {1};
    struct buf file, input;
    struct desk d;
    struct names n;
    uint64_t at;

    buf_init(&file, 4096);
    buf_init(&input, 4096);
    desk_open(&d);
    FUZZ_HOLDS(open_names(&n, &d, 0) == ERR_OK);
    for (size_t i = 0; i < 3; i++, key[1]++)
        FUZZ_HOLDS(names_claim(&n, names[i], key, i, &at) == ERR_OK);
    FUZZ_HOLDS(names_release(&n, "bob") == ERR_OK);
    FUZZ_HOLDS(names_claim(&n, "bob", key, 9, &at) == ERR_OK);
    desk_finish(&d);
    names_close(&n);
    scratch_get(&d.scratch, "names.bin", &file);
    for (uint8_t how = 0; how < 4; how++) {
        buf_clear(&input);
        buf_add8(&input, how);
        buf_add(&input, file.data, file.len);
        put(context, input.data, input.len);
    }
    /* Of version 1: no log's id, no marks, one name. */
    buf_clear(&input);
    buf_add8(&input, MADE_RIGHT);
    buf_add(&input, "DENNAMES\1\0\0\0", 12);
    buf_add(&input, server, sizeof server);
    buf_add8(&input, (uint8_t)(file.data[HEAD] - 8));
    buf_add(&input, file.data + HEAD + 1, file.data[HEAD] - 8u);
    buf_add(&input, "crc4", 4);
    put(context, input.data, input.len);
    desk_close(&d);
    buf_free(&file);
    buf_free(&input);
}
