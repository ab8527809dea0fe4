#include "client/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/chat.h"
#include "client/entry.h"
#include "client/invitation.h"
#include "client/outbox.h"
#include "client/state.h"
#include "client/trust.h"
#include "platform/now.h"
#include "wire/hello.h"

#define THREADS 2
#define JOBS 64
#define GOODBYE_NS INT64_C(2000000000)
#define LEAVE_NS INT64_C(5000000000)

bool client_prepare(struct client *c, const struct client_config *config, char why[static 512])
{
    *c = (struct client){
        .config = config, .lock = -1, .patience = INT64_MAX, .received = {.file = {.fd = -1}}};
    c->invited = config->invitation != NULL;
    if (c->invited)
        memcpy(c->invitation, config->invitation, sizeof c->invitation);
    c->exit_code = state_open(c, why);
    return c->exit_code == CLIENT_EXIT_GOOD;
}

bool client_open(struct client *c, struct loop *loop, const struct report *report,
                 const struct client_hooks *hooks, char why[static 512])
{
    c->loop = loop;
    c->report = *report;
    c->hooks = *hooks;
    c->observe = report->json;
    link_hub_init(&c->hub, loop, &c->random);
    if (!pool_open(&c->pool, loop, THREADS, JOBS)) {
        snprintf(why, 512, "can't start threads: %s", strerror(errno));
        c->exit_code = CLIENT_EXIT_FAILED;
        return false;
    }
    entry_start(c);
    return true;
}

