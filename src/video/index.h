/* Where each frame of a rendition lies, kept in a file beside it so that nobody scans twice.
 *
 * The file, little-endian: magic "DENINDEX", version 32 (1), width 32, height 32, zero 32, the
 * source's size 64 and mtime in ns 64, what is broken 64, count 64; then per frame offset 64 and
 * length 32; then CRC-32C of all before it. A frame of length 0 is broken and only keeps its
 * number. */
#ifndef DEN_VIDEO_INDEX_H
#define DEN_VIDEO_INDEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct index_entry {
    int64_t offset;
    uint32_t length; /* 0: broken */
};

struct index {
    struct index_entry *entries; /* owned; offsets rise */
    size_t count;
    uint32_t width; /* of every whole frame; 0 if there is none */
    uint32_t height;
    uint64_t broken; /* broken frames, runs of garbage, a cut-off end */
    int64_t source_size;
    int64_t source_mtime; /* ns */
};

/* Frees the entries; the index is then empty. Idempotent. */
void index_free(struct index *x);

/* Scans the open file. A frame that differs in size from the first is broken; a cut-off last frame
 * is counted as broken and has no entry. *stop, if not NULL, ends it early with ERR_STATE.
 * ERR_LIMIT: too many frames; ERR_IO: errno tells. *out is set on ERR_OK only. */
enum err index_build(int fd, const atomic_bool *stop, struct index *out);
/* True if it was made from the file as it is now (size and mtime). */
bool index_fresh(const struct index *x, int fd);

/* Appends the file's form to out. */
void index_encode(const struct index *x, struct buf *out);
/* The reverse, believing nothing. ERR_VERSION: newer than us; ERR_BROKEN, ERR_LIMIT: unusable. */
enum err index_decode(const void *p, size_t len, struct index *out);

/* name lies in the open directory dir. ERR_UNKNOWN: no such file. */
enum err index_read(int dir, const char *name, struct index *out);
/* Atomically; leaves an index of a newer version alone (ERR_VERSION). */
enum err index_save(int dir, const char *name, const struct index *x);

#endif
