/* A file that comes, as the worker has it: its partial file, what that hashes to, and its last name.
 *
 * A job is prepared by the loop, which then keeps off all of this until it has run. */
#ifndef DEN_CLIENT_PARCEL_WRITE_H
#define DEN_CLIENT_PARCEL_WRITE_H

#include <stdbool.h>

#include "base/err.h"
#include "client/parcel_block.h"
#include "crypto/digest.h"

#define PARCEL_PARTIAL 48 /* of a partial file's name, with its NUL */

enum parcel_write_job {
    WRITE_OPEN,  /* opens the partial file and hashes it, a step a job: `ready` when that is done */
    WRITE_BLOCK, /* writes block[at_loop ^ 1] and hashes it, after `restart` all anew */
    WRITE_END,   /* the whole must hash to `hash`; then it gets its name and lasts */
    WRITE_DISCARD /* removes what there is */
};

struct parcel_write {
    char *directory; /* owned */
    char partial[PARCEL_PARTIAL];
    char name[LIMIT_FILE_NAME + 1]; /* which it shall have */
    uint64_t size;
    enum parcel_write_job job;
    bool anew;                    /* what is there is of no use */
    bool restart;                 /* the bytes begin at 0, whatever is there */
    uint8_t hash[DIGEST_SIZE];    /* before: what the whole must be. With ready: of what is there */
    struct parcel_block block[2]; /* one is the loop's */
    unsigned at_loop;
    bool ready;
    char placed[LIMIT_FILE_NAME + 1]; /* after WRITE_END: what it is called */
    int dirfd, fd;                    /* -1: not open */
    struct digest digest;
    uint64_t there, hashed;
    /* How the last job went. ERR_IO (error tells), ERR_LIMIT: not enough space, ERR_BROKEN: not what it
     * should hash to, ERR_MEMORY. */
    enum err result;
    int error;
};

/* directory is copied. False without memory. */
bool parcel_write_init(struct parcel_write *w, const char *directory);
/* Idempotent. */
void parcel_write_free(struct parcel_write *w);
/* Closes the files and gives the blocks back. */
void parcel_write_rest(struct parcel_write *w);
/* Does the job; on a worker. */
void parcel_write_run(struct parcel_write *w);

#endif
