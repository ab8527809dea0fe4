/* Small files: read whole, replaced whole, and a lock for a directory.
 *
 * All functions return 0 or a negative errno, and never leave a descriptor open on failure. */
#ifndef DEN_PLATFORM_FILE_H
#define DEN_PLATFORM_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What was read. */
struct file_bytes {
    uint8_t *data; /* owned; followed by a NUL that len does not count */
    size_t len;
    mode_t mode; /* permission bits at the time of reading */
    uid_t owner;
};

enum file_links { FILE_FOLLOW, FILE_NOFOLLOW };

/* Reads a regular file of at most limit bytes; -EFBIG if it is longer, -EINVAL if it is not a
 * regular file (and never waits for one that is a pipe), -ELOOP for a link with FILE_NOFOLLOW, -EBUSY
 * if it grew while it was read. */
int file_read(struct file_bytes *out, const char *path, size_t limit, enum file_links links);
/* Wipes and frees. Idempotent; allowed (and not needed) after file_read failed. */
void file_free(struct file_bytes *f);

/* Writes all of it to a descriptor that blocks. */
int file_put(int fd, const void *data, size_t len);

/* Replaces the file at path: after a crash at any moment the old or the new content is there,
 * whole. The mode is exact, whatever the umask. On failure the old file is untouched, unless it is the
 * very last step, the directory's sync, that fails. */
int file_write(const char *path, const void *data, size_t len, mode_t mode);

/* Makes the directory and its missing parents; what it makes has mode 0700 for the last part and
 * 0755 (less the umask) for parents. 0 if it is there already, whatever its mode. */
int file_make_directory(const char *path);

/* Makes the file if need be and takes a lock on it that ends with the descriptor (and so with the
 * process): -EWOULDBLOCK if another holds it. Sets *fd, which file_unlock closes and makes -1. */
int file_lock(const char *path, int *fd);
/* The same, but waits: for locks that everybody holds for the writing of one small file. */
int file_lock_wait(const char *path, int *fd);
void file_unlock(int *fd);

#endif
