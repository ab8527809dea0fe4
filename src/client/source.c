#include "client/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"
#include "platform/now.h"
#include "platform/paths.h"
#include "video/conf.h"

#define PIECE 65536
#define USUAL_FPS 25

void source_close(struct source *s)
{
    loop_remove(s->loop, &s->watch);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    cutter_free(&s->cutter);
    free(s->held);
    s->held = NULL;
}

static void end(struct source *s, const char *why)
{
    const struct source_events *e = s->events;

    source_close(s);
    e->ended(e->owner, why);
}

static void give(struct source *s, struct span frame)
{
    int64_t now = now_ns();

    if (s->started == 0)
        s->started = now;
    s->events->frame(s->events->owner, frame, now - s->started);
}

/* Cuts what is there, up to one frame if `one`. True if there was one, or the source was closed. */
static bool cut(struct source *s, bool one)
{
    while (s->fd >= 0 && s->from < s->to) {
        struct span in = {s->held + s->from, s->to - s->from}, frame;
        enum cutter_event event = cutter_feed(&s->cutter, &in, &frame);

        s->from = s->to - in.len;
        if (event == CUTTER_FRAME)
            give(s, frame);
        else if (event != CUTTER_MORE)
            s->events->broken(s->events->owner);
        if (event == CUTTER_FRAME && one)
            return true;
    }
    return s->fd < 0;
}

/* False at the end, which is told. */
static bool fetch(struct source *s)
{
    ssize_t n = read(s->fd, s->held, PIECE);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        n = 0;
    else if (n < 0)
        end(s, strerror(errno));
    else if (n == 0) {
        if (scan_cut(&s->cutter.scan))
            s->events->broken(s->events->owner);
        end(s, NULL);
    }
    s->from = 0;
    s->to = n > 0 ? (size_t)n : 0;
    return s->fd >= 0;
}

static void on_ready(struct loop_watch *w, bool readable, bool writable)
{
    struct source *s = w->owner;

    (void)readable;
    (void)writable;
    if (fetch(s))
        cut(s, false);
}

int64_t source_due(const struct source *s)
{
    int64_t after;

    if (s->fd < 0 || !s->paced)
        return INT64_MAX;
    after = (int64_t)(s->frames / s->fps.num * s->fps.den) * INT64_C(1000000000) +
            (int64_t)(s->frames % s->fps.num * s->fps.den * UINT64_C(1000000000) / s->fps.num);
    return s->started + after;
}

/* One frame at a time: who was held up for long does not make up for it in a burst. */
void source_tick(struct source *s, int64_t now)
{
    if (now < source_due(s))
        return;
    while (!cut(s, true) && fetch(s))
        ;
    s->frames++;
    if (source_due(s) < now - INT64_C(1000000000)) {
        s->frames = 0;
        s->started = now;
    }
}

/* What the clip's own file says of its rate. */
static struct fraction rate_beside(const char *path)
{
    struct fraction fps = {USUAL_FPS, 1};
    const char *name = strrchr(path, '/');
    char conf_path[PATHS_MAX], why[LIMIT_REASON];
    struct file_bytes text;
    struct conf conf;

    if (snprintf(conf_path, sizeof conf_path, "%.*sclip.conf",
                 name == NULL ? 0 : (int)(name - path + 1), path) >= (int)sizeof conf_path ||
        file_read(&text, conf_path, LIMIT_CONF, FILE_FOLLOW) != 0)
        return fps;
    if (conf_parse(text.data, text.len, NULL, NULL, &conf, why) == ERR_OK)
        fps = conf.fps;
    file_free(&text);
    return fps;
}

static bool open_path(struct source *s, const char *path, char why[static 256])
{
    struct stat about;

    /* The loop knows standard input by its own number already. */
    s->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                                   : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (s->fd < 0 || fstat(s->fd, &about) != 0) {
        snprintf(why, 256, "%.150s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(about.st_mode)) {
        snprintf(why, 256, "%.150s: a directory", path);
        return false;
    }
    s->paced = S_ISREG(about.st_mode);
    return true;
}

bool source_open(struct source *s, struct loop *loop, const char *path, struct fraction fps,
                 const struct source_events *events, char why[static 256])
{
    *s = (struct source){.events = events,
                         .loop = loop,
                         .fd = -1,
                         .watch = {.fd = -1, .ready = on_ready, .owner = s}};
    cutter_init(&s->cutter);
    s->held = malloc(PIECE);
    snprintf(why, 256, "out of memory");
    if (s->held == NULL || !open_path(s, path, why)) {
        source_close(s);
        return false;
    }
    s->fps = s->paced && fps.num == 0 ? rate_beside(path) : fps;
    if (s->paced) {
        s->started = now_ns();
        return true;
    }
    snprintf(why, 256, "%.150s: can't wait for it", path);
    if (!loop_add(loop, &s->watch, s->fd)) {
        source_close(s);
        return false;
    }
    loop_want(loop, &s->watch, true, false);
    return true;
}
