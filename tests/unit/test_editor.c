/* Unit tests of the keys, and `test_editor driver CONTROL EVENTS`, the program that the scenarios and
 * people look at: an editor on this terminal, told by lines on the descriptor CONTROL (below), that
 * tells what it got on the descriptor EVENTS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "platform/editor.h"
#include "platform/editor_keys.h"
#include "platform/signals.h"

struct driver {
    struct editor *editor;
    FILE *control, *events;
    bool quit;
};

static void driver_line(void *owner, const char *line)
{
    struct driver *d = owner;

    if (line == NULL) {
        fprintf(d->events, "end\n");
        d->quit = true;
        return;
    }
    fprintf(d->events, "line %s\n", line);
    if (strncmp(line, "/echo ", 6) == 0) {
        char text[256];
        int n = snprintf(text, sizeof text, "you said %s\n", line + 6);
        editor_print(d->editor, text, (size_t)n);
    }
    if (strcmp(line, "/secret") == 0) {
        editor_hidden(d->editor, true);
        editor_prompt(d->editor, "Secret: ");
    } else {
        editor_hidden(d->editor, false);
        editor_prompt(d->editor, "> ");
    }
}

static const char *driver_complete(void *owner, const char *word, size_t nth)
{
    static const char *const words[] = {"/play", "/pause", "/quit", "alice", "älter", NULL};

    (void)owner;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strncmp(words[i], word, strlen(word)) == 0 && nth-- == 0)
            return words[i];
    }
    return NULL;
}

static bool driver_remember(void *owner, const char *line)
{
    (void)owner;
    return strncmp(line, "/login", 6) != 0;
}

/* print TEXT | block N TEXT (N lines in one call) | burst N TEXT (N calls) | prompt TEXT | close */
static void driver_obey(struct driver *d, char *command)
{
    size_t len = strlen(command);
    unsigned count = 1;
    char *text = strchr(command, ' '), line[4096], *block = NULL;
    size_t block_len = 0;
    FILE *f;

    if (strcmp(command, "close\n") == 0 || len == 0 || text == NULL) {
        d->quit = true;
        return;
    }
    text++;
    if (command[0] == 'b')
        count = (unsigned)strtoul(text, &text, 10);
    if (strncmp(command, "prompt ", 7) == 0) {
        text[strcspn(text, "\n")] = '\0';
        editor_prompt(d->editor, text);
        return;
    }
    f = open_memstream(&block, &block_len);
    for (unsigned i = 0; i < count; i++) {
        int n = count == 1 ? snprintf(line, sizeof line, "%s", text)
                           : snprintf(line, sizeof line, "%u%s", i, text);
        if (strncmp(command, "block", 5) == 0)
            fwrite(line, 1, (size_t)n, f);
        else
            editor_print(d->editor, line, (size_t)n);
    }
    fclose(f);
    editor_print(d->editor, block, block_len);
    free(block);
}

static void driver_signal(struct driver *d, int number)
{
    switch (number) {
    case SIGINT:
        editor_clear(d->editor);
        break;
    case SIGWINCH:
        editor_resized(d->editor);
        fprintf(d->events, "resized\n");
        break;
    case SIGTSTP:
        editor_suspend(d->editor);
        fprintf(d->events, "stopping\n");
        raise(SIGSTOP);
        editor_resume(d->editor);
        break;
    case SIGCONT:
        editor_resume(d->editor);
        break;
    default:
        d->quit = true;
    }
}

static void driver_turn(struct driver *d, int signals)
{
    int control = fileno(d->control);
    char command[4096];
    fd_set set;

    FD_ZERO(&set);
    FD_SET(editor_fd(d->editor), &set);
    FD_SET(signals, &set);
    FD_SET(control, &set);
    if (select(FD_SETSIZE, &set, NULL, NULL, NULL) < 0)
        return;
    if (FD_ISSET(signals, &set))
        driver_signal(d, signals_next(signals));
    if (FD_ISSET(editor_fd(d->editor), &set))
        editor_ready(d->editor);
    if (FD_ISSET(control, &set)) {
        if (fgets(command, sizeof command, d->control) != NULL)
            driver_obey(d, command);
        else
            d->quit = true;
    }
}

