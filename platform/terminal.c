#include "platform/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};

struct terminal {
    int fd, signals;
    struct termios found; /* its modes before us */
    sigset_t mask;        /* the process's before us */
    sigset_t blocked;
};

static void say(const struct terminal *t, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t n = write(t->fd, text, len);

        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
}

/* TCSAFLUSH forgets what was typed ahead, which has been echoed. */
static int hide(const struct terminal *t)
{
    struct termios modes = t->found;

    modes.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    modes.c_lflag |= ICANON | ISIG | ECHONL;
    modes.c_iflag |= ICRNL;
    return tcsetattr(t->fd, TCSAFLUSH, &modes) == 0 ? 0 : -errno;
}

static void show(const struct terminal *t)
{
    tcsetattr(t->fd, TCSAFLUSH, &t->found);
}

/* Signals wait while echo is off, so that none of them leaves it so. */
static int open_signals(struct terminal *t)
{
    sigemptyset(&t->blocked);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        sigaddset(&t->blocked, watched[i]);
    if (sigprocmask(SIG_BLOCK, &t->blocked, &t->mask) != 0)
        return -errno;
    t->signals = signalfd(-1, &t->blocked, SFD_NONBLOCK | SFD_CLOEXEC);
    return t->signals < 0 ? -errno : 0;
}

/* What the signal would have done, with the terminal as it was. */
static int pass_signal(const struct terminal *t, const char *prompt)
{
    struct signalfd_siginfo info;
    int result;

    if (read(t->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    if (info.ssi_signo != SIGCONT) {
        show(t);
        say(t, "\n");
        raise((int)info.ssi_signo);
        sigprocmask(SIG_SETMASK, &t->mask, NULL); /* here it comes */
        sigprocmask(SIG_BLOCK, &t->blocked, NULL);
    }
    result = hide(t);
    say(t, prompt);
    return result;
}

/* A line, or a piece of one that is too long for the kernel's line mode. 1 when it is whole. */
static int read_some(const struct terminal *t, char *out, size_t size, size_t *len)
{
    char over;
    bool full = *len == size;
    ssize_t n = read(t->fd, full ? &over : out + *len, full ? 1 : size - *len);

    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (n == 0)
        return -ENODATA;
    if (full)
        return over == '\n' ? 1 : -E2BIG;
    *len += (size_t)n;
    if (out[*len - 1] != '\n')
        return 0;
    --*len;
    return 1;
}

static int read_line(const struct terminal *t, const char *prompt, char *out, size_t size,
                     size_t *len)
{
    struct pollfd ready[] = {{.fd = t->signals, .events = POLLIN}, {.fd = t->fd, .events = POLLIN}};
    int result = 0;

    while (result == 0) {
        if (poll(ready, 2, -1) < 0)
            result = errno == EINTR ? 0 : -errno;
        else if (ready[0].revents != 0)
            result = pass_signal(t, prompt);
        else
            result = read_some(t, out, size, len);
    }
    return result < 0 ? result : 0;
}

int terminal_ask_secret(const char *prompt, char *out, size_t size, size_t *len)
{
    struct terminal t = {.signals = -1};
    int result;

    *len = 0;
    t.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (t.fd < 0)
        return -errno;
    result = tcgetattr(t.fd, &t.found) == 0 ? open_signals(&t) : -errno;
    if (result == 0) {
        result = hide(&t);
        if (result == 0) {
            say(&t, prompt);
            result = read_line(&t, prompt, out, size, len);
        }
        show(&t);
    }
    if (t.signals >= 0) {
        close(t.signals);
        sigprocmask(SIG_SETMASK, &t.mask, NULL);
    }
    close(t.fd);
    return result;
}
