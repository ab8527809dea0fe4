#include "client/ids.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "platform/file.h"
#include "platform/paths.h"

enum err ids_open(struct ids *ids, const char *path)
{
    *ids = (struct ids){.block = IDS_BLOCK};
    if (path == NULL)
        return ERR_OK;
    ids->path = strdup(path);
    return ids->path == NULL ? ERR_MEMORY : ERR_OK;
}

void ids_close(struct ids *ids)
{
    free(ids->path);
    ids->path = NULL;
}

/* The first number that nobody has reserved; 0 if there is no file yet. */
static enum err read_mark(const char *path, uint64_t *mark)
{
    struct file_bytes file = {0};
    int failed = file_read(&file, path, 64, FILE_NOFOLLOW);
    enum err e = ERR_OK;

    *mark = 0;
    if (failed == -ENOENT)
        return ERR_OK;
    errno = -failed;
    if (failed != 0)
        return ERR_IO;
    if (file.len > 0 && file.data[file.len - 1] == '\n')
        file.data[file.len - 1] = 0;
    if (strlen((const char *)file.data) + 1 < file.len ||
        !text_to_u64((const char *)file.data, UINT64_MAX - IDS_BLOCK_MOST, mark))
        e = ERR_BROKEN;
    file_free(&file);
    return e;
}

static enum err reserve_locked(struct ids *ids, uint64_t least)
{
    char text[32];
    uint64_t mark;
    int failed, len;
    enum err e = read_mark(ids->path, &mark);

    if (e != ERR_OK)
        return e;
    if (mark < least)
        mark = least;
    len = snprintf(text, sizeof text, "%llu\n", (unsigned long long)(mark + ids->block));
    failed = file_write(ids->path, text, (size_t)len, 0600);
    errno = -failed;
    if (failed != 0)
        return ERR_IO;
    ids->next = mark;
    ids->end = mark + ids->block;
    if (ids->block < IDS_BLOCK_MOST)
        ids->block *= 2;
    return ERR_OK;
}

static enum err reserve(struct ids *ids, uint64_t least)
{
    char lock_path[PATHS_MAX];
    int lock = -1, failed;
    enum err e;

    if (ids->path == NULL) {
        ids->next = ids->next > least ? ids->next : least;
        ids->end = UINT64_MAX;
        return ERR_OK;
    }
    if (snprintf(lock_path, sizeof lock_path, "%s.lock", ids->path) >= (int)sizeof lock_path)
        return ERR_LIMIT;
    failed = file_lock_wait(lock_path, &lock);
    errno = -failed;
    if (failed != 0)
        return ERR_IO;
    e = reserve_locked(ids, least);
    file_unlock(&lock);
    return e;
}

enum err ids_next(struct ids *ids, uint64_t wall_ms, uint64_t *out)
{
    uint64_t least = wall_ms << 20;
    enum err e = ERR_OK;

    /* Time goes on within a block too; what it passes over is lost, and there is enough. */
    if (ids->next < least && least < ids->end)
        ids->next = least;
    if (ids->next >= ids->end || ids->next < least)
        e = reserve(ids, least);
    if (e == ERR_OK)
        *out = ids->next++;
    return e;
}