static int driver_run(const char *control, const char *events)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT};
    struct driver d = {.control = fdopen(atoi(control), "r"), .events = fdopen(atoi(events), "w")};
    const struct editor_options options = {.prompt = "> ",
                                           .line = driver_line,
                                           .owner = &d,
                                           .complete = driver_complete,
                                           .remember = driver_remember};
    int signals = signals_open(numbers, sizeof numbers / sizeof numbers[0]);

    if (d.control == NULL || d.events == NULL || signals < 0)
        return 2;
    setvbuf(d.control, NULL, _IONBF, 0); /* select() must see what is not read yet */
    setvbuf(d.events, NULL, _IOLBF, 0);
    d.editor = editor_open(&options);
    if (d.editor == NULL)
        return 1;
    fprintf(d.events, "ready\n");
    while (!d.quit)
        driver_turn(&d, signals);
    editor_close(d.editor);
    fprintf(d.events, "closed\n");
    fclose(d.control);
    fclose(d.events);
    return 0;
}

/* What these bytes are as keys: "61 20ac 10" in hex. */
static void keys_of(struct editor_keys *k, const char *bytes, size_t len, char out[static 256])
{
    uint32_t key;
    size_t used = strlen(out);

    for (size_t i = 0; i < len; i++) {
        if (editor_keys_take(k, (uint8_t)bytes[i], &key))
            used += (size_t)snprintf(out + used, 256 - used, used > 0 ? " %x" : "%x", key);
    }
}

static void expect_keys(const char *bytes, const char *expected)
{
    struct editor_keys k = {0};
    char got[256] = "";

    keys_of(&k, bytes, strlen(bytes), got);
    assert_string_equal(got, expected);
}

static void test_characters(void **state)
{
    (void)state;
    expect_keys("a\x7f\r", "61 7f d");
    expect_keys("\u00e9\u20ac\U0001f600", "e9 20ac 1f600");
}

static void test_bad_utf8_loses_nothing_else(void **state)
{
    (void)state;
    expect_keys("a\xffz", "61 7a");
    expect_keys("\xe2\x82z", "7a");                 /* cut short */
    expect_keys("\xe2\xc3\xa9", "e9");              /* begun anew */
    expect_keys("\xc0\x80\xed\xa0\x80z", "7a");     /* overlong, surrogate */
    expect_keys("\xf4\x90\x80\x80\xc2\x85z", "7a"); /* beyond Unicode, a C1 control */
}

static void test_editing_keys(void **state)
{
    (void)state;
    expect_keys("\033[A\033[B\033[C\033[D", "10 e 6 2");
    expect_keys("\033OA\033OF\033[H\033[4~", "10 5 1 5");
    expect_keys("\033[3~\033[1;5D\033[1;3C\033b\033\x7f", "80 81 82 81 17");
}

static void test_unknown_sequences_vanish(void **state)
{
    (void)state;
    expect_keys("a\033[15;2~b\033[?25hc\033[[Ad\033[200~e\033[201~", "61 62 63 64 65");
    expect_keys("\033[12\rx", "d 78"); /* broken off */
    expect_keys("\033\033[A", "10");
    expect_keys("\033xy", "79");
}

static void test_keys_split_anywhere(void **state)
{
    static const char all[] = "a\u00e9\033[A\U0001f600\033[1;5Dz\033OFx\033[3~\u20ac";
    char whole[256] = "", parts[256];
    struct editor_keys k = {0};

    (void)state;
    keys_of(&k, all, sizeof all - 1, whole);
    for (size_t at = 0; at < sizeof all; at++) {
        k = (struct editor_keys){0};
        parts[0] = '\0';
        keys_of(&k, all, at, parts);
        keys_of(&k, all + at, sizeof all - 1 - at, parts);
        assert_string_equal(parts, whole);
    }
}

static void no_line(void *owner, const char *line)
{
    (void)owner;
    (void)line;
}

static void test_needs_a_terminal(void **state)
{
    const struct editor_options options = {.prompt = "> ", .line = no_line};

    (void)state;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        skip();
    assert_null(editor_open(&options));
    editor_close(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_bad_utf8_loses_nothing_else),
        cmocka_unit_test(test_editing_keys),
        cmocka_unit_test(test_unknown_sequences_vanish),
        cmocka_unit_test(test_keys_split_anywhere),
        cmocka_unit_test(test_needs_a_terminal),
    };

    if (argc == 4 && strcmp(argv[1], "driver") == 0)
        return driver_run(argv[2], argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
