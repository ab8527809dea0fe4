#include "server/bans.h"

#include <stdlib.h>
#include <string.h>

#include "base/listing.h"
#include "base/text.h"
#include "crypto/fingerprint.h"

#define TITLE "den bans 1"
#define LIMIT_FILE (LIMIT_BANS * (FINGERPRINT_TEXT + LIMIT_NAME + 2) + 64)

const struct ban *bans_find(const struct bans *b,
                            const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    for (size_t i = 0; i < b->count; i++) {
        if (memcmp(b->list[i].fingerprint, fingerprint, SIZE_FINGERPRINT) == 0)
            return &b->list[i];
    }
    return NULL;
}

static enum err append(struct bans *b, const struct ban *new)
{
    if (bans_find(b, new->fingerprint) != NULL)
        return ERR_EXISTS;
    if (b->count >= LIMIT_BANS)
        return ERR_LIMIT;
    if (b->count == b->cap) {
        size_t cap = b->cap == 0 ? 16 : 2 * b->cap;
        struct ban *list = realloc(b->list, cap * sizeof *list);

        if (list == NULL)
            return ERR_MEMORY;
        b->list = list;
        b->cap = cap;
    }
    b->list[b->count++] = *new;
    return ERR_OK;
}

static bool parse_line(char *line, struct ban *out)
{
    char *name = strchr(line, ' ');

    *out = (struct ban){0};
    if (name != NULL) {
        *name++ = 0;
        if (!text_name_valid(name, strlen(name)))
            return false;
        memcpy(out->name, name, strlen(name));
    }
    return fingerprint_parse(out->fingerprint, line);
}

/* What is not understood is refused: a ban that was lost would let somebody in. */
static enum err take_line(void *owner, char *line)
{
    struct ban one;
    enum err e = parse_line(line, &one) ? append(owner, &one) : ERR_BROKEN;

    return e == ERR_EXISTS ? ERR_BROKEN : e;
}

enum err bans_open(struct bans *b, const char *path)
{
    enum err e;

    *b = (struct bans){.path = strdup(path)};
    if (b->path == NULL)
        return ERR_MEMORY;
    /* Whole lines only, or a name may have been cut. */
    e = listing_read(path, LIMIT_FILE, TITLE, LISTING_WHOLE, take_line, b);
    if (e != ERR_OK)
        bans_close(b);
    return e;
}

void bans_close(struct bans *b)
{
    free(b->path);
    free(b->list);
    *b = (struct bans){0};
}

static enum err save(const struct bans *b)
{
    char text[FINGERPRINT_TEXT];
    struct buf out;

    if (b->path == NULL)
        return ERR_OK;
    listing_begin(&out, LIMIT_FILE, TITLE);
    for (size_t i = 0; i < b->count; i++) {
        const struct ban *one = &b->list[i];

        fingerprint_text(text, one->fingerprint);
        buf_printf(&out, "%s%s%s\n", text, one->name[0] != 0 ? " " : "", one->name);
    }
    return listing_write(b->path, &out);
}

enum err bans_add(struct bans *b, const struct ban *new)
{
    enum err e = append(b, new);

    if (e != ERR_OK)
        return e;
    e = save(b);
    if (e != ERR_OK)
        b->count--;
    return e;
}

enum err bans_remove(struct bans *b, const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    const struct ban *found = bans_find(b, fingerprint);
    size_t at = found == NULL ? 0 : (size_t)(found - b->list);
    struct ban removed;
    enum err e;

    if (found == NULL)
        return ERR_UNKNOWN;
    removed = *found;
    b->count--;
    memmove(b->list + at, b->list + at + 1, (b->count - at) * sizeof *b->list);
    e = save(b);
    if (e != ERR_OK) {
        memmove(b->list + at + 1, b->list + at, (b->count - at) * sizeof *b->list);
        b->list[at] = removed;
        b->count++;
    }
    return e;
}
