#include "platform/display/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/vt.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ms in which a display must stop drawing when a console is to change */
#define KEEPER_PATIENCE 1000
#define KEEPER_FILES 4096 /* closed one by one where the kernel can't close a range */

struct keeper {
    int tty, line, signals;
    unsigned number; /* of the console, 0: not known */
    bool stopped;    /* Ctrl-Z: text mode until the program goes on */
};

static void keeper_close_range(unsigned first, unsigned last)
{
    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    for (unsigned fd = first; fd <= last && fd < KEEPER_FILES; fd++)
        close((int)fd);
}

/* What else den has open must not stay so when den closes it: links, locks, pipes. */
static void keeper_close_others(unsigned a, unsigned b)
{
    unsigned low = a < b ? a : b, high = a < b ? b : a;

    if (low > 0)
        keeper_close_range(0, low - 1);
    keeper_close_range(low + 1, high - 1);
    keeper_close_range(high + 1, ~0u);
}

static unsigned keeper_number(int tty)
{
    unsigned device;

    if (ioctl(tty, TIOCGDEV, &device) != 0 || device >> 8 != 4)
        return 0;
    return device & 0xff;
}

/* In graphics mode the kernel changes consoles only by asking: the first signal asks, the second
 * tells. Where that can't be had the console can't be left, but the picture is shown. */
static int keeper_take(const struct keeper *k)
{
    const struct vt_mode ask = {.mode = VT_PROCESS, .relsig = SIGUSR1, .acqsig = SIGUSR2};

    if (ioctl(k->tty, KDSETMODE, (unsigned long)KD_GRAPHICS) != 0)
        return errno;
    ioctl(k->tty, VT_SETMODE, &ask);
    return 0;
}

static bool keeper_text(int tty)
{
    const struct vt_mode self = {.mode = VT_AUTO};

    ioctl(tty, VT_SETMODE, &self);
    return ioctl(tty, KDSETMODE, (unsigned long)KD_TEXT) == 0;
}

/* A decimal number behind a path, without the C library's help. */
static void keeper_path(char path[static 16], unsigned number)
{
    static const char head[] = "/dev/tty";
    size_t at = 0;

    for (; head[at] != '\0'; at++)
        path[at] = head[at];
    if (number >= 10)
        path[at++] = (char)('0' + number / 10 % 10);
    path[at++] = (char)('0' + number % 10);
    path[at] = '\0';
}

/* Where the program that ended led the session, the terminal was hung up with it and must be opened
 * again. */
static void keeper_give_back(const struct keeper *k)
{
    char path[16];
    int tty;

    if (keeper_text(k->tty) || k->number == 0)
        return;
    keeper_path(path, k->number);
    tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty >= 0)
        keeper_text(tty);
}

static bool keeper_away(const struct keeper *k)
{
    struct vt_stat state;

    return k->number != 0 && ioctl(k->tty, VT_GETSTATE, &state) == 0 && state.v_active != k->number;
}

static bool keeper_tell(const struct keeper *k, char what)
{
    return send(k->line, &what, 1, MSG_NOSIGNAL) == 1;
}

/* False: the display's process has ended. A display that does not answer does not hold up who wants
 * another console. */
static bool keeper_ask_to_leave(const struct keeper *k)
{
    struct pollfd in = {.fd = k->line, .events = POLLIN};
    char answer;

    if (!keeper_tell(k, KEEPER_LEAVES))
        return false;
    return poll(&in, 1, KEEPER_PATIENCE) <= 0 || recv(k->line, &answer, 1, 0) == 1;
}

static bool keeper_signal(struct keeper *k, unsigned number)
{
    switch (number) {
    case SIGUSR1:
        if (!keeper_ask_to_leave(k))
            return false;
        ioctl(k->tty, VT_RELDISP, 1UL);
        return true;
    case SIGUSR2:
        ioctl(k->tty, VT_RELDISP, (unsigned long)VT_ACKACQ);
        return keeper_tell(k, KEEPER_RETURNS);
    case SIGTSTP:
        if (k->stopped || keeper_away(k))
            return true;
        k->stopped = true;
        if (!keeper_ask_to_leave(k))
            return false;
        keeper_text(k->tty);
        return true;
    case SIGCONT:
        if (!k->stopped)
            return true;
        k->stopped = false;
        keeper_take(k);
        return keeper_away(k) || keeper_tell(k, KEEPER_RETURNS);
    default:
        return true;
    }
}

/* False when there is no more to do. */
static bool keeper_turn(struct keeper *k)
{
    struct pollfd on[] = {{.fd = k->line, .events = POLLIN}, {.fd = k->signals, .events = POLLIN}};
    struct signalfd_siginfo info;
    char late;

    if (poll(on, 2, -1) < 0)
        return errno == EINTR;
    /* An answer may come after its time. */
    if (on[0].revents != 0 && recv(k->line, &late, 1, 0) != 1)
        return false;
    if (on[1].revents == 0)
        return true;
    if (read(k->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return true;
    return keeper_signal(k, info.ssi_signo);
}

_Noreturn void keeper_run(int tty, int line)
{
    struct keeper k = {.tty = tty, .line = line, .number = keeper_number(tty)};
    struct keeper_start start = {0};
    sigset_t set;

    keeper_close_others((unsigned)tty, (unsigned)line);
    prctl(PR_SET_NAME, "den-console");
    sigfillset(&set);
    k.signals = signalfd(-1, &set, SFD_CLOEXEC);
    start.error = k.signals < 0 ? errno : keeper_take(&k);
    start.away = keeper_away(&k);
    if (send(line, &start, sizeof start, MSG_NOSIGNAL) == (ssize_t)sizeof start) {
        while (start.error == 0 && keeper_turn(&k))
            continue;
    }
    keeper_give_back(&k);
    _exit(0);
}
