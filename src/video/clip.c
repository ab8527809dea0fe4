#include "video/clip.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "video/folder.h"

#define CLIP_FILE 24 /* bytes of the longest name of a rendition or its index, with its NUL */

static enum err clip_say(char why[static LIMIT_REASON], enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err clip_say(char why[static LIMIT_REASON], enum err e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, LIMIT_REASON, format, args);
    va_end(args);
    return e;
}

static enum err clip_conf(int dir, struct clip *c, char why[static LIMIT_REASON])
{
    struct conf conf = {0};
    struct buf text;
    enum err e;

    buf_init(&text, LIMIT_CONF);
    e = folder_read(dir, "clip.conf", &text);
    if (e == ERR_UNKNOWN)
        e = clip_say(why, ERR_FORMAT, "clip %s has no clip.conf, which gives its fps", c->name);
    else if (e != ERR_OK)
        clip_say(why, e, "clip.conf of clip %s: %s", c->name, err_text(e));
    else
        e = conf_parse(text.data, text.len, NULL, NULL, &conf, why);
    buf_free(&text);
    if (e != ERR_OK)
        return e;
    c->fps = conf.fps;
    snprintf(c->title, sizeof c->title, "%s", *conf.title != 0 ? conf.title : c->name);
    return ERR_OK;
}

/* True for <height>p.mjpeg. */
static bool clip_is_rendition(const char *name, unsigned *height)
{
    size_t digits = strspn(name, "0123456789");
    char text[8];
    uint64_t n;

    if (digits == 0 || digits >= sizeof text || *name == '0' ||
        strcmp(name + digits, "p.mjpeg") != 0)
        return false;
    memcpy(text, name, digits);
    text[digits] = 0;
    if (!text_to_u64(text, LIMIT_HEIGHT, &n))
        return false;
    *height = (unsigned)n;
    return true;
}

/* Puts a height in its place; false if there is no room. */
static bool clip_insert(struct clip *c, unsigned height)
{
    size_t i = c->count;

    if (c->count == LIMIT_RENDITIONS)
        return false;
    for (; i > 0 && c->heights[i - 1] > height; i--)
        c->heights[i] = c->heights[i - 1];
    c->heights[i] = height;
    c->count++;
    return true;
}

static enum err clip_find(int dir, struct clip *c, char why[static LIMIT_REASON])
{
    const struct dirent *entry;
    int again = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    DIR *d = again < 0 ? NULL : fdopendir(again);
    unsigned height;
    enum err e = ERR_OK;

    if (d == NULL) {
        if (again >= 0)
            close(again);
        return clip_say(why, ERR_IO, "clip %s: %s", c->name, err_text(ERR_IO));
    }
    while (e == ERR_OK && (entry = readdir(d)) != NULL)
        if (clip_is_rendition(entry->d_name, &height) && !clip_insert(c, height))
            e = clip_say(why, ERR_LIMIT, "clip %s has more than %d renditions", c->name,
                         LIMIT_RENDITIONS);
    closedir(d);
    if (e == ERR_OK && c->count == 0)
        e = clip_say(why, ERR_EMPTY, "clip %s has no rendition (a file such as 720p.mjpeg)",
                     c->name);
    return e;
}

/* The index as it lies in that directory, if it is of the file as it is now. */
static bool clip_stored(int dir, const char *name, const struct clip_rendition *r,
                        struct index *out)
{
    if (dir < 0 || index_read(dir, name, out) != ERR_OK)
        return false;
    if (index_fresh(out, r->fd))
        return true;
    index_free(out);
    return false;
}

/* cache is -1 if there is none. An index that can't be saved serves as well: it only has to be made
 * again next time. */
static enum err clip_index(const struct library *lib, int dir, int cache, const struct clip *c,
                           struct clip_rendition *r)
{
    char name[CLIP_FILE], cached[LIMIT_CLIP + 1 + CLIP_FILE];
    enum err e;

    snprintf(name, sizeof name, "%up.mjpeg.idx", r->height);
    snprintf(cached, sizeof cached, "%s.%s", c->name, name);
    if (clip_stored(dir, name, r, &r->index) || clip_stored(cache, cached, r, &r->index))
        return ERR_OK;
    e = index_build(r->fd, lib->stop, &r->index);
    if (e == ERR_OK && index_save(dir, name, &r->index) != ERR_OK && cache >= 0)
        index_save(cache, cached, &r->index);
    return e;
}

