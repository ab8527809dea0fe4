#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>

#include "platform/now.h"
#include "platform/pages.h"

#define WORD_BITS (8 * sizeof(unsigned long))

struct loop {
    size_t limit; /* descriptors; a multiple of WORD_BITS */
    int top;      /* highest watched descriptor, -1 if none */
    int end;      /* how many descriptors the last wait was about; 0 if nothing is ready */
    bool some;    /* it was not about all of them */
    int start;    /* where handing out begins in the next turn */
    int first;    /* who was called first in this turn, -1 before */
    struct loop_watch **watches;           /* by descriptor */
    unsigned long *read_want, *write_want; /* kept up to date by loop_want */
    unsigned long *read_got, *write_got;   /* scratch for select */
};

static bool bit_get(const unsigned long *set, int fd)
{
    return (set[(size_t)fd / WORD_BITS] >> ((size_t)fd % WORD_BITS) & 1) != 0;
}

static void bit_put(unsigned long *set, int fd, bool on)
{
    unsigned long bit = 1ul << ((size_t)fd % WORD_BITS);

    if (on)
        set[(size_t)fd / WORD_BITS] |= bit;
    else
        set[(size_t)fd / WORD_BITS] &= ~bit;
}

static size_t raise_limit(size_t most)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return 1024;
    if (r.rlim_cur < most && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max < most ? r.rlim_max : most;
        setrlimit(RLIMIT_NOFILE, &r);
        getrlimit(RLIMIT_NOFILE, &r);
    }
    return r.rlim_cur < most ? (size_t)r.rlim_cur : most;
}

struct loop *loop_open(size_t most)
{
    struct loop *l = calloc(1, sizeof *l);
    size_t words;

    if (l == NULL)
        return NULL;
    l->top = -1;
    l->limit = (raise_limit(most) + WORD_BITS - 1) / WORD_BITS * WORD_BITS;
    words = l->limit / WORD_BITS;
    l->watches = calloc(l->limit, sizeof *l->watches);
    l->read_want = calloc(4 * words, sizeof *l->read_want);
    if (l->watches == NULL || l->read_want == NULL) {
        loop_close(l);
        return NULL;
    }
    /* Of most of it only the zeros that calloc wrote would ever take up memory. */
    pages_give_back(l->watches, l->limit * sizeof *l->watches);
    l->write_want = l->read_want + words;
    l->read_got = l->write_want + words;
    l->write_got = l->read_got + words;
    return l;
}

void loop_close(struct loop *l)
{
    if (l == NULL)
        return;
    free(l->watches);
    free(l->read_want);
    free(l);
}

size_t loop_limit(const struct loop *l)
{
    return l->limit;
}

bool loop_add(struct loop *l, struct loop_watch *w, int fd)
{
    if (fd < 0 || (size_t)fd >= l->limit || l->watches[fd] != NULL)
        return false;
    l->watches[fd] = w;
    w->fd = fd;
    if (fd > l->top)
        l->top = fd;
    return true;
}

void loop_remove(struct loop *l, struct loop_watch *w)
{
    if (w->fd < 0)
        return;
    loop_want(l, w, false, false);
    /* Nor must what was ready here be told to who gets the same number in this turn. */
    bit_put(l->read_got, w->fd, false);
    bit_put(l->write_got, w->fd, false);
    l->watches[w->fd] = NULL;
    w->fd = -1;
    while (l->top >= 0 && l->watches[l->top] == NULL)
        l->top--;
}

void loop_want(struct loop *l, const struct loop_watch *w, bool readable, bool writable)
{
    if (w->fd < 0)
        return;
    bit_put(l->read_want, w->fd, readable);
    bit_put(l->write_want, w->fd, writable);
}

int loop_top(const struct loop *l)
{
    return l->top;
}

/* Select on copies of the sets up to there. */
static int wait_below(struct loop *l, int below, int64_t due_ns)
{
    size_t bytes = ((size_t)below + WORD_BITS - 1) / WORD_BITS * sizeof *l->read_want;
    struct timeval time = {0};
    int64_t left = due_ns == INT64_MAX ? 0 : due_ns - now_ns();
    int got;

    if (left > 0) {
        /* Rounded up: waking a fraction early would only mean one more turn. */
        left = (left + 999) / 1000;
        time.tv_sec = (time_t)(left / 1000000);
        time.tv_usec = (suseconds_t)(left % 1000000);
    }
    memcpy(l->read_got, l->read_want, bytes);
    memcpy(l->write_got, l->write_want, bytes);
    got = select(below, (fd_set *)(void *)l->read_got, (fd_set *)(void *)l->write_got, NULL,
                 due_ns == INT64_MAX ? NULL : &time);
    l->end = got > 0 ? below : 0;
    l->some = below <= l->top;
    return got < 0 && errno != EINTR ? -errno : 0;
}

int loop_wait(struct loop *l, int64_t due_ns)
{
    return wait_below(l, l->top + 1, due_ns);
}

int loop_wait_below(struct loop *l, int below, int64_t due_ns)
{
    return wait_below(l, below < l->top + 1 ? below : l->top + 1, due_ns);
}

static int hand_out_part(struct loop *l, int from, int to)
{
    int count = 0;

    for (int fd = from; fd < to; fd++) {
        bool readable, writable;

        if ((size_t)fd % WORD_BITS == 0 && (size_t)(to - fd) >= WORD_BITS &&
            (l->read_got[(size_t)fd / WORD_BITS] | l->write_got[(size_t)fd / WORD_BITS]) == 0) {
            fd += (int)WORD_BITS - 1;
            continue;
        }
        readable = bit_get(l->read_got, fd);
        writable = bit_get(l->write_got, fd);
        /* A watch called before may have removed this one. */
        if ((readable || writable) && l->watches[fd] != NULL) {
            if (l->first < 0)
                l->first = fd;
            l->watches[fd]->ready(l->watches[fd], readable, writable);
            count++;
        }
    }
    return count;
}

int loop_hand_out(struct loop *l)
{
    int end = l->end, start = l->start < end ? l->start : 0, count;

    l->end = 0;
    l->first = -1;
    count = hand_out_part(l, start, end);
    count += hand_out_part(l, 0, start);
    if (!l->some)
        l->start = l->first + 1;
    return count;
}

int loop_turn(struct loop *l, int64_t due_ns)
{
    int failed = loop_wait(l, due_ns);

    return failed != 0 ? failed : loop_hand_out(l);
}
