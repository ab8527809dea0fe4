#include "platform/editor.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/editor_mode.h"
#include "platform/panes.h"

enum { READ_SIZE = 4096 };

bool editor_hold(struct editor *e, char byte)
{
    if (e->held_len >= EDITOR_LINE)
        return false;
    e->held[e->held_len++] = byte;
    return true;
}

void editor_release(struct editor *e)
{
    size_t len = e->held_len;

    e->held[len] = '\0';
    e->held_len = 0; /* first, for line() may call us */
    e->busy = true;
    e->options.line(e->options.owner, e->held);
    e->busy = false;
    explicit_bzero(e->held, len);
}

void editor_end(struct editor *e)
{
    if (!e->ended) {
        e->ended = true;
        e->options.line(e->options.owner, NULL);
    }
}

static bool utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Den's text is UTF-8 whatever the environment says, and so is every terminal of today. */
static void choose_locale(void)
{
    const char *now = setlocale(LC_CTYPE, NULL);

    if (now == NULL || strcmp(now, "C") == 0 || strcmp(now, "POSIX") == 0)
        setlocale(LC_CTYPE, "");
    if (!utf8())
        setlocale(LC_CTYPE, "C.UTF-8");
}

static bool choose_mode(struct editor *e)
{
#if DEN_LINE
    e->mode = &editor_screen;
    if (utf8() && e->mode->open(e))
        return true;
#endif
    e->mode = &editor_plain;
    return e->mode->open(e);
}

struct editor *editor_open(const struct editor_options *options)
{
    struct editor *e;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return NULL;
    e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    e->options = *options;
    e->options.prompt = strdup(options->prompt);
    e->held = malloc(EDITOR_HELD);
    choose_locale();
    if (e->options.prompt == NULL || e->held == NULL || tcgetattr(STDIN_FILENO, &e->found) != 0 ||
        !choose_mode(e)) {
        e->mode = NULL;
        editor_close(e);
        return NULL;
    }
    return e;
}

int editor_fd(const struct editor *e)
{
    (void)e;
    return STDIN_FILENO;
}

void editor_ready(struct editor *e)
{
    struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
    char bytes[READ_SIZE];
    ssize_t n;

    if (e->suspended)
        editor_resume(e); /* the shell may have brought us back without a word */
    if (e->ended || poll(&keyboard, 1, 0) <= 0)
        return;
    n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n > 0)
        e->mode->take(e, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        editor_end(e);
    explicit_bzero(bytes, sizeof bytes);
}

void editor_print(struct editor *e, const char *text, size_t len)
{
    if (len == 0)
        return;
    panes_keep(e->options.panes, text, len);
    e->mode->print(e, text, len);
}

void editor_prompt(struct editor *e, const char *prompt)
{
    char *copy = strdup(prompt);

    if (copy == NULL)
        return; /* the old one will do */
    free((char *)e->options.prompt);
    e->options.prompt = copy;
    e->mode->prompted(e);
}

char *editor_line(struct editor *e, size_t *cursor)
{
    *cursor = 0;
    return e->hidden || e->ended ? NULL : e->mode->text(e, cursor);
}

void editor_clear(struct editor *e)
{
    explicit_bzero(e->held, e->held_len);
    e->held_len = 0;
    e->mode->clear(e);
}

void editor_resized(struct editor *e)
{
    e->mode->resized(e);
}

bool editor_stays(const struct editor *e)
{
    return e->mode != &editor_plain;
}

bool editor_split(struct editor *e, bool on)
{
    if (e->options.panes == NULL || (on && !panes_roomy(e->options.panes)))
        return false;
    if (e->split == on)
        return true;
    e->split = on;
    if (!e->suspended)
        e->mode->split(e);
    return true;
}

void editor_hidden(struct editor *e, bool hide)
{
    if (e->hidden == hide)
        return;
    explicit_bzero(e->held, e->held_len);
    e->held_len = 0;
    e->hidden = hide;
    e->mode->hide(e);
}

void editor_suspend(struct editor *e)
{
    if (e->suspended)
        return;
    e->mode->suspend(e);
    e->suspended = true;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &e->found);
}

void editor_resume(struct editor *e)
{
    bool unasked = !e->suspended;
    struct termios now;

    /* From the background, taking the terminal would stop the whole process. */
    if (tcgetpgrp(STDIN_FILENO) != getpgrp())
        return;
    if (unasked && tcgetattr(STDIN_FILENO, &now) == 0 && !(now.c_lflag & ICANON))
        return; /* the SIGCONT of our own stop, or nobody took the terminal meanwhile */
    e->suspended = false;
    e->mode->resume(e, unasked);
}

void editor_restore(const struct editor *e)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &e->found);
}

void editor_close(struct editor *e)
{
    sigset_t stop, kept;

    if (e == NULL)
        return;
    /* From the background, restoring the terminal would stop us instead. */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &kept);
    if (e->mode != NULL) {
        editor_split(e, false);
        e->mode->close(e);
        editor_restore(e);
    }
    pthread_sigmask(SIG_SETMASK, &kept, NULL);
    if (e->held != NULL)
        explicit_bzero(e->held, EDITOR_HELD);
    free(e->held);
    free((char *)e->options.prompt);
    free(e);
}
