#include "proto/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/digest.h"

/* How many entries may ever bind; each can be released once. */
#define BINDS_MAX (2 * (size_t)LIMIT_BINDINGS)

/* slots[] holds numbers of entries: 0 is an empty slot. A name keeps its slot when it is released:
 * the slot's entry, the newest of that name, tells whether it is bound. */
struct bindings_item {
    uint32_t previous; /* the entry of the same name before, 0 if there is none */
    uint8_t kind;
    char name[LIMIT_NAME + 1];
    uint8_t fingerprint[SIZE_FINGERPRINT];
    uint8_t h[BINDINGS_HASH];
};

void bindings_init(struct bindings *b, const uint8_t server[static SIZE_FINGERPRINT],
                   struct random *random)
{
    *b = (struct bindings){0};
    memcpy(b->origin, server, sizeof b->origin);
    random_bytes(random, b->seed, sizeof b->seed);
}

void bindings_free(struct bindings *b)
{
    free(b->items);
    free(b->slots);
    wipe(b, sizeof *b);
}

static uint32_t *find_slot(uint32_t *slots, size_t slot_count, const struct bindings *b,
                           const char *name)
{
    char folded[LIMIT_NAME + 1];
    uint8_t hash[DIGEST_SIZE];
    struct digest d;

    text_name_fold(folded, name);
    digest_start(&d);
    digest_add(&d, b->seed, sizeof b->seed);
    digest_add(&d, folded, strlen(folded));
    digest_get(&d, hash);
    size_t at = bytes_get32(hash) & (slot_count - 1);
    while (slots[at] != 0 && !text_name_same(b->items[slots[at] - 1].name, name))
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

/* The newest entry of that name, 0 if there is none. */
static uint32_t newest(const struct bindings *b, const char *name)
{
    return b->slot_count == 0 ? 0 : *find_slot(b->slots, b->slot_count, b, name);
}

uint64_t bindings_number(const struct bindings *b, const char *name)
{
    uint32_t n = text_name_valid(name, strlen(name)) ? newest(b, name) : 0;

    return n != 0 && b->items[n - 1].kind == BINDING_BIND ? n : 0;
}

const uint8_t *bindings_find(const struct bindings *b, const char *name)
{
    uint64_t n = bindings_number(b, name);

    return n == 0 ? NULL : b->items[n - 1].fingerprint;
}

bool bindings_ever(const struct bindings *b, const char *name,
                   const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    uint32_t n = text_name_valid(name, strlen(name)) ? newest(b, name) : 0;

    for (; n != 0; n = b->items[n - 1].previous) {
        const struct bindings_item *i = &b->items[n - 1];

        if (i->kind == BINDING_BIND && memcmp(i->fingerprint, fingerprint, SIZE_FINGERPRINT) == 0)
            return true;
    }
    return false;
}

enum bindings_known bindings_knows(const struct bindings *b,
                                   const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    enum bindings_known known = BINDINGS_NEVER;

    for (size_t i = 0; i < b->count; i++) {
        const struct bindings_item *item = &b->items[i];

        if (item->kind != BINDING_BIND ||
            memcmp(item->fingerprint, fingerprint, SIZE_FINGERPRINT) != 0)
            continue;
        if (newest(b, item->name) == i + 1)
            return BINDINGS_NOW;
        known = BINDINGS_BEFORE;
    }
    return known;
}

static bool grow_items(struct bindings *b)
{
    if (b->count < b->cap)
        return true;
    size_t cap = b->cap == 0 ? 16 : b->cap * 2;
    struct bindings_item *items = realloc(b->items, cap * sizeof *items);
    if (items == NULL)
        return false;
    b->items = items;
    b->cap = cap;
    return true;
}

/* Keeps at least half of the slots empty. */
static bool grow_slots(struct bindings *b)
{
    if (2 * (b->names + 1) <= b->slot_count)
        return true;
    size_t slot_count = b->slot_count == 0 ? 32 : b->slot_count * 2;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < b->count; i++)
        *find_slot(slots, slot_count, b, b->items[i].name) = (uint32_t)(i + 1);
    free(b->slots);
    b->slots = slots;
    b->slot_count = slot_count;
    return true;
}

static const uint8_t *hash_at(const struct bindings *b, size_t n)
{
    return n == 0 ? b->origin : b->items[n - 1].h;
}

