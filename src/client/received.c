#include "client/received.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define SLOT 4096
#define PLACE 1 /* the slot that says how far we are */
#define ONES (RECEIVED_LOG_ID + 8)
#define ONE (SIZE_FINGERPRINT + 8)
#define IDS (SIZE_FINGERPRINT + 8)
#define OWED (IDS + 8 * REPLAY_KEPT)

static struct received_one get_one(const uint8_t *from)
{
    struct received_one one = {.id = bytes_get64le(from + SIZE_FINGERPRINT)};

    memcpy(one.from, from, SIZE_FINGERPRINT);
    return one;
}

static void put_one(uint8_t *to, const struct received_one *one)
{
    memcpy(to, one->from, SIZE_FINGERPRINT);
    bytes_put64le(to + SIZE_FINGERPRINT, one->id);
}

static bool is_one(const struct received_one *one, const uint8_t *fingerprint, uint64_t id)
{
    return one->id == id && memcmp(one->from, fingerprint, SIZE_FINGERPRINT) == 0;
}

static void take_place(struct received *r, const uint8_t *slot)
{
    memcpy(r->log_id, slot, RECEIVED_LOG_ID);
    r->number = bytes_get64le(slot + RECEIVED_LOG_ID);
    r->begun = get_one(slot + ONES);
    for (size_t i = 0; i < RECEIVED_DOUBTS; i++)
        r->doubts[i] = get_one(slot + ONES + (i + 1) * ONE);
}

static void take_slot(void *owner, uint32_t at, const uint8_t *slot)
{
    struct received *r = owner;
    struct replay_sender *s;
    uint32_t count;

    if (at == PLACE) {
        take_place(r, slot);
        return;
    }
    if (r->load != ERR_OK)
        return;
    s = replay_sender(&r->replay, slot, &r->load);
    if (s == NULL)
        return;
    count = bytes_get32le(slot + SIZE_FINGERPRINT);
    s->owing = bytes_get32le(slot + SIZE_FINGERPRINT + 4);
    if (count > REPLAY_KEPT || s->owing > REPLAY_OWED)
        r->load = ERR_BROKEN;
    for (size_t i = 0; i < count && r->load == ERR_OK; i++)
        r->load = replay_check(&r->replay, slot, bytes_get64le(slot + IDS + 8 * i));
    for (size_t i = 0; i < s->owing && r->load == ERR_OK; i++)
        s->owed[i] = bytes_get64le(slot + OWED + 8 * i);
    s->slot = at;
}

static enum err write_place(struct received *r)
{
    uint8_t slot[SLOT] = {0};

    memcpy(slot, r->log_id, RECEIVED_LOG_ID);
    bytes_put64le(slot + RECEIVED_LOG_ID, r->number);
    put_one(slot + ONES, &r->begun);
    for (size_t i = 0; i < RECEIVED_DOUBTS; i++)
        put_one(slot + ONES + (i + 1) * ONE, &r->doubts[i]);
    return slots_put(&r->file, PLACE, slot);
}

static enum err write_sender(struct received *r, struct replay_sender *s)
{
    uint8_t slot[SLOT] = {0};
    uint32_t at = s->slot != 0 ? s->slot : r->file.count;
    enum err e;

    memcpy(slot, s->fingerprint, SIZE_FINGERPRINT);
    bytes_put32le(slot + SIZE_FINGERPRINT, s->count);
    bytes_put32le(slot + SIZE_FINGERPRINT + 4, s->owing);
    for (size_t i = 0; i < s->count; i++)
        bytes_put64le(slot + IDS + 8 * i, s->ids[i]);
    for (size_t i = 0; i < s->owing; i++)
        bytes_put64le(slot + OWED + 8 * i, s->owed[i]);
    e = slots_put(&r->file, at, slot);
    if (e == ERR_OK)
        s->slot = at;
    return e;
}

