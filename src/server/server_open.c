/* server_open of server.h: keys, files, sockets and threads, in the order that the cage wants. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "platform/file.h"
#include "platform/now.h"
#include "platform/pages.h"
#include "platform/usage.h"
#include "server/server_key.h"
#include "server/server_parts.h"

/* The records have a thread of their own: scanning a long film for its index must never hold up a
 * message. Clips have some, so that one who plays does not wait for one who loads either. Those who
 * come back have theirs: what they read is cold, and nobody shall wait for it but they. */
#define RECORD_THREADS 1
#define CLIP_THREADS 4
#define READER_THREADS 2
#define JOBS 4096
/* Each session reads one piece at a time; those that went meanwhile count until theirs is done. */
#define READER_JOBS (4 * LIMIT_MEMBERS)
#define BACKLOG 1024 /* a burst of joins */
/* Descriptors for files, pipes, and clips that are played. */
#define SPARE_DESCRIPTORS 256

static void log_durable(void *owner, uint64_t number)
{
    relay_durable(&((struct server *)owner)->room, number);
}

static void log_failed(void *owner, uint64_t number)
{
    relay_failed(&((struct server *)owner)->room, number);
}

static void names_durable(void *owner, uint64_t n)
{
    room_names_durable(&((struct server *)owner)->room, n);
}

static void names_failed(void *owner, uint64_t n)
{
    room_names_failed(&((struct server *)owner)->room, n);
}

static const struct sealed_log_events log_events = {log_durable, log_failed};
static const struct names_events name_events = {names_durable, names_failed};

static bool explain(char why[static 512], const char *what, const char *where, enum err e)
{
    if (e != ERR_OK)
        snprintf(why, 512, "%s %.400s: %s", what, where,
                 e == ERR_IO ? strerror(errno) : err_text(e));
    return e == ERR_OK;
}

static bool open_state(struct server *s, char why[static 512])
{
    char path[PATHS_MAX];
    int failed = file_make_directory(s->config.state);

    if (failed == 0 && paths_join(path, s->config.state, "lock"))
        failed = file_lock(path, &s->lock);
    if (failed == -EWOULDBLOCK) {
        snprintf(why, 512, "state %s: another dend uses it", s->config.state);
        return false;
    }
    errno = -failed;
    if (!explain(why, "state", s->config.state, failed == 0 ? ERR_OK : ERR_IO))
        return false;
    if (paths_join(s->cache, s->config.state, "indexes"))
        failed = file_make_directory(s->cache);
    errno = -failed;
    if (!explain(why, "indexes", s->cache, failed == 0 ? ERR_OK : ERR_IO) ||
        !server_key_open(&s->identity, &s->cert, s->config.state, s->config.passphrase_file,
                         &s->random, why))
        return false;
    fingerprint_text(s->fingerprint, s->identity.public.fingerprint);
    return true;
}

static bool open_records(struct server *s, char why[static 512])
{
    char path[PATHS_MAX];
    const uint8_t *own = s->identity.public.fingerprint;
    struct names_log log = {.id = s->room.log.log_id};
    enum err e = ERR_LIMIT;

    if (paths_join(path, s->config.state, "log"))
        e = sealed_log_open(&s->room.log, path, &s->config.log, &s->random, s->records.worker,
                            &log_events, s);
    if (!explain(why, "log", path, e))
        return false;
    sealed_log_gather(&s->room.log);
    log.last = s->room.log.last;
    if (paths_join(path, s->config.state, "names.bin"))
        e = names_open(&s->room.names, path, own, &log, &s->random, s->records.worker, &name_events,
                       s);
    if (!explain(why, "names", path, e))
        return false;
    if (paths_join(path, s->config.state, "bans"))
        e = bans_open(&s->room.bans, path);
    if (!explain(why, "bans", path, e))
        return false;
    if (paths_join(path, s->config.state, "invites"))
        e = invites_open(&s->room.invites, path);
    return explain(why, "invites", path, e);
}

static bool open_socket(struct server *s, char why[static 512])
{
    char text[ADDRESS_TEXT];
    int failed = door_open(&s->door, s->loop, &s->config.listen, BACKLOG);

    s->usage = usage_open();
    address_text(&s->config.listen, text);
    errno = -failed;
    return explain(why, "can't listen on", text, failed == 0 ? ERR_OK : ERR_IO);
}

