#include "server/invites.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/listing.h"
#include "base/text.h"
#include "crypto/fingerprint.h"

#define TITLE "den invites 1"
#define LINE_MAX_BYTES (10 + 2 * INVITATION_HASH + 20 + LIMIT_NAME + FINGERPRINT_TEXT + 8)
#define LIMIT_FILE (LIMIT_INVITES * LINE_MAX_BYTES + 64)
#define LIMIT_ID 999999999
#define LIMIT_UNTIL INT64_C(100000000000)

const struct invite *invites_find(const struct invites *v,
                                  const uint8_t code[static SIZE_INVITATION], const char *name,
                                  const uint8_t fingerprint[static SIZE_FINGERPRINT], int64_t now)
{
    const struct invite *found = NULL;
    uint8_t hash[INVITATION_HASH];

    invitation_hash(hash, code);
    for (size_t i = 0; i < v->count; i++) {
        const struct invite *one = &v->list[i];

        if (!bytes_equal(one->hash, hash, sizeof hash) || now >= one->until)
            continue;
        if ((one->name[0] == 0 || text_name_same(one->name, name)) &&
            (!one->used || bytes_equal(one->by, fingerprint, SIZE_FINGERPRINT)))
            found = one;
    }
    return found;
}

static bool have(const struct invites *v, const struct invite *new)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->list[i].id == new->id || bytes_equal(v->list[i].hash, new->hash, INVITATION_HASH))
            return true;
    }
    return false;
}

static enum err append(struct invites *v, const struct invite *new)
{
    if (v->count >= LIMIT_INVITES || new->id > LIMIT_ID)
        return ERR_LIMIT;
    if (v->count == v->cap) {
        size_t cap = v->cap == 0 ? 16 : 2 * v->cap;
        struct invite *list = realloc(v->list, cap * sizeof *list);

        if (list == NULL)
            return ERR_MEMORY;
        v->list = list;
        v->cap = cap;
    }
    v->list[v->count++] = *new;
    if (new->id > v->last)
        v->last = new->id;
    return ERR_OK;
}

static bool parse_line(char *line, struct invite *out)
{
    const char *id = strsep(&line, " "), *hash = strsep(&line, " "), *until = strsep(&line, " ");
    const char *name = strsep(&line, " "), *by = strsep(&line, " ");
    uint64_t number, seconds;

    *out = (struct invite){0};
    if (by == NULL || line != NULL || !text_to_u64(id, LIMIT_ID, &number) || number == 0 ||
        !text_to_u64(until, LIMIT_UNTIL, &seconds) ||
        !text_from_hex(out->hash, INVITATION_HASH, hash))
        return false;
    out->id = (uint32_t)number;
    out->until = (int64_t)seconds;
    out->used = strcmp(by, "-") != 0;
    if (out->used && !fingerprint_parse(out->by, by))
        return false;
    if (strcmp(name, "*") == 0)
        return true;
    if (!text_name_valid(name, strlen(name)))
        return false;
    memcpy(out->name, name, strlen(name));
    return true;
}

/* What is not understood is refused: a mark of use that was lost would let somebody in. */
static enum err take_line(void *owner, char *line)
{
    struct invites *v = owner;
    struct invite one;

    return parse_line(line, &one) && !have(v, &one) ? append(v, &one) : ERR_BROKEN;
}

enum err invites_open(struct invites *v, const char *path)
{
    enum err e;

    *v = (struct invites){.path = strdup(path)};
    if (v->path == NULL)
        return ERR_MEMORY;
    e = listing_read(path, LIMIT_FILE, TITLE, LISTING_WHOLE, take_line, v);
    if (e != ERR_OK)
        invites_close(v);
    return e;
}

void invites_close(struct invites *v)
{
    free(v->path);
    free(v->list);
    *v = (struct invites){0};
}

static void put_line(struct buf *out, const struct invite *one)
{
    char hash[2 * INVITATION_HASH + 1], by[FINGERPRINT_TEXT] = "-";

    text_hex(hash, one->hash, sizeof one->hash);
    if (one->used)
        fingerprint_text(by, one->by);
    buf_printf(out, "%lu %s %lld %s %s\n", (unsigned long)one->id, hash, (long long)one->until,
               one->name[0] != 0 ? one->name : "*", by);
}

static enum err save(const struct invites *v)
{
    struct buf out;

    if (v->path == NULL)
        return ERR_OK;
    listing_begin(&out, LIMIT_FILE, TITLE);
    for (size_t i = 0; i < v->count; i++)
        put_line(&out, &v->list[i]);
    return listing_write(v->path, &out);
}

static void drop_old(struct invites *v, int64_t now)
{
    size_t kept = 0;

    for (size_t i = 0; i < v->count; i++) {
        if (now < v->list[i].until)
            v->list[kept++] = v->list[i];
    }
    v->count = kept;
}

enum err invites_add(struct invites *v, struct invite *new, int64_t now)
{
    enum err e;

    drop_old(v, now);
    new->id = v->last + 1;
    new->used = false;
    e = append(v, new);
    if (e != ERR_OK)
        return e;
    e = save(v);
    if (e != ERR_OK)
        v->count--;
    return e;
}

enum err invites_use(struct invites *v, const struct invite *which,
                     const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    struct invite *one = &v->list[which - v->list];
    enum err e;

    if (one->used)
        return bytes_equal(one->by, fingerprint, SIZE_FINGERPRINT) ? ERR_OK : ERR_EXISTS;
    one->used = true;
    memcpy(one->by, fingerprint, sizeof one->by);
    e = save(v);
    if (e != ERR_OK)
        one->used = false;
    return e;
}

enum err invites_remove(struct invites *v, uint32_t id)
{
    struct invite removed;
    size_t at = 0;
    enum err e;

    while (at < v->count && v->list[at].id != id)
        at++;
    if (at == v->count)
        return ERR_UNKNOWN;
    removed = v->list[at];
    v->count--;
    memmove(v->list + at, v->list + at + 1, (v->count - at) * sizeof *v->list);
    e = save(v);
    if (e != ERR_OK) {
        memmove(v->list + at + 1, v->list + at, (v->count - at) * sizeof *v->list);
        v->list[at] = removed;
        v->count++;
    }
    return e;
}
