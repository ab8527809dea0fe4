#include "server/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wipe.h"

#define LIMIT_IN (LIMIT_COMMAND + 2)
#define BACKGROUND_PAUSE_NS INT64_C(1000000000)

static void on_answered(struct warden_request *q, enum warden_result result, const struct buf *text)
{
    struct terminal *t = (struct terminal *)((char *)q - offsetof(struct terminal, request));

    (void)result;
    screen_show(t->screen, (const char *)text->data, text->len);
}

static void at_end(struct terminal *t)
{
    log_note("end of input: the server goes on, `dend ctl` takes commands");
    t->ended = true;
}

static void on_input(struct loop_watch *w, bool readable, bool writable)
{
    struct terminal *t = w->owner;
    size_t room = LIMIT_IN - t->in.len;
    uint8_t *to = room > 0 ? buf_reserve(&t->in, room) : NULL;
    ssize_t n;

    (void)readable;
    (void)writable;
    if (to == NULL)
        return;
    n = read(STDIN_FILENO, to, room);
    if (n > 0) {
        buf_grew(&t->in, (size_t)n);
    } else if (n < 0 && errno == EIO) {
        /* In the background: what is typed is for the shell. Look again later. */
        t->again = t->warden->room->now + BACKGROUND_PAUSE_NS;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        at_end(t);
    }
}

bool terminal_open(struct terminal *t, struct loop *loop, struct warden *warden,
                   struct screen *screen)
{
    *t = (struct terminal){.loop = loop, .warden = warden, .screen = screen, .again = INT64_MAX};
    t->watch = (struct loop_watch){.fd = -1, .ready = on_input, .owner = t};
    t->request.answered = on_answered;
    buf_init(&t->in, LIMIT_IN);
    /* Reading in the background would stop the whole server; like this it fails with EIO. */
    signal(SIGTTIN, SIG_IGN);
    if (!loop_add(loop, &t->watch, STDIN_FILENO))
        return false;
    loop_want(loop, &t->watch, true, false);
    return true;
}

void terminal_close(struct terminal *t)
{
    if (t->loop == NULL)
        return;
    warden_forget(&t->request);
    loop_remove(t->loop, &t->watch);
    buf_free(&t->in);
    *t = (struct terminal){0};
}

int64_t terminal_due(const struct terminal *t)
{
    return t->loop == NULL ? INT64_MAX : t->again;
}

static void give_line(struct terminal *t, const char *line, size_t len)
{
    if (len > 0 && !t->skipping)
        warden_do(t->warden, &t->request, line, len);
    t->skipping = false;
}

static void cut_long_line(struct terminal *t)
{
    if (!t->skipping)
        log_error("a line is longer than %d bytes and is ignored", LIMIT_COMMAND);
    t->skipping = memchr(t->in.data, '\n', t->in.len) == NULL;
    buf_clear(&t->in);
}

/* Nothing is lost while an answer is waited for: it stays in the kernel. */
void terminal_tick(struct terminal *t)
{
    char line[LIMIT_COMMAND];
    size_t len;

    if (t->loop == NULL)
        return;
    if (t->warden->room->now >= t->again)
        t->again = INT64_MAX;
    while (!t->request.busy && warden_next_line(&t->in, line, &len))
        give_line(t, line, len);
    wipe(line, sizeof line);
    if (!t->request.busy && t->in.len > LIMIT_COMMAND)
        cut_long_line(t);
    loop_want(t->loop, &t->watch, !t->ended && !t->request.busy && t->again == INT64_MAX, false);
}
