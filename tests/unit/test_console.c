/* Piped lines come out the same however they are cut, and no line is too long to survive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "client/console.h"
#include "tests/kit/capture.h"
#include "tests/kit/dice.h"

struct seen {
    struct console console;
    struct loop *loop;
    struct buf lines; /* each with a | behind it */
    int ends;
    int hold_at; /* hold when so many came; 0: never */
    int count;
    int to; /* the pipe's end that we write to */
};

static void on_line(void *owner, const char *line)
{
    struct seen *s = owner;

    assert_false(s->console.held);
    buf_add_text(&s->lines, line);
    buf_add8(&s->lines, '|');
    if (++s->count == s->hold_at)
        console_hold(&s->console, true);
}

static void on_end(void *owner)
{
    struct seen *s = owner;

    s->ends++;
}

static const char *on_complete(void *owner, const char *word, size_t nth)
{
    (void)owner;
    (void)word;
    (void)nth;
    return NULL;
}

static void seen_open(struct seen *s)
{
    const struct console_events events = {
        .line = on_line, .end = on_end, .complete = on_complete, .owner = s};
    int fds[2];

    *s = (struct seen){.to = -1};
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
    close(fds[0]);
    s->to = fds[1];
    buf_init(&s->lines, 1024 * 1024);
    s->loop = loop_open(64);
    assert_non_null(s->loop);
    assert_true(console_open(&s->console, s->loop, false, NULL, &events));
}

static void seen_close(struct seen *s)
{
    console_close(&s->console);
    console_close(&s->console);
    loop_close(s->loop);
    buf_free(&s->lines);
    if (s->to >= 0)
        close(s->to);
}

static void settle(struct seen *s)
{
    while (loop_turn(s->loop, 0) > 0)
        ;
}

static void put(struct seen *s, const void *p, size_t len)
{
    const char *at = p;

    while (len > 0) {
        size_t n = len < 4096 ? len : 4096;

        assert_int_equal(write(s->to, at, n), (ssize_t)n);
        settle(s);
        at += n;
        len -= n;
    }
}

static void finish(struct seen *s)
{
    close(s->to);
    s->to = -1;
    settle(s);
}

static void expect(struct seen *s, const char *lines, int ends)
{
    assert_string_equal(buf_text(&s->lines), lines);
    assert_int_equal(s->ends, ends);
}

static const char text[] = "/who\r\n\n/msg bob a\rb\n\r\n  spaces \n\xc3\xa4\xff\nlast";
static const char want[] = "/who||/msg bob a\rb||  spaces |\xc3\xa4\xff|last|";

static void split_everywhere(void **state)
{
    size_t len = sizeof text - 1;

    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        struct seen s;

        seen_open(&s);
        console_hold(&s.console, false);
        put(&s, text, cut);
        put(&s, text + cut, len - cut);
        assert_int_equal(s.ends, 0);
        finish(&s);
        expect(&s, want, 1);
        settle(&s);
        expect(&s, want, 1);
        seen_close(&s);
    }
}

static void byte_by_byte(void **state)
{
    struct seen s;

    (void)state;
    seen_open(&s);
    console_hold(&s.console, false);
    for (size_t i = 0; i < sizeof text - 1; i++)
        put(&s, text + i, 1);
    finish(&s);
    expect(&s, want, 1);
    seen_close(&s);
}

static void nothing_at_all(void **state)
{
    struct seen s;

    (void)state;
    seen_open(&s);
    console_hold(&s.console, false);
    finish(&s);
    expect(&s, "", 1);
    seen_close(&s);
}

