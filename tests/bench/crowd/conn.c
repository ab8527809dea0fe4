#include "tests/bench/crowd/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/socket.h"
#include "tests/bench/crowd/crowd.h"

#define PARTIAL (64 * 1024)

static void end(struct conn *c)
{
    if (c->over)
        return;
    c->over = true;
    c->crowd->lost++;
    loop_want(c->crowd->loop, &c->watch, false, false);
}

/* Waits where it must: what a crowd writes is little. */
static void write_records(struct conn *c)
{
    br_ssl_engine_context *e = &c->tls.eng;

    while (!c->over && (br_ssl_engine_current_state(e) & BR_SSL_SENDREC) != 0) {
        size_t len;
        unsigned char *p = br_ssl_engine_sendrec_buf(e, &len);
        ssize_t n = send(c->watch.fd, p, len, MSG_NOSIGNAL);

        if (n > 0) {
            br_ssl_engine_sendrec_ack(e, (size_t)n);
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = c->watch.fd, .events = POLLOUT};

            poll(&wait, 1, 10000);
        } else if (errno != EINTR) {
            end(c);
        }
    }
}

static void take_records(struct conn *c, const uint8_t *from, size_t left)
{
    br_ssl_engine_context *e = &c->tls.eng;

    for (;;) {
        unsigned now;
        size_t len;

        write_records(c);
        now = br_ssl_engine_current_state(e);
        if (c->over || (now & BR_SSL_CLOSED) != 0) {
            end(c);
            return;
        }
        if (!c->secure && (now & BR_SSL_SENDAPP) != 0) {
            c->secure = true;
            c->crowd->speech->begin(c);
        }
        if ((now & BR_SSL_RECVAPP) != 0) {
            const uint8_t *p = br_ssl_engine_recvapp_buf(e, &len);

            c->crowd->speech->take(c, p, len);
            br_ssl_engine_recvapp_ack(e, len);
        } else if (left > 0 && (now & BR_SSL_RECVREC) != 0) {
            unsigned char *p = br_ssl_engine_recvrec_buf(e, &len);

            len = len < left ? len : left;
            memcpy(p, from, len);
            br_ssl_engine_recvrec_ack(e, len);
            from += len;
            left -= len;
        } else {
            return;
        }
    }
}

static void on_ready(struct loop_watch *w, bool readable, bool writable)
{
    static uint8_t shared[256 * 1024];
    struct conn *c = w->owner;
    ssize_t n;

    if (c->connecting && writable) {
        if (socket_error(w->fd) != 0) {
            end(c);
            return;
        }
        c->connecting = false;
        loop_want(c->crowd->loop, w, true, false);
        take_records(c, NULL, 0);
    }
    if (!readable)
        return;
    n = recv(w->fd, shared, sizeof shared, 0);
    if (n > 0)
        take_records(c, shared, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        end(c);
}

struct conn *conn_open(struct crowd *crowd, unsigned number)
{
    struct conn *c = calloc(1, sizeof *c);
    int fd = socket_connect(&crowd->address);

    if (c == NULL || fd < 0) {
        crowd_fail("can't connect");
        return NULL;
    }
    *c = (struct conn){.crowd = crowd, .number = number, .connecting = true};
    c->watch = (struct loop_watch){.fd = -1, .ready = on_ready, .owner = c};
    buf_init(&c->partial, PARTIAL);
    framer_init(&c->framer, MESSAGE_FROM_SERVER);
    pin_init(&c->pin, NULL);
    if (!profile_client(&c->tls, &c->pin, c->buffer, &crowd->random) ||
        !loop_add(crowd->loop, &c->watch, fd))
        crowd_fail("can't begin TLS on descriptor %d", fd);
    loop_want(crowd->loop, &c->watch, false, true);
    return c;
}

void conn_close(struct conn *c)
{
    int fd = c->watch.fd;

    loop_remove(c->crowd->loop, &c->watch);
    close(fd);
    buf_free(&c->partial);
    framer_free(&c->framer);
    free(c);
}

void conn_send(struct conn *c, const void *p, size_t len)
{
    br_ssl_engine_context *e = &c->tls.eng;
    const uint8_t *from = p;

    while (!c->over && len > 0) {
        size_t room;
        unsigned char *to = br_ssl_engine_sendapp_buf(e, &room);

        if (to == NULL)
            crowd_fail("%u can't write", c->number);
        room = room < len ? room : len;
        memcpy(to, from, room);
        br_ssl_engine_sendapp_ack(e, room);
        from += room;
        len -= room;
        br_ssl_engine_flush(e, 0);
        write_records(c);
    }
}
