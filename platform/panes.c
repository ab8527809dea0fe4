#include "platform/panes.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/kept.h"
#include "platform/now.h"
#include "platform/owed.h"
#include "platform/window.h"

/* A terminal that took no more is tried again after that, for pictures and for lines. */
#define AGAIN_NS INT64_C(5000000)
#define LATER_NS INT64_C(50000000)

/* pending.bytes: NULL when the last picture is all written. The lines' thread alone uses kept. */
struct panes {
    pthread_mutex_t lock; /* guards all below but kept */
    pthread_cond_t changes;
    int fd; /* the terminal, non-blocking */
    bool split, woken;
    unsigned columns, above, height; /* while split: of the picture; of the window */
    unsigned generation;
    struct panes_picture pending;
    size_t sent;
    unsigned cut;
    struct owed owed; /* goes before what is pending */
    struct kept kept;
};

static void open_locks(struct panes *p)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changes, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct panes *panes_open(void)
{
    struct panes *p;
    int fd;

    /* Only of its own terminal does a process learn the foreground group. */
    if (!isatty(STDOUT_FILENO) || !window_moves() || tcgetpgrp(STDOUT_FILENO) < 0)
        return NULL;
    fd = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    p = fd < 0 ? NULL : calloc(1, sizeof *p);
    if (p == NULL) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    p->fd = fd;
    open_locks(p);
    return p;
}

void panes_close(struct panes *p)
{
    if (p == NULL)
        return;
    panes_join(p);
    owed_flush(&p->owed, p->fd);
    owed_free(&p->owed);
    close(p->fd);
    pthread_cond_destroy(&p->changes);
    pthread_mutex_destroy(&p->lock);
    kept_free(&p->kept);
    free(p);
}

static void put(struct panes *p, const char *text, size_t len)
{
    owed_write(&p->owed, p->fd, text, len);
}

/* Ends the picture that is pending behind the row that is begun. */
static void cut_picture(struct panes *p)
{
    const struct panes_picture *now = &p->pending;
    size_t tail = now->bytes == NULL ? 0 : now->ends[now->rows - 1];
    unsigned row = 0;

    if (now->bytes == NULL)
        return;
    if (p->sent >= tail) {
        put(p, now->bytes + p->sent, now->len - p->sent);
    } else {
        while (now->ends[row] < p->sent)
            row++;
        p->cut = p->sent > 0 ? row + 1 : 0;
        put(p, now->bytes + p->sent, p->sent > 0 ? now->ends[row] - p->sent : 0);
        put(p, now->bytes + tail, p->sent > 0 ? now->len - tail : 0);
        p->woken = true; /* who draws has more to do than it knew */
        pthread_cond_signal(&p->changes);
    }
    p->pending.bytes = NULL;
}

void panes_write(struct panes *p, const char *text, size_t len)
{
    struct owed none = {0};

    if (p == NULL) {
        owed_write(&none, STDOUT_FILENO, text, len);
        owed_flush(&none, STDOUT_FILENO);
        owed_free(&none);
        return;
    }
    pthread_mutex_lock(&p->lock);
    cut_picture(p);
    put(p, text, len);
    pthread_mutex_unlock(&p->lock);
}

int64_t panes_due(struct panes *p)
{
    bool left;

    if (p == NULL)
        return INT64_MAX;
    pthread_mutex_lock(&p->lock);
    left = owed_push(&p->owed, p->fd);
    pthread_mutex_unlock(&p->lock);
    return left ? now_ns() + LATER_NS : INT64_MAX;
}

void panes_keep(struct panes *p, const char *text, size_t len)
{
    if (p != NULL)
        kept_add(&p->kept, text, len, p->split);
}

/* How the window is shared out: the lines get a fifth, and never less than they need. */
static bool share_out(const struct panes *p, unsigned *columns, unsigned *above, unsigned *height)
{
    const struct winsize w = window_size(p->fd);
    unsigned lines;

    *above = 0;
    *columns = w.ws_col;
    *height = w.ws_row;
    lines = w.ws_row / 5 > PANES_LINES ? w.ws_row / 5 : PANES_LINES;
    if (w.ws_col < PANES_COLUMNS || w.ws_row < lines + 2)
        return false;
    *above = w.ws_row - lines;
    return true;
}

static void writef(struct panes *p, const char *format, ...)
{
    char text[64];
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put(p, text, n > 0 ? (size_t)n : 0);
}

/* From the second row on and back, for tmux takes erasing from the very first cell on as a wish to
 * keep all that is erased with its old lines. */
static void erase_all(struct panes *p)
{
    writef(p, "\033[r\033[2;1H\033[J\033[1;1H\033[K");
}

/* The region, and the last lines in it. */
static void take_rows(struct panes *p)
{
    size_t len;
    const char *lines;

    share_out(p, &p->columns, &p->above, &p->height);
    lines = kept_last(&p->kept, p->height - p->above - 1, &len);
    writef(p, "\033[%u;%ur\033[%u;1H", p->above + 1, p->height, p->above + 1);
    put(p, lines, len);
}

