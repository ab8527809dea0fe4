/* clip.conf and frame rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "video/conf.h"

static void rates(void **state)
{
    static const struct {
        const char *text;
        uint32_t num, den; /* 0: refused */
    } cases[] = {
        {"24", 24, 1},
        {"24000/1001", 24000, 1001},
        {"23.976", 24000, 1001},
        {"23.98", 24000, 1001},
        {"29.97", 30000, 1001},
        {"59.94", 60000, 1001},
        {"59.9401", 60000, 1001},
        {"24.0", 24, 1},
        {"12.5", 25, 2},
        {"25.003", 25003, 1000},
        {"48/2", 24, 1},
        {"1/100", 1, 100},
        {"1000", 1000, 1},
        {"23.976023976", 0, 0},
        {"0", 0, 0},
        {"0/1", 0, 0},
        {"1/0", 0, 0},
        {"1001", 0, 0},
        {"1/101", 0, 0},
        {"", 0, 0},
        {"24fps", 0, 0},
        {"-24", 0, 0},
        {"24/", 0, 0},
        {"/24", 0, 0},
        {"2.", 0, 0},
        {".5", 0, 0},
        {"1.2.3", 0, 0},
        {"24/1/1", 0, 0},
        {"1000001/1000003", 0, 0},
        {"99999999999999999999", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fraction f = {0, 0};

        assert_int_equal(fps_parse(cases[i].text, &f), cases[i].num != 0);
        assert_int_equal(f.num, cases[i].num);
        assert_int_equal(f.den, cases[i].den);
    }
}

static void measured_rates(void **state)
{
    static const struct {
        uint64_t num, den;
        uint32_t want_num, want_den;
    } cases[] = {
        {30000, 1001, 30000, 1001},
        {2997, 100, 30000, 1001},
        {10000000, 417083, 24000, 1001},
        {90000, 3000, 30, 1},
        {24, 1, 24, 1},
        {1441200, 60049, 24, 1},
        {17, 2, 17, 2},
        {27450000, 1000003, 27450, 1000},
        {(uint64_t)25 << 40, (uint64_t)1 << 40, 25, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fraction f, want;

        assert_true(fps_near(cases[i].num, cases[i].den, &f));
        assert_true(fps_set(cases[i].want_num, cases[i].want_den, &want));
        assert_int_equal(f.num, want.num);
        assert_int_equal(f.den, want.den);
    }
    assert_false(fps_near(0, 1, &(struct fraction){0, 0}));
    assert_false(fps_near(1, 0, &(struct fraction){0, 0}));
}

static unsigned warned;

static void warn(void *context, const char *sentence)
{
    warned++;
    snprintf(context, LIMIT_REASON, "%s", sentence);
}

static enum err parse(const char *text, struct conf *c, char *why)
{
    return conf_parse(text, strlen(text), warn, why, c, why);
}

static void a_file_is_read(void **state)
{
    char why[LIMIT_REASON];
    struct conf c = {0};

    (void)state;
    assert_int_equal(
        parse("# a film\r\n\n  fps =24000/1001 \r\n\ttitle\t=  A = B # c  \n", &c, why), ERR_OK);
    assert_int_equal(c.fps.num, 24000);
    assert_int_equal(c.fps.den, 1001);
    assert_string_equal(c.title, "A = B # c");
    assert_int_equal(parse("fps=25", &c, why), ERR_OK);
    assert_string_equal(c.title, "");
}

static void oddities_warn(void **state)
{
    char why[LIMIT_REASON];
    struct conf c = {0};

    (void)state;
    warned = 0;
    assert_int_equal(parse("fps = 24\nsound = yes\n", &c, why), ERR_OK);
    assert_int_equal(warned, 1);
    assert_string_equal(why, "clip.conf line 2: nobody knows the key 'sound'");
    assert_int_equal(parse("fps = 24\nfps = 25\n", &c, why), ERR_OK);
    assert_int_equal(warned, 2);
    assert_int_equal(c.fps.num, 25);
}

static void errors_name_line_and_value(void **state)
{
    static const struct {
        const char *text, *why;
        enum err e;
    } cases[] = {
        {"title = x\nfps = fast\n",
         "clip.conf line 2: fps is a rate as 24, 24000/1001 or 23.976, not 'fast'", ERR_FORMAT},
        {"fps 24\n", "clip.conf line 1: must be key = value, not 'fps 24'", ERR_FORMAT},
        {"fps = \n", "clip.conf line 1: fps is a rate as 24, 24000/1001 or 23.976, not ''",
         ERR_FORMAT},
        {"title = x\n", "clip.conf has no line fps = RATE", ERR_FORMAT},
        {"", "clip.conf has no line fps = RATE", ERR_FORMAT},
        {"fps = 24\ntitle = \xff\xfe\n",
         "clip.conf line 2: title is not valid UTF-8: '\xef\xbf\xbd\xef\xbf\xbd'", ERR_UTF8},
        {"fps = \033[2J\n",
         "clip.conf line 1: fps is a rate as 24, 24000/1001 or 23.976, not '\xef\xbf\xbd[2J'",
         ERR_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char why[LIMIT_REASON];
        struct conf c = {0};

        assert_int_equal(parse(cases[i].text, &c, why), cases[i].e);
        assert_string_equal(why, cases[i].why);
    }
}

static void lengths_are_limited(void **state)
{
    static char big[LIMIT_CONF + 1];
    char line[LIMIT_TITLE + 64], why[LIMIT_REASON];
    struct conf c = {0};

    (void)state;
    memset(big, '\n', sizeof big);
    memcpy(big, "fps=24", 6);
    assert_int_equal(conf_parse(big, LIMIT_CONF, NULL, NULL, &c, why), ERR_OK);
    assert_int_equal(conf_parse(big, LIMIT_CONF + 1, NULL, NULL, &c, why), ERR_LIMIT);
    snprintf(line, sizeof line, "fps=24\ntitle=%0*d", LIMIT_TITLE, 0);
    assert_int_equal(parse(line, &c, why), ERR_OK);
    assert_int_equal(strlen(c.title), LIMIT_TITLE);
    snprintf(line, sizeof line, "fps=24\ntitle=%0*d", LIMIT_TITLE + 1, 0);
    assert_int_equal(parse(line, &c, why), ERR_LIMIT);
}

static void what_is_written_reads_the_same(void **state)
{
    struct conf c = {.fps = {30000, 1001}, .title = "L'été"}, back;
    char why[LIMIT_REASON];
    struct buf b;

    (void)state;
    buf_init(&b, LIMIT_CONF);
    conf_write(&c, &b);
    assert_string_equal(buf_text(&b), "fps = 30000/1001\ntitle = L'été\n");
    assert_int_equal(conf_parse(b.data, b.len, NULL, NULL, &back, why), ERR_OK);
    assert_memory_equal(&back.fps, &c.fps, sizeof c.fps);
    assert_string_equal(back.title, c.title);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates),
        cmocka_unit_test(measured_rates),
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(oddities_warn),
        cmocka_unit_test(errors_name_line_and_value),
        cmocka_unit_test(lengths_are_limited),
        cmocka_unit_test(what_is_written_reads_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
