#include "crypto/passphrase.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/wipe.h"
#include "platform/file.h"

#define FILE_MOST (16 * 1024)

static enum err tell(char why[static PASSPHRASE_WHY], const char *file, const char *text)
{
    snprintf(why, PASSPHRASE_WHY, "passphrase file %.150s: %s", file, text);
    return ERR_PASSPHRASE;
}

static enum err take_line(struct passphrase *out, const struct file_bytes *f, const char *file,
                          char why[static PASSPHRASE_WHY])
{
    const uint8_t *end = f->len > 0 ? memchr(f->data, '\n', f->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - f->data) : f->len;

    if ((f->mode & 077) != 0 || (f->owner != geteuid() && f->owner != 0))
        return tell(why, file, "others may read or write it; make it yours alone: chmod 600");
    if (len > LIMIT_PASSPHRASE)
        return tell(why, file, "its first line is longer than 1024 bytes");
    if (len > 0 && memchr(f->data, 0, len) != NULL)
        return tell(why, file, "its first line has a NUL");
    if (len > 0)
        memcpy(out->text, f->data, len);
    out->len = len;
    return ERR_OK;
}

enum err passphrase_read(struct passphrase *out, const char *file, char why[static PASSPHRASE_WHY])
{
    struct file_bytes f;
    enum err e;
    int result = file_read(&f, file, FILE_MOST, FILE_FOLLOW);

    *out = (struct passphrase){.len = 0};
    if (result != 0)
        return tell(why, file, result == -EINVAL ? "not a regular file" : strerror(-result));
    e = take_line(out, &f, file, why);
    file_free(&f);
    return e;
}

enum err passphrase_get(struct passphrase_source *s, enum passphrase_for what, const char *path,
                        struct passphrase *out)
{
    enum err e;

    *out = (struct passphrase){.len = 0};
    if (s->file != NULL)
        return passphrase_read(out, s->file, s->why);
    e = s->ask == NULL ? ERR_UNKNOWN : s->ask(what, path, out);
    if (e == ERR_OK)
        return ERR_OK;
    passphrase_wipe(out);
    snprintf(s->why, sizeof s->why, "%s",
             e == ERR_UNKNOWN ? "it has a passphrase, and there is no terminal to ask on: give "
                                "--passphrase-file"
             : e == ERR_LIMIT ? "that passphrase is longer than 1024 bytes"
                              : "can't read a passphrase from the terminal");
    return ERR_PASSPHRASE;
}

/* Asks twice; ERR_UNKNOWN if they differ. */
static enum err ask_twice(struct passphrase_source *s, enum passphrase_for what, const char *path,
                          struct passphrase *out)
{
    struct passphrase repeat;
    enum err e = passphrase_get(s, what, path, out);

    if (e != ERR_OK || s->file != NULL)
        return e;
    e = passphrase_get(s, PASSPHRASE_REPEAT, path, &repeat);
    if (e == ERR_OK && (repeat.len != out->len || !bytes_equal(repeat.text, out->text, out->len)))
        e = ERR_UNKNOWN;
    passphrase_wipe(&repeat);
    return e;
}

enum err passphrase_get_new(struct passphrase_source *s, const char *path, struct passphrase *out)
{
    enum err e = ERR_UNKNOWN;

    for (unsigned i = 0; e == ERR_UNKNOWN && i < PASSPHRASE_TRIES; i++)
        e = ask_twice(s, i == 0 ? PASSPHRASE_NEW : PASSPHRASE_ANEW, path, out);
    if (e == ERR_UNKNOWN) {
        snprintf(s->why, sizeof s->why, "the two passphrases were not the same");
        e = ERR_PASSPHRASE;
    }
    if (e != ERR_OK)
        passphrase_wipe(out);
    return e;
}

struct span passphrase_span(const struct passphrase *p)
{
    return (struct span){(const uint8_t *)p->text, p->len};
}

void passphrase_wipe(struct passphrase *p)
{
    wipe(p, sizeof *p);
}
