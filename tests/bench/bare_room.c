/* bare_room PORT FILE [aside]: the least that can be a server of a room, as a floor for dend: it waits by
 * select(), reads a record, opens it, appends what it holds to FILE and syncs that, seals it for each of the
 * others and sends it, and answers who spoke. What comes within a millisecond of the last time goes together.
 * All by BearSSL and system calls: no hello, no names, no limits, no queue; who does not read holds it up.
 *
 * aside: the appending and syncing has a thread of its own, as where FILE is on a disk that takes its time
 * and the films go on meanwhile. Else there is one thread.
 *
 * Each that comes shakes hands while all wait. What is said has BARE_MESSAGE bytes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/cert.h"
#include "crypto/profile.h"
#include "platform/address.h"
#include "platform/now.h"
#include "platform/socket.h"
#include "platform/worker.h"
#include "tests/bench/bare.h"
#include "tests/kit/keys.h"

#define MOST 16384 /* descriptors */
#define TOGETHER 64
#define GAP_NS INT64_C(1000000)
#define WORD_BITS (8 * sizeof(unsigned long))

struct guest {
    br_ssl_engine_context *e;
    int fd;
    br_ssl_server_context tls;
    uint8_t buffer[PROFILE_BUFFER];
};

/* What was said, by one of them, on its way to the file. */
struct said {
    struct worker_job job;
    int from;
    off_t at;
    size_t len;
    uint8_t messages[TOGETHER * BARE_MESSAGE];
};

static struct guest *guests[MOST]; /* by descriptor */
static struct worker *aside;       /* NULL: one thread */
static struct said *said;          /* what waits, if anything does */
static int64_t next;               /* when that may go */
static unsigned long wanted[MOST / WORD_BITS], got[MOST / WORD_BITS];
static int top, file;
static off_t size;

static void fail(const char *why)
{
    fprintf(stderr, "bare_room: %s: %s\n", why, strerror(errno));
    exit(1);
}

static void want(int fd, bool on)
{
    unsigned long bit = 1ul << ((size_t)fd % WORD_BITS);

    if (on)
        wanted[(size_t)fd / WORD_BITS] |= bit;
    else
        wanted[(size_t)fd / WORD_BITS] &= ~bit;
    top = on && fd > top ? fd : top;
}

static void leave(struct guest *g)
{
    want(g->fd, false);
    guests[g->fd] = NULL;
    close(g->fd);
    free(g);
}

static void send_records(struct guest *g)
{
    size_t len;
    unsigned char *p;

    while ((p = br_ssl_engine_sendrec_buf(g->e, &len)) != NULL) {
        ssize_t n = send(g->fd, p, len, MSG_NOSIGNAL);
        struct pollfd room = {.fd = g->fd, .events = POLLOUT};

        if (n > 0)
            br_ssl_engine_sendrec_ack(g->e, (size_t)n);
        else if (errno != EAGAIN || poll(&room, 1, 10000) != 1)
            return;
    }
}

static void write_to(struct guest *g, const uint8_t *p, size_t len)
{
    while (len > 0) {
        size_t room;
        unsigned char *to = br_ssl_engine_sendapp_buf(g->e, &room);

        if (to == NULL)
            return;
        room = room < len ? room : len;
        memcpy(to, p, room);
        br_ssl_engine_sendapp_ack(g->e, room);
        br_ssl_engine_flush(g->e, 0);
        send_records(g);
        p += room;
        len -= room;
    }
}

static void append(struct worker_job *job)
{
    const struct said *s = (struct said *)job;

    if (pwrite(file, s->messages, s->len, s->at) != (ssize_t)s->len || fdatasync(file) != 0)
        fail("can't write");
}

static void pass_on(struct worker_job *job)
{
    static const uint8_t answer[TOGETHER * BARE_ANSWER];
    struct said *s = (struct said *)job;

    if (guests[s->from] != NULL)
        write_to(guests[s->from], answer, s->len / BARE_MESSAGE * BARE_ANSWER);
    for (int fd = 0; fd <= top; fd++) {
        if (guests[fd] != NULL && fd != s->from)
            write_to(guests[fd], s->messages, s->len);
    }
    free(s);
}

