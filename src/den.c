/* den: the client. Wires options, console, signals and the client together. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wipe.h"
#include "client/booth.h"
#include "client/client.h"
#include "client/console.h"
#include "client/errand.h"
#include "client/invitation.h"
#include "client/lobby.h"
#include "client/message.h"
#include "client/options.h"
#include "client/own_key.h"
#include "client/rooms.h"
#include "client/shell.h"
#include "client/shell_direct.h"
#include "platform/display.h"
#include "platform/harden.h"
#include "platform/now.h"
#include "platform/panes.h"
#include "platform/signals.h"
#include "platform/standard.h"

#define DESCRIPTORS 256
/* Input is not read while so many messages wait: a long file of commands is no flood. */
#define MAIL_HIGH 256

struct den {
    struct options options;
    struct loop *loop;
    struct loop_watch signal_watch;
    struct console console;
    struct booth booth;
    struct panes *panes; /* where clips may be drawn; NULL: no terminal */
    struct shell shell;
    struct client client;
    struct parcels_line progress; /* of a one-shot's files */
    struct buf text;              /* that a one-shot sends */
    bool edited;                  /* at a terminal */
    bool told;    /* a one-shot's standard error is one, and its output for people */
    bool entered; /* was in the room */
    bool asked;   /* a one-shot has done its request */
    bool input_ended;
};

/* Input is not read while this much is still to be sent. */
static bool much_waits(const struct den *d)
{
    return d->client.state == CLIENT_ROOM &&
           (d->client.mail.count >= MAIL_HIGH || d->client.talk.count >= LIMIT_TALK_MAIL / 2);
}

/* What is hidden stays so until it was looked at: the editor forgets it then. */
static void answer(struct den *d, const char *line)
{
    client_answer(&d->client, line);
    if (d->client.state != CLIENT_ASKING)
        console_secret(&d->console, NULL);
}

/* Lines of a script wait in their pipe while the link is lost, but for direct chats that go on. */
static bool can_read(const struct den *d)
{
    bool away = reconnect_away(&d->client) && direct_links(&d->client) == 0;

    return client_inside(&d->client) && !away && !much_waits(d);
}

static void on_line(void *owner, const char *line)
{
    struct den *d = owner;

    booth_line(&d->booth);
    if (d->client.leaving)
        return;
    if (d->client.state == CLIENT_ASKING)
        answer(d, line);
    else if (client_inside(&d->client))
        shell_line(&d->shell, line);
    else
        report_note(&d->client.report, "Not in the room yet.");
    if (!d->edited)
        console_hold(&d->console, much_waits(d));
}

static void on_end(void *owner)
{
    struct den *d = owner;

    d->input_ended = true;
    if (d->edited)
        client_leave(&d->client);
}

static const char *on_complete(void *owner, const char *word, size_t nth)
{
    struct den *d = owner;

    return shell_complete(&d->shell, word, nth);
}

static bool on_remember(void *owner, const char *line)
{
    struct den *d = owner;

    return shell_remembers(&d->shell, line);
}

static void on_prompt(void *owner, const char *way, const char *to)
{
    struct den *d = owner;
    char prompt[LIMIT_NAME + 16];

    snprintf(prompt, sizeof prompt, "%s %s> ", way, to);
    if (d->edited)
        booth_prompt(&d->booth, *to != 0 ? prompt : "> ");
}

static bool on_key(void *owner, uint32_t key)
{
    struct den *d = owner;

    return booth_key(&d->booth, key);
}

static void on_showing(void *owner, const char *display)
{
    struct den *d = owner;

    booth_showing(&d->booth, display);
}

static void on_parcel_over(void *owner, const struct parcel *p)
{
    struct den *d = owner;

    if (d->options.config.one_shot)
        errand_over(&d->client, p, d->options.once);
}

static void on_chat_over(void *owner, const char *name)
{
    struct den *d = owner;

    shell_direct_over(&d->shell, name);
}

