#include "server/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "platform/unix_socket.h"

#define BACKLOG 64
#define ACCEPTS_A_TURN 4
#define ACCEPT_PAUSE_NS INT64_C(100000000)
#define LIMIT_IN (LIMIT_COMMAND + 2) /* a line with CR LF */

struct ctl_client {
    struct ctl *ctl;
    struct loop_watch watch;
    int fd;
    struct warden_request request;
    struct buf in, out;
    int64_t due;
    bool read_all; /* nothing more will come */
    bool broken;   /* nothing can be sent, or what came was no line */
};

bool ctl_path(char out[static PATHS_MAX], const char *state)
{
    return paths_join(out, state, "ctl");
}

static struct ctl_client *client_of(struct warden_request *q)
{
    return (struct ctl_client *)((char *)q - offsetof(struct ctl_client, request));
}

static void on_answered(struct warden_request *q, enum warden_result result, const struct buf *text)
{
    struct ctl_client *k = client_of(q);

    buf_printf(&k->out, "%d %zu\n", (int)result, text->len);
    buf_add(&k->out, text->data, text->len);
    k->broken = k->broken || k->out.failed;
    k->due = k->ctl->warden->room->now + CTL_PATIENCE_NS;
}

static void read_some(struct ctl_client *k)
{
    size_t room = LIMIT_IN - k->in.len;
    uint8_t *to = room > 0 ? buf_reserve(&k->in, room) : NULL;
    ssize_t n;

    if (to == NULL)
        return;
    n = read(k->fd, to, room);
    if (n > 0)
        buf_grew(&k->in, (size_t)n);
    else if (n == 0)
        k->read_all = true;
    else if (errno != EAGAIN && errno != EINTR)
        k->broken = true;
}

static void on_client(struct loop_watch *w, bool readable, bool writable)
{
    (void)writable; /* ctl_tick sends */
    if (readable)
        read_some(w->owner);
}

/* The answer that any other wrong line gets, then the end. */
static void refuse_long(struct ctl_client *k)
{
    static const char junk[LIMIT_COMMAND + 1];

    warden_do(k->ctl->warden, &k->request, junk, sizeof junk);
    buf_clear(&k->in);
    k->read_all = true;
}

/* One line at a time, and none before the last answer is gone: so what waits is bounded. */
static void serve(struct ctl_client *k)
{
    char line[LIMIT_COMMAND];
    size_t len;

    if (k->request.busy || k->out.len > 0 || k->broken)
        return;
    if (warden_next_line(&k->in, line, &len))
        warden_do(k->ctl->warden, &k->request, line, len);
    else if (k->in.len > LIMIT_COMMAND)
        refuse_long(k);
    wipe(line, sizeof line);
}

static void flush(struct ctl_client *k)
{
    ssize_t n;

    while (k->out.len > 0 && !k->broken) {
        n = write(k->fd, k->out.data, k->out.len);
        if (n > 0)
            buf_drop(&k->out, (size_t)n);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            k->broken = true;
    }
}

static bool over(const struct ctl_client *k)
{
    bool idle = !k->request.busy && k->out.len == 0;

    /* When idle, a whole line has been taken already. */
    return k->broken || (idle && k->read_all) ||
           (!k->request.busy && k->ctl->warden->room->now >= k->due);
}

static void drop(struct ctl_client **at)
{
    struct ctl_client *k = *at;

    warden_forget(&k->request);
    loop_remove(k->ctl->loop, &k->watch);
    close(k->fd);
    buf_free(&k->in);
    buf_free(&k->out);
    free(k);
    *at = NULL;
}

/* A free place, if need be that of whoever has been silent longest. NULL: all are busy. */
static struct ctl_client **find_place(struct ctl *c)
{
    struct ctl_client **oldest = NULL;

