/* Where lines come from and go to: an edited line at a terminal, or standard input and output. */
#ifndef DEN_CLIENT_CONSOLE_H
#define DEN_CLIENT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "net/loop.h"
#include "platform/editor.h"

struct console_events {
    void (*line)(void *owner, const char *line);
    void (*end)(void *owner); /* end of input, once */
    const char *(*complete)(void *owner, const char *word, size_t nth);
    bool (*remember)(void *owner, const char *line); /* as editor_options.remember */
    bool (*key)(void *owner, uint32_t key);          /* the same; may be NULL */
    void *owner;
};

struct console {
    struct loop *loop;
    struct console_events events;
    struct loop_watch watch;
    struct editor *editor; /* NULL: plain input */
    struct panes *panes;   /* borrowed; NULL: none */
    struct buf input;      /* a line that is not whole yet */
    bool skipping;         /* the rest of a line that was too long */
    bool held;
    bool read_all; /* nothing more can be read; lines may still wait while held */
    bool ended;    /* events.end() was called */
};

/* edited: at a terminal. panes: all that is written goes through them; may be NULL. False with errno. */
bool console_open(struct console *c, struct loop *loop, bool edited, struct panes *panes,
                  const struct console_events *events);
/* Begins to edit at a terminal, if that is possible and nothing was read yet: for keys. */
bool console_edit(struct console *c);
/* Restores the terminal. Idempotent. */
void console_close(struct console *c);

/* No lines are taken while held. Starts held. */
void console_hold(struct console *c, bool held);
/* Whole lines; as report.print. owner: the console. */
bool console_print(void *owner, const char *text, size_t len);
void console_prompt(struct console *c, const char *prompt);
/* At a terminal: a picture is drawn above the lines, or no more. Off is idempotent. */
void console_split(struct console *c, bool on);
/* At a terminal, SIGWINCH, SIGTSTP (stops the process) and SIGCONT. */
void console_signal(struct console *c, int number);
/* The next lines are secrets, asked for with that prompt and not echoed; NULL: they are no more, and
 * there is no prompt. */
void console_secret(struct console *c, const char *prompt);

#endif
