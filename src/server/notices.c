#include "server/notices.h"

#include <stdlib.h>
#include <string.h>

#include "server/room.h"

/* All of one telling: members by the thousand, about 430 bytes each. */
#define LIMIT_TELLING (LIMIT_MEMBERS * 512)

struct wire_member notices_member(const struct session *s)
{
    struct wire_member m = {
        .flags = s->ephemeral ? MEMBER_EPHEMERAL : 0,
        .spki = s->key.spki,
        .direct_port = s->direct_port,
    };

    if (s->direct_port != 0)
        m.address = (struct span){(const uint8_t *)s->address, strlen(s->address)};
    memcpy(m.name, s->name, sizeof m.name);
    return m;
}

bool notices_reserve(struct room *r)
{
    struct notices *n = &r->notices;
    size_t want = n->count + 1 + r->count + 1;
    size_t cap = want > 2 * n->cap ? want + 16 : 2 * n->cap;
    struct notice *list;

    if (want <= n->cap)
        return true;
    list = realloc(n->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    n->list = list;
    n->cap = cap;
    return true;
}

/* There is room for it: notices_reserve. */
static struct notice *add_of(struct room *r, const struct session *s)
{
    struct notice *n = &r->notices.list[r->notices.count++];

    *n = (struct notice){0};
    memcpy(n->name, s->name, sizeof n->name);
    memcpy(n->fingerprint, s->key.fingerprint, sizeof n->fingerprint);
    return n;
}

void notices_joined(struct room *r, const struct session *s)
{
    struct notice *n = add_of(r, s);

    n->joined = true;
    n->flags = s->ephemeral ? MEMBER_EPHEMERAL : 0;
    n->direct_port = s->direct_port;
    memcpy(n->address, s->address, strnlen(s->address, sizeof n->address - 1));
    memcpy(n->spki, s->key.spki, sizeof n->spki);
}

void notices_left(struct room *r, const struct session *s, enum wire_left_reason reason)
{
    add_of(r, s)->reason = (uint8_t)reason;
}

int64_t notices_due(const struct room *r)
{
    const struct notices *n = &r->notices;
    int64_t gap = (int64_t)r->count * NOTICES_EACH_NS;

    if (n->count == 0 && n->told >= r->names.durable)
        return INT64_MAX;
    return n->last + (gap > NOTICES_GAP_NS ? gap : NOTICES_GAP_NS);
}

void notices_bindings(const struct room *r, uint64_t from, struct buf *out)
{
    struct binding b;
    struct wire_binding m;
    size_t begin = 0;
    bool open = false;

    for (uint64_t n = from + 1; n <= r->names.durable; n++) {
        bindings_get(&r->names.list, n, &b);
        if (open && !wire_list_fits(out, begin)) {
            message_end(out, begin);
            open = false;
        }
        if (!open)
            begin = wire_bindings_begin(out);
        open = true;
        m = (struct wire_binding){.n = n, .kind = (uint8_t)b.kind, .fingerprint = b.fingerprint};
        memcpy(m.name, b.name, sizeof m.name);
        wire_bindings_add(out, &m);
    }
    if (open)
        message_end(out, begin);
}

static void put_joined(struct buf *out, const struct notice *n)
{
    struct wire_member m = {.flags = n->flags, .spki = n->spki, .direct_port = n->direct_port};

    if (n->direct_port != 0)
        m.address = (struct span){(const uint8_t *)n->address, strlen(n->address)};
    memcpy(m.name, n->name, sizeof m.name);
    wire_members_add(out, &m);
}

static void put_left(struct buf *out, const struct notice *n)
{
    struct wire_left m = {.reason = n->reason, .fingerprint = n->fingerprint};

    memcpy(m.name, n->name, sizeof m.name);
    wire_left_add(out, &m);
}

/* One message for each run of the same kind that fits; returns how many notices it took. */
static size_t put_run(const struct notices *n, size_t first, struct buf *out)
{
    bool joined = n->list[first].joined;
    size_t begin = joined ? wire_members_begin(out, MESSAGE_JOINED) : wire_left_begin(out);
    size_t i;

    for (i = first; i < n->count && n->list[i].joined == joined; i++) {
        if (out->failed || !wire_list_fits(out, begin))
            break;
        if (joined)
            put_joined(out, &n->list[i]);
        else
            put_left(out, &n->list[i]);
    }
    if (joined)
        wire_members_end(out, begin, false);
    else
        message_end(out, begin);
    return i == first ? 1 : i - first;
}

bool notices_tell(struct room *r)
{
    struct notices *n = &r->notices;
    struct buf out;
    struct blob *b;

    if (n->count == 0 && n->told == r->names.durable)
        return true;
    buf_init(&out, LIMIT_TELLING);
    notices_bindings(r, n->told, &out);
    for (size_t i = 0; i < n->count;)
        i += put_run(n, i, &out);
    n->last = r->now;
    b = out.failed ? NULL : blob_make(out.data, out.len);
    buf_free(&out);
    if (b == NULL)
        return false;
    n->count = 0;
    n->told = r->names.durable;
    room_broadcast(r, b, NULL);
    blob_drop(b);
    return true;
}

void notices_free(struct notices *n)
{
    free(n->list);
    *n = (struct notices){0};
}
