#include "tools/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_LINE 1024 /* bytes; of a longer line the rest is cut off */

extern char **environ;

/* One of the two pipes from the program: end 0 is ours. */
struct child_pipe {
    int ends[2];
    size_t len;
    char line[CHILD_LINE];
};

static void child_shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* In a group of its own, so that a terminal's Ctrl-C comes to us alone; with the signals that we
 * block or ignore as they were. */
static int child_spawn(pid_t *pid, const char *const *argv, const struct child_pipe *out,
                       const struct child_pipe *complaints)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    int failed;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out->ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, complaints->ends[1], 2);
    /* For historical reasons alone it wants words that could be written to. */
    failed = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static bool child_line(struct child_watch *w, bool complaint, char *line)
{
    if (!complaint)
        return w->take(w->context, line);
    if (*line != 0)
        snprintf(w->complaint, sizeof w->complaint, "%.*s", CHILD_COMPLAINT - 1, line);
    return true;
}

/* Reads once; false if take said no. At the end of it our end is shut. */
static bool child_read(struct child_watch *w, struct child_pipe *p, bool complaint)
{
    char piece[4096];
    ssize_t n = read(p->ends[0], piece, sizeof piece);
    bool go_on = true;

    if (n <= 0 && !(n < 0 && (errno == EINTR || errno == EAGAIN)))
        child_shut(&p->ends[0]);
    for (ssize_t i = 0; go_on && i < n; i++) {
        if (piece[i] != '\n') {
            if (p->len < sizeof p->line - 1)
                p->line[p->len++] = piece[i];
            continue;
        }
        p->line[p->len] = 0;
        p->len = 0;
        go_on = child_line(w, complaint, p->line);
    }
    return go_on;
}

static enum child_end child_follow(struct child_watch *w, struct child_pipe *out,
                                   struct child_pipe *complaints)
{
    while (out->ends[0] >= 0 || complaints->ends[0] >= 0) {
        struct pollfd fds[] = {{.fd = w->signals, .events = POLLIN},
                               {.fd = out->ends[0], .events = POLLIN},
                               {.fd = complaints->ends[0], .events = POLLIN}};

        if (poll(fds, sizeof fds / sizeof *fds, -1) < 0 && errno != EINTR)
            return CHILD_FAILED;
        if (fds[0].revents != 0)
            return CHILD_STOPPED;
        if (fds[2].revents != 0)
            child_read(w, complaints, true);
        if (fds[1].revents != 0 && !child_read(w, out, false))
            return CHILD_REFUSED;
    }
    return CHILD_DONE;
}

static enum child_end child_reap(pid_t pid, enum child_end end)
{
    int status;

    /* Not asked politely: what it writes is thrown away. */
    if (end != CHILD_DONE)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return CHILD_FAILED;
    if (end == CHILD_DONE && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return CHILD_FAILED;
    return end;
}

enum child_end child_run(const char *const *argv, struct child_watch *w)
{
    struct child_pipe out = {.ends = {-1, -1}}, complaints = {.ends = {-1, -1}};
    enum child_end end = CHILD_FAILED;
    pid_t pid = -1;
    int failed;

    w->complaint[0] = 0;
    if (pipe2(out.ends, O_CLOEXEC) != 0 || pipe2(complaints.ends, O_CLOEXEC) != 0)
        failed = errno;
    else
        failed = child_spawn(&pid, argv, &out, &complaints);
    child_shut(&out.ends[1]);
    child_shut(&complaints.ends[1]);
    if (failed == 0)
        end = child_reap(pid, child_follow(w, &out, &complaints));
    else if (failed == ENOENT)
        end = CHILD_MISSING;
    else
        snprintf(w->complaint, sizeof w->complaint, "%s", strerror(failed));
    child_shut(&out.ends[0]);
    child_shut(&complaints.ends[0]);
    return end;
}
