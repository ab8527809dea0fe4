#include "client/contacts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/listing.h"
#include "base/text.h"
#include "platform/file.h"
#include "platform/paths.h"

#define TITLE "den contacts 1"
#define LINE_MAX_BYTES 1024
#define LIMIT_FILE (LIMIT_CONTACTS * 1024)

static int compare(const struct contact *a, const uint8_t *server, const char *name)
{
    int by_server = memcmp(a->server, server, SIZE_FINGERPRINT);

    return by_server != 0 ? by_server : text_name_compare(a->name, name);
}

static size_t place(const struct contacts *c, const uint8_t *server, const char *name)
{
    size_t low = 0, high = c->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare(c->list[mid], server, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct contact *find(const struct contacts *c, const uint8_t *server, const char *name)
{
    size_t at = place(c, server, name);

    return at < c->count && compare(c->list[at], server, name) == 0 ? c->list[at] : NULL;
}

const struct contact *contacts_find(const struct contacts *c,
                                    const uint8_t server[static SIZE_FINGERPRINT], const char *name)
{
    return find(c, server, name);
}

struct contact *contacts_edit(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name)
{
    return find(c, server, name);
}

static enum err insert(struct contacts *c, const struct contact *new)
{
    size_t at = place(c, new->server, new->name);
    struct contact *copy;

    if (c->count >= LIMIT_CONTACTS)
        return ERR_LIMIT;
    if (c->count == c->cap) {
        size_t cap = c->cap == 0 ? 16 : 2 * c->cap;
        struct contact **grown = realloc(c->list, cap * sizeof *grown);

        if (grown == NULL)
            return ERR_MEMORY;
        c->list = grown;
        c->cap = cap;
    }
    copy = malloc(sizeof *copy);
    if (copy == NULL)
        return ERR_MEMORY;
    *copy = *new;
    memmove(c->list + at + 1, c->list + at, (c->count - at) * sizeof *c->list);
    c->list[at] = copy;
    c->count++;
    return ERR_OK;
}

/* The next word of a line, NULL if there is none; ends it with a NUL. */
static char *word(char **at)
{
    char *from = *at, *space;

    if (from == NULL || *from == 0)
        return NULL;
    space = strchr(from, ' ');
    *at = space == NULL ? NULL : space + 1;
    if (space != NULL)
        *space = 0;
    return from;
}

static const char *const mark_words[] = {"-", "v", "i", "vi"};

static bool parse_marks(struct contact *out, const char *marks)
{
    for (unsigned i = 0; i < 4; i++) {
        if (strcmp(marks, mark_words[i]) == 0) {
            out->verified = (i & 1) != 0;
            out->ignored = (i & 2) != 0;
            return true;
        }
    }
    return false;
}

static bool parse_line(char *line, struct contact *out)
{
    uint8_t spki[SIZE_SPKI];
    char *server = word(&line), *name = word(&line), *key = word(&line);
    char *first = word(&line), *last = word(&line), *marks = word(&line);

    *out = (struct contact){0};
    if (marks == NULL || line != NULL || !text_name_valid(name, strlen(name)) ||
        !parse_marks(out, marks))
        return false;
    text_name_fold(out->name, name);
    return text_from_hex(out->server, SIZE_FINGERPRINT, server) &&
           text_from_hex(spki, SIZE_SPKI, key) &&
           public_key_from_spki(&out->key, spki, SIZE_SPKI) == ERR_OK &&
           text_to_u64(first, INT64_MAX, &out->first) && text_to_u64(last, INT64_MAX, &out->last);
}

/* What is not understood is refused, for the next save would lose it. */
static enum err take_line(void *owner, char *line)
{
    struct contacts *c = owner;
    struct contact one;

    if (!parse_line(line, &one) || find(c, one.server, one.name) != NULL)
        return ERR_BROKEN;
    return insert(c, &one);
}

enum err contacts_open(struct contacts *c, const char *path)
{
    *c = (struct contacts){0};
    if (path == NULL)
        return ERR_OK;
    c->path = strdup(path);
    if (c->path == NULL)
        return ERR_MEMORY;
    return listing_read(path, LIMIT_FILE, TITLE, LISTING_ANY, take_line, c);
}

static void put_line(struct buf *out, const struct contact *one)
{
    char server[2 * SIZE_FINGERPRINT + 1], key[2 * SIZE_SPKI + 1];

    text_hex(server, one->server, SIZE_FINGERPRINT);
    text_hex(key, one->key.spki, SIZE_SPKI);
    buf_printf(out, "%s %s %s %llu %llu %s\n", server, one->name, key,
               (unsigned long long)one->first, (unsigned long long)one->last,
               mark_words[(one->verified ? 1 : 0) + (one->ignored ? 2 : 0)]);
}

static enum err write_file(const struct contacts *c)
{
    struct buf out;

    listing_begin(&out, LIMIT_FILE, TITLE);
    for (size_t i = 0; i < c->count; i++)
        put_line(&out, c->list[i]);
    return listing_write(c->path, &out);
}

/* What the file says counts where this process changed nothing. A line that somebody took out stays
 * out; a key that another process met first stays, and ours is the one that changed. */
static enum err merge_one(struct contacts *disk, struct contact *ours)
{
    struct contact *theirs = find(disk, ours->server, ours->name), one = *ours;
    enum err e = ERR_OK;

    if (theirs == NULL && !ours->met && !ours->marked && !ours->replaced)
        return ERR_OK;
    if (theirs == NULL) {
        e = insert(disk, ours);
        if (e == ERR_OK)
            ours->shown = NULL;
        return e == ERR_LIMIT ? ERR_OK : e;
    }
    if (!ours->replaced && !public_key_same(&ours->key, &theirs->key))
        return ERR_OK;
    if (!ours->marked) {
        one.verified = theirs->verified;
        one.ignored = theirs->ignored;
    }
    if (!ours->replaced && theirs->first < one.first)
        one.first = theirs->first;
    if (theirs->last > one.last)
        one.last = theirs->last;
    *theirs = one;
    ours->shown = NULL;
    return ERR_OK;
}

/* The merge failed half-way: ours have again what they gave to disk's. */
static void take_back_shown(const struct contacts *disk, struct contact **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct contact *theirs = find(disk, list[i]->server, list[i]->name);

        if (theirs != NULL && theirs->shown != NULL && list[i]->shown == NULL) {
            list[i]->shown = theirs->shown;
            theirs->shown = NULL;
        }
    }
}

/* c becomes what the file says and what we changed. */
static enum err merge_file(struct contacts *c)
{
    struct contacts disk;
    struct contact **list = c->list;
    size_t count = c->count;
    enum err e = contacts_open(&disk, c->path);

    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = merge_one(&disk, list[i]);
    if (e == ERR_OK) {
        c->list = disk.list;
        c->count = disk.count;
        c->cap = disk.cap;
        disk.list = list;
        disk.count = count;
    } else {
        take_back_shown(&disk, list, count);
    }
    contacts_close(&disk);
    return e;
}

static enum err save_locked(struct contacts *c)
{
    enum err e = merge_file(c);

    if (e == ERR_OK)
        e = write_file(c);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < c->count; i++)
        c->list[i]->met = c->list[i]->marked = c->list[i]->replaced = false;
    c->changed = c->unkept = false;
    return ERR_OK;
}

