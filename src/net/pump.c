#include "net/pump.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net/cooler.h"
#include "net/hoard.h"
#include "platform/now.h"
#include "platform/socket.h"

/* Calls that read (two records) or write (one) before the others get their turn. */
#define READS_A_TURN 2
#define WRITES_A_TURN 8
/* Bytes of a record that was closed for want of room: another one follows, mostly. */
#define RECORD_FULL (15 * 1024)

void pump_end(struct link *l, enum link_end how, const char *why)
{
    if (l->state == STATE_CLOSED)
        return;
    l->state = STATE_CLOSED;
    row_leave(l, ROW_STEPS);
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
        pump_end(l, LINK_GOODBYE, "closed");
    else if (l->pin.state == PIN_MISMATCH)
        pump_end(l, LINK_WRONG_KEY, "the server shows another key");
    else
        pump_end(l, LINK_TLS, why);
}

/* Full records go to TCP with the word that more follows, so that it makes few large segments of many
 * of them; push_held then sends what it still holds, should none have followed. */
static bool write_record(struct link *l)
{
    size_t len;
    unsigned char *p = br_ssl_engine_sendrec_buf(l->engine, &len);
    bool more = len >= RECORD_FULL && l->writes_left > 1;
    ssize_t n = send(l->fd, p, len, MSG_NOSIGNAL | (more ? MSG_MORE : 0));

    if (n > 0) {
        l->held_back = more;
        br_ssl_engine_sendrec_ack(l->engine, (size_t)n);
        l->writes_left--;
        return true;
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        pump_end(l, LINK_GONE, strerror(errno));
    return false;
}

static void push_held(struct link *l)
{
    if (l->held_back && l->state != STATE_CLOSED)
        socket_push(l->fd);
    l->held_back = false;
}

/* Bytes that came, 0 if none did. */
static size_t receive(struct link *l, uint8_t *to, size_t room)
{
    ssize_t n = recv(l->fd, to, room, 0);

    if (n > 0)
        return (size_t)n;
    if (n == 0)
        pump_end(l, LINK_GONE, "the other side went away");
    else if (errno != EAGAIN && errno != EINTR)
        pump_end(l, LINK_GONE, strerror(errno));
    return 0;
}

static void deliver(struct link *l, struct cursor in)
{
    struct message m;
    const char *why = "";

    while (l->state == STATE_OPEN) {
        enum framer_result got = framer_next(&l->framer, &in, &m, &why);
        if (got == FRAMER_MORE) {
            hoard_look(l);
            return;
        }
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

/* What it reads next may be what the private key is needed for. */
static bool needs_step(const struct link *l)
{
    return l->server && !l->flown && l->state == STATE_OPENING;
}

static bool may_read(const struct link *l)
{
    if (holds_back(l) || (br_ssl_engine_current_state(l->engine) & BR_SSL_RECVREC) == 0)
        return false;
    return !needs_step(l) || l->hub->step;
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
        pump_end(l, LINK_GOODBYE, "closed");
}

void pump_wants(struct link *l)
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
              (now & BR_SSL_RECVREC) != 0 && !holds_back(l) && !l->places[ROW_STEPS].taken,
              (now & BR_SSL_SENDREC) != 0);
}

/* What TLS asks for and no more: so nothing is left over while a private-key step must be waited for. */
static bool read_exactly(struct link *l)
{
    size_t len;
    unsigned char *p = br_ssl_engine_recvrec_buf(l->engine, &len);
    size_t n = receive(l, p, len);

    if (n == 0)
        return false;
    br_ssl_engine_recvrec_ack(l->engine, n);
    if (!l->flown && (br_ssl_engine_current_state(l->engine) & BR_SSL_SENDREC) != 0) {
        l->flown = true;
        if (l->server)
            l->hub->step = false;
    }
    advance(l);
    return true;
}

/* Gives these bytes to TLS as long as it takes them; returns how many it took. */
static size_t feed(struct link *l, const uint8_t *from, size_t len)
{
    size_t done = 0;

    while (done < len && l->state < STATE_DRAINING && may_read(l)) {
        size_t n;
        unsigned char *p = br_ssl_engine_recvrec_buf(l->engine, &n);

        n = n < len - done ? n : len - done;
        memcpy(p, from + done, n);
        br_ssl_engine_recvrec_ack(l->engine, n);
        done += n;
        advance(l);
    }
    return done;
}

/* Several records at once, of which TLS by itself would ask for each one's head and then for its body. True
 * if more may have come. */
static bool read_ahead(struct link *l)
{
    uint8_t got[PUMP_AHEAD];
    size_t n = receive(l, got, sizeof got), done = feed(l, got, n);

    if (done < n && l->state < STATE_DRAINING) {
        buf_add(&l->ahead, got + done, n - done);
        if (l->ahead.failed)
            pump_end(l, LINK_GONE, "out of memory");
    }
    return n == sizeof got;
}

/* False while some is left. */
static bool feed_ahead(struct link *l)
{
    if (l->ahead.len == 0)
        return true;
    buf_drop(&l->ahead, feed(l, l->ahead.data, l->ahead.len));
    if (l->ahead.len > 0)
        return false;
    buf_free(&l->ahead);
    return true;
}

void pump_prepare(struct link *l)
{
    l->writes_left = 0;
    advance(l);
}

void pump_work(struct link *l, bool readable)
{
    int reads = 0;

    cooler_use(l, now_ns());
    l->writes_left = WRITES_A_TURN;
    advance(l);
    readable = feed_ahead(l) && readable;
    while (readable && l->state < STATE_DRAINING && l->ahead.len == 0 && may_read(l)) {
        bool opening = l->state == STATE_OPENING;

        if (reads++ == (opening ? 2 * READS_A_TURN : READS_A_TURN) ||
            !(opening ? read_exactly(l) : read_ahead(l)))
            break;
    }
    if (readable && needs_step(l) && !l->hub->step)
        row_join(l, ROW_STEPS);
    push_held(l);
    drain_if_notified(l);
    if (l->state == STATE_DRAINING && readable)
        drain(l);
    pump_wants(l);
}
