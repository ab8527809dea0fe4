#include "net/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/wipe.h"
#include "crypto/pin.h"
#include "crypto/profile.h"
#include "net/outbox.h"
#include "platform/socket.h"

/* Records that one link may read or write before the others get their turn. */
#define READS_A_TURN 4
#define WRITES_A_TURN 8

enum link_state { STATE_OPENING, STATE_OPEN, STATE_FINISHING, STATE_DRAINING, STATE_CLOSED };

struct link {
    struct link_hub *hub;
    const struct link_events *events;
    void *owner;
    struct loop_watch watch;
    int fd; /* owned until link_close */
    int writes_left; /* in this turn */
    enum link_state state;
    struct framer framer;
    struct outbox out;
    br_ssl_engine_context *engine; /* inside tls */
    union {
        br_ssl_client_context client;
        br_ssl_server_context server;
    } tls;
    struct pin pin;             /* a client's */
    struct link *dirty_next;
    bool server;
    bool dirty;
    bool connecting;   /* a client's TCP is not decided yet */
    bool flown;        /* the server's first flight, with its signature, was made */
    bool paused;
    bool more_to_fill; /* fill may have something */
    bool record_used;  /* something may stand in the record that is open */
    bool notified;     /* close_notify is on its way */
    uint8_t buffer[PROFILE_BUFFER];
};

void link_hub_init(struct link_hub *hub, struct loop *loop, struct random *random)
{
    *hub = (struct link_hub){.loop = loop, .random = random, .first_flights = 1};
}

void link_hub_turn(struct link_hub *hub)
{
    hub->first_flights = 1;
}

static void mark_dirty(struct link *l)
{
    if (l->dirty || l->state == STATE_CLOSED)
        return;
    l->dirty = true;
    l->dirty_next = l->hub->dirty;
    l->hub->dirty = l;
}

static void unmark_dirty(struct link *l)
{
    struct link **at = &l->hub->dirty;

    if (!l->dirty)
        return;
    while (*at != l)
        at = &(*at)->dirty_next;
    *at = l->dirty_next;
    l->dirty = false;
}

static void end(struct link *l, enum link_end how, const char *why)
{
    if (l->state == STATE_CLOSED)
        return;
    l->state = STATE_CLOSED;
    loop_remove(l->hub->loop, &l->watch);
    l->events->ended(l, how, why);
}

/* What TLS ended with; 0 is a close_notify from the peer. */
static void end_tls(struct link *l)
{
    int error = br_ssl_engine_last_error(l->engine);
    char why[64];

    snprintf(why, sizeof why, "TLS failed (%s%d)",
             error >= BR_ERR_SEND_FATAL_ALERT   ? "alert sent "
             : error >= BR_ERR_RECV_FATAL_ALERT ? "alert received "
                                                : "error ",
             error & 255);
    if (error == 0 || l->state == STATE_FINISHING)
        end(l, LINK_GOODBYE, "closed");
    else if (l->pin.state == PIN_MISMATCH)
        end(l, LINK_WRONG_KEY, "the server shows another key");
    else
        end(l, LINK_TLS, why);
}

