#include "client/parcel_store.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "client/client.h"
#include "platform/file.h"

#define MAGIC "DENPARCL"
#define VERSION 1
#define FLAG_OUT 1
#define FLAG_ONCE 2
#define ID 16
#define CRC 4
#define HEAD                                                                       \
    (8 + 4 + 4 + 2 * SIZE_FINGERPRINT + SIZE_FILE_TOKEN + 3 * 8 + LIMIT_NAME + 1 + \
     LIMIT_FILE_NAME + 1 + 2)

static bool directory(const struct client *c, char out[static PATHS_MAX])
{
    return !c->config->ephemeral && c->config->state != NULL &&
           paths_join(out, c->config->state, "parcels");
}

bool parcel_store_name(struct parcel *p)
{
    uint8_t id[DIGEST_SIZE];
    char hex[2 * ID + 1], name[2 * ID + 8], parcels[PATHS_MAX];
    struct digest d;

    digest_start(&d);
    digest_add(&d, p->key, sizeof p->key);
    digest_add(&d, p->token, sizeof p->token);
    digest_get(&d, id);
    text_hex(hex, id, ID);
    snprintf(p->write.partial, sizeof p->write.partial, ".den-%s.part", hex);
    snprintf(name, sizeof name, "%s.%s", hex, p->out ? "out" : "in");
    return directory(p->client, parcels) && paths_join(p->record_path, parcels, name);
}

static void add64(struct buf *b, uint64_t v)
{
    uint8_t bytes[8];

    bytes_put64le(bytes, v);
    buf_add(b, bytes, sizeof bytes);
}

static void add32(struct buf *b, uint32_t v)
{
    uint8_t bytes[4];

    bytes_put32le(bytes, v);
    buf_add(b, bytes, sizeof bytes);
}

void parcel_store_keep(struct parcel *p)
{
    const struct client *c = p->client;
    const char *path = p->out ? p->read.path : p->write.directory;
    size_t len = strlen(path);
    struct buf *b = &p->record;

    buf_clear(b);
    if (!parcel_store_name(p) || len >= PATHS_MAX)
        return;
    buf_add(b, MAGIC, 8);
    add32(b, VERSION);
    add32(b, (p->out ? FLAG_OUT : 0u) |
                 (c->config->one_shot && !c->config->receives ? FLAG_ONCE : 0u));
    buf_add(b, c->server.fingerprint, SIZE_FINGERPRINT);
    buf_add(b, p->key, sizeof p->key);
    buf_add(b, p->token, sizeof p->token);
    add64(b, p->size);
    add64(b, p->mtime);
    add64(b, p->agreed_size);
    buf_add(b, p->peer, sizeof p->peer);
    buf_add(b, p->name, sizeof p->name);
    buf_add(b, (const uint8_t[]){(uint8_t)len, (uint8_t)(len >> 8)}, 2);
    buf_add(b, path, len);
    add32(b, bytes_crc32c(0, b->data, b->failed ? 0 : b->len));
    if (b->failed)
        buf_clear(b);
    p->kept = b->len > 0;
}

/* Takes what the record says of p; *path is set where it stands in the bytes, which a NUL follows. */
static bool parse(struct parcel *p, uint8_t *bytes, size_t len, const char **path)
{
    uint8_t *at = bytes + 16 + SIZE_FINGERPRINT;
    size_t path_len;

    memcpy(p->key, at, sizeof p->key);
    memcpy(p->token, at + 32, sizeof p->token);
    at += 32 + SIZE_FILE_TOKEN;
    p->size = bytes_get64le(at);
    p->mtime = bytes_get64le(at + 8);
    p->agreed_size = bytes_get64le(at + 16);
    memcpy(p->peer, at + 24, sizeof p->peer);
    memcpy(p->name, at + 24 + sizeof p->peer, sizeof p->name);
    at += 24 + sizeof p->peer + sizeof p->name;
    path_len = at[0] | (size_t)at[1] << 8;
    if (path_len != len - HEAD - CRC || p->peer[LIMIT_NAME] != 0 || p->name[LIMIT_FILE_NAME] != 0 ||
        !text_name_valid(p->peer, strlen(p->peer)) || p->name[0] == 0 ||
        strchr(p->name, '/') != NULL || p->size > LIMIT_PARCEL_SIZE)
        return false;
    bytes[HEAD + path_len] = 0;
    *path = (const char *)bytes + HEAD;
    return path_len > 0 && strlen(*path) == path_len;
}

static bool whole(const uint8_t *bytes, size_t len)
{
    return len >= HEAD + CRC && memcmp(bytes, MAGIC, 8) == 0 &&
           bytes_get32le(bytes + 8) == VERSION &&
           bytes_get32le(bytes + len - CRC) == bytes_crc32c(0, bytes, len - CRC);
}

static void take(struct client *c, uint8_t *bytes, size_t len, bool once)
{
    uint32_t flags = bytes_get32le(bytes + 12);
    bool out = (flags & FLAG_OUT) != 0, good;
    const char *path;
    struct parcel *p;

    if (((flags & FLAG_ONCE) != 0) != once ||
        (out && memcmp(bytes + 16, c->server.fingerprint, SIZE_FINGERPRINT) != 0))
        return;
    p = parcels_add(c, out);
    if (p == NULL)
        return;
    good = parse(p, bytes, len, &path) &&
           (out ? parcel_read_init(&p->read, path) : parcel_write_init(&p->write, path));
    p->state = PARCEL_WAITS;
    p->agreed = p->linked = true;
    p->kept = good && parcel_store_name(p);
    memcpy(p->write.name, p->name, sizeof p->name);
    p->write.size = p->size;
    if (good)
        return;
    parcel_finish(p, PARCEL_FAILED);
    p->told = true;
    p->discard = false;
}

void parcel_store_load(struct client *c, bool once)
{
    char parcels[PATHS_MAX], path[PATHS_MAX];
    struct file_bytes file;
    struct dirent *e;
    DIR *d;

    if (!directory(c, parcels) || file_make_directory(parcels) != 0)
        return;
    d = opendir(parcels);
    while (d != NULL && (e = readdir(d)) != NULL) {
        const char *dot = strrchr(e->d_name, '.');

        if (dot == NULL || (strcmp(dot, ".out") != 0 && strcmp(dot, ".in") != 0) ||
            !paths_join(path, parcels, e->d_name) ||
            file_read(&file, path, PARCEL_RECORD, FILE_NOFOLLOW) != 0)
            continue;
        if (whole(file.data, file.len))
            take(c, file.data, file.len, once);
        file_free(&file);
    }
    if (d != NULL)
        closedir(d);
}
