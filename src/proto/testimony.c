#include "proto/testimony.h"

#include <string.h>

#include "base/bytes.h"

#define ASKS 1
#define MARK (8 + BINDINGS_HASH)
#define HEAD 3 /* bytes before the marks */

static void put_mark(struct buf *out, const struct bindings *b, uint64_t n)
{
    uint8_t h[BINDINGS_HASH];

    if (!bindings_hash(b, n, h))
        out->failed = true;
    buf_add64(out, n);
    buf_add(out, h, sizeof h);
}

/* About the square root, so that marks and gaps are as few as each other. */
static uint64_t spread(uint64_t upto)
{
    uint64_t k = 1;

    while (k * k < upto && k < LIMIT_MARKS - 2)
        k++;
    return k;
}

/* The first of the entries up to `upto` that fit in max bytes. */
static uint64_t run_start(const struct bindings *b, uint64_t upto, size_t max)
{
    struct binding entry;
    size_t size = 0;
    uint64_t n = upto;

    while (bindings_get(b, n, &entry)) {
        size += BINDINGS_ENTRY_MAX - LIMIT_NAME + strlen(entry.name);
        if (size > max)
            break;
        n--;
    }
    return n + 1;
}

/* marks: rising numbers, perhaps the same twice. The entries follow from number `from` to `to`. */
static void put(struct buf *out, const struct bindings *b, bool asks, const uint64_t *marks,
                size_t count, uint64_t from, uint64_t to)
{
    struct binding entry;
    size_t start = out->len;
    uint16_t written = 0;

    buf_add8(out, asks ? ASKS : 0);
    buf_add16(out, 0);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && marks[i] == marks[i - 1])
            continue;
        put_mark(out, b, marks[i]);
        written++;
    }
    for (uint64_t n = from; n <= to && bindings_get(b, n, &entry); n++)
        binding_encode(out, &entry);
    if (!out->failed)
        bytes_put16(out->data + start + 1, written);
}

void testimony_ask(struct buf *out, const struct bindings *b, uint64_t upto)
{
    uint64_t marks[LIMIT_MARKS], from, k;
    size_t count = 0;

    if (upto > b->count)
        upto = b->count;
    from = run_start(b, upto, TESTIMONY_RUN);
    k = spread(upto);
    for (uint64_t i = 1; i <= k; i++) {
        uint64_t n = i * upto / k;

        /* The run begins behind a mark of its own; inside it further ones say nothing new. */
        if (n >= from && n != upto)
            continue;
        if (n == upto)
            marks[count++] = from - 1;
        marks[count++] = n;
    }
    marks[count++] = b->count;
    put(out, b, true, marks, count, from, upto);
}

void testimony_answer(struct buf *out, const struct bindings *b, const struct testimony_gap *gap,
                      bool asks)
{
    uint64_t to = gap->parted < b->count ? gap->parted : b->count;
    uint64_t common = gap->common < to ? gap->common : to, n = common;
    uint64_t marks[3] = {common, to, b->count};
    size_t room = LIMIT_BODY - HEAD - 3 * MARK;
    struct binding entry;

    while (n < to && bindings_get(b, n + 1, &entry)) {
        size_t size = BINDINGS_ENTRY_MAX - LIMIT_NAME + strlen(entry.name);

        if (size > room)
            break;
        room -= size;
        n++;
    }
    marks[1] = n;
    put(out, b, asks, marks, 3, common + 1, n);
}

/* The state behind entry n of the marks, NULL if it is none of them. */
static const uint8_t *find_mark(const struct testimony *t, const uint8_t *origin, uint64_t n)
{
    if (n == 0)
        return origin;
    for (size_t i = 0; i < t->count; i++)
        if (bytes_get64(t->marks + i * MARK) == n)
            return t->marks + i * MARK + 8;
    return NULL;
}

static bool marks_rise(const struct testimony *t, const uint8_t *origin)
{
    for (size_t i = 0; i < t->count; i++) {
        const uint8_t *mark = t->marks + i * MARK;
        uint64_t n = bytes_get64(mark);

        if (i > 0 && n <= bytes_get64(mark - MARK))
            return false;
        if (n == 0 && memcmp(mark + 8, origin, BINDINGS_HASH) != 0)
            return false;
    }
    return true;
}