static bool write_record(struct link *l)
{
    size_t len;
    unsigned char *p = br_ssl_engine_sendrec_buf(l->engine, &len);
    ssize_t n = send(l->fd, p, len, MSG_NOSIGNAL);

    if (n > 0) {
        br_ssl_engine_sendrec_ack(l->engine, (size_t)n);
        l->writes_left--;
        return true;
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        end(l, LINK_GONE, strerror(errno));
    return false;
}

static bool read_record(struct link *l)
{
    size_t len;
    unsigned char *p = br_ssl_engine_recvrec_buf(l->engine, &len);
    ssize_t n = recv(l->fd, p, len, 0);

    if (n > 0) {
        br_ssl_engine_recvrec_ack(l->engine, (size_t)n);
        return true;
    }
    if (n == 0)
        end(l, LINK_GONE, "the other side went away");
    else if (errno != EAGAIN && errno != EINTR)
        end(l, LINK_GONE, strerror(errno));
    return false;
}

static void deliver(struct link *l, struct cursor in)
{
    struct message m;
    const char *why = "";

    while (l->state == STATE_OPEN) {
        enum framer_result got = framer_next(&l->framer, &in, &m, &why);
        if (got == FRAMER_MORE)
            return;
        if (got == FRAMER_REFUSED) {
            l->events->broken(l, why);
            link_finish(l);
            return;
        }
        l->events->message(l, &m);
    }
}

static bool read_application(struct link *l)
{
    size_t len;
    const unsigned char *p = br_ssl_engine_recvapp_buf(l->engine, &len);

    deliver(l, cursor_over(p, len));
    br_ssl_engine_recvapp_ack(l->engine, len);
    return true;
}

/* Puts what waits into the record that is open, or sends the record off; true if either was done.
 * Queued messages go first, so chat overtakes video. */
static bool write_application(struct link *l)
{
    size_t room, n = 0;
    unsigned char *p = br_ssl_engine_sendapp_buf(l->engine, &room);

    if (!outbox_empty(&l->out))
        n = outbox_take(&l->out, p, room);
    else if (l->state == STATE_OPEN && l->more_to_fill && l->events->fill != NULL)
        n = l->events->fill(l, p, room);
    if (n > 0) {
        br_ssl_engine_sendapp_ack(l->engine, n);
        l->record_used = true;
        return true;
    }
    /* fill may only have lacked room: it is asked again with an empty record. */
    l->more_to_fill = l->more_to_fill && l->record_used;
    if (!l->record_used)
        return false;
    br_ssl_engine_flush(l->engine, 0);
    l->record_used = false;
    return true;
}

static bool holds_back(const struct link *l)
{
    return l->paused && l->state == STATE_OPEN;
}

static bool may_read(const struct link *l)
{
    if (holds_back(l) || (br_ssl_engine_current_state(l->engine) & BR_SSL_RECVREC) == 0)
        return false;
    return !l->server || l->flown || l->hub->first_flights > 0;
}

/* All that was queued is sent: says so by TLS, once. */
static bool notify(struct link *l)
{
    if (l->state != STATE_FINISHING || l->notified)
        return false;
    br_ssl_engine_close(l->engine);
    l->notified = true;
    return true;
}

/* Everything that the engine can do now without reading. */
static void advance(struct link *l)
{
    while (l->state != STATE_CLOSED && l->state != STATE_DRAINING) {
        unsigned now = br_ssl_engine_current_state(l->engine);
        bool moved = false;

        if ((now & BR_SSL_CLOSED) != 0) {
            end_tls(l);
            return;
        }
        if (l->state == STATE_OPENING && (now & (BR_SSL_SENDAPP | BR_SSL_RECVAPP)) != 0) {
            l->state = STATE_OPEN;
            l->more_to_fill = true;
            l->events->opened(l);
        }
        if ((now & BR_SSL_SENDREC) != 0 && l->writes_left > 0)
            moved = write_record(l);
        if (!moved && (now & BR_SSL_RECVAPP) != 0 && !holds_back(l))
            moved = read_application(l);
        if (!moved && (now & BR_SSL_SENDREC) == 0 && (now & BR_SSL_SENDAPP) != 0)
            moved = write_application(l) || notify(l);
        if (!moved)
            return;
    }
}

/* Our close_notify is out: close our half, so that the peer reads all of it before a reset could
 * reach it, and wait for the peer's end. */
static void drain_if_notified(struct link *l)
{
    if (l->state != STATE_FINISHING || !l->notified)
        return;
    if ((br_ssl_engine_current_state(l->engine) & BR_SSL_SENDREC) != 0)
        return;
    shutdown(l->fd, SHUT_WR);
    l->state = STATE_DRAINING;
}

static void drain(struct link *l)
{
    ssize_t n = recv(l->fd, l->buffer, sizeof l->buffer, 0);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end(l, LINK_GOODBYE, "closed");
}

static void set_wants(struct link *l)
{
    unsigned now;

    if (l->state == STATE_CLOSED)
        return;
    if (l->state == STATE_DRAINING) {
        loop_want(l->hub->loop, &l->watch, true, false);
        return;
    }
    now = br_ssl_engine_current_state(l->engine);
    loop_want(l->hub->loop, &l->watch,
              (now & BR_SSL_RECVREC) != 0 && !holds_back(l),
              (now & BR_SSL_SENDREC) != 0);
}

static void work(struct link *l, bool readable)
{
    int reads = 0;

    l->writes_left = WRITES_A_TURN;
    advance(l);
    while (readable && l->state < STATE_DRAINING && reads++ < READS_A_TURN && may_read(l)) {
        if (!read_record(l))
            break;
        if (!l->flown && (br_ssl_engine_current_state(l->engine) & BR_SSL_SENDREC) != 0) {
            l->flown = true;
            if (l->server)
                l->hub->first_flights--;
        }
        advance(l);
    }
    drain_if_notified(l);
    if (l->state == STATE_DRAINING && readable)
        drain(l);
    set_wants(l);
}

static void link_ready(struct loop_watch *w, bool readable, bool writable)
{
    struct link *l = w->owner;
    int error;

    if (l->connecting && writable) {
        error = socket_error(l->fd);
        if (error != 0) {
            end(l, LINK_GONE, strerror(error));
            return;
        }
        l->connecting = false;
    }
    if (!l->connecting)
        work(l, readable);
}

void link_hub_flush(struct link_hub *hub)
{
    struct link *l;

    while ((l = hub->dirty) != NULL) {
        hub->dirty = l->dirty_next;
        l->dirty = false;
        if (l->state != STATE_CLOSED && !l->connecting)
            work(l, false);
    }
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
    }
    if (l == NULL || !loop_add(hub->loop, &l->watch, fd)) {
        free(l);
        close(fd);
        return NULL;
    }
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
    set_wants(l);
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
    unmark_dirty(l);
    loop_remove(l->hub->loop, &l->watch);
    close(l->fd);
    framer_free(&l->framer);
    outbox_free(&l->out);
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
