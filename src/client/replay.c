#include "client/replay.h"

#include <stdlib.h>
#include <string.h>

#define WORDS (REPLAY_WINDOW / 64)

static size_t place(const struct replay *r, const uint8_t *fingerprint)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (memcmp(r->senders[mid]->fingerprint, fingerprint, SIZE_FINGERPRINT) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static enum err add_sender(struct replay *r, size_t at, const uint8_t *fingerprint)
{
    struct replay_sender *s;

    if (r->count >= LIMIT_REPLAY_SENDERS)
        return ERR_LIMIT;
    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
        struct replay_sender **grown = realloc(r->senders, cap * sizeof *grown);

        if (grown == NULL)
            return ERR_MEMORY;
        r->senders = grown;
        r->cap = cap;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR_MEMORY;
    memcpy(s->fingerprint, fingerprint, SIZE_FINGERPRINT);
    memmove(r->senders + at + 1, r->senders + at, (r->count - at) * sizeof *r->senders);
    r->senders[at] = s;
    r->count++;
    return ERR_OK;
}

/* Moves all bits up by n: what was at `highest` is then n below the new one. */
static void shift(uint64_t seen[static WORDS], uint64_t n)
{
    size_t words = (size_t)(n / 64), bits = (size_t)(n % 64);

    for (size_t i = WORDS; i-- > 0;) {
        uint64_t v = i >= words ? seen[i - words] << bits : 0;

        if (bits > 0 && i > words)
            v |= seen[i - words - 1] >> (64 - bits);
        seen[i] = v;
    }
}

bool replay_bit(const struct replay_sender *s, uint64_t id, size_t *word, uint64_t *bit)
{
    uint64_t back = s->highest - id;

    if (id > s->highest || back >= REPLAY_WINDOW)
        return false;
    *word = (size_t)(back / 64);
    *bit = (uint64_t)1 << (back % 64);
    return true;
}

/* A sender that was just made has no id: its highest is 0, and that is not marked. */
static bool is_new(const struct replay_sender *s, uint64_t id)
{
    size_t word;
    uint64_t bit;

    return id > s->highest || (replay_bit(s, id, &word, &bit) && (s->seen[word] & bit) == 0);
}

static void rise(struct replay_sender *s, uint64_t id)
{
    uint64_t n = id - s->highest;

    if (n >= REPLAY_WINDOW) {
        memset(s->seen, 0, sizeof s->seen);
    } else {
        shift(s->seen, n);
    }
    s->highest = id;
}

static struct replay_sender *find(const struct replay *r, const uint8_t *fingerprint, size_t *at)
{
    *at = place(r, fingerprint);
    if (*at == r->count || memcmp(r->senders[*at]->fingerprint, fingerprint, SIZE_FINGERPRINT) != 0)
        return NULL;
    return r->senders[*at];
}

struct replay_sender *replay_sender(struct replay *r,
                                    const uint8_t fingerprint[static SIZE_FINGERPRINT], enum err *e)
{
    size_t at;
    struct replay_sender *s = find(r, fingerprint, &at);

    *e = s == NULL ? add_sender(r, at, fingerprint) : ERR_OK;
    return *e == ERR_OK ? r->senders[at] : NULL;
}

enum err replay_look(const struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                     uint64_t id)
{
    size_t at;
    const struct replay_sender *s = find(r, fingerprint, &at);

    return s == NULL || is_new(s, id) ? ERR_OK : ERR_REPLAY;
}

enum err replay_check(struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                      uint64_t id)
{
    enum err e;
    struct replay_sender *s = replay_sender(r, fingerprint, &e);
    size_t word;
    uint64_t bit;

    if (s == NULL)
        return e;
    if (!is_new(s, id))
        return ERR_REPLAY;
    if (id > s->highest)
        rise(s, id);
    replay_bit(s, id, &word, &bit);
    s->seen[word] |= bit;
    return ERR_OK;
}

void replay_free(struct replay *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->senders[i]);
    free(r->senders);
    *r = (struct replay){0};
}