void client_close(struct client *c)
{
    cinema_close(c);
    caster_close(c);
    direct_close(c);
    parcels_close(c);
    dial_stop(&c->dial);
    link_close(c->link);
    link_close(c->dead_link);
    c->link = c->dead_link = NULL;
    pool_close(&c->pool);
    mail_free(&c->mail);
    talk_free(&c->talk);
    opener_free(&c->opener);
    members_clear(&c->members);
    witness_free(&c->witness);
    members_clear(&c->arriving);
    receipts_free(c);
    catchup_free(c);
    bindings_free(&c->bindings);
    buf_free(&c->videos.out);
    state_close(c);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t client_due(const struct client *c)
{
    int64_t due = c->patience;

    if (c->state == CLIENT_DIALLING && c->dial.fd >= 0)
        due = sooner(due, c->dial.due);
    if (c->state == CLIENT_WAITING)
        due = sooner(due, c->reconnect.due);
    if (c->state == CLIENT_ROOM)
        due = sooner(sooner(due, live_due(c)), sooner(kiosk_due(c), intermission_due(c)));
    due = sooner(due, caster_due(c));
    if (c->state == CLIENT_ROOM)
        due = sooner(sooner(due, witness_due(&c->witness)), sooner(outbox_due(c), receipts_due(c)));
    if (link_hub_waits(&c->hub))
        due = 0;
    return sooner(due, sooner(direct_due(c), parcels_due(c)));
}

void client_before(struct client *c)
{
    link_hub_turn(&c->hub);
}

static bool owes(const struct client *c)
{
    return c->state == CLIENT_ROOM && (c->mail.count > 0 || talk_busy(&c->talk) || c->videos_asked);
}

static void tick(struct client *c, int64_t now)
{
    if (c->state == CLIENT_DIALLING)
        dial_tick(&c->dial, now);
    reconnect_tick(c, now);
    if (c->state == CLIENT_ROOM) {
        kiosk_tick(c, now);
        intermission_tick(c, now);
        live_tick(c, now);
        witness_tick(c, now);
        outbox_tick(c, now);
        receipts_tick(c, now);
    }
    caster_tick(c, now);
    direct_tick(c, now);
    parcels_tick(c, now);
    if (now < c->patience)
        return;
    if (c->state == CLIENT_LEAVING)
        c->state = CLIENT_OVER;
    else if (c->state < CLIENT_LEAVING)
        client_lost(c, CLIENT_EXIT_FAILED, "timeout", "the server does not answer");
}

/* The goodbyes may be done, or the last chat that kept us. */
static void settle(struct client *c)
{
    bool idle = c->link == NULL && c->direct.peers == NULL;

    if (c->state == CLIENT_LEAVING && idle)
        c->state = CLIENT_OVER;
    if (c->state == CLIENT_ALONE && direct_links(c) == 0)
        client_quit(c, CLIENT_EXIT_FAILED);
}

void client_after(struct client *c, int64_t now)
{
    tick(c, now);
    trust_keep_met(c);
    cinema_reap(c);
    if (c->leaving && !owes(c))
        client_quit(c, CLIENT_EXIT_GOOD);
    link_hub_flush(&c->hub);
    link_close(c->dead_link);
    c->dead_link = NULL;
    direct_reap(c);
    settle(c);
}

void client_send(struct client *c, struct buf *messages)
{
    if (c->link != NULL && c->state < CLIENT_LEAVING && !link_send(c->link, messages))
        client_fail(c, CLIENT_EXIT_FAILED, "memory", "out of memory");
    buf_free(messages);
}

void client_fail(struct client *c, enum client_exit code, const char *word, const char *text)
{
    if (c->state == CLIENT_OVER)
        return;
    report_error(&c->report, word, text, 0);
    c->exit_code = code;
    c->state = CLIENT_OVER;
}

/* What the server still owed will not come. */
static void go_on_alone(struct client *c)
{
    c->state = CLIENT_ALONE;
    c->patience = INT64_MAX;
    c->videos_asked = c->videos_partial = c->leaving = false;
    buf_free(&c->videos.out);
    talk_lost(c);
    catchup_lost(c);
    cinema_stop(c, "stopped");
    caster_close(c);
    report_note(&c->report, "Direct chats go on. den ends with the last of them.");
}

/* The server is gone for good. */
static void end_session(struct client *c, enum client_exit code)
{
    c->exit_code = code;
    if (c->state == CLIENT_ROOM && direct_links(c) > 0)
        go_on_alone(c);
    else
        c->state = CLIENT_OVER;
}

static void drop_link(struct client *c)
{
    if (c->link == NULL)
        return;
    link_close(c->dead_link);
    c->dead_link = c->link;
    c->link = NULL;
}

/* In the hello it is said apart what is not a mistake in writing. */
static enum message_code distrust_code(const struct client *c, enum err e)
{
    if (c->state == CLIENT_HELLO && e == ERR_VERSION)
        return CODE_VERSION;
    return c->state == CLIENT_HELLO && e == ERR_KEY ? CODE_PROOF : CODE_PROTOCOL;
}

void client_distrust(struct client *c, const char *what, enum err e)
{
    enum message_code code = distrust_code(c, e);
    const char *word = code == CODE_PROOF     ? "server-key"
                       : code == CODE_VERSION ? "version"
                                              : "protocol";
    char text[LIMIT_REASON];
    struct buf out;

    snprintf(text, sizeof text, "%s: %s", what, err_text(e));
    buf_init(&out, LIMIT_HELLO);
    wire_put_error(&out, (uint16_t)code, text);
    client_send(c, &out);
    snprintf(text, sizeof text, "the server breaks the protocol: %s: %s", what, err_text(e));
    report_error(&c->report, word, text, 0);
    link_finish(c->link);
    if (direct_links(c) > 0) {
        drop_link(c);
        end_session(c, CLIENT_EXIT_FAILED);
        return;
    }
    c->exit_code = code == CODE_PROOF ? CLIENT_EXIT_REFUSED : CLIENT_EXIT_FAILED;
    c->state = CLIENT_LEAVING;
    c->patience = now_ns() + GOODBYE_NS;
}

bool client_inside(const struct client *c)
{
    return c->state == CLIENT_ROOM || c->state == CLIENT_ALONE ||
           (reconnect_away(c) && c->state < CLIENT_ROOM);
}

bool client_has_server(const struct client *c)
{
    if (c->state == CLIENT_ALONE)
        report_error(&c->report, "no-server", "the server is gone: only direct chats go on", 0);
    else if (c->state != CLIENT_ROOM)
        report_error(&c->report, "no-server", "not now: the link to the room is lost", 0);
    return c->state == CLIENT_ROOM;
}

void client_lost(struct client *c, enum client_exit code, const char *word, const char *why)
{
    drop_link(c);
    if (c->state >= CLIENT_LEAVING || reconnect_later(c, why))
        return;
    report_error(&c->report, word, why, 0);
    outbox_warn(c);
    end_session(c, code);
}

void client_leave(struct client *c)
{
    if (!owes(c)) {
        client_quit(c, client_inside(c) ? CLIENT_EXIT_GOOD : CLIENT_EXIT_FAILED);
        return;
    }
    if (cinema_stop(c, "stopped"))
        cinema_reap(c);
    c->leaving = true;
    c->patience = now_ns() + LEAVE_NS;
}

void client_quit(struct client *c, enum client_exit code)
{
    struct buf out;

    if (c->state >= CLIENT_LEAVING)
        return;
    if (outbox_warn(c))
        code = CLIENT_EXIT_FAILED;
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = code;
    chat_end_all(c);
    while (c->castings != NULL)
        caster_end(c->castings, "stopped");
    if (cinema_stop(c, "stopped"))
        cinema_reap(c);
    if (c->link != NULL && link_is_open(c->link)) {
        talk_leave(c);
        buf_init(&out, LIMIT_HELLO);
        wire_put_quit(&out, "");
        client_send(c, &out);
        link_finish(c->link);
    } else if (c->direct.peers == NULL) {
        c->state = CLIENT_OVER;
        return;
    }
    c->state = CLIENT_LEAVING;
    c->patience = now_ns() + GOODBYE_NS;
}

void client_answer(struct client *c, const char *line)
{
    if (c->state != CLIENT_ASKING)
        return;
    if (c->asking_code) {
        invitation_answer(c, line);
        return;
    }
    if (strcmp(line, "yes") == 0 || strcmp(line, "y") == 0) {
        entry_trusted(c);
        return;
    }
    client_fail(c, CLIENT_EXIT_REFUSED, "unknown-server", "the server's key is not trusted");
}

bool client_busy(const struct client *c)
{
    if (c->state == CLIENT_ALONE)
        return opener_busy(&c->opener) || parcels_busy(c);
    return !client_inside(c) || parcels_busy(c) || c->catchup.under_way || c->mail.count > 0 ||
           talk_busy(&c->talk) || c->videos_asked || cinema_busy(&c->cinema) || caster_busy(c) ||
           opener_busy(&c->opener);
}
