#include "tests/kit/tap.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ (256 * 1024) /* bytes at once, however many records they are */
#define READS 4           /* of them in one tap_work */
#define QUEUE (1024 * 1024)

static br_ssl_engine_context *engine(struct tap *t)
{
    return &t->tls.eng;
}

bool tap_open(struct tap *t, uint16_t port, uint16_t suite, struct random *random)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;

    *t = (struct tap){.opened = t->opened, .got = t->got, .owner = t->owner};
    buf_init(&t->out, QUEUE);
    pin_init(&t->pin, NULL);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    t->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (t->fd < 0 || !profile_client(&t->tls, &t->pin, t->buffer, random))
        return false;
    if (suite != 0) {
        br_ssl_engine_set_suites(engine(t), &suite, 1);
        br_ssl_client_reset(&t->tls, NULL, 0);
    }
    setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return connect(t->fd, (const struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS;
}

void tap_close(struct tap *t)
{
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    buf_free(&t->out);
}

void tap_send(struct tap *t, const void *p, size_t len)
{
    buf_add(&t->out, p, len);
}

/* What is queued goes into records, and these out. False: the socket is full, or gone. */
static bool put(struct tap *t)
{
    size_t len;
    unsigned char *p = br_ssl_engine_sendrec_buf(engine(t), &len);
    ssize_t n;

    if (p != NULL) {
        n = send(t->fd, p, len, MSG_NOSIGNAL);
        if (n > 0)
            br_ssl_engine_sendrec_ack(engine(t), (size_t)n);
        return n > 0;
    }
    p = t->out.len == 0 ? NULL : br_ssl_engine_sendapp_buf(engine(t), &len);
    if (p == NULL)
        return false;
    len = len < t->out.len ? len : t->out.len;
    memcpy(p, t->out.data, len);
    buf_drop(&t->out, len);
    br_ssl_engine_sendapp_ack(engine(t), len);
    br_ssl_engine_flush(engine(t), 0);
    return true;
}

static void give(struct tap *t)
{
    size_t len;
    unsigned char *p;

    while ((p = br_ssl_engine_recvapp_buf(engine(t), &len)) != NULL) {
        t->got(t, p, len);
        br_ssl_engine_recvapp_ack(engine(t), len);
    }
}

/* All of it goes into the engine, which may want to write in between. */
static bool take(struct tap *t, const uint8_t *p, size_t len)
{
    while (len > 0) {
        size_t room;
        unsigned char *to = br_ssl_engine_recvrec_buf(engine(t), &room);
        size_t n = room < len ? room : len;

        if (to == NULL && put(t))
            continue;
        if (to == NULL)
            return false;
        memcpy(to, p, n);
        br_ssl_engine_recvrec_ack(engine(t), n);
        p += n;
        len -= n;
        give(t);
    }
    return true;
}

static bool is_over(struct tap *t)
{
    return (br_ssl_engine_current_state(engine(t)) & BR_SSL_CLOSED) != 0;
}

bool tap_work(struct tap *t)
{
    static uint8_t piece[READ];
    ssize_t n = 1;

    if (t->fd < 0)
        return false;
    while (put(t))
        t->connected = true;
    for (int i = 0; i < READS && n > 0; i++) {
        n = recv(t->fd, piece, sizeof piece, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && (t->connected || errno != ENOTCONN)) ||
            (n > 0 && !take(t, piece, (size_t)n)) || is_over(t)) {
            tap_close(t);
            return false;
        }
        if (n > 0 && (size_t)n < sizeof piece)
            break;
    }
    if (!t->shaken && (br_ssl_engine_current_state(engine(t)) & BR_SSL_SENDAPP) != 0) {
        t->shaken = true;
        t->opened(t);
    }
    while (put(t))
        continue;
    return true;
}

bool tap_wants_write(const struct tap *t)
{
    return (br_ssl_engine_current_state(&t->tls.eng) & BR_SSL_SENDREC) != 0;
}
