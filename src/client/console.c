#include "client/console.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/wipe.h"
#include "platform/panes.h"

#define READ_AT_ONCE 4096

static void console_end(struct console *c)
{
    if (c->ended)
        return;
    c->ended = true;
    loop_want(c->loop, &c->watch, false, false);
    c->events.end(c->events.owner);
}

static void on_edited(void *owner, const char *line)
{
    struct console *c = owner;

    if (line == NULL)
        console_end(c);
    else
        c->events.line(c->events.owner, line);
}

static const char *on_complete(void *owner, const char *word, size_t nth)
{
    struct console *c = owner;

    return c->events.complete(c->events.owner, word, nth);
}

static void say_too_long(void)
{
    log_error("a line of input is longer than %d bytes and is ignored", LIMIT_LINE);
}

/* line ends with a NUL at len. */
static void give_line(struct console *c, char *line, size_t len)
{
    if (c->skipping)
        return;
    if (len > LIMIT_LINE) {
        say_too_long();
    } else if (strlen(line) != len) {
        log_error("a line of input holds a NUL and is ignored");
    } else {
        if (len > 0 && line[len - 1] == '\r')
            line[len - 1] = 0;
        c->events.line(c->events.owner, line);
    }
}

/* Gives out the first whole line of the input; false if there is none. */
static bool next_line(struct console *c)
{
    uint8_t *end = c->input.len == 0 ? NULL : memchr(c->input.data, '\n', c->input.len);
    size_t len;

    if (end == NULL || c->held)
        return false;
    len = (size_t)(end - c->input.data);
    *end = 0;
    give_line(c, (char *)c->input.data, len);
    c->skipping = false;
    wipe(c->input.data, len);
    buf_drop(&c->input, len + 1);
    return true;
}

static void give_lines(struct console *c)
{
    while (next_line(c))
        ;
    if (c->read_all && c->input.len == 0)
        console_end(c);
}

/* A line over the limit is thrown away to its end, and said so once. */
static void cut_long_line(struct console *c)
{
    if (c->input.len <= LIMIT_LINE || memchr(c->input.data, '\n', c->input.len) != NULL)
        return;
    if (!c->skipping)
        say_too_long();
    c->skipping = true;
    buf_clear(&c->input);
}

static void read_plain(struct console *c)
{
    uint8_t *to = buf_reserve(&c->input, READ_AT_ONCE);
    ssize_t n = to == NULL ? 0 : read(STDIN_FILENO, to, READ_AT_ONCE);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        buf_grew(&c->input, (size_t)n);
    } else {
        /* A last line without an end counts too. */
        if (c->input.len > 0)
            buf_add8(&c->input, '\n');
        c->read_all = true;
        loop_want(c->loop, &c->watch, false, false);
    }
    give_lines(c);
    cut_long_line(c);
}

static void on_input(struct loop_watch *w, bool readable, bool writable)
{
    struct console *c = w->owner;

    (void)readable;
    (void)writable;
    if (c->editor != NULL)
        editor_ready(c->editor);
    else
        read_plain(c);
}

static bool on_remember(void *owner, const char *line)
{
    struct console *c = owner;

    return c->events.remember(c->events.owner, line);
}

static bool on_key(void *owner, uint32_t key)
{
    struct console *c = owner;

    return c->events.key(c->events.owner, key);
}

static bool edit(struct console *c)
{
    struct editor_options options = {
        .prompt = "", .line = on_edited, .complete = on_complete, .panes = c->panes, .owner = c};

    if (c->events.remember != NULL)
        options.remember = on_remember;
    if (c->events.key != NULL)
        options.key = on_key;
    c->editor = editor_open(&options);
    return c->editor != NULL;
}

bool console_open(struct console *c, struct loop *loop, bool edited, struct panes *panes,
                  const struct console_events *events)
{
    *c = (struct console){.loop = loop,
                          .events = *events,
                          .panes = panes,
                          .held = !edited,
                          .watch = {.fd = -1, .ready = on_input, .owner = c}};
    buf_init(&c->input, LIMIT_LINE + 2 * READ_AT_ONCE);
    if (edited && !edit(c))
        return false;
    if (!loop_add(loop, &c->watch, edited ? editor_fd(c->editor) : STDIN_FILENO))
        return false;
    loop_want(loop, &c->watch, !c->held, false);
    return true;
}

bool console_edit(struct console *c)
{
    if (c->editor != NULL)
        return true;
    if (!c->held || c->panes == NULL || !edit(c))
        return false;
    c->held = false;
    loop_want(c->loop, &c->watch, true, false);
    return true;
}

void console_close(struct console *c)
{
    if (c->loop != NULL)
        loop_remove(c->loop, &c->watch);
    editor_close(c->editor);
    c->editor = NULL;
    buf_free(&c->input);
}

/* Lines that wait in the input are given out before more is read. */
void console_hold(struct console *c, bool held)
{
    if (c->ended || c->held == held)
        return;
    c->held = held;
    loop_want(c->loop, &c->watch, !c->held && !c->read_all, false);
    give_lines(c);
}

bool console_print(void *owner, const char *text, size_t len)
{
    struct console *c = owner;

    if (c->editor != NULL) {
        editor_print(c->editor, text, len);
        return true;
    }
    if (c->panes != NULL) {
        panes_keep(c->panes, text, len);
        panes_write(c->panes, text, len);
        return true;
    }
    fwrite(text, 1, len, stdout);
    return fflush(stdout) == 0 && !ferror(stdout);
}

void console_prompt(struct console *c, const char *prompt)
{
    if (c->editor != NULL)
        editor_prompt(c->editor, prompt);
}

void console_split(struct console *c, bool on)
{
    if (c->editor != NULL)
        editor_split(c->editor, on);
    else if (on)
        panes_split(c->panes);
    else
        panes_join(c->panes);
}

/* Stopped, the terminal is others'. */
static void stop(struct console *c)
{
    bool split = c->editor == NULL && panes_are_split(c->panes);

    if (c->editor != NULL)
        editor_suspend(c->editor);
    else
        panes_join(c->panes);
    raise(SIGSTOP);
    if (split)
        panes_split(c->panes);
}

void console_signal(struct console *c, int number)
{
    if (number == SIGTSTP)
        stop(c);
    if (c->editor != NULL && number == SIGWINCH)
        editor_resized(c->editor);
    else if (c->editor != NULL)
        editor_resume(c->editor);
    else if (number == SIGWINCH)
        panes_fit(c->panes);
}

void console_secret(struct console *c, const char *prompt)
{
    if (c->editor != NULL)
        editor_hidden(c->editor, prompt != NULL);
    console_prompt(c, prompt != NULL ? prompt : "");
}