/* The entries lead from a mark to a mark, through all between. */
static enum err check_run(struct testimony *t, const uint8_t *origin)
{
    struct cursor c = cursor_over(t->entries.data, t->entries.len);
    uint8_t h[BINDINGS_HASH];
    struct binding entry;
    const uint8_t *mark = NULL;

    t->first = 1;
    t->last = 0;
    for (bool begun = false; c.left > 0; begun = true) {
        enum err e = binding_decode(&entry, &c);

        if (e != ERR_OK)
            return e;
        if (!begun) {
            mark = entry.n == 0 ? NULL : find_mark(t, origin, entry.n - 1);
            if (mark == NULL)
                return ERR_FORMAT;
            memcpy(h, mark, sizeof h);
            t->first = entry.n;
        } else if (entry.n != t->last + 1) {
            return ERR_FORMAT;
        }
        t->last = entry.n;
        binding_chain(h, &entry);
        mark = find_mark(t, origin, entry.n);
        if (mark != NULL && memcmp(mark, h, sizeof h) != 0)
            return ERR_FORMAT;
    }
    return t->entries.len > 0 && mark == NULL ? ERR_FORMAT : ERR_OK;
}

enum err testimony_read(struct testimony *out, struct span body, const uint8_t *origin, uint64_t n,
                        const uint8_t h[static BINDINGS_HASH])
{
    struct cursor c = cursor_over(body.data, body.len);
    const uint8_t *last;

    *out = (struct testimony){.asks = (cursor_get8(&c) & ASKS) != 0};
    out->count = cursor_get16(&c);
    if (out->count > LIMIT_MARKS)
        return ERR_LIMIT;
    out->marks = cursor_take(&c, out->count * MARK);
    if (c.failed)
        return ERR_SHORT;
    if (out->count == 0 || !marks_rise(out, origin))
        return ERR_FORMAT;
    last = out->marks + (out->count - 1) * MARK;
    if (bytes_get64(last) != n || memcmp(last + 8, h, BINDINGS_HASH) != 0)
        return ERR_FORMAT;
    out->entries = (struct span){c.at, c.left};
    return check_run(out, origin);
}

static bool same_entry(const struct binding *a, const struct binding *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
           memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint) == 0;
}

/* Narrows the gap by the marks; parted stays 0 if all of them are states of ours. */
static enum err compare_marks(const struct testimony *t, const struct bindings *b,
                              struct testimony_gap *gap)
{
    uint8_t h[BINDINGS_HASH];

    for (size_t i = 0; i < t->count; i++) {
        const uint8_t *mark = t->marks + i * MARK;
        uint64_t n = bytes_get64(mark);
        bool same = bindings_hash(b, n, h) && memcmp(h, mark + 8, sizeof h) == 0;

        /* Once apart, lists never have the same state again. */
        if (same && gap->parted != 0)
            return ERR_FORMAT;
        if (same)
            gap->common = n;
        else if (gap->parted == 0)
            gap->parted = n;
    }
    return ERR_OK;
}

static void name(struct testimony_gap *gap, const struct bindings *b, const struct binding *theirs)
{
    const struct binding none = {0};

    gap->parted = gap->common + 1;
    if (!bindings_get(b, gap->parted, &gap->ours))
        gap->ours = none;
    gap->theirs = theirs == NULL ? none : *theirs;
}

/* True if the run has the first entry that differs. */
static bool compare_run(const struct testimony *t, const struct bindings *b,
                        struct testimony_gap *gap)
{
    struct cursor c = cursor_over(t->entries.data, t->entries.len);
    struct binding theirs, ours;

    while (c.left > 0 && binding_decode(&theirs, &c) == ERR_OK) {
        if (theirs.n != gap->common + 1)
            continue;
        if (!bindings_get(b, theirs.n, &ours) || !same_entry(&ours, &theirs)) {
            name(gap, b, &theirs);
            return true;
        }
        gap->common++;
    }
    return false;
}

enum err testimony_compare(const struct testimony *t, const struct bindings *b,
                           enum testimony_finding *finding, struct testimony_gap *gap)
{
    enum err e;

    *gap = (struct testimony_gap){0};
    e = compare_marks(t, b, gap);
    *finding = TESTIMONY_NAMED;
    if (e != ERR_OK)
        return e;
    if (gap->parted == 0 && gap->common == b->count)
        *finding = TESTIMONY_SAME;
    else if (gap->parted == 0)
        name(gap, b, NULL);
    else if (!compare_run(t, b, gap))
        *finding = TESTIMONY_NARROWED;
    return ERR_OK;
}