/* Starts held; a line may hold the next ones up; none is lost, also when the input has ended. */
static void held_lines_wait(void **state)
{
    struct seen s;

    (void)state;
    seen_open(&s);
    put(&s, "a\nb\nc\nd", 7);
    expect(&s, "", 0);
    s.hold_at = 1;
    console_hold(&s.console, false);
    settle(&s);
    expect(&s, "a|", 0);
    finish(&s);
    expect(&s, "a|", 0);
    s.hold_at = 3;
    console_hold(&s.console, false);
    settle(&s);
    expect(&s, "a|b|c|", 0);
    console_hold(&s.console, true);
    console_hold(&s.console, false);
    settle(&s);
    expect(&s, "a|b|c|d|", 1);
    console_hold(&s.console, true);
    console_hold(&s.console, false);
    expect(&s, "a|b|c|d|", 1);
    seen_close(&s);
}

/* Puts a line of len bytes between two others, in pieces; true if it came out. Says how many
 * lines were written to standard error. */
static bool survives(size_t len, size_t first, bool ended, int *complaints)
{
    struct capture capture;
    struct buf whole, errors;
    struct seen s;
    bool there;

    buf_init(&whole, 1024 * 1024);
    buf_init(&errors, 64 * 1024);
    buf_add_text(&whole, "a\n");
    memset(buf_reserve(&whole, len), 'x', len);
    buf_grew(&whole, len);
    buf_add_text(&whole, ended ? "\nb" : "");
    seen_open(&s);
    console_hold(&s.console, false);
    capture_begin(&capture, stderr);
    put(&s, whole.data, first);
    put(&s, whole.data + first, whole.len - first);
    finish(&s);
    capture_end(&capture, &errors);
    *complaints = 0;
    for (size_t i = 0; i < errors.len; i++)
        *complaints += errors.data[i] == '\n';
    there = s.lines.len > len;
    assert_int_equal(s.lines.len, (ended ? 4 : 2) + (there ? len + 1 : 0));
    assert_int_equal(strncmp(buf_text(&s.lines), "a|", 2), 0);
    if (ended)
        assert_string_equal(buf_text(&s.lines) + s.lines.len - 2, "b|");
    assert_int_equal(s.ends, 1);
    seen_close(&s);
    buf_free(&whole);
    buf_free(&errors);
    return there;
}

static void a_line_over_the_limit_is_skipped(void **state)
{
    static const size_t extra[] = {1, 2, 100, 4095, 4096, 4097, 50000, 300000};
    struct dice d = dice_make(4);
    int complaints;

    (void)state;
    log_start("den", LOG_NOTE);
    for (int ended = 0; ended < 2; ended++) {
        for (int i = 0; i < 8; i++) {
            assert_true(survives(LIMIT_LINE, dice_below(&d, 5000), ended == 1, &complaints));
            assert_int_equal(complaints, 0);
            assert_false(
                survives(LIMIT_LINE + extra[i], dice_below(&d, 5000), ended == 1, &complaints));
            assert_int_equal(complaints, 1);
        }
    }
}

/* What stands behind a NUL would be lost without a word. */
static void a_nul_is_no_line(void **state)
{
    struct capture capture;
    struct buf errors;
    struct seen s;

    (void)state;
    buf_init(&errors, 64 * 1024);
    seen_open(&s);
    console_hold(&s.console, false);
    capture_begin(&capture, stderr);
    put(&s, "a\nb\0c\nd\n", 8);
    capture_end(&capture, &errors);
    expect(&s, "a|d|", 0);
    assert_non_null(strstr(buf_text(&errors), "NUL"));
    seen_close(&s);
    buf_free(&errors);
}

static void prints_what_it_is_given(void **state)
{
    struct capture capture;
    struct buf out;
    struct seen s;

    (void)state;
    buf_init(&out, 64 * 1024);
    seen_open(&s);
    capture_begin(&capture, stdout);
    console_print(&s.console, "one\ntwo\n", 8);
    console_prompt(&s.console, "to bob> ");
    capture_end(&capture, &out);
    assert_string_equal(buf_text(&out), "one\ntwo\n");
    seen_close(&s);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_everywhere),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(held_lines_wait),
        cmocka_unit_test(a_line_over_the_limit_is_skipped),
        cmocka_unit_test(a_nul_is_no_line),
        cmocka_unit_test(prints_what_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