static void go_on(void)
{
    struct worker_job *job = &said->job;

    said->at = size;
    size += (off_t)said->len;
    said = NULL;
    next = now_ns() + GAP_NS;
    if (aside != NULL && worker_submit(aside, job))
        return;
    append(job);
    pass_on(job);
}

static void hear(const struct guest *from, const uint8_t *p)
{
    if (said != NULL && (said->from != from->fd || said->len == sizeof said->messages))
        go_on();
    if (said == NULL) {
        said = calloc(1, sizeof *said);
        if (said == NULL)
            fail("out of memory");
        said->job = (struct worker_job){.run = append, .done = pass_on};
        said->from = from->fd;
    }
    memcpy(said->messages + said->len, p, BARE_MESSAGE);
    said->len += BARE_MESSAGE;
}

static void take(struct guest *g, const uint8_t *from, size_t left)
{
    for (;;) {
        size_t len;
        unsigned char *p;

        send_records(g);
        p = br_ssl_engine_recvapp_buf(g->e, &len);
        if (p != NULL) {
            for (size_t at = 0; at + BARE_MESSAGE <= len; at += BARE_MESSAGE)
                hear(g, p + at);
            br_ssl_engine_recvapp_ack(g->e, len);
            continue;
        }
        p = left > 0 ? br_ssl_engine_recvrec_buf(g->e, &len) : NULL;
        if (p == NULL)
            return;
        len = len < left ? len : left;
        memcpy(p, from, len);
        br_ssl_engine_recvrec_ack(g->e, len);
        from += len;
        left -= len;
    }
}

static void read_from(struct guest *g)
{
    static uint8_t bytes[32 * 1024];
    ssize_t n = recv(g->fd, bytes, sizeof bytes, 0);

    if (n > 0)
        take(g, bytes, (size_t)n);
    else if (n == 0 || errno != EAGAIN)
        leave(g);
}

static void welcome(int listener, const struct cert *cert, struct random *random)
{
    struct address from;
    int fd = socket_accept(listener, &from);
    struct guest *g = fd < 0 ? NULL : calloc(1, sizeof *g);

    if (g == NULL || fd >= MOST)
        return;
    g->fd = fd;
    g->e = &g->tls.eng;
    if (!profile_server(&g->tls, keys_get(0), cert, g->buffer, random))
        fail("no TLS");
    guests[fd] = g;
    want(fd, true);
}

static int listen_at(const char *port)
{
    struct address at;
    int fd;

    if (!address_numeric("127.0.0.1", (uint16_t)atoi(port), &at) ||
        (fd = socket_listen(&at, MOST)) < 0)
        fail("can't listen");
    want(fd, true);
    return fd;
}

static void wait_for_it(int listener, const struct cert *cert, struct random *random)
{
    int64_t left = said == NULL ? 0 : next - now_ns();
    struct timeval time = {.tv_usec = left > 0 ? (suseconds_t)(left / 1000) : 0};
    int ready;

    memcpy(got, wanted, ((size_t)top / WORD_BITS + 1) * sizeof got[0]);
    ready = select(top + 1, (fd_set *)(void *)got, NULL, NULL, said == NULL ? NULL : &time);
    if (ready < 0)
        fail("select");
    for (int fd = 0; ready > 0 && fd <= top; fd++) {
        if ((got[(size_t)fd / WORD_BITS] >> ((size_t)fd % WORD_BITS) & 1) == 0)
            continue;
        if (fd == listener)
            welcome(listener, cert, random);
        else if (guests[fd] != NULL)
            read_from(guests[fd]);
        else
            worker_collect(aside);
    }
    if (said != NULL && now_ns() >= next)
        go_on();
}

int main(int argc, char **argv)
{
    struct rlimit r = {MOST, MOST};
    struct random random = keys_random(1);
    struct cert cert;
    int listener;

    if (argc < 3 || (file = open(argv[2], O_RDWR | O_CREAT, 0600)) < 0)
        fail("bare_room PORT FILE [aside]");
    if (argc > 3) {
        aside = worker_open(1, MOST);
        if (aside == NULL)
            fail("no thread");
        want(worker_fd(aside), true);
    }
    setrlimit(RLIMIT_NOFILE, &r);
    if (cert_make(&cert, keys_get(0), &random) != ERR_OK)
        fail("no certificate");
    listener = listen_at(argv[1]);
    for (;;)
        wait_for_it(listener, &cert, &random);
}
