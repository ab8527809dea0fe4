#include "net/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/wipe.h"
#include "net/cooler.h"
#include "net/hoard.h"
#include "net/pump.h"
#include "platform/socket.h"

#define FLUSH_BATCH 16

void link_hub_init(struct link_hub *hub, struct loop *loop, struct random *random)
{
    *hub = (struct link_hub){.loop = loop, .random = random};
}

/* Who has sent a part of its hello only needs no key yet, and waits again once more came. */
void link_hub_turn(struct link_hub *hub)
{
    struct link *l;

    hub->step = true;
    while (hub->step && (l = hub->rows[ROW_STEPS].first) != NULL) {
        row_leave(l, ROW_STEPS);
        pump_work(l, true);
    }
    hub->step = false;
}

bool link_hub_waits(const struct link_hub *hub)
{
    return hub->rows[ROW_STEPS].first != NULL;
}

static void mark_dirty(struct link *l)
{
    struct link_hub *hub = l->hub;

    if (l->dirty_at > 0 || l->state == STATE_CLOSED)
        return;
    hub->dirty[hub->dirty_count++] = l;
    l->dirty_at = hub->dirty_count;
}

/* The last one takes its place. */
static void unmark_dirty(struct link *l)
{
    struct link_hub *hub = l->hub;
    struct link *last;

    if (l->dirty_at == 0)
        return;
    last = hub->dirty[--hub->dirty_count];
    hub->dirty[l->dirty_at - 1] = last;
    last->dirty_at = l->dirty_at;
    l->dirty_at = 0;
}

static void link_ready(struct loop_watch *w, bool readable, bool writable)
{
    struct link *l = w->owner;
    int error;

    if (l->connecting && writable) {
        error = socket_error(l->fd);
        if (error != 0) {
            pump_end(l, LINK_GONE, strerror(error));
            return;
        }
        l->connecting = false;
    }
    if (!l->connecting)
        pump_work(l, readable);
}

/* The next ones, which are no longer marked. A row of pointers, so that the processor fetches several of
 * them at a time from where they are. */
static size_t take_dirty(struct link_hub *hub, struct link *batch[static FLUSH_BATCH])
{
    size_t count = 0;

    while (count < FLUSH_BATCH && hub->dirty_count > 0) {
        batch[count] = hub->dirty[--hub->dirty_count];
        batch[count++]->dirty_at = 0;
    }
    return count;
}

/* First some links' records are made, then they are sent: so what the cipher needs and what the kernel
 * needs stay in the caches meanwhile, and the records, too. */
void link_hub_flush(struct link_hub *hub)
{
    struct link *batch[FLUSH_BATCH];
    size_t count;

    while ((count = take_dirty(hub, batch)) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (batch[i]->state == STATE_OPEN && !outbox_empty(&batch[i]->out))
                pump_prepare(batch[i]);
        }
        for (size_t i = 0; i < count; i++) {
            if (batch[i]->state != STATE_CLOSED && !batch[i]->connecting)
                pump_work(batch[i], false);
        }
    }
}

/* For one more in its row, so that marking never lacks memory. */
static bool make_room(struct link_hub *hub)
{
    size_t cap = hub->dirty_cap == 0 ? 8 : 2 * hub->dirty_cap;
    struct link **more;

    if (hub->links < hub->dirty_cap)
        return true;
    more = realloc(hub->dirty, cap * sizeof(struct link *));
    if (more == NULL)
        return false;
    hub->dirty = more;
    hub->dirty_cap = cap;
    return true;
}

/* The last one takes the row along. */
static void leave_hub(struct link *l)
{
    struct link_hub *hub = l->hub;

    unmark_dirty(l);
    if (--hub->links > 0)
        return;
    free(hub->dirty);
    hub->dirty = NULL;
    hub->dirty_cap = 0;
}

