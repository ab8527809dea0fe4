#include "client/pins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/fingerprint.h"
#include "platform/file.h"

#define FIRST_LINE "den servers 1"
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
static enum err parse_file(struct pins *p, char *text, size_t len)
{
    uint8_t fingerprint[32];
    char *line;
    enum err e = ERR_OK;

    if (strlen(text) != len)
        return ERR_BROKEN;
    line = strsep(&text, "\n");
    if (strncmp(line, "den servers ", 12) != 0)
        return ERR_BROKEN;
    if (strcmp(line, FIRST_LINE) != 0)
        return ERR_VERSION;
    while (e == ERR_OK && (line = strsep(&text, "\n")) != NULL) {
        size_t place = strcspn(line, " ");

        if (text == NULL && *line == 0)
            break;
        if (place == 0 || place >= PINS_PLACE || line[place] == 0 ||
            !fingerprint_parse(fingerprint, line + place + 1))
            return ERR_BROKEN;
        line[place] = 0;
        if (pins_find(p, line) != NULL)
            return ERR_BROKEN;
        e = put(p, line, fingerprint);
    }
    return e;
}

enum err pins_open(struct pins *p, const char *path)
{
    struct file_bytes file = {0};
    int failed;
    enum err e;

    *p = (struct pins){0};
    if (path == NULL)
        return ERR_OK;
    p->path = strdup(path);
    if (p->path == NULL)
        return ERR_MEMORY;
    failed = file_read(&file, path, LIMIT_FILE, FILE_NOFOLLOW);
    if (failed == -ENOENT)
        return ERR_OK;
    errno = -failed;
    e = failed != 0 ? ERR_IO : parse_file(p, (char *)file.data, file.len);
    file_free(&file);
    return e;
}

void pins_close(struct pins *p)
{
    free(p->list);
    free(p->path);
    *p = (struct pins){0};
}

enum err pins_set(struct pins *p, const char *place, const uint8_t fingerprint[static 32])
{
    char text[FINGERPRINT_TEXT];
    struct buf out;
    int failed;
    enum err e = put(p, place, fingerprint);

    if (e != ERR_OK || p->path == NULL)
        return e;
    buf_init(&out, LIMIT_FILE);
    buf_add_text(&out, FIRST_LINE "\n");
    for (size_t i = 0; i < p->count; i++) {
        fingerprint_text(text, p->list[i].fingerprint);
        buf_printf(&out, "%s %s\n", p->list[i].place, text);
    }
    failed = out.failed ? -ENOMEM : file_write(p->path, out.data, out.len, 0600);
    buf_free(&out);
    errno = -failed;
    return failed == 0 ? ERR_OK : ERR_IO;
}