static enum err add(struct bindings *b, const struct binding *entry)
{
    if (!grow_items(b) || !grow_slots(b))
        return ERR_MEMORY;
    uint32_t *slot = find_slot(b->slots, b->slot_count, b, entry->name);
    struct bindings_item *item = &b->items[b->count];
    *item = (struct bindings_item){.previous = *slot, .kind = (uint8_t)entry->kind};
    memcpy(item->name, entry->name, sizeof item->name);
    memcpy(item->fingerprint, entry->fingerprint, SIZE_FINGERPRINT);
    memcpy(item->h, hash_at(b, b->count), sizeof item->h);
    binding_chain(item->h, entry);
    b->names += *slot == 0;
    b->bound = entry->kind == BINDING_BIND ? b->bound + 1 : b->bound - 1;
    *slot = (uint32_t)++b->count;
    return ERR_OK;
}

/* May the list go on with this entry? */
static enum err judge(const struct bindings *b, const struct binding *entry)
{
    const uint8_t *holder = bindings_find(b, entry->name);

    if (!text_name_valid(entry->name, strlen(entry->name)))
        return ERR_NAME;
    if (entry->n != b->count + 1)
        return ERR_STATE;
    if (entry->kind == BINDING_RELEASE) {
        if (holder == NULL)
            return ERR_UNKNOWN;
        return memcmp(holder, entry->fingerprint, SIZE_FINGERPRINT) == 0 ? ERR_OK : ERR_KEY;
    }
    if (holder != NULL)
        return ERR_EXISTS;
    size_t binds = (b->count + b->bound) / 2;
    return b->bound >= LIMIT_BINDINGS || binds >= BINDS_MAX ? ERR_LIMIT : ERR_OK;
}

enum err bindings_append(struct bindings *b, const struct binding *entry)
{
    enum err e = judge(b, entry);

    return e == ERR_OK ? add(b, entry) : e;
}

static enum err add_new(struct bindings *b, enum binding_kind kind, const char *name,
                        const uint8_t *fingerprint)
{
    struct binding entry = {.n = b->count + 1, .kind = kind};

    memcpy(entry.name, name, strlen(name));
    memcpy(entry.fingerprint, fingerprint, SIZE_FINGERPRINT);
    return bindings_append(b, &entry);
}

enum err bindings_bind(struct bindings *b, const char *name,
                       const uint8_t fingerprint[static SIZE_FINGERPRINT], bool *added)
{
    const uint8_t *holder = bindings_find(b, name);

    *added = false;
    if (!text_name_valid(name, strlen(name)))
        return ERR_NAME;
    if (holder != NULL)
        return memcmp(holder, fingerprint, SIZE_FINGERPRINT) == 0 ? ERR_OK : ERR_EXISTS;
    enum err e = add_new(b, BINDING_BIND, name, fingerprint);
    *added = e == ERR_OK;
    return e;
}

enum err bindings_release(struct bindings *b, const char *name)
{
    const uint8_t *holder = bindings_find(b, name);

    return holder == NULL ? ERR_UNKNOWN : add_new(b, BINDING_RELEASE, name, holder);
}

void bindings_undo(struct bindings *b)
{
    if (b->count == 0)
        return;
    struct bindings_item *item = &b->items[b->count - 1];
    uint32_t *slot = find_slot(b->slots, b->slot_count, b, item->name);
    /* Nothing was put into the table since, so no other name's search leads past this slot. */
    *slot = item->previous;
    b->names -= item->previous == 0;
    b->bound = item->kind == BINDING_BIND ? b->bound - 1 : b->bound + 1;
    b->count--;
}

bool bindings_get(const struct bindings *b, uint64_t n, struct binding *out)
{
    if (n == 0 || n > b->count)
        return false;
    const struct bindings_item *item = &b->items[n - 1];
    *out = (struct binding){.n = n};
    out->kind = item->kind == BINDING_BIND ? BINDING_BIND : BINDING_RELEASE;
    memcpy(out->name, item->name, sizeof out->name);
    memcpy(out->fingerprint, item->fingerprint, sizeof out->fingerprint);
    return true;
}

bool bindings_hash(const struct bindings *b, uint64_t n, uint8_t out[static BINDINGS_HASH])
{
    if (n > b->count)
        return false;
    memcpy(out, hash_at(b, (size_t)n), BINDINGS_HASH);
    return true;
}

uint64_t bindings_write(const struct bindings *b, uint64_t from, size_t max, struct buf *out)
{
    struct binding entry;
    size_t start = out->len;

    while (bindings_get(b, from, &entry)) {
        size_t size = 8 + 1 + 1 + strlen(entry.name) + SIZE_FINGERPRINT;
        if (out->len - start + size > max || out->failed)
            break;
        binding_encode(out, &entry);
        from++;
    }
    return from;
}
