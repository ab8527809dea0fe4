#include "client/pins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/listing.h"
#include "base/text.h"
#include "crypto/fingerprint.h"
#include "platform/file.h"
#include "platform/paths.h"

#define TITLE "den servers 1"
#define LIMIT_FILE (LIMIT_PINS * 400)

const uint8_t *pins_find(const struct pins *p, const char *place)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->list[i].place, place) == 0)
            return p->list[i].fingerprint;
    }
    return NULL;
}

const char *pins_place(const struct pins *p, const uint8_t fingerprint[static 32])
{
    for (size_t i = 0; i < p->count; i++) {
        if (memcmp(p->list[i].fingerprint, fingerprint, 32) == 0)
            return p->list[i].place;
    }
    return NULL;
}

static enum err put(struct pins *p, const char *place, const uint8_t fingerprint[static 32])
{
    struct pin_line *line = NULL;

    for (size_t i = 0; i < p->count && line == NULL; i++) {
        if (strcmp(p->list[i].place, place) == 0)
            line = &p->list[i];
    }
    if (line == NULL && p->count >= LIMIT_PINS)
        return ERR_LIMIT;
    if (line == NULL && p->count == p->cap) {
        size_t cap = p->cap == 0 ? 8 : 2 * p->cap;
        struct pin_line *grown = realloc(p->list, cap * sizeof *grown);

        if (grown == NULL)
            return ERR_MEMORY;
        p->list = grown;
        p->cap = cap;
    }
    if (line == NULL)
        line = &p->list[p->count++];
    snprintf(line->place, sizeof line->place, "%s", place);
    memcpy(line->fingerprint, fingerprint, 32);
    return ERR_OK;
}

/* What is not understood is refused, for the next save would lose it. */
static enum err take_line(void *owner, char *line)
{
    struct pins *p = owner;
    uint8_t fingerprint[32];
    size_t place = strcspn(line, " ");

    if (place == 0 || place >= PINS_PLACE || line[place] == 0 ||
        !fingerprint_parse(fingerprint, line + place + 1))
        return ERR_BROKEN;
    line[place] = 0;
    return pins_find(p, line) != NULL ? ERR_BROKEN : put(p, line, fingerprint);
}

enum err pins_open(struct pins *p, const char *path)
{
    *p = (struct pins){0};
    if (path == NULL)
        return ERR_OK;
    p->path = strdup(path);
    if (p->path == NULL)
        return ERR_MEMORY;
    return listing_read(path, LIMIT_FILE, TITLE, LISTING_ANY, take_line, p);
}

void pins_close(struct pins *p)
{
    free(p->list);
    free(p->path);
    *p = (struct pins){0};
}

static enum err write_file(const struct pins *p)
{
    char text[FINGERPRINT_TEXT];
    struct buf out;

    listing_begin(&out, LIMIT_FILE, TITLE);
    for (size_t i = 0; i < p->count; i++) {
        fingerprint_text(text, p->list[i].fingerprint);
        buf_printf(&out, "%s %s\n", p->list[i].place, text);
    }
    return listing_write(p->path, &out);
}

/* Another den may have written since: what it learned stays. */
static enum err set_locked(struct pins *p, const char *place, const uint8_t *fingerprint)
{
    struct pins disk;
    enum err e = pins_open(&disk, p->path);

    if (e == ERR_OK)
        e = put(&disk, place, fingerprint);
    if (e == ERR_OK)
        e = write_file(&disk);
    if (e == ERR_OK) {
        struct pins before = *p;

        *p = disk;
        disk = before;
    }
    pins_close(&disk);
    return e;
}

enum err pins_set(struct pins *p, const char *place, const uint8_t fingerprint[static 32])
{
    char lock_path[PATHS_MAX];
    enum err e = put(p, place, fingerprint);
    int lock, failed;

    if (e != ERR_OK || p->path == NULL)
        return e;
    if (snprintf(lock_path, sizeof lock_path, "%s.lock", p->path) >= (int)sizeof lock_path)
        return ERR_LIMIT;
    failed = file_lock_wait(lock_path, &lock);
    errno = -failed;
    if (failed != 0)
        return ERR_IO;
    e = set_locked(p, place, fingerprint);
    failed = errno;
    file_unlock(&lock);
    errno = failed;
    return e;
}
