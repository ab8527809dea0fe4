#include "server/caller.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "platform/unix_socket.h"
#include "server/ctl.h"

#define LIMIT_HEAD 64

/* False if the words make no command. */
static bool make_line(struct buf *line, char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(line, "%s%s", i > 0 ? " " : "", words[i]);
    if (line->failed || line->len > LIMIT_COMMAND || memchr(line->data, '\n', line->len) != NULL)
        return false;
    buf_add8(line, '\n');
    return !line->failed;
}

static bool send_all(int fd, const struct buf *line)
{
    size_t sent = 0;

    while (sent < line->len) {
        ssize_t n = write(fd, line->data + sent, line->len - sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        sent += (size_t)n;
    }
    return true;
}

/* Reads "RESULT LENGTH" and that many bytes behind its LF into in, which then holds these alone. */
static bool read_answer(int fd, struct buf *in, int *result)
{
    const uint8_t *end = NULL;
    size_t head = 0;
    unsigned long length = 0;

    while (end == NULL || in->len < head + length) {
        uint8_t *to = buf_reserve(in, 4096);
        ssize_t n = to == NULL ? -1 : read(fd, to, 4096);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        buf_grew(in, (size_t)n);
        if (end != NULL)
            continue;
        end = memchr(in->data, '\n', in->len);
        if (end == NULL && in->len > LIMIT_HEAD)
            return false;
        /* Before buf_text, which may move the data. */
        head = end == NULL ? 0 : (size_t)(end - in->data) + 1;
        if (end != NULL && sscanf(buf_text(in), "%d %lu", result, &length) != 2)
            return false;
    }
    buf_drop(in, head);
    return *result >= WARDEN_DONE && *result <= WARDEN_USAGE;
}

static int ask(int fd, const struct buf *line)
{
    int result = WARDEN_FAILED;
    struct buf in;

    buf_init(&in, 2 * LIMIT_ANSWER + 8192);
    if (!send_all(fd, line) || !read_answer(fd, &in, &result)) {
        log_error("dend gave no answer");
        result = WARDEN_FAILED;
    } else {
        fwrite(in.data, 1, in.len, result == WARDEN_DONE ? stdout : stderr);
        if (fflush(stdout) != 0)
            result = WARDEN_FAILED;
    }
    buf_free(&in);
    return result;
}

int caller_run(const char *state, char *const *words, size_t count)
{
    char path[PATHS_MAX];
    struct buf line;
    int fd, result = WARDEN_USAGE;

    signal(SIGPIPE, SIG_IGN);
    buf_init(&line, LIMIT_COMMAND + 1024);
    fd = ctl_path(path, state) ? unix_socket_connect(path) : -ENAMETOOLONG;
    if (!make_line(&line, words, count)) {
        log_error("not a command: a line of at most %d bytes", LIMIT_COMMAND);
    } else if (fd < 0) {
        log_error("no dend answers in %s: %s", state, strerror(-fd));
        result = WARDEN_FAILED;
    } else {
        result = ask(fd, &line);
    }
    if (fd >= 0)
        close(fd);
    buf_free(&line);
    return result;
}
