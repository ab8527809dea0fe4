#include "client/parcel_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool parcel_read_init(struct parcel_read *r, const char *path)
{
    *r = (struct parcel_read){.path = strdup(path), .fd = -1};
    return r->path != NULL;
}

void parcel_read_rest(struct parcel_read *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    for (size_t i = 0; i < 2; i++) {
        free(r->block[i].data);
        r->block[i] = (struct parcel_block){0};
    }
}

void parcel_read_free(struct parcel_read *r)
{
    parcel_read_rest(r);
    free(r->path);
    r->path = NULL;
}

static enum err fail(struct parcel_read *r, enum err e)
{
    r->error = errno;
    return e;
}

static struct parcel_mark mark_of(const struct stat *st)
{
    return (struct parcel_mark){.device = st->st_dev,
                                .inode = st->st_ino,
                                .size = (uint64_t)st->st_size,
                                .mtime = (uint64_t)st->st_mtim.tv_sec * 1000000000 +
                                         (uint64_t)st->st_mtim.tv_nsec};
}

/* A pipe must not make us wait, nor a terminal become ours. */
static enum err open_file(struct parcel_read *r, struct parcel_mark *mark)
{
    struct stat st;

    r->fd = open(r->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (r->fd < 0 || fstat(r->fd, &st) != 0)
        return fail(r, ERR_IO);
    if (!S_ISREG(st.st_mode))
        return ERR_FORMAT;
    *mark = mark_of(&st);
    return ERR_OK;
}

static bool same(const struct parcel_mark *a, const struct parcel_mark *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->mtime == b->mtime;
}

static enum err look(struct parcel_read *r)
{
    enum err e = open_file(r, &r->mark);

    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    return e;
}

/* Fills the block with up to want bytes from where the hash is, and hashes them. */
static enum err read_on(struct parcel_read *r, struct parcel_block *b, size_t want)
{
    if (b->data == NULL)
        b->data = malloc(PARCEL_ROOM);
    if (b->data == NULL)
        return ERR_MEMORY;
    b->len = b->used = 0;
    while (b->len < want) {
        ssize_t n = pread(r->fd, b->data + b->len, want - b->len, (off_t)(r->hashed + b->len));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(r, ERR_IO);
        if (n == 0)
            return ERR_EXISTS; /* it became shorter */
        b->len += (size_t)n;
    }
    digest_add(&r->digest, b->data, b->len);
    r->hashed += b->len;
    return ERR_OK;
}

static size_t least(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

static enum err check_open(struct parcel_read *r)
{
    struct parcel_mark now;
    enum err e;

    if (r->fd >= 0)
        return ERR_OK;
    digest_start(&r->digest);
    r->hashed = 0;
    e = open_file(r, &now);
    return e == ERR_OK && !same(&r->mark, &now) ? ERR_EXISTS : e;
}

static enum err check(struct parcel_read *r)
{
    uint8_t here[DIGEST_SIZE];
    enum err e = check_open(r);
    uint64_t begin = r->hashed;

    while (e == ERR_OK && r->hashed < r->from && r->hashed - begin < PARCEL_STEP)
        e = read_on(r, &r->block[0], least(r->from - r->hashed, PARCEL_BLOCK));
    r->block[0].len = r->block[0].used = 0;
    r->checked = e == ERR_OK && r->hashed == r->from;
    if (!r->checked)
        return e;
    digest_get(&r->digest, here);
    if (memcmp(here, r->there, sizeof here) != 0) {
        digest_start(&r->digest);
        r->hashed = r->from = 0;
    }
    return ERR_OK;
}

static enum err read_block(struct parcel_read *r)
{
    struct stat st;
    struct parcel_mark now;
    enum err e =
        read_on(r, &r->block[r->at_loop ^ 1], least(r->mark.size - r->hashed, PARCEL_BLOCK));

    if (e != ERR_OK || r->hashed < r->mark.size)
        return e;
    r->whole = true;
    digest_get(&r->digest, r->hash);
    if (fstat(r->fd, &st) != 0)
        return fail(r, ERR_IO);
    now = mark_of(&st);
    return same(&r->mark, &now) ? ERR_OK : ERR_EXISTS;
}

void parcel_read_run(struct parcel_read *r)
{
    static enum err (*const jobs[])(struct parcel_read * r) = {
        [READ_LOOK] = look,
        [READ_CHECK] = check,
        [READ_BLOCK] = read_block,
    };

    r->result = jobs[r->job](r);
}