static struct link *link_make(struct link_hub *hub, int fd, const struct link_events *events,
                              void *owner, enum message_from from)
{
    struct link *l = calloc(1, sizeof *l);

    if (l != NULL) {
        l->hub = hub;
        l->events = events;
        l->owner = owner;
        l->fd = fd;
        l->watch = (struct loop_watch){.fd = -1, .ready = link_ready, .owner = l};
        framer_init(&l->framer, from);
        outbox_init(&l->out);
        buf_init(&l->ahead, PUMP_AHEAD);
    }
    if (l == NULL || !loop_add(hub->loop, &l->watch, fd) || !make_room(hub)) {
        if (l != NULL)
            loop_remove(hub->loop, &l->watch);
        free(l);
        close(fd);
        return NULL;
    }
    hub->links++;
    return l;
}

struct link *link_open_server(struct link_hub *hub, int fd, const struct identity *id,
                              const struct cert *cert, const struct link_events *events,
                              void *owner)
{
    struct link *l = link_make(hub, fd, events, owner, MESSAGE_FROM_CLIENT);

    if (l == NULL)
        return NULL;
    l->server = true;
    l->engine = &l->tls.server.eng;
    if (!profile_server(&l->tls.server, id, cert, l->buffer, hub->random)) {
        link_close(l);
        return NULL;
    }
    pump_wants(l);
    return l;
}

struct link *link_open_client(struct link_hub *hub, int fd, const uint8_t *pin,
                              const struct link_events *events, void *owner)
{
    struct link *l = link_make(hub, fd, events, owner, MESSAGE_FROM_SERVER);

    if (l == NULL)
        return NULL;
    pin_init(&l->pin, pin);
    l->engine = &l->tls.client.eng;
    if (!profile_client(&l->tls.client, &l->pin, l->buffer, hub->random)) {
        link_close(l);
        return NULL;
    }
    l->connecting = true;
    loop_want(hub->loop, &l->watch, false, true);
    return l;
}

void link_close(struct link *l)
{
    if (l == NULL)
        return;
    leave_hub(l);
    cooler_forget(l);
    hoard_forget(l);
    row_leave(l, ROW_STEPS);
    loop_remove(l->hub->loop, &l->watch);
    close(l->fd);
    framer_free(&l->framer);
    outbox_free(&l->out);
    buf_free(&l->ahead);
    wipe(l, sizeof *l);
    free(l);
}

void *link_owner(const struct link *l)
{
    return l->owner;
}

bool link_is_open(const struct link *l)
{
    return l->state == STATE_OPEN;
}

enum message_code link_refused(const struct link *l)
{
    return l->framer.refused;
}

void link_phase(struct link *l, enum message_phase phase)
{
    l->framer.phase = phase;
}

bool link_send_blob(struct link *l, struct blob *b)
{
    if (l->state != STATE_OPEN)
        return true;
    mark_dirty(l);
    return outbox_add(&l->out, b);
}

bool link_send(struct link *l, const struct buf *messages)
{
    struct blob *b = messages->failed ? NULL : blob_make(messages->data, messages->len);
    bool ok = b != NULL && link_send_blob(l, b);

    blob_drop(b);
    return ok;
}

size_t link_queued(const struct link *l)
{
    return l->out.bytes;
}

void link_kick(struct link *l)
{
    if (l->state != STATE_OPEN)
        return;
    l->more_to_fill = true;
    mark_dirty(l);
}

void link_pause(struct link *l, bool paused)
{
    if (l->paused == paused)
        return;
    l->paused = paused;
    mark_dirty(l);
}

void link_finish(struct link *l)
{
    if (l->state == STATE_OPEN)
        l->state = STATE_FINISHING;
    if (l->state == STATE_OPENING) {
        shutdown(l->fd, SHUT_WR);
        l->state = STATE_DRAINING;
    }
    mark_dirty(l);
}

void link_exporter(struct link *l, uint8_t out[static SIZE_EXPORTER])
{
    if (!profile_exporter(l->engine, out))
        wipe(out, SIZE_EXPORTER);
}

const struct public_key *link_peer_key(const struct link *l)
{
    return &l->pin.key;
}
