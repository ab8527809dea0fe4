/* The messages of a direct link for files, from the caller, who sends them, to the callee: PROTOCOL.md
 * 17. Every decode checks the form and the limits and points into the payload. */
#ifndef DEN_WIRE_FILE_H
#define DEN_WIRE_FILE_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

#define SIZE_FILE_HASH 32
#define FILE_DATA_HEAD 4 /* of a DATA's payload, before the bytes */

/* Why a file does not come, or not any more. */
enum wire_drop {
    DROP_CANCELLED = 1, /* a user does not want it */
    DROP_TOO_LARGE = 2, /* for what the receiver takes */
    DROP_NO_SPACE = 3,  /* at the receiver's */
    DROP_CHANGED = 4,   /* it is another file than the one that was offered */
    DROP_DAMAGED = 5,   /* what came is not what was sent */
    DROP_FAILED = 6,    /* it can't be read, or written */
    DROP_BUSY = 7       /* too many offers */
};

struct wire_offer {
    uint32_t file;        /* its number on this link; each is greater than the one before */
    const uint8_t *token; /* SIZE_FILE_TOKEN: the same when the same sending is offered again */
    uint64_t size;        /* at most LIMIT_PARCEL_SIZE */
    uint64_t mtime;       /* nanoseconds since 1970: when it was last written */
    struct span name;     /* 1 to LIMIT_FILE_NAME bytes of UTF-8; any otherwise */
};

struct wire_take {
    uint32_t file;
    uint64_t offset;     /* how much of it is there */
    const uint8_t *hash; /* SHA-256 of that much */
};

struct wire_begin {
    uint32_t file;
    uint64_t offset; /* the bytes begin there: at TAKE's offset, or at 0 */
};

struct wire_data {
    uint32_t file;
    struct span bytes; /* 1 at least */
};

struct wire_file_end {
    uint32_t file;
    const uint8_t *hash; /* SHA-256 of the whole */
};

struct wire_drop_file {
    uint32_t file;
    uint8_t why; /* enum wire_drop, or one from the future */
};

void wire_put_offer(struct buf *out, const struct wire_offer *m);
enum err wire_get_offer(struct span payload, struct wire_offer *m);
void wire_put_take(struct buf *out, const struct wire_take *m);
enum err wire_get_take(struct span payload, struct wire_take *m);
void wire_put_begin(struct buf *out, const struct wire_begin *m);
enum err wire_get_begin(struct span payload, struct wire_begin *m);
/* Header and number of a DATA whose len bytes follow right behind; out has room for MESSAGE_HEADER +
 * FILE_DATA_HEAD. Returns the bytes written. */
size_t wire_data_head(uint8_t *out, uint32_t file, size_t len);
enum err wire_get_data(struct span payload, struct wire_data *m);
void wire_put_file_end(struct buf *out, const struct wire_file_end *m);
enum err wire_get_file_end(struct span payload, struct wire_file_end *m);
void wire_put_kept(struct buf *out, uint32_t file);
enum err wire_get_kept(struct span payload, uint32_t *file);
void wire_put_drop(struct buf *out, const struct wire_drop_file *m);
enum err wire_get_drop(struct span payload, struct wire_drop_file *m);

#endif
