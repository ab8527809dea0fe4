/* Options from a file: what lines mean, and that a wrong one is named by file, line and value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/optfile.h"
#include "base/settings.h"
#include "base/text.h"
#include "tests/kit/dice.h"
#include "tests/kit/scratch.h"

enum { TAKEN = 64 };

struct taken {
    size_t count;
    int option[TAKEN];
    const char *value[TAKEN];
    bool on;
};

static const struct option options[] = {
    {"name", required_argument, NULL, 'n'},      {"log-days", required_argument, NULL, 'd'},
    {"log-bytes", required_argument, NULL, 400}, {"quiet", optional_argument, NULL, 'q'},
    {"config", required_argument, NULL, 'c'},    {0},
};

static const char *take(void *owner, int option, const char *value)
{
    struct taken *t = owner;

    assert_true(t->count < TAKEN);
    t->option[t->count] = option;
    t->value[t->count++] = value;
    if (option == 'q')
        return optfile_switch(&t->on, value);
    return strcmp(value, "wrong") == 0 ? "not a thing:" : NULL;
}

/* text is copied so that a sanitizer sees its end. */
static bool parse(const char *text, size_t len, struct taken *t, char why[static OPTFILE_WHY],
                  char **copy)
{
    const struct optfile_list list = {options, "c", take, t};

    *why = 0;
    *copy = malloc(len + 1);
    assert_non_null(*copy);
    memcpy(*copy, text, len);
    (*copy)[len] = 0;
    return optfile_parse(*copy, len, "x.conf", &list, why);
}

static void lines(void **state)
{
    static const char text[] = "# a comment\n\n \t\r\n"
                               "name = alice\n"
                               "  log-days=30\r\n"
                               "\tlog-bytes \t=\t 12M \t\n"
                               "name = \n"
                               "  # name = nobody\n"
                               "quiet = yes\n"
                               "name = a = b # c";
    static const struct {
        int option;
        const char *value;
    } want[] = {{'n', "alice"}, {'d', "30"},  {400, "12M"},
                {'n', ""},      {'q', "yes"}, {'n', "a = b # c"}};
    char why[OPTFILE_WHY], *copy;
    struct taken t = {0};

    (void)state;
    assert_true(parse(text, sizeof text - 1, &t, why, &copy));
    assert_int_equal(t.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < t.count; i++) {
        assert_int_equal(t.option[i], want[i].option);
        assert_string_equal(t.value[i], want[i].value);
    }
    assert_true(t.on);
    free(copy);
    t.count = 0;
    assert_true(parse("", 0, &t, why, &copy));
    assert_int_equal(t.count, 0);
    free(copy);
}