/* What was begun and is recorded was also done; else it joins the doubts. */
static void doubt(struct received *r)
{
    if (r->begun.id == 0 || replay_look(&r->replay, r->begun.from, r->begun.id) != ERR_OK)
        return;
    memmove(r->doubts + 1, r->doubts, (RECEIVED_DOUBTS - 1) * sizeof r->doubts[0]);
    r->doubts[0] = r->begun;
    r->begun = (struct received_one){0};
}

static void doubt_no_more(struct received *r, const uint8_t *fingerprint, uint64_t id)
{
    for (size_t i = 0; i < RECEIVED_DOUBTS; i++) {
        if (is_one(&r->doubts[i], fingerprint, id))
            r->doubts[i] = (struct received_one){0};
    }
}

enum err received_open(struct received *r, const char *path)
{
    enum err e;

    *r = (struct received){.file = {.fd = -1}};
    e = slots_open(&r->file, path, "DENRECVD", SLOT, LIMIT_REPLAY_SENDERS + 2, take_slot, r);
    if (e == ERR_OK)
        e = r->load;
    if (e == ERR_OK)
        doubt(r);
    if (e == ERR_OK && r->file.count <= PLACE)
        e = write_place(r);
    if (e != ERR_OK)
        received_close(r);
    return e;
}

void received_close(struct received *r)
{
    slots_close(&r->file);
    replay_free(&r->replay);
}

enum err received_look(const struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                       uint64_t id, bool *again)
{
    *again = false;
    for (size_t i = 0; i < RECEIVED_DOUBTS; i++)
        *again = *again || is_one(&r->doubts[i], fingerprint, id);
    return replay_look(&r->replay, fingerprint, id);
}

enum err received_begin(struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                        uint64_t id)
{
    memcpy(r->begun.from, fingerprint, SIZE_FINGERPRINT);
    r->begun.id = id;
    return write_place(r);
}

static void owe(struct replay_sender *s, uint64_t id)
{
    if (s->owing == REPLAY_OWED)
        memmove(s->owed, s->owed + 1, --s->owing * sizeof s->owed[0]);
    s->owed[s->owing++] = id;
}

enum err received_done(struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                       uint64_t id, bool owed)
{
    enum err e = replay_check(&r->replay, fingerprint, id);
    struct replay_sender *s = e == ERR_OK ? replay_sender(&r->replay, fingerprint, &e) : NULL;

    if (s == NULL)
        return e;
    doubt_no_more(r, fingerprint, id);
    if (owed)
        owe(s, id);
    return write_sender(r, s);
}

enum err received_reached(struct received *r, const uint8_t log_id[static RECEIVED_LOG_ID],
                          uint64_t number)
{
    memcpy(r->log_id, log_id, RECEIVED_LOG_ID);
    r->number = number;
    return write_place(r);
}

static size_t owed_by(const struct replay_sender *s, uint64_t *ids, size_t max)
{
    size_t count = s->owing < max ? s->owing : max;

    memcpy(ids, s->owed, count * sizeof ids[0]);
    return count;
}

size_t received_owed(const struct received *r, size_t *at, uint64_t *ids, size_t max)
{
    for (; *at < r->replay.count; ++*at) {
        size_t count = owed_by(r->replay.senders[*at], ids, max);

        if (count > 0)
            return count;
    }
    return 0;
}

static bool is_among(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

enum err received_settle(struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                         const uint64_t *ids, size_t count)
{
    struct replay_sender *s;
    uint32_t left = 0;
    enum err e = ERR_OK;

    if (replay_look(&r->replay, fingerprint, ids[0]) == ERR_OK)
        return ERR_UNKNOWN;
    s = replay_sender(&r->replay, fingerprint, &e);
    if (s == NULL)
        return e;
    for (uint32_t i = 0; i < s->owing; i++) {
        if (!is_among(ids, count, s->owed[i]))
            s->owed[left++] = s->owed[i];
    }
    s->owing = left;
    return write_sender(r, s);
}
