#include "client/parcel_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/parcel_name.h"
#include "platform/download.h"

/* Names that are tried: more files of one name are a mistake somewhere. */
#define LIMIT_CHOICES 10000

bool parcel_write_init(struct parcel_write *w, const char *directory)
{
    *w = (struct parcel_write){.directory = strdup(directory), .dirfd = -1, .fd = -1};
    return w->directory != NULL;
}

void parcel_write_rest(struct parcel_write *w)
{
    if (w->fd >= 0)
        close(w->fd);
    if (w->dirfd >= 0)
        close(w->dirfd);
    w->fd = w->dirfd = -1;
    for (size_t i = 0; i < 2; i++) {
        free(w->block[i].data);
        w->block[i] = (struct parcel_block){0};
    }
}

void parcel_write_free(struct parcel_write *w)
{
    parcel_write_rest(w);
    free(w->directory);
    w->directory = NULL;
}

static enum err fail(struct parcel_write *w, int failed)
{
    w->error = -failed;
    return failed == -ENOSPC || failed == -EDQUOT || failed == -EFBIG ? ERR_LIMIT : ERR_IO;
}

static enum err start_anew(struct parcel_write *w)
{
    digest_start(&w->digest);
    w->hashed = 0;
    return ftruncate(w->fd, 0) == 0 ? ERR_OK : fail(w, -errno);
}

/* Is there room for the rest? */
static enum err check_space(struct parcel_write *w)
{
    return w->size - w->there <= download_space(w->dirfd) ? ERR_OK : fail(w, -ENOSPC);
}

static enum err open_partial(struct parcel_write *w)
{
    enum err e = ERR_OK;

    if (w->fd >= 0)
        return ERR_OK;
    w->dirfd = download_open(w->directory);
    if (w->dirfd < 0)
        return fail(w, w->dirfd);
    w->fd = download_partial(w->dirfd, w->partial, &w->there);
    if (w->fd < 0)
        return fail(w, w->fd);
    digest_start(&w->digest);
    w->hashed = 0;
    if (w->anew || w->there > w->size) {
        w->there = 0;
        e = start_anew(w);
    }
    return e == ERR_OK ? check_space(w) : e;
}

static bool have_block(struct parcel_block *b)
{
    if (b->data == NULL)
        b->data = malloc(PARCEL_ROOM);
    return b->data != NULL;
}

/* A partial file that is shorter than it was a moment ago, or can't be read, is begun anew. */
static enum err hash_on(struct parcel_write *w)
{
    uint64_t left = w->there - w->hashed;
    ssize_t n = pread(w->fd, w->block[0].data, left < PARCEL_BLOCK ? (size_t)left : PARCEL_BLOCK,
                      (off_t)w->hashed);

    if (n <= 0) {
        w->there = 0;
        return start_anew(w);
    }
    digest_add(&w->digest, w->block[0].data, (size_t)n);
    w->hashed += (uint64_t)n;
    return ERR_OK;
}

static enum err open_it(struct parcel_write *w)
{
    enum err e = open_partial(w);
    uint64_t begin = w->hashed;

    if (e == ERR_OK && (!have_block(&w->block[0]) || !have_block(&w->block[1])))
        return ERR_MEMORY;
    while (e == ERR_OK && w->hashed < w->there && w->hashed - begin < PARCEL_STEP)
        e = hash_on(w);
    w->ready = e == ERR_OK && w->hashed == w->there;
    if (w->ready)
        digest_get(&w->digest, w->hash);
    return e;
}

static enum err write_block(struct parcel_write *w)
{
    struct parcel_block *b = &w->block[w->at_loop ^ 1];
    enum err e = ERR_OK;

    if (w->restart)
        e = start_anew(w);
    w->restart = false;
    for (b->used = 0; e == ERR_OK && b->used < b->len;) {
        ssize_t n =
            pwrite(w->fd, b->data + b->used, b->len - b->used, (off_t)(w->hashed + b->used));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            e = fail(w, n < 0 ? -errno : -EIO);
        else
            b->used += (size_t)n;
    }
    digest_add(&w->digest, b->data, b->used);
    w->hashed += b->used;
    b->len = b->used = 0;
    return e;
}

static enum err place(struct parcel_write *w)
{
    int failed = -EEXIST;

    for (unsigned n = 1; failed == -EEXIST && n < LIMIT_CHOICES; n++) {
        parcel_name_nth(w->placed, w->name, n);
        failed = download_place(w->dirfd, w->partial, w->placed);
    }
    if (failed == 0)
        failed = download_sync(w->dirfd);
    return failed == 0 ? ERR_OK : fail(w, failed);
}

static enum err end(struct parcel_write *w)
{
    uint8_t hash[DIGEST_SIZE];
    int failed;
    enum err e = w->restart ? start_anew(w) : ERR_OK;

    if (e != ERR_OK)
        return e;
    digest_get(&w->digest, hash);
    if (w->hashed != w->size || memcmp(hash, w->hash, sizeof hash) != 0)
        return ERR_BROKEN;
    failed = fchmod(w->fd, 0600) == 0 ? download_sync(w->fd) : -errno;
    return failed == 0 ? place(w) : fail(w, failed);
}

static enum err discard(struct parcel_write *w)
{
    if (w->dirfd < 0)
        w->dirfd = download_open(w->directory);
    if (w->dirfd >= 0)
        unlinkat(w->dirfd, w->partial, 0);
    parcel_write_rest(w);
    return ERR_OK;
}

void parcel_write_run(struct parcel_write *w)
{
    static enum err (*const jobs[])(struct parcel_write * w) = {
        [WRITE_OPEN] = open_it,
        [WRITE_BLOCK] = write_block,
        [WRITE_END] = end,
        [WRITE_DISCARD] = discard,
    };

    w->result = jobs[w->job](w);
}
