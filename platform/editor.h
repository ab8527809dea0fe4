/* A line edited at a terminal, with history, that incoming lines never tear.
 *
 * With LINE=1 this is libedit; with LINE=0, and on a terminal that cannot move its cursor up
 * (TERM unset or dumb), it is the kernel's own line mode: no history, and what comes in while a
 * line is typed is printed into it.
 *
 * Who uses it blocks SIGINT, SIGTSTP, SIGCONT and SIGWINCH for its loop and calls, in this order:
 *
 *     SIGINT     editor_clear
 *     SIGWINCH   editor_resized
 *     SIGTSTP    editor_suspend, raise(SIGSTOP), editor_resume
 *     SIGCONT    editor_resume (someone else had stopped the process)
 */
#ifndef DEN_PLATFORM_EDITOR_H
#define DEN_PLATFORM_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct editor;
struct panes;

enum { EDITOR_HISTORY = 500, EDITOR_LINE = 65536 }; /* lines kept; bytes in a line */

struct editor_options {
    const char *prompt; /* of printable characters */
    /* A finished line, without its LF; NULL: end of input (Ctrl-D on an empty line, or the terminal
     * is gone), said once: from then on leave editor_fd out of the read set. May call every function
     * here but editor_ready, editor_resume and editor_close. */
    void (*line)(void *owner, const char *line);
    void *owner;
    /* The nth completion of the word that begins a line or follows a blank, NULL when there are no
     * more. May be NULL. */
    const char *(*complete)(void *owner, const char *word, size_t nth);
    /* Whether a line may enter the history. May be NULL: all may. */
    bool (*remember)(void *owner, const char *line);
    /* A key that comes alone on an empty line: a character, or the control character of an arrow or
     * Enter. True if it is taken. May be NULL. Not in the kernel's line mode. */
    bool (*key)(void *owner, uint32_t key);
    struct panes *panes; /* that all is written to; borrowed. NULL: standard output alone */
};

/* Takes the terminal at stdin and stdout; the strings are copied. NULL with errno on failure. Sets
 * LC_CTYPE from the environment where the program has not, and C.UTF-8 where that gives none. */
struct editor *editor_open(const struct editor_options *options);
/* For the loop's read set: readable when editor_ready has something to do. */
int editor_fd(const struct editor *e);
/* Reads what is there, calls line() for each finished line. Does not block. */
void editor_ready(struct editor *e);
/* Prints whole lines (text ends in LF) above the line being edited: what is typed stays, and the
 * cursor in it. The text holds no control characters but LF and tab. One write for each call, so
 * several lines in one call are cheaper than several calls. */
void editor_print(struct editor *e, const char *text, size_t len);
void editor_prompt(struct editor *e, const char *prompt);
/* A prompt that changes stays where it is; else each change is another line. */
bool editor_stays(const struct editor *e);
/* Forgets what is typed: shows ^C and a fresh prompt on a new line. */
void editor_clear(struct editor *e);
void editor_resized(struct editor *e);
/* The lower rows will do, or (off) all again: see panes_split. Off is idempotent. False if the rows are
 * too few, or there are no panes. */
bool editor_split(struct editor *e, bool on);
/* The line so far, in UTF-8 from malloc, and the characters of it before the cursor; NULL if it is
 * hidden or memory is short. Empty in the kernel's line mode. */
char *editor_line(struct editor *e, size_t *cursor);
/* The next lines are secrets: not echoed, not in the history, wiped after line() returns. What is
 * typed so far is forgotten. */
void editor_hidden(struct editor *e, bool hide);
/* Gives the terminal back as it was found, keeping what is typed; both are idempotent. */
void editor_suspend(struct editor *e);
/* Takes it again and draws the line. Does nothing while the process is in the background. */
void editor_resume(struct editor *e);
/* Async-signal-safe: the terminal's modes as they were found, for a handler of crashes. */
void editor_restore(const struct editor *e);
/* Restores the terminal, the cursor on a line of its own. e may be NULL. Not from within line(). */
void editor_close(struct editor *e);

#endif
