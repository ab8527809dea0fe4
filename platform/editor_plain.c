#include <string.h>
#include <unistd.h>

#include "platform/editor_mode.h"

static void ask(struct editor *e)
{
    editor_write(e->options.prompt, strlen(e->options.prompt));
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
        editor_write("\n", 1);
    e->fresh = false;
    editor_write(text, len);
}

static void plain_clear(struct editor *e)
{
    editor_write("\n", 1); /* the kernel has shown ^C and forgotten the line */
    ask(e);
}

static void plain_prompted(struct editor *e)
{
    if (e->busy)
        return; /* asked when line() returns */
    if (e->fresh)
        editor_write("\n", 1);
    ask(e);
}

static void plain_nothing(struct editor *e)
{
    (void)e;
}

static void plain_hide(struct editor *e)
{
    echo(e, !e->hidden);
}

static void plain_resume(struct editor *e, bool unasked)
{
    (void)unasked;
    echo(e, !e->hidden);
    ask(e);
}

static void plain_close(struct editor *e)
{
    if (e->fresh)
        editor_write("\n", 1);
}

const struct editor_mode editor_plain = {
    .open = plain_open,
    .take = plain_take,
    .print = plain_print,
    .prompted = plain_prompted,
    .clear = plain_clear,
    .resized = plain_nothing,
    .hide = plain_hide,
    .suspend = plain_nothing,
    .resume = plain_resume,
    .close = plain_close,
};