static void on_ask(void *owner, const char *text)
{
    struct den *d = owner;

    console_print(&d->console, text, strlen(text));
    console_prompt(&d->console, "Is it the right key? (yes/no) ");
}

static void on_ask_code(void *owner, const char *text)
{
    struct den *d = owner;

    console_print(&d->console, text, strlen(text));
    console_secret(&d->console, "Invitation code: ");
}

/* A den without an address will offer it. That it can't be kept is no reason to stay outside. */
static void remember_room(const struct den *d)
{
    const struct client_config *c = &d->options.config;
    enum err e = ERR_OK;

    if (!c->one_shot && !c->ephemeral && !d->entered)
        e = rooms_remember(c->place, c->state);
    if (e != ERR_OK)
        log_error("can't remember this room: %s", e == ERR_IO ? strerror(errno) : err_text(e));
}

/* The room is entered: what a one-shot came for. */
static void on_entered(void *owner)
{
    struct den *d = owner;

    remember_room(d);
    d->entered = true;
    if (d->options.kiosk)
        kiosk_begin(&d->client);
    on_prompt(d, "to", "");
    errand_begin(&d->client, &d->options, &d->text);
    d->asked = true;
}

static void on_signal(struct loop_watch *w, bool readable, bool writable)
{
    struct den *d = w->owner;
    int number;

    (void)readable;
    (void)writable;
    while ((number = signals_next(w->fd)) != 0) {
        bool stop = number == SIGTERM || number == SIGHUP;

        if (number == SIGINT && d->edited && client_inside(&d->client))
            editor_clear(d->console.editor);
        else if (number == SIGINT || stop)
            client_quit(&d->client, d->options.kiosk || (d->entered && d->client.mail.count == 0 &&
                                                         d->options.verb != VERB_SEND)
                                        ? CLIENT_EXIT_GOOD
                                        : CLIENT_EXIT_FAILED);
        else
            console_signal(&d->console, number);
    }
}

static bool open_signals(struct den *d)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT};
    size_t count = d->edited || d->panes != NULL ? 6 : 3;
    int fd = signals_open(numbers, count);

    d->signal_watch = (struct loop_watch){.fd = -1, .ready = on_signal, .owner = d};
    if (fd < 0 || !loop_add(d->loop, &d->signal_watch, fd))
        return false;
    loop_want(d->loop, &d->signal_watch, true, false);
    return true;
}

/* Nothing more can come: what was asked for is done, and no more input will be. */
static void leave_when_done(struct den *d)
{
    bool input_done = d->options.config.one_shot
                          ? d->asked && d->options.verb != VERB_RECEIVE
                          : d->input_ended && !d->edited && !d->options.stay && !d->options.kiosk;

    if (!client_inside(&d->client) || !input_done || client_busy(&d->client))
        return;
    errand_done(&d->client);
    client_quit(&d->client, CLIENT_EXIT_GOOD);
}

/* What follows from the last turn: may input be read, is all done? */
static void settle(struct den *d)
{
    if (!d->edited && !d->options.config.one_shot && !d->options.kiosk)
        console_hold(&d->console, !can_read(d));
    leave_when_done(d);
    if (d->edited)
        booth_progress(&d->booth);
    else if (d->options.config.one_shot && d->told)
        errand_progress(&d->progress, &d->client);
    booth_after(&d->booth);
}

static bool run(struct den *d)
{
    while (d->client.state != CLIENT_OVER) {
        int64_t due, lines = panes_due(d->panes);
        int got;

        client_before(&d->client);
        due = client_due(&d->client);
        got = loop_turn(d->loop, lines < due ? lines : due);
        client_after(&d->client, now_ns());
        if (got < 0) {
            log_error("select: %s", strerror(-got));
            return false;
        }
        settle(d);
        /* What that queued, a goodbye perhaps, must not wait for something to happen. */
        client_after(&d->client, now_ns());
    }
    return true;
}