    for (size_t i = 0; i < CTL_CLIENTS; i++) {
        struct ctl_client **at = &c->clients[i];

        if (*at == NULL)
            return at;
        if (!(*at)->request.busy && (oldest == NULL || (*at)->due < (*oldest)->due))
            oldest = at;
    }
    if (oldest != NULL)
        drop(oldest);
    return oldest;
}

static void welcome(struct ctl *c, int fd)
{
    struct ctl_client **at = find_place(c);
    struct ctl_client *k = at == NULL ? NULL : calloc(1, sizeof *k);

    if (k == NULL) {
        close(fd);
        return;
    }
    k->ctl = c;
    k->fd = fd;
    k->request.answered = on_answered;
    k->due = c->warden->room->now + CTL_PATIENCE_NS;
    k->watch = (struct loop_watch){.fd = -1, .ready = on_client, .owner = k};
    buf_init(&k->in, LIMIT_IN);
    buf_init(&k->out, 2 * LIMIT_ANSWER + 64);
    *at = k;
    if (!loop_add(c->loop, &k->watch, fd))
        drop(at);
    else
        read_some(k);
}

static void on_listen(struct loop_watch *w, bool readable, bool writable)
{
    struct ctl *c = w->owner;

    (void)readable;
    (void)writable;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int fd = unix_socket_accept(c->fd);

        if (fd >= 0) {
            welcome(c, fd);
            continue;
        }
        if (fd != -EAGAIN && fd != -EINTR && fd != -ECONNABORTED) {
            /* Who waits stays readable, and the loop would spin. */
            loop_want(c->loop, w, false, false);
            c->again = c->warden->room->now + ACCEPT_PAUSE_NS;
        }
        return;
    }
}

int ctl_open(struct ctl *c, const char *path, struct loop *loop, struct warden *warden)
{
    *c = (struct ctl){.loop = loop, .warden = warden, .fd = -1, .again = INT64_MAX};
    c->watch = (struct loop_watch){.fd = -1, .ready = on_listen, .owner = c};
    c->fd = unix_socket_listen(path, BACKLOG);
    if (c->fd < 0)
        return c->fd;
    memcpy(c->path, path, strlen(path) + 1);
    if (!loop_add(loop, &c->watch, c->fd))
        return -EMFILE;
    loop_want(loop, &c->watch, true, false);
    return 0;
}

void ctl_close(struct ctl *c)
{
    if (c->loop == NULL)
        return;
    for (size_t i = 0; i < CTL_CLIENTS; i++) {
        if (c->clients[i] != NULL)
            drop(&c->clients[i]);
    }
    loop_remove(c->loop, &c->watch);
    if (c->fd >= 0)
        close(c->fd);
    if (c->path[0] != 0)
        unlink(c->path);
    *c = (struct ctl){.fd = -1};
}

int64_t ctl_due(const struct ctl *c)
{
    int64_t due = c->loop == NULL ? INT64_MAX : c->again;

    for (size_t i = 0; i < CTL_CLIENTS; i++) {
        const struct ctl_client *k = c->clients[i];

        if (k != NULL && !k->request.busy && k->due < due)
            due = k->due;
    }
    return due;
}

/* More than one line may have come at once. */
static void work(struct ctl_client *k)
{
    size_t before;

    do {
        before = k->in.len;
        serve(k);
        flush(k);
    } while (k->in.len != before && k->out.len == 0 && !k->request.busy);
    loop_want(k->ctl->loop, &k->watch, !k->read_all && k->in.len < LIMIT_IN && k->out.len == 0,
              k->out.len > 0);
}

void ctl_tick(struct ctl *c)
{
    if (c->loop == NULL)
        return;
    if (c->warden->room->now >= c->again) {
        c->again = INT64_MAX;
        loop_want(c->loop, &c->watch, true, false);
    }
    for (size_t i = 0; i < CTL_CLIENTS; i++) {
        if (c->clients[i] == NULL)
            continue;
        work(c->clients[i]);
        if (over(c->clients[i]))
            drop(&c->clients[i]);
    }
}
