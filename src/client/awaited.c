#include "client/awaited.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define SLOT 64

static bool grow(struct awaited *a, uint32_t count)
{
    uint32_t cap = a->cap == 0 ? 64 : a->cap;
    struct awaited_one *list;

    while (cap < count)
        cap *= 2;
    if (cap == a->cap)
        return true;
    list = realloc(a->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    memset(list + a->cap, 0, (cap - a->cap) * sizeof *list);
    a->list = list;
    a->cap = cap;
    return true;
}

static void take_slot(void *owner, uint32_t at, const uint8_t *slot)
{
    struct awaited *a = owner;

    if (a->load == ERR_OK && !grow(a, at))
        a->load = ERR_MEMORY;
    if (a->load != ERR_OK)
        return;
    a->list[at - 1].id = bytes_get64le(slot);
    memcpy(a->list[at - 1].to, slot + 8, SIZE_FINGERPRINT);
    a->count = at;
}

enum err awaited_open(struct awaited *a, const char *path)
{
    enum err e;

    *a = (struct awaited){.file = {.fd = -1}};
    e = slots_open(&a->file, path, "DENAWAIT", SLOT, LIMIT_AWAITED + 1, take_slot, a);
    if (e == ERR_OK)
        e = a->load;
    /* Slots behind the last message are free ones. */
    if (e == ERR_OK && !grow(a, a->file.count))
        e = ERR_MEMORY;
    if (e != ERR_OK)
        awaited_close(a);
    else
        a->count = a->file.count - 1;
    return e;
}

void awaited_close(struct awaited *a)
{
    slots_close(&a->file);
    free(a->list);
    a->list = NULL;
    a->count = a->cap = 0;
}

/* A free place, else a new one, else the oldest message's. */
static uint32_t choose(const struct awaited *a)
{
    uint32_t oldest = 0;

    for (uint32_t i = 0; i < a->count; i++) {
        if (a->list[i].id < a->list[oldest].id)
            oldest = i; /* a free one has the id 0 */
    }
    if (a->count > 0 && (a->list[oldest].id == 0 || a->count == LIMIT_AWAITED))
        return oldest;
    return a->count;
}

static enum err write_one(struct awaited *a, uint32_t at)
{
    uint8_t slot[SLOT] = {0};

    bytes_put64le(slot, a->list[at].id);
    memcpy(slot + 8, a->list[at].to, SIZE_FINGERPRINT);
    return slots_put(&a->file, at + 1, slot);
}

enum err awaited_add(struct awaited *a, uint64_t id, const uint8_t to[static SIZE_FINGERPRINT])
{
    uint32_t at = choose(a), written = a->file.count - 1;
    enum err e = ERR_OK;

    if (at == a->count && !grow(a, at + 1))
        return ERR_MEMORY;
    a->list[at].id = id;
    memcpy(a->list[at].to, to, SIZE_FINGERPRINT);
    if (at == a->count)
        a->count++;
    /* With those that the disk had no room for before. */
    for (uint32_t i = at < written ? at : written; i <= at && e == ERR_OK; i++)
        e = write_one(a, i);
    return e;
}

bool awaited_take(struct awaited *a, uint64_t id, const uint8_t from[static SIZE_FINGERPRINT])
{
    for (uint32_t i = 0; i < a->count && id != 0; i++) {
        if (a->list[i].id != id || memcmp(a->list[i].to, from, SIZE_FINGERPRINT) != 0)
            continue;
        a->list[i] = (struct awaited_one){0};
        slots_clear(&a->file, i + 1);
        return true;
    }
    return false;
}