enum err contacts_save(struct contacts *c)
{
    char lock_path[PATHS_MAX];
    int lock, failed;
    enum err e;

    if (c->path == NULL || !c->changed)
        return ERR_OK;
    if (snprintf(lock_path, sizeof lock_path, "%s.lock", c->path) >= (int)sizeof lock_path)
        return ERR_LIMIT;
    failed = file_lock_wait(lock_path, &lock);
    errno = -failed;
    if (failed != 0)
        return ERR_IO;
    e = save_locked(c);
    failed = errno;
    file_unlock(&lock);
    errno = failed;
    return e;
}

void contacts_close(struct contacts *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->list[i]->shown);
        free(c->list[i]);
    }
    free(c->list);
    free(c->path);
    *c = (struct contacts){0};
}

static enum contact_trust compare_key(const struct contact *known, const struct public_key *key)
{
    if (known == NULL)
        return CONTACT_NEW;
    if (!public_key_same(&known->key, key))
        return CONTACT_CHANGED;
    if (known->verified)
        return CONTACT_CHECKED;
    return known->fresh ? CONTACT_NEW : CONTACT_PINNED;
}

enum contact_trust contacts_trust(const struct contacts *c,
                                  const uint8_t server[static SIZE_FINGERPRINT], const char *name,
                                  const struct public_key *key)
{
    return compare_key(find(c, server, name), key);
}

enum contact_trust contacts_meet(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                                 const char *name, const struct public_key *key, bool ephemeral,
                                 uint64_t now_s)
{
    struct contact *known = find(c, server, name);
    struct contact new = {.key = *key, .first = now_s, .last = now_s, .fresh = true, .met = true};
    enum contact_trust t = compare_key(known, key);

    if (known != NULL && t != CONTACT_CHANGED && known->last != now_s) {
        known->last = now_s;
        known->met = c->changed = true;
    }
    if (known != NULL || ephemeral)
        return t;
    memcpy(new.server, server, SIZE_FINGERPRINT);
    text_name_fold(new.name, name);
    if (insert(c, &new) == ERR_OK)
        c->changed = c->unkept = true;
    return t;
}

const char *contacts_trust_text(enum contact_trust t)
{
    static const char *const texts[] = {"new", "pinned", "checked", "changed"};

    return texts[t];
}