static void change(struct panes *p)
{
    p->generation++;
    pthread_cond_signal(&p->changes);
    pthread_mutex_unlock(&p->lock);
}

bool panes_split(struct panes *p)
{
    if (p == NULL || p->split || !panes_roomy(p))
        return p != NULL && p->split;
    pthread_mutex_lock(&p->lock);
    share_out(p, &p->columns, &p->above, &p->height);
    for (unsigned i = 1; i < p->height; i++)
        put(p, "\n", 1);
    take_rows(p);
    p->split = true;
    kept_mark(&p->kept);
    change(p);
    return true;
}

void panes_join(struct panes *p)
{
    size_t len;
    const char *lines;

    if (p == NULL || !p->split)
        return;
    pthread_mutex_lock(&p->lock);
    cut_picture(p);
    erase_all(p);
    lines = kept_marked(&p->kept, &len);
    put(p, lines, len);
    p->split = false;
    p->above = 0;
    change(p);
}

/* A window that grew may have taken old lines back onto the screen: they go where they were. */
static void give_back(struct panes *p)
{
    unsigned height = window_size(p->fd).ws_row;

    if (!window_reflows())
        return;
    for (unsigned i = p->height; i < height; i++)
        writef(p, "\033[r\033[%u;1H\n", height);
}

void panes_fit(struct panes *p)
{
    if (p == NULL || !p->split)
        return;
    pthread_mutex_lock(&p->lock);
    cut_picture(p);
    give_back(p);
    erase_all(p);
    take_rows(p);
    change(p);
}

/* The lines' thread alone changes these: it may read them without the lock. */
bool panes_are_split(struct panes *p)
{
    return p != NULL && p->split;
}

int panes_top(struct panes *p)
{
    return panes_are_split(p) ? (int)p->above + 1 : 1;
}

int panes_rows(struct panes *p, int height)
{
    return panes_are_split(p) ? (int)(p->height - p->above) : height;
}

bool panes_roomy(struct panes *p)
{
    unsigned columns, above, height;

    return share_out(p, &columns, &above, &height);
}

struct panes_place panes_place(struct panes *p)
{
    struct panes_place place;

    pthread_mutex_lock(&p->lock);
    place = (struct panes_place){
        .columns = p->columns, .rows = p->split ? p->above : 0, .generation = p->generation};
    pthread_mutex_unlock(&p->lock);
    return place;
}

/* As much as the terminal takes; true if that is not all. */
static bool push(struct panes *p)
{
    if (owed_push(&p->owed, p->fd))
        return true;
    while (p->pending.bytes != NULL) {
        ssize_t n = write(p->fd, p->pending.bytes + p->sent, p->pending.len - p->sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return true;
        p->sent += n > 0 ? (size_t)n : 0;
        if (n <= 0 || p->sent == p->pending.len)
            p->pending.bytes = NULL;
    }
    return false;
}

bool panes_pending(struct panes *p, unsigned *cut)
{
    bool pending;

    pthread_mutex_lock(&p->lock);
    pending = push(p);
    *cut = p->cut;
    pthread_mutex_unlock(&p->lock);
    return pending;
}

void panes_draw(struct panes *p, const struct panes_picture *picture)
{
    pthread_mutex_lock(&p->lock);
    p->cut = picture->rows;
    if (p->split && picture->generation == p->generation && picture->len > 0) {
        p->pending = *picture;
        p->sent = 0;
        push(p);
    }
    pthread_mutex_unlock(&p->lock);
}

void panes_drop(struct panes *p)
{
    pthread_mutex_lock(&p->lock);
    cut_picture(p);
    pthread_mutex_unlock(&p->lock);
}

/* Until that time or a change; false if the time came. */
static bool wait_once(struct panes *p, int64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                             .tv_nsec = (long)(until_ns % 1000000000)};

    if (until_ns == INT64_MAX)
        return pthread_cond_wait(&p->changes, &p->lock) == 0;
    return pthread_cond_timedwait(&p->changes, &p->lock, &until) == 0;
}

bool panes_wait(struct panes *p, int64_t until_ns, unsigned generation)
{
    bool time_left = true;

    pthread_mutex_lock(&p->lock);
    while (time_left && !p->woken && p->generation == generation) {
        int64_t again = push(p) ? now_ns() + AGAIN_NS : INT64_MAX;

        time_left = wait_once(p, again < until_ns ? again : until_ns) || again < until_ns;
    }
    p->woken = false;
    pthread_mutex_unlock(&p->lock);
    return time_left;
}

void panes_wake(struct panes *p)
{
    pthread_mutex_lock(&p->lock);
    p->woken = true;
    pthread_cond_signal(&p->changes);
    pthread_mutex_unlock(&p->lock);
}
