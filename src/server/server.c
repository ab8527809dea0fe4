/* What a server does once it is open; see server_open.c for how it comes to that. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/wipe.h"
#include "net/cooler.h"
#include "platform/file.h"
#include "platform/now.h"
#include "platform/socket.h"
#include "platform/usage.h"
#include "server/server_parts.h"

/* While the log is written, a large room waits for that alone, so long at most: on a fast disk it takes
 * less, and to look after everybody's descriptors twice for one message costs as much as to send it. So does
 * a room where several messages come at a time, and it then waits for the time of the next write, too: they
 * come meanwhile, and each would wake it for itself. */
#define WRITING_NS INT64_C(500000)
#define WRITING_MEMBERS 64
/* While an envelope is on its way to the disk no private-key step begins, so that it does not wait for one
 * on its way on, too; but newcomers wait so long at most. */
#define STEP_WAIT_NS INT64_C(15000000)

struct loop *server_loop(struct server *s)
{
    return s->loop;
}

void server_address(const struct server *s, char out[static ADDRESS_TEXT])
{
    struct address at = {0};

    socket_local(s->door.listen, &at);
    address_text(&at, out);
}

const char *server_fingerprint(const struct server *s)
{
    return s->fingerprint;
}

/* When a private-key step is to be made. */
static int64_t step_due(const struct server *s)
{
    if (!talk_waiting(&s->room) && !link_hub_waits(&s->hub))
        return INT64_MAX;
    return s->room.relay.first == NULL ? s->room.now : s->stepped + STEP_WAIT_NS;
}

/* One a turn. Those of talks come before newcomers': each of these follows one of those, so it can't crowd
 * them out. */
static void step(struct server *s)
{
    if (step_due(s) > s->room.now)
        return;
    s->stepped = s->room.now;
    if (talk_waiting(&s->room))
        talk_serve(&s->room);
    else
        link_hub_turn(&s->hub);
}

/* When something is to be done whether or not a descriptor is ready. */
static int64_t due(const struct server *s)
{
    const int64_t all[] = {room_due(&s->room),         guest_due(&s->guests),
                           door_due(&s->door),         ctl_due(&s->ctl),
                           terminal_due(&s->terminal), sealed_log_due(&s->room.log),
                           cooler_due(&s->hub),        step_due(s)};
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] < first)
            first = all[i];
    }
    return first;
}

static void console_tick(struct server *s)
{
    warden_tick(&s->warden);
    ctl_tick(&s->ctl);
    terminal_tick(&s->terminal);
    if (s->warden.quit)
        server_stop(s, "the server stops");
}

/* Until when only what is the server's own is waited for. */
static int64_t alone_until(const struct server *s)
{
    const struct sealed_log *log = &s->room.log;

    if (log->file.running && (log->several || s->room.count >= WRITING_MEMBERS))
        return log->next - SEALED_LOG_GAP_NS + WRITING_NS;
    return log->several && !log->file.running ? log->next : 0;
}

static int wait_turn(struct server *s)
{
    int64_t first = due(s), alone = alone_until(s);

    if (alone <= s->room.now)
        return loop_wait(s->loop, first);
    return loop_wait_below(s->loop, s->own, first < alone ? first : alone);
}

bool server_turn(struct server *s)
{
    int failed;

    failed = wait_turn(s);
    /* Before anybody is served: who comes after an idle hour must not be an hour late. */
    s->room.now = now_ns();
    if (failed == 0)
        loop_hand_out(s->loop);
    door_tick(&s->door, s->room.now);
    console_tick(s);
    room_tick(&s->room);
    sealed_log_tick(&s->room.log, s->room.now);
    /* It says goodbye to some, and nothing else may happen that would send that. */
    guest_reap(&s->guests);
    link_hub_flush(&s->hub);
    /* Now that all is sent that waited for nothing. */
    step(s);
    link_hub_flush(&s->hub);
    cooler_tick(&s->hub, s->room.now);
    if (failed != 0)
        log_error("select: %s", strerror(-failed));
    return failed == 0;
}

void server_stop(struct server *s, const char *text)
{
    if (s->stopping)
        return;
    s->stopping = true;
    door_close(&s->door);
    clips_stop(&s->clips);
    guest_dismiss(&s->guests, text);
    link_hub_flush(&s->hub);
    guest_reap(&s->guests);
}

bool server_stopped(const struct server *s)
{
    return s->stopping && guest_count(&s->guests) == 0;
}

/* The workers go first: what they still do belongs to what is freed after them. */
void server_close(struct server *s)
{
    if (s == NULL)
        return;
    terminal_close(&s->terminal);
    ctl_close(&s->ctl);
    if (s->room.name != NULL)
        clips_stop(&s->clips);
    door_close(&s->door);
    guest_close(&s->guests);
    pool_close(&s->clip_reads);
    pool_close(&s->log_reads);
    pool_close(&s->records);
    clips_free(&s->clips);
    room_free(&s->room);
    sealed_log_close(&s->room.log);
    names_close(&s->room.names);
    loop_close(s->loop);
    file_unlock(&s->lock);
    usage_close(&s->usage);
    screen_close(&s->screen);
    identity_wipe(&s->identity);
    random_wipe(&s->random);
    wipe(s, sizeof *s);
    free(s);
}
