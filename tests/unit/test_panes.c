/* Lines and pictures at one terminal, from two threads, while somebody reads it slowly: no picture is
 * torn but at a row's end, no line is torn or lost. A picture here is "<[rr..r][rr..r]..>". */
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/now.h"
#include "platform/panes.h"

/* All lines together are more than a terminal holds that nobody reads. */
enum { LINES = 400, LINE = 400, EACH = 8, ROWS = 40, ROW = 300, READ = 777 };

struct drawer {
    struct panes *panes;
    pthread_mutex_t lock;
    pthread_cond_t changes;
    bool over; /* guarded by the lock, as is what follows */
    int begun;
};

static void *draw(void *arg)
{
    struct drawer *d = arg;
    static char bytes[ROWS * ROW + 2];
    static size_t ends[ROWS];
    bool over = false;

    memset(bytes, 'r', sizeof bytes);
    bytes[0] = '<';
    for (size_t i = 0; i < ROWS; i++) {
        bytes[i * ROW + 1] = '[';
        ends[i] = (i + 1) * ROW + 1;
        bytes[ends[i] - 1] = ']';
    }
    bytes[sizeof bytes - 1] = '>';
    while (!over) {
        struct panes_place place = panes_place(d->panes);
        struct panes_picture p = {bytes, sizeof bytes, ends, ROWS, place.generation};
        unsigned cut;

        bool drew = !panes_pending(d->panes, &cut) && place.rows > 0;

        if (drew)
            panes_draw(d->panes, &p);
        pthread_mutex_lock(&d->lock);
        over = d->over;
        d->begun += drew;
        pthread_cond_signal(&d->changes);
        pthread_mutex_unlock(&d->lock);
        panes_wait(d->panes, now_ns() + 1000000, place.generation);
    }
    panes_drop(d->panes);
    return NULL;
}

/* So that both are at it at the same time. */
static void wait_for(struct drawer *d, int begun)
{
    pthread_mutex_lock(&d->lock);
    while (d->begun <= begun)
        pthread_cond_wait(&d->changes, &d->lock);
    pthread_mutex_unlock(&d->lock);
}

static void make_line(char out[static LINE + 1], int i)
{
    int n = snprintf(out, LINE, "line %d ", i);

    memset(out + n, 'x', (size_t)(LINE - n - 1));
    strcpy(out + LINE - 1, "\n");
}

/* In a process of its own, for the terminal is its own. heard: told when all is said, which then nobody
 * must have read to get there; -1: while somebody reads. */
static int child(int heard)
{
    struct drawer d = {.panes = panes_open(),
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .changes = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    char line[LINE + 1];

    if (d.panes == NULL || panes_are_split(d.panes) || !panes_split(d.panes) ||
        panes_rows(d.panes, 50) != 10 || panes_top(d.panes) != 41)
        return 1;
    panes_write(d.panes, "BEGIN\n", 6);
    if (pthread_create(&thread, NULL, draw, &d) != 0)
        return 2;
    for (int i = 0; i < LINES; i++) {
        make_line(line, i);
        if (i == 0 || (i % EACH == 0 && heard < 0))
            wait_for(&d, i / EACH);
        panes_keep(d.panes, line, strlen(line));
        panes_write(d.panes, line, strlen(line));
    }
    panes_write(d.panes, "END\n", 4);
    pthread_mutex_lock(&d.lock);
    d.over = true;
    pthread_mutex_unlock(&d.lock);
    panes_wake(d.panes);
    pthread_join(thread, NULL);
    panes_join(d.panes);
    panes_join(d.panes);
    if (heard >= 0 && (panes_due(d.panes) == INT64_MAX || write(heard, "x", 1) != 1))
        return 3;
    panes_close(d.panes);
    return 0;
}

/* Takes a picture off: whole rows, all or fewer. */
static const char *pass_picture(const char *at)
{
    for (at++; *at == '[';) {
        for (int i = 1; i < ROW - 1; i++)
            assert_int_equal(at[i], 'r');
        assert_int_equal(at[ROW - 1], ']');
        at += ROW;
    }
    assert_int_equal(*at, '>');
    return at + 1;
}

static void check(const char *at, unsigned least)
{
    unsigned pictures = 0;
    int lines = 0;
    char line[LINE + 1];

    at = strstr(at, "BEGIN\n");
    assert_non_null(at);
    at += 6;
    while (strncmp(at, "END\n", 4) != 0) {
        if (*at == '<') {
            at = pass_picture(at);
            pictures++;
            continue;
        }
        make_line(line, lines++);
        assert_memory_equal(at, line, strlen(line));
        at += strlen(line);
    }
    assert_int_equal(lines, LINES);
    assert_true(pictures >= least);
    /* The last lines again, for they were said while the picture was there. */
    at = strstr(at, "\033[r");
    assert_non_null(at);
    make_line(line, LINES - 1);
    assert_non_null(strstr(at, line));
}

static void play(bool stopped, unsigned least)
{
    struct winsize w = {.ws_col = 80, .ws_row = 50};
    size_t len = 0, size = 16 * 1024 * 1024;
    char *got = malloc(size);
    struct termios modes;
    int fd, status, ends[2];
    struct pollfd heard;
    pid_t pid;
    ssize_t n;

    assert_non_null(got);
    assert_int_equal(pipe(ends), 0);
    setenv("TERM", "xterm", 1);
    pid = forkpty(&fd, NULL, NULL, &w);
    assert_true(pid >= 0);
    if (pid == 0) {
        tcgetattr(0, &modes);
        modes.c_oflag &= ~(tcflag_t)OPOST;
        tcsetattr(0, TCSANOW, &modes);
        _exit(child(stopped ? ends[1] : -1));
    }
    heard = (struct pollfd){.fd = ends[0], .events = POLLIN};
    if (stopped)
        assert_int_equal(poll(&heard, 1, 20000), 1);
    while (len + READ < size && (n = read(fd, got + len, READ)) > 0)
        len += (size_t)n;
    got[len] = '\0';
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    check(got, least);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    free(got);
}

static void test_nothing_is_torn(void **state)
{
    (void)state;
    play(false, 11);
}

/* Nobody waits for it, and all lines are there when it is read again. */
static void test_a_terminal_that_stops(void **state)
{
    (void)state;
    play(true, 1);
}

static void test_none_without_a_terminal(void **state)
{
    (void)state;
    setenv("TERM", "dumb", 1);
    assert_null(panes_open());
    assert_false(panes_are_split(NULL));
    assert_false(panes_split(NULL));
    assert_int_equal(panes_top(NULL), 1);
    assert_int_equal(panes_rows(NULL, 24), 24);
    panes_keep(NULL, "x\n", 2);
    panes_join(NULL);
    panes_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_torn),
        cmocka_unit_test(test_a_terminal_that_stops),
        cmocka_unit_test(test_none_without_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
