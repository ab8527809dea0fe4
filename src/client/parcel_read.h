/* A file that is sent, as the worker has it: what it is, what it hashes to, and its bytes.
 *
 * A job is prepared by the loop, which then keeps off all of this until it has run. */
#ifndef DEN_CLIENT_PARCEL_READ_H
#define DEN_CLIENT_PARCEL_READ_H

#include <stdbool.h>

#include "base/err.h"
#include "client/parcel_block.h"
#include "crypto/digest.h"

enum parcel_read_job {
    READ_LOOK, /* what is it? sets mark; nothing stays open */
    READ_CHECK, /* opens it, and hashes the first `from` bytes, a step a job: `checked` when that is done */
    READ_BLOCK /* reads block[at_loop ^ 1] and hashes it; `whole` with the last one */
};

struct parcel_read {
    char *path; /* owned */
    struct parcel_mark mark;
    enum parcel_read_job job;
    uint64_t from;                /* where the bytes begin that are sent: 0 if the hash differed */
    uint8_t there[DIGEST_SIZE];   /* SHA-256 of what the receiver has */
    uint8_t hash[DIGEST_SIZE];    /* with whole: of all */
    struct parcel_block block[2]; /* one is the loop's */
    unsigned at_loop;
    bool checked, whole;
    int fd; /* -1: not open */
    struct digest digest;
    uint64_t hashed;
    /* How the last job went. ERR_IO (error tells), ERR_FORMAT: no regular file, ERR_EXISTS: it is not what
     * it was any more, ERR_MEMORY, ERR_LIMIT. */
    enum err result;
    int error;
};

/* path is copied. False without memory. */
bool parcel_read_init(struct parcel_read *r, const char *path);
/* Idempotent. */
void parcel_read_free(struct parcel_read *r);
/* Closes the file and gives the blocks back. */
void parcel_read_rest(struct parcel_read *r);
/* Does the job; on a worker. */
void parcel_read_run(struct parcel_read *r);

#endif
