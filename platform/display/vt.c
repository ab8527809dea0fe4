#include "platform/display/vt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/display/keeper.h"

/* Only virtual consoles have such modes. */
static bool vt_mode(int fd, int *mode)
{
    return ioctl(fd, KDGETMODE, mode) == 0;
}

/* A descriptor of our own for the console that this process was started at, or -1. */
static int vt_open_own(void)
{
    int mode, tty;

    if (vt_mode(STDIN_FILENO, &mode))
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0 || vt_mode(tty, &mode))
        return tty;
    close(tty);
    return -1;
}

/* The console that is shown: root may, from elsewhere. In graphics mode it is somebody's. */
static int vt_open_shown(void)
{
    int mode, tty = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (tty < 0 || (vt_mode(tty, &mode) && mode == KD_TEXT))
        return tty;
    close(tty);
    return -1;
}

bool vt_here(void)
{
    int tty = vt_open_own();

    if (tty < 0)
        return false;
    close(tty);
    return true;
}

/* 0 or an errno value; with 0 the keeper holds the console. */
static int vt_start(struct vt *v)
{
    struct keeper_start start = {.error = EPIPE};
    int ends[2];
    sigset_t all, before;

    int error;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    v->keeper = fork();
    error = errno;
    if (v->keeper == 0)
        keeper_run(v->tty, ends[1]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    v->line = ends[0];
    if (v->keeper < 0)
        return error;
    if (recv(v->line, &start, sizeof start, MSG_WAITALL) != (ssize_t)sizeof start)
        return EPIPE;
    v->away = start.away;
    return start.error;
}

bool vt_hold(struct vt *v, char why[static DISPLAY_WHY])
{
    bool own = true;
    int error;

    *v = (struct vt){.tty = vt_open_own(), .line = -1};
    if (v->tty < 0) {
        own = false;
        v->tty = vt_open_shown();
    }
    if (v->tty < 0)
        return true;
    /* Before: in graphics mode the kernel gives it to nobody. */
    console_font_read(v->tty, &v->font);
    error = vt_start(v);
    if (error == 0)
        return true;
    vt_release(v);
    snprintf(why, DISPLAY_WHY, "can't put the console into graphics mode: %s", strerror(error));
    return !own;
}

enum vt_change vt_next(struct vt *v)
{
    char what;
    ssize_t n;

    if (v->line < 0)
        return VT_STAYS;
    n = recv(v->line, &what, 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return VT_STAYS;
    if (n == 1 && what == KEEPER_LEAVES)
        return VT_LEAVES;
    if (n == 1) {
        v->away = false;
        return VT_RETURNS;
    }
    /* Somebody killed it. The kernel frees a console whose keeper is gone when another is wanted. */
    close(v->line);
    v->line = -1;
    v->away = false;
    return VT_RETURNS;
}

void vt_leave(struct vt *v)
{
    const char left = KEEPER_LEFT;

    v->away = true;
    send(v->line, &left, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void vt_release(struct vt *v)
{
    if (v->line >= 0)
        close(v->line);
    if (v->keeper > 0) {
        while (waitpid(v->keeper, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (v->tty >= 0) {
        /* Once more, in case that the keeper was killed. */
        ioctl(v->tty, KDSETMODE, (unsigned long)KD_TEXT);
        close(v->tty);
    }
    console_font_free(&v->font);
    *v = (struct vt){.tty = -1, .line = -1};
}