static bool open_console(struct den *d, struct report *report)
{
    const struct console_events events = {.line = on_line,
                                          .end = on_end,
                                          .complete = on_complete,
                                          .remember = on_remember,
                                          .key = on_key,
                                          .owner = d};

    *report = (struct report){.json = d->options.config.json,
                              .terse = d->options.config.one_shot,
                              .who = d->options.verb == VERB_WHO,
                              .print = booth_print,
                              .owner = &d->booth};
    d->booth = (struct booth){
        .client = &d->client,
        .console = &d->console,
        .mute = d->options.config.one_shot || d->options.kiosk,
        .bare = d->options.kiosk,
    };
    return console_open(&d->console, d->loop, d->edited, d->panes, &events);
}

/* False with a sentence in why. */
static bool open_room(struct den *d, char why[static 512])
{
    const struct client_hooks hooks = {.entered = on_entered,
                                       .ask = on_ask,
                                       .ask_code = on_ask_code,
                                       .parcel_over = on_parcel_over,
                                       .chat_over = on_chat_over,
                                       .showing = on_showing,
                                       .owner = d};
    struct report report;

    /* First, for it may ask for a passphrase: the console and the loop's signals come after. */
    if (!client_prepare(&d->client, &d->options.config, why))
        return false;
    d->client.exit_code = CLIENT_EXIT_FAILED;
    snprintf(why, 512, "can't wait for signals and input");
    d->loop = loop_open(DESCRIPTORS);
    if (d->loop == NULL || !open_signals(d) || !open_console(d, &report))
        return false;
    d->shell = (struct shell){.client = &d->client, .prompt = on_prompt, .owner = d};
    d->client.exit_code = CLIENT_EXIT_GOOD;
    return client_open(&d->client, d->loop, &report, &hooks, why);
}

static enum client_exit enter_room(struct den *d)
{
    char why[512];
    enum client_exit code;

    if (open_room(d, why)) {
        if (!run(d))
            d->client.exit_code = CLIENT_EXIT_FAILED;
    } else {
        console_close(&d->console);
        log_error("%s", why);
    }
    code = d->client.exit_code;
    client_close(&d->client);
    console_close(&d->console);
    booth_close(&d->booth);
    loop_close(d->loop);
    return code;
}

/* A script must not take for done what it could not read. */
static enum client_exit written(enum client_exit code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    log_error("can't write to standard output");
    return code == CLIENT_EXIT_GOOD ? CLIENT_EXIT_FAILED : code;
}

int main(int argc, char **argv)
{
    static struct den d;
    enum client_exit code;

    standard_unbuffered();
    if (!standard_hold())
        return CLIENT_EXIT_FAILED;
    code = options_parse(argc, argv, &d.options);
    if (code != CLIENT_EXIT_GOOD || d.options.nothing)
        return (int)code;
    log_start("den", LOG_NOTE);
    harden_process();
    display_prepare();
    if (d.options.verb == VERB_KEY)
        return (int)written(own_key_run(&d.options));
    code = lobby_room(&d.options);
    if (code == CLIENT_EXIT_GOOD)
        code = lobby_name(&d.options);
    if (code == CLIENT_EXIT_GOOD)
        code = invitation_take(&d.options);
    if (code != CLIENT_EXIT_GOOD)
        return (int)code;
    d.options.config.interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
                                   !d.options.config.json && !d.options.config.one_shot &&
                                   !d.options.kiosk;
    d.edited = d.options.config.interactive;
    d.told = isatty(STDERR_FILENO) && !d.options.config.json;
    d.panes = d.options.config.panes = panes_open();
    if (d.options.verb == VERB_MSG)
        message_read(d.options.words[1], &d.text);
    code = enter_room(&d);
    buf_free(&d.text);
    options_free(&d.options);
    panes_close(d.panes);
    wipe(&d, sizeof d);
    return (int)written(code);
}
