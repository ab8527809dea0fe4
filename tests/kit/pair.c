#include "tests/kit/pair.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/now.h"
#include "platform/socket.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"

#define SEEN (64 * 1024 * 1024)

static struct pair_side *side_of(struct link *l)
{
    return link_owner(l);
}

static void on_opened(struct link *l)
{
    side_of(l)->opened = true;
}

static void on_message(struct link *l, const struct message *m)
{
    struct pair_side *s = side_of(l);
    size_t begin = message_begin(&s->seen, m->type);

    buf_add(&s->seen, m->payload.data, m->payload.len);
    message_end(&s->seen, begin);
    s->messages++;
    if (s->on_message != NULL)
        s->on_message(s, m);
}

static void on_broken(struct link *l, const char *why)
{
    side_of(l)->broken = true;
    snprintf(side_of(l)->why, sizeof side_of(l)->why, "%s", why);
}

static size_t on_fill(struct link *l, uint8_t *out, size_t room)
{
    struct pair_side *s = side_of(l);
    size_t n = s->to_fill.len < room ? s->to_fill.len : room;

    s->fills++;
    if (n > 0)
        memcpy(out, s->to_fill.data, n);
    buf_drop(&s->to_fill, n);
    return n;
}

static void on_ended(struct link *l, enum link_end how, const char *why)
{
    struct pair_side *s = side_of(l);

    if (s->ended)
        abort(); /* the last callback, once */
    s->ended = true;
    s->how = how;
    snprintf(s->why, sizeof s->why, "%s", why);
}

static const struct link_events events = {
    .opened = on_opened,
    .message = on_message,
    .broken = on_broken,
    .fill = on_fill,
    .ended = on_ended,
};

static void side_init(struct pair *p, struct pair_side *s)
{
    *s = (struct pair_side){.pair = p};
    buf_init(&s->seen, SEEN);
    buf_init(&s->to_fill, SEEN);
}

/* Made once, for its signature is most of what opening a pair would cost. */
static const struct cert *server_cert(void)
{
    static struct cert made;
    struct random random = keys_random(78);

    if (made.chain.data == NULL && cert_make(&made, keys_get(0), &random) != ERR_OK)
        abort();
    return &made;
}

static void open_sockets(int fds[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
        abort();
    /* Small, so that what is sent meets a full socket. */
    for (int i = 0; i < 2; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &(int){8192}, sizeof(int));
}

/* As the programs have them. */
static void open_tcp_sockets(int fds[2])
{
    struct address at = {0}, from;
    int listener;

    if (!address_numeric("127.0.0.1", 0, &at))
        abort();
    listener = socket_listen(&at, 1);
    if (listener < 0 || socket_local(listener, &at) != 0)
        abort();
    fds[1] = socket_connect(&at);
    if (poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, 10000) != 1)
        abort();
    fds[0] = socket_accept(listener, &from);
    if (fds[0] < 0 || fds[1] < 0)
        abort();
    close(listener);
}

static void open_server(struct pair *p, int fd)
{
    p->server.link = link_open_server(&p->hub, fd, keys_get(0), server_cert(), &events, &p->server);
    if (p->server.link == NULL)
        abort();
}

/* Everything but the client's link, over these sockets. */
static void base_open_over(struct pair *p, const int fds[2])
{
    *p = (struct pair){.raw = -1, .raw_client = -1};
    p->random = keys_random(77);
    p->loop = loop_open(1024);
    if (p->loop == NULL)
        abort();
    link_hub_init(&p->hub, p->loop, &p->random);
    side_init(p, &p->server);
    side_init(p, &p->client);
    open_server(p, fds[0]);
}

/* The same; the ends of a socket pair go to fds. */
static void base_open(struct pair *p, int fds[2])
{
    open_sockets(fds);
    base_open_over(p, fds);
}

void pair_renew_raw(struct pair *p)
{
    int fds[2];

    link_close(p->server.link);
    p->server.opened = p->server.broken = p->server.ended = false;
    open_sockets(fds);
    open_server(p, fds[0]);
    p->raw = fds[1];
}

static void open_client(struct pair *p, int fd, const uint8_t *pin)
{
    p->client.link = link_open_client(&p->hub, fd, pin, &events, &p->client);
    if (p->client.link == NULL)
        abort();
}

void pair_open(struct pair *p, const uint8_t *pin)
{
    int fds[2];

    base_open(p, fds);
    open_client(p, fds[1], pin);
}

int pair_open_tcp(struct pair *p)
{
    int fds[2];

    open_tcp_sockets(fds);
    base_open_over(p, fds);
    open_client(p, fds[1], NULL);
    return fds[0];
}

void pair_open_raw(struct pair *p)
{
    int fds[2];

    base_open(p, fds);
    p->raw = fds[1];
}

void pair_open_apart(struct pair *p, const uint8_t *pin)
{
    int fds[2];

    base_open(p, fds);
    p->raw = fds[1];
    open_sockets(fds);
    p->raw_client = fds[1];
    open_client(p, fds[0], pin);
}

static void side_free(struct pair_side *s)
{
    link_close(s->link);
    buf_free(&s->seen);
    buf_free(&s->to_fill);
}

void pair_more(struct pair *p, struct pair_extra *more)
{
    int fds[2];

    open_sockets(fds);
    side_init(p, &more->server);
    side_init(p, &more->client);
    more->server.link =
        link_open_server(&p->hub, fds[0], keys_get(0), server_cert(), &events, &more->server);
    more->client.link = link_open_client(&p->hub, fds[1], NULL, &events, &more->client);
    if (more->server.link == NULL || more->client.link == NULL)
        abort();
}

void pair_less(struct pair_extra *more)
{
    side_free(&more->server);
    side_free(&more->client);
}

void pair_close(struct pair *p)
{
    side_free(&p->server);
    side_free(&p->client);
    loop_close(p->loop);
    if (p->raw >= 0)
        close(p->raw);
    if (p->raw_client >= 0)
        close(p->raw_client);
}

int pair_turn(struct pair *p)
{
    int ready;

    link_hub_turn(&p->hub);
    link_hub_flush(&p->hub);
    ready = loop_turn(p->loop, 0);
    link_hub_flush(&p->hub);
    return ready;
}

void pair_settle(struct pair *p)
{
    int idle = 0;

    for (int turns = 0; idle < 3; turns++) {
        idle = pair_turn(p) > 0 ? 0 : idle + 1;
        if (turns > 100000)
            abort(); /* spins */
    }
}

void pair_open_room(struct pair *p)
{
    pair_open(p, keys_get(0)->public.fingerprint);
    pair_settle(p);
    if (!p->server.opened || !p->client.opened)
        abort();
    link_phase(p->server.link, PHASE_ROOM);
    link_phase(p->client.link, PHASE_ROOM);
}

void pair_message(struct buf *out, uint8_t type, size_t len, uint64_t seed)
{
    struct dice dice = dice_make(seed);
    size_t begin = message_begin(out, type);
    uint8_t *to = buf_reserve(out, len);

    if (to == NULL)
        abort();
    dice_bytes(&dice, to, len);
    buf_grew(out, len);
    message_end(out, begin);
}

void pair_send(struct pair_side *side, size_t len, uint64_t seed)
{
    bool server = side == &side->pair->server;
    struct buf b;

    buf_init(&b, MESSAGE_HEADER + len);
    pair_message(&b, server ? MESSAGE_SEALED : MESSAGE_SEND, len, seed);
    if (!link_send(side->link, &b))
        abort();
    buf_free(&b);
}