static enum err clip_rendition(const struct library *lib, int dir, int cache, struct clip *c,
                               size_t i, char why[static LIMIT_REASON])
{
    struct clip_rendition *r = &c->renditions[i];
    char name[CLIP_FILE];
    enum err e;

    r->height = c->heights[i];
    snprintf(name, sizeof name, "%up.mjpeg", r->height);
    e = folder_file(dir, name, &r->fd);
    if (e == ERR_OK)
        e = clip_index(lib, dir, cache, c, r);
    if (e != ERR_OK)
        return clip_say(why, e == ERR_UNKNOWN ? ERR_IO : e, "%s of clip %s: %s", name, c->name,
                        e == ERR_UNKNOWN ? "not a file" : err_text(e));
    if (r->index.width == 0)
        return clip_say(why, ERR_EMPTY, "%s of clip %s has no whole frame", name, c->name);
    if (i == 0 || r->index.count < c->frames)
        c->frames = r->index.count;
    return ERR_OK;
}

static enum err clip_renditions(const struct library *lib, int dir, struct clip *c,
                                char why[static LIMIT_REASON])
{
    int cache = -1;
    enum err e = ERR_OK;

    if (lib->cache != NULL)
        folder_open(lib->cache, &cache);
    for (size_t i = 0; e == ERR_OK && i < c->count; i++)
        e = clip_rendition(lib, dir, cache, c, i, why);
    if (cache >= 0)
        close(cache);
    return e;
}

static enum err clip_enter(const struct library *lib, const char *name, int *dir,
                           char why[static LIMIT_REASON])
{
    int top = -1;
    enum err e;

    if (!library_name_valid(name))
        return clip_say(why, ERR_UNKNOWN, "there is no such clip");
    e = folder_open(lib->dir, &top);
    if (e != ERR_OK)
        return clip_say(why, e, "the library of clips is not there");
    e = folder_enter(top, name, dir);
    close(top);
    if (e == ERR_UNKNOWN)
        return clip_say(why, e, "there is no clip %s", name);
    return e == ERR_OK ? e : clip_say(why, e, "clip %s: %s", name, err_text(e));
}

static struct clip *clip_new(const char *name)
{
    struct clip *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    snprintf(c->name, sizeof c->name, "%s", name);
    for (size_t i = 0; i < LIMIT_RENDITIONS; i++)
        c->renditions[i].fd = -1;
    return c;
}

static enum err clip_fill(const struct library *lib, int dir, struct clip *c,
                          char why[static LIMIT_REASON])
{
    enum err e = clip_conf(dir, c, why);

    if (e == ERR_OK)
        e = clip_find(dir, c, why);
    if (e == ERR_OK)
        e = clip_renditions(lib, dir, c, why);
    return e;
}

enum err clip_load(const struct library *lib, const char *name, struct clip **out,
                   char why[static LIMIT_REASON])
{
    struct clip *c = NULL;
    int dir = -1;
    enum err e = clip_enter(lib, name, &dir, why);

    *out = NULL;
    if (e != ERR_OK)
        return e;
    c = clip_new(name);
    if (c == NULL)
        e = clip_say(why, ERR_MEMORY, "clip %s: %s", name, err_text(ERR_MEMORY));
    else
        e = clip_fill(lib, dir, c, why);
    close(dir);
    if (e == ERR_OK)
        *out = c;
    else
        clip_free(c);
    return e;
}

void clip_free(struct clip *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++) {
        if (c->renditions[i].fd >= 0)
            close(c->renditions[i].fd);
        index_free(&c->renditions[i].index);
    }
    free(c);
}

enum err clip_frame(const struct clip *c, size_t rendition, size_t i, int64_t *offset,
                    size_t *length)
{
    const struct index_entry *entry;

    if (rendition >= c->count || i >= c->frames)
        return ERR_UNKNOWN;
    entry = &c->renditions[rendition].index.entries[i];
    *offset = entry->offset;
    *length = entry->length;
    return entry->length == 0 ? ERR_BROKEN : ERR_OK;
}

int64_t clip_pts_ns(const struct clip *c, size_t i)
{
    /* i * den < 2^44, whole seconds < 2^30 by the limits on fps: no product overflows. */
    uint64_t ticks = (uint64_t)i * c->fps.den;
    uint64_t whole = ticks / c->fps.num, rest = ticks % c->fps.num;

    return (int64_t)(whole * 1000000000 + rest * 1000000000 / c->fps.num);
}

size_t clip_frame_at(const struct clip *c, int64_t pts_ns)
{
    size_t low = 0, high = c->frames;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (clip_pts_ns(c, middle) < pts_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
