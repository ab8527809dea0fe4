/* The control socket: STATE/ctl, mode 0600, for `dend ctl` and whoever else the state directory
 * belongs to. A line in, ended by LF, and its answer out before the next line is looked at:
 * "RESULT LENGTH" in decimal (enum warden_result), LF, then that many bytes of text.
 *
 * A client that neither asks nor takes its answer is closed after CTL_PATIENCE_NS, or earlier if
 * another one needs its place. */
#ifndef DEN_SERVER_CTL_H
#define DEN_SERVER_CTL_H

#include "base/err.h"
#include "net/loop.h"
#include "platform/paths.h"
#include "server/warden.h"

#define CTL_CLIENTS 8
#define CTL_PATIENCE_NS INT64_C(10000000000)

struct ctl_client;

struct ctl {
    struct loop *loop;
    struct warden *warden;
    struct loop_watch watch;
    char path[PATHS_MAX]; /* empty: closed */
    int fd;
    int64_t again; /* when it listens again; INT64_MAX: it does */
    struct ctl_client *clients[CTL_CLIENTS];
};

/* The path of the socket; false if it is too long. */
bool ctl_path(char out[static PATHS_MAX], const char *state);

/* The state directory is locked, so a socket that stands there is nobody's. 0 or a negative errno;
 * ctl_close is allowed in any case. */
int ctl_open(struct ctl *c, const char *path, struct loop *loop, struct warden *warden);
/* Drops all clients and removes the socket. Idempotent. */
void ctl_close(struct ctl *c);

/* When ctl_tick has something to do besides what descriptors tell; INT64_MAX if never. */
int64_t ctl_due(const struct ctl *c);
/* Does what was asked, sends what was answered, drops who is done; call it each turn. */
void ctl_tick(struct ctl *c);

#endif