static void wrong_lines(void **state)
{
    static const struct {
        const char *text, *why;
        size_t len; /* 0: up to the NUL */
    } table[] = {
        {"name\n", "x.conf line 1: must be name = value, not 'name'", 0},
        {"\n\nnmae = x", "x.conf line 3: no such option: 'nmae' (is it name?)", 0},
        {"log-day = 1", "x.conf line 1: no such option: 'log-day' (is it log-days?)", 0},
        {"log_bytes = 1", "x.conf line 1: no such option: 'log_bytes' (is it log-bytes?)", 0},
        {"colour = red", "x.conf line 1: no such option: 'colour'", 0},
        {"Name = x", "x.conf line 1: no such option: 'Name' (is it name?)", 0},
        {"x = 1", "x.conf line 1: no such option: 'x'", 0},
        {"= 1", "x.conf line 1: no such option: ''", 0},
        {"--name = x", "x.conf line 1: no such option: '--name' (is it name?)", 0},
        {"confg = x", "x.conf line 1: no such option: 'confg'", 0},
        {"config = y.conf", "x.conf line 1: only for the command line: 'config'", 0},
        {"name = x\nlog-days = wrong\n", "x.conf line 2: log-days: not a thing: 'wrong'", 0},
        {"quiet = on", "x.conf line 1: quiet: neither yes nor no: 'on'", 0},
        {"quiet =", "x.conf line 1: quiet: neither yes nor no: ''", 0},
        {"name = a\0b\n",
         "x.conf line 1: name: has a NUL in it: 'a\xef\xbf\xbd"
         "b'",
         11},
        {"a\x1b[31mb", "x.conf line 1: must be name = value, not 'a\xef\xbf\xbd[31mb'", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t len = table[i].len != 0 ? table[i].len : strlen(table[i].text);
        char why[OPTFILE_WHY], *copy;
        struct taken t = {0};

        assert_false(parse(table[i].text, len, &t, why, &copy));
        assert_string_equal(why, table[i].why);
        free(copy);
    }
}

static void switches(void **state)
{
    bool on = false;

    (void)state;
    assert_true(optfile_switch(&on, NULL) == NULL && on);
    assert_true(optfile_switch(&on, "no") == NULL && !on);
    assert_true(optfile_switch(&on, "yes") == NULL && on);
    assert_non_null(optfile_switch(&on, "YES"));
    assert_non_null(optfile_switch(&on, ""));
}

static void add_blanks(struct dice *dice, struct buf *b)
{
    while (dice_below(dice, 3) == 0)
        buf_add_text(b, dice_below(dice, 2) == 0 ? " " : "\t");
}

/* Nothing that is a blank stands at either end, for these do not count. */
static void make_value(struct dice *dice, char value[static 16])
{
    static const char letters[] = "ab=#. \t\xc3\xa9-_/";
    size_t len = dice_below(dice, 12);

    memset(value, 0, 16);
    for (size_t i = 0; i < len; i++)
        value[i] = letters[dice_below(dice, sizeof letters - 1)];
    if (len > 0 && strchr(" \t", value[0]) != NULL)
        value[0] = 'x';
    if (len > 0 && strchr(" \t", value[len - 1]) != NULL)
        value[len - 1] = 'y';
}

static void add_line(struct dice *dice, struct buf *b, const char *name, const char *value)
{
    while (dice_below(dice, 4) == 0)
        buf_add_text(b, dice_below(dice, 2) == 0 ? "# name = x\n" : " \r\n");
    add_blanks(dice, b);
    buf_add_text(b, name);
    add_blanks(dice, b);
    buf_add_text(b, "=");
    add_blanks(dice, b);
    buf_add_text(b, value);
    add_blanks(dice, b);
    buf_add_text(b, dice_below(dice, 2) == 0 ? "\n" : "\r\n");
}

/* However it is laid out, what was meant is what is taken. */
static void any_layout_means_the_same(void **state)
{
    struct dice dice = dice_make(20261120);

    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t count = dice_below(&dice, 8);
        char values[8][16], why[OPTFILE_WHY], *copy;
        int option[8];
        struct taken t = {0};
        struct buf text;

        buf_init(&text, 4096);
        for (size_t i = 0; i < count; i++) {
            size_t which = dice_below(&dice, 3);

            option[i] = options[which].val;
            make_value(&dice, values[i]);
            add_line(&dice, &text, options[which].name, values[i]);
        }
        assert_true(parse(buf_text(&text), text.len, &t, why, &copy));
        assert_int_equal(t.count, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(t.option[i], option[i]);
            assert_string_equal(t.value[i], values[i]);
        }
        free(copy);
        buf_free(&text);
    }
}

static void files(void **state)
{
    struct taken t = {0};
    const struct optfile_list list = {options, "c", take, &t};
    struct file_bytes file = {0};
    char why[OPTFILE_WHY], path[512];
    struct scratch scratch;

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "x.conf", path);
    assert_true(optfile_read(&file, path, false, &list, why));
    assert_null(file.data);
    assert_false(optfile_read(&file, path, true, &list, why));
    assert_non_null(strstr(why, path));
    assert_non_null(strstr(why, "No such file"));
    scratch_put(&scratch, "x.conf", "name = me\n", 10);
    assert_true(optfile_read(&file, path, true, &list, why));
    assert_string_equal(t.value[0], "me");
    file_free(&file);
    assert_false(optfile_read(&file, scratch.path, false, &list, why));
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),    cmocka_unit_test(wrong_lines),
        cmocka_unit_test(switches), cmocka_unit_test(any_layout_means_the_same),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
