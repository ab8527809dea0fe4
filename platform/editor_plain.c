#include <string.h>
#include <unistd.h>

#include "platform/editor_mode.h"
#include "platform/panes.h"

static void ask(struct editor *e)
{
    panes_write(e->options.panes, e->options.prompt, strlen(e->options.prompt));
    e->fresh = true;
}

static void echo(const struct editor *e, bool on)
{
    struct termios modes = e->found;

    modes.c_lflag |= ICANON | ISIG | ECHO;
    modes.c_iflag |= ICRNL;
    if (!on) {
        modes.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
        modes.c_lflag |= ECHONL;
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
}

static bool plain_open(struct editor *e)
{
    echo(e, true);
    ask(e);
    return true;
}

static void plain_take(struct editor *e, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && !e->ended; i++) {
        if (bytes[i] != '\n') {
            editor_hold(e, bytes[i]);
            continue;
        }
        e->fresh = false;
        editor_release(e);
        if (!e->ended)
            ask(e);
    }
}

/* The prompt does not come back before the next line is entered: there is no telling whether
 * something stands behind it already. */
static void plain_print(struct editor *e, const char *text, size_t len)
{
    if (e->fresh)
        panes_write(e->options.panes, "\n", 1);
    e->fresh = false;
    panes_write(e->options.panes, text, len);
}

/* The kernel has it. */
static char *plain_text(struct editor *e, size_t *cursor)
{
    (void)e;
    *cursor = 0;
    return strdup("");
}

static void plain_clear(struct editor *e)
{
    panes_write(e->options.panes, "\n", 1); /* the kernel has shown ^C and forgotten the line */
    ask(e);
}

static void plain_prompted(struct editor *e)
{
    if (e->busy)
        return; /* asked when line() returns */
    if (e->fresh)
        panes_write(e->options.panes, "\n", 1);
    ask(e);
}

static void plain_hide(struct editor *e)
{
    echo(e, !e->hidden);
}

static void plain_split(struct editor *e)
{
    if (e->fresh)
        panes_write(e->options.panes, "\n", 1);
    if (e->split)
        panes_split(e->options.panes);
    else
        panes_join(e->options.panes);
    ask(e);
}

static void plain_resized(struct editor *e)
{
    if (!panes_are_split(e->options.panes))
        return;
    panes_fit(e->options.panes);
    ask(e);
}

static void plain_suspend(struct editor *e)
{
    panes_join(e->options.panes);
}

static void plain_resume(struct editor *e, bool unasked)
{
    (void)unasked;
    echo(e, !e->hidden);
    if (e->split)
        plain_split(e);
    else
        ask(e);
}

static void plain_close(struct editor *e)
{
    if (e->fresh)
        panes_write(e->options.panes, "\n", 1);
}

const struct editor_mode editor_plain = {
    .open = plain_open,
    .take = plain_take,
    .print = plain_print,
    .prompted = plain_prompted,
    .clear = plain_clear,
    .text = plain_text,
    .resized = plain_resized,
    .hide = plain_hide,
    .split = plain_split,
    .suspend = plain_suspend,
    .resume = plain_resume,
    .close = plain_close,
};
