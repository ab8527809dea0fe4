#include "net/outbox.h"

#include <stdlib.h>
#include <string.h>

void outbox_init(struct outbox *o)
{
    *o = (struct outbox){0};
}

static void outbox_pop(struct outbox *o)
{
    blob_drop(o->ring[o->first]);
    o->first = (o->first + 1) & (o->cap - 1);
    o->count--;
    o->sent = 0;
}

void outbox_free(struct outbox *o)
{
    while (o->count > 0)
        outbox_pop(o);
    free(o->ring);
    outbox_init(o);
}

bool outbox_empty(const struct outbox *o)
{
    return o->count == 0;
}

static bool outbox_grow(struct outbox *o)
{
    size_t cap = o->cap == 0 ? 8 : o->cap * 2;
    struct blob **ring = calloc(cap, sizeof *ring);

    if (ring == NULL)
        return false;
    for (size_t i = 0; i < o->count; i++)
        ring[i] = o->ring[(o->first + i) & (o->cap - 1)];
    free(o->ring);
    o->ring = ring;
    o->cap = cap;
    o->first = 0;
    return true;
}

bool outbox_add(struct outbox *o, struct blob *b)
{
    if (b->len == 0)
        return true;
    if (o->count == o->cap && !outbox_grow(o))
        return false;
    o->ring[(o->first + o->count) & (o->cap - 1)] = blob_hold(b);
    o->count++;
    o->bytes += b->len;
    return true;
}

size_t outbox_take(struct outbox *o, uint8_t *to, size_t room)
{
    size_t done = 0;

    while (done < room && o->count > 0) {
        struct blob *b = o->ring[o->first];
        size_t n = b->len - o->sent < room - done ? b->len - o->sent : room - done;

        memcpy(to + done, b->data + o->sent, n);
        done += n;
        o->sent += n;
        if (o->sent == b->len)
            outbox_pop(o);
    }
    o->bytes -= done;
    return done;
}