/* The socket stands for a server that takes commands: so it comes last. */
static bool open_console(struct server *s, char why[static 512])
{
    char path[PATHS_MAX];
    int failed = -ENAMETOOLONG;

    s->warden = (struct warden){.room = &s->room,
                                .guests = &s->guests,
                                .place = s->place,
                                .started = s->room.now,
                                .usage = s->usage};
    server_address(s, s->place);
    if (ctl_path(path, s->config.state))
        failed = ctl_open(&s->ctl, path, s->loop, &s->warden);
    errno = -failed;
    if (!explain(why, "control socket", path, failed == 0 ? ERR_OK : ERR_IO))
        return false;
    if (s->config.terminal && !terminal_open(&s->terminal, s->loop, &s->warden, &s->screen))
        log_note("can't read the terminal: `dend ctl` takes commands");
    return true;
}

static bool open_loop(struct server *s, char why[static 512])
{
    int64_t strangers = s->config.limits.value[LIMITS_STRANGERS];

    s->loop = loop_open(LIMIT_MEMBERS + 2 * (size_t)strangers + SPARE_DESCRIPTORS);
    if (s->loop == NULL) {
        snprintf(why, 512, "can't make the loop: %s", strerror(errno));
        return false;
    }
    link_hub_init(&s->hub, s->loop, &s->random);
    return true;
}

/* Threads are bound by what binds the one that starts them: so none is started before. */
static bool open_workers(struct server *s, char why[static 512])
{
    cage_places(&s->cage, s->config.state, s->config.library);
    if (!pool_open(&s->records, s->loop, RECORD_THREADS, JOBS) ||
        !pool_open(&s->clip_reads, s->loop, CLIP_THREADS, JOBS) ||
        !pool_open(&s->log_reads, s->loop, READER_THREADS, READER_JOBS)) {
        snprintf(why, 512, "can't start threads: %s", strerror(errno));
        return false;
    }
    return true;
}

/* Descriptors are shared out so that strangers can't take the members', nor both the files'. As many as
 * for strangers are for those that leave. */
static void set_limits(struct server *s)
{
    size_t all = loop_limit(s->loop);
    size_t members = (size_t)s->config.limits.value[LIMITS_MEMBERS];
    size_t strangers = (size_t)s->config.limits.value[LIMITS_STRANGERS];
    size_t spare = all / 4 < SPARE_DESCRIPTORS ? all / 4 : SPARE_DESCRIPTORS;

    if (strangers > all / 8 && members + 2 * strangers + spare > all)
        strangers = all / 8;
    s->guests.limit = strangers;
    s->room.limit = all - 2 * strangers - spare;
    if (s->room.limit > members)
        s->room.limit = members;
}

static void on_arrived(void *owner, int fd, const struct address *from)
{
    guest_welcome(owner, fd, from);
}

struct server *server_open(const struct server_config *config, char why[static 512])
{
    struct server *s = calloc(1, sizeof *s);

    if (s == NULL) {
        snprintf(why, 512, "out of memory");
        return NULL;
    }
    pages_give_back(s, sizeof *s); /* most of it are tables that a crowd would fill */
    s->config = *config;
    s->lock = s->usage = -1;
    screen_open(&s->screen);
    s->cage.wanted = config->sandbox;
    s->room.names.file.fd = s->room.log.file.fd = -1;
    s->room.now = now_ns();
    s->room.limits = s->config.limits;
    intake_open(&s->room);
    if (!server_key_random(&s->random, why) || !open_loop(s, why) || !open_state(s, why) ||
        !open_socket(s, why) || !open_workers(s, why) || !open_records(s, why) ||
        !open_console(s, why)) {
        server_close(s);
        return NULL;
    }
    clips_init(&s->clips, s->config.library, s->cache, s->clip_reads.worker);
    s->room.name = s->config.room;
    s->room.by_invitation = s->config.invite_only;
    s->room.identity = &s->identity;
    s->room.clips = &s->clips;
    s->room.talks = (struct talks){.random = &s->random, .show = screen_show, .owner = &s->screen};
    s->room.reader = s->log_reads.worker;
    share_start(&s->room.share, (int64_t)s->config.rate, s->room.now);
    s->guests.hub = &s->hub;
    s->guests.room = &s->room;
    s->guests.identity = &s->identity;
    s->guests.cert = &s->cert;
    set_limits(s);
    door_admit(&s->door, on_arrived, &s->guests);
    s->own = loop_top(s->loop) + 1;
    cage_calls(&s->cage);
    return s;
}
