#include "client/unsent.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/text.h"
#include "platform/file.h"
#include "platform/paths.h"

#define MAGIC "DENUNSNT"
#define VERSION 1
#define HEAD (8 + 4 + 2 * SIZE_FINGERPRINT + LIMIT_NAME + 1)
#define CRC 4
#define SUFFIX ".sealed"
#define NAME_LEN (16 + sizeof SUFFIX - 1)

static bool file_path(char out[static PATHS_MAX], const char *dir, uint64_t id)
{
    char name[NAME_LEN + 1];

    snprintf(name, sizeof name, "%016llx" SUFFIX, (unsigned long long)id);
    return paths_join(out, dir, name);
}

enum err unsent_keep(const char *dir, const struct unsent *u)
{
    char path[PATHS_MAX];
    uint8_t *end;
    struct buf out;
    int failed;

    if (!file_path(path, dir, u->id))
        return ERR_LIMIT;
    buf_init(&out, HEAD + LIMIT_ENVELOPE + CRC);
    buf_add(&out, MAGIC, 8);
    buf_add(&out, (const uint8_t[4]){VERSION}, 4);
    buf_add(&out, u->server, sizeof u->server);
    buf_add(&out, u->to, sizeof u->to);
    buf_add(&out, u->name, sizeof u->name);
    buf_add(&out, u->envelope.data, u->envelope.len);
    end = buf_reserve(&out, CRC);
    if (end == NULL) {
        buf_free(&out);
        return ERR_MEMORY;
    }
    bytes_put32le(end, bytes_crc32c(0, out.data, out.len));
    buf_grew(&out, CRC);
    failed = file_make_directory(dir);
    if (failed == 0)
        failed = file_write(path, out.data, out.len, 0600);
    buf_free(&out);
    errno = -failed;
    return failed == 0 ? ERR_OK : ERR_IO;
}

void unsent_drop(const char *dir, uint64_t id)
{
    char path[PATHS_MAX];

    if (file_path(path, dir, id))
        unlink(path);
}

/* u borrows from the bytes. */
static enum err parse(struct unsent *u, const uint8_t *p, size_t len)
{
    if (len < HEAD + CRC || memcmp(p, MAGIC, 8) != 0)
        return ERR_BROKEN;
    if (bytes_get32le(p + 8) != VERSION)
        return ERR_VERSION;
    if (bytes_get32le(p + len - CRC) != bytes_crc32c(0, p, len - CRC) || p[HEAD - 1] != 0)
        return ERR_BROKEN;
    memcpy(u->server, p + 12, SIZE_FINGERPRINT);
    memcpy(u->to, p + 12 + SIZE_FINGERPRINT, SIZE_FINGERPRINT);
    memcpy(u->name, p + 12 + 2 * SIZE_FINGERPRINT, sizeof u->name);
    u->envelope = (struct span){p + HEAD, len - HEAD - CRC};
    return text_name_valid(u->name, strlen(u->name)) ? ERR_OK : ERR_BROKEN;
}

/* Sixteen lower-case digits and the suffix. */
static bool is_id(const char *name, uint64_t *id)
{
    uint8_t bytes[8];
    char digits[17];

    if (strlen(name) != NAME_LEN || strcmp(name + 16, SUFFIX) != 0)
        return false;
    memcpy(digits, name, 16);
    digits[16] = 0;
    if (!text_from_hex(bytes, sizeof bytes, digits))
        return false;
    *id = bytes_get64(bytes);
    return true;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The ids of the directory, rising. */
static enum err list_ids(const char *dir, uint64_t *ids, size_t *count)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    *count = 0;
    if (d == NULL)
        return errno == ENOENT ? ERR_OK : ERR_IO;
    while (*count < LIMIT_UNSENT && (e = readdir(d)) != NULL) {
        if (is_id(e->d_name, &ids[*count]))
            ++*count;
    }
    closedir(d);
    qsort(ids, *count, sizeof *ids, by_value);
    return ERR_OK;
}

static enum err give(const char *dir, uint64_t id, const uint8_t *server,
                     enum err (*take)(void *owner, const struct unsent *u), void *owner,
                     size_t *broken)
{
    struct unsent u = {.id = id};
    struct file_bytes file = {0};
    char path[PATHS_MAX];
    enum err e = ERR_OK;

    if (!file_path(path, dir, id) ||
        file_read(&file, path, HEAD + LIMIT_ENVELOPE + CRC, FILE_NOFOLLOW) != 0 ||
        parse(&u, file.data, file.len) != ERR_OK)
        ++*broken;
    else if (memcmp(u.server, server, SIZE_FINGERPRINT) == 0)
        e = take(owner, &u);
    file_free(&file);
    return e;
}

enum err unsent_each(const char *dir, const uint8_t server[static SIZE_FINGERPRINT],
                     enum err (*take)(void *owner, const struct unsent *u), void *owner,
                     size_t *broken)
{
    uint64_t *ids = calloc(LIMIT_UNSENT, sizeof *ids);
    size_t count = 0;
    enum err e = ids == NULL ? ERR_MEMORY : list_ids(dir, ids, &count);

    *broken = 0;
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        e = give(dir, ids[i], server, take, owner, broken);
    free(ids);
    return e;
}
