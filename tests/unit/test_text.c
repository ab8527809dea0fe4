/* Text: what is valid, what is safe on a terminal, names, numbers, hex, base64, JSON; and the log,
 * whose lines are cleaned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "tests/kit/dice.h"

#define BAD "\xef\xbf\xbd"

static void utf8_table(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } table[] = {
        {"", true},
        {"plain", true},
        {"\x7f", true},
        {"\xc2\x80", true},
        {"gr\xc3\xbc\xc3\x9f", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false}, /* continuation alone */
        {"\xbf", false},
        {"a\x80", false},
        {"\xc0\x80", false},         /* overlong NUL */
        {"\xc1\xbf", false},         /* overlong 7f */
        {"\xe0\x9f\xbf", false},     /* overlong 7ff */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong ffff */
        {"\xed\xa0\x80", false},     /* surrogates */
        {"\xed\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false}, /* above 10ffff */
        {"\xf5\x80\x80\x80", false},
        {"\xf8\x88\x80\x80\x80", false}, /* five bytes */
        {"\xfe", false},
        {"\xff", false},
        {"\xc3", false}, /* cut off */
        {"\xe2\x82", false},
        {"\xf0\x9f\x98", false},
        {"\xc3(", false}, /* not a continuation */
        {"\xe2(\xa1", false},
        {"\xe2\x82(", false},
        {"\xf0\x9f\x98(", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (text_valid(table[i].text, strlen(table[i].text)) != table[i].valid)
            fail_msg("row %zu", i);
    }
    assert_true(text_valid("a\0b", 3));
    assert_true(text_valid(NULL, 0));
}

static size_t encode(uint32_t c, uint8_t p[static 4])
{
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = len; i-- > 1; c >>= 6)
        p[i] = (uint8_t)(0x80 | (c & 63));
    p[0] = (uint8_t)(lead[len] | c);
    return len;
}

static void every_code_point_once(void **state)
{
    uint8_t p[4];

    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        bool valid = c < 0x110000 && (c < 0xd800 || c > 0xdfff);

        if (text_valid(p, encode(c, p)) != valid)
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void fitting_never_cuts_a_character(void **state)
{
    static const char text[] = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z";
    static const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};

    (void)state;
    for (size_t max = 0; max < sizeof ends / sizeof ends[0]; max++)
        assert_int_equal(text_fit(text, 11, max), ends[max]);
    assert_int_equal(text_fit(text, 11, 100), 11);
    for (size_t len = 0; len <= 11; len++)
        assert_int_equal(text_fit(text, len, 100), ends[len]);
    assert_int_equal(text_fit("ok\xff more", 8, 100), 2);
    assert_int_equal(text_fit(NULL, 0, 5), 0);
}

static void check_clean(const char *in, bool lines, const char *out)
{
    struct buf b;

    buf_init(&b, 1000);
    text_clean(&b, in, strlen(in), lines);
    assert_string_equal(buf_text(&b), out);
    buf_free(&b);
}

static void cleaning(void **state)
{
    (void)state;
    check_clean("hello gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", false,
                "hello gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
    check_clean("\x1b[31mred\x1b]0;title\x07", false, BAD "[31mred" BAD "]0;title" BAD);
    check_clean("a\nb\tc\rd", false, "a b c" BAD "d");
    check_clean("a\nb\tc\rd", true, "a\nb\tc" BAD "d");
    check_clean("\x7f", true, BAD);
    check_clean("\xc2\x80\xc2\x9b"
                "31m\xc2\x9f\xc2\xa0",
                false, BAD BAD "31m" BAD "\xc2\xa0");
    check_clean("\xe2\x80\xae"
                "evil\xe2\x80\xac",
                false, BAD "evil" BAD); /* 202E, 202C */
    check_clean("\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xa8\xe2\x80\xa9", true, BAD BAD BAD BAD);
    check_clean("\xe2\x81\xa6\xe2\x81\xa9\xef\xbb\xbf\xd8\x9c", true, BAD BAD BAD BAD);
    check_clean("\xe2\x80\x8d\xe2\x81\xa5", false, "\xe2\x80\x8d\xe2\x81\xa5"); /* a joiner stays */
    check_clean("\xff\xc3", false, BAD BAD);
    check_clean("\xe2\x82(", false, BAD BAD "(");
}

/* Whatever comes in: what comes out is valid, has no controls, and cleaning again changes nothing.
 */
static void cleaned_is_clean(void **state)
{
    struct dice dice = dice_make(3);
    struct buf once, twice;
    uint8_t p[60];

    (void)state;
    buf_init(&once, 1000);
    buf_init(&twice, 1000);
    for (int round = 0; round < 3000; round++) {
        size_t len = dice_below(&dice, sizeof p);

        dice_bytes(&dice, p, len);
        buf_clear(&once);
        buf_clear(&twice);
        text_clean(&once, p, len, false);
        assert_true(text_valid(once.data, once.len));
        for (size_t i = 0; i < once.len; i++)
            assert_true(once.data[i] >= 0x20 && once.data[i] != 0x7f);
        text_clean(&twice, once.data, once.len, false);
        assert_int_equal(once.len, twice.len);
        assert_memory_equal(once.data, twice.data, once.len);
    }
    buf_free(&once);
    buf_free(&twice);
}

static void names(void **state)
{
    static const char *const good[] = {"a", "alice", "A-b_c.9", ".",
                                       "12345678901234567890123456789012"};
    static const char *const bad[] = {"",    "a b", "123456789012345678901234567890123",
                                      "a/b", "a\n", "gr\xc3\xbc",
                                      "a@b", "[",   "`"};
    char folded[LIMIT_NAME + 1];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(text_name_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_name_valid(bad[i], strlen(bad[i])));
    assert_false(text_name_valid("a\0b", 3));
    assert_true(text_name_same("Alice", "aLICE"));
    assert_false(text_name_same("alice", "alic"));
    assert_true(text_name_compare("Bob", "alice") > 0);
    assert_true(text_name_compare("a", "B") < 0);
    assert_true(text_name_compare("a", "aa") < 0);
    assert_true(text_name_compare("_", "A") < 0);
    text_name_fold(folded, "MiXed-9_.Z");
    assert_string_equal(folded, "mixed-9_.z");
}

static void numbers(void **state)
{
    uint64_t v = 5;

    (void)state;
    assert_true(text_to_u64("0", 0, &v) && v == 0);
    assert_true(text_to_u64("007", 7, &v) && v == 7);
    assert_true(text_to_u64("65535", 65535, &v) && v == 65535);
    assert_true(text_to_u64("18446744073709551615", UINT64_MAX, &v) && v == UINT64_MAX);
    v = 5;
    assert_false(text_to_u64("18446744073709551616", UINT64_MAX, &v));
    assert_false(text_to_u64("99999999999999999999", UINT64_MAX, &v));
    assert_false(text_to_u64("65536", 65535, &v));
    assert_false(text_to_u64("8", 7, &v));
    assert_false(text_to_u64("", 9, &v));
    assert_false(text_to_u64("-1", 9, &v));
    assert_false(text_to_u64("+1", 9, &v));
    assert_false(text_to_u64(" 1", 9, &v));
    assert_false(text_to_u64("1x", 9, &v));
    assert_int_equal(v, 5);
}

static void hex(void **state)
{
    char out[9];
    uint8_t back[4];

    (void)state;
    text_hex(out, "\x00\x1f\xa0\xff", 4);
    assert_string_equal(out, "001fa0ff");
    assert_true(text_from_hex(back, 4, "001Fa0fF"));
    assert_memory_equal(back, "\x00\x1f\xa0\xff", 4);
    assert_false(text_from_hex(back, 4, "001fa0f"));
    assert_false(text_from_hex(back, 4, "001fa0ff0"));
    assert_false(text_from_hex(back, 4, "001fa0fg"));
    assert_false(text_from_hex(back, 4, "0x1fa0ff"));
    assert_true(text_from_hex(back, 0, ""));
}

/* RFC 4648 section 10. */
static void base64(void **state)
{
    static const char *const table[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xff\xff\xfe", "///+"}};
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        buf_clear(&b);
        text_base64(&b, table[i][0], strlen(table[i][0]));
        assert_string_equal(buf_text(&b), table[i][1]);
    }
    buf_free(&b);
}

static void check_json(const char *in, size_t len, const char *out)
{
    struct buf b;

    buf_init(&b, 1000);
    text_json(&b, in, len);
    assert_string_equal(buf_text(&b), out);
    buf_free(&b);
}

static void json(void **state)
{
    (void)state;
    check_json("", 0, "\"\"");
    check_json("a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"");
    check_json("a\nb\tc\0d", 7, "\"a\\nb\\u0009c\\u0000d\"");
    check_json("\x1b[m\x7f", 4, "\"\\u001b[m\\u007f\"");
    check_json("gr\xc3\xbc\xf0\x9f\x98\x80", 8, "\"gr\xc3\xbc\xf0\x9f\x98\x80\"");
    check_json("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8", 8, "\"\\u009b\\u202e\\u2028\"");
    check_json("\xff\xc3", 2, "\"" BAD BAD "\"");
}

/* What the log writes to standard error while run() is at work. */
static void log_of(void (*run)(void), char *out, size_t size)
{
    int ends[2], kept = dup(2);
    ssize_t n;

    assert_int_equal(pipe(ends), 0);
    fflush(stderr);
    dup2(ends[1], 2);
    run();
    fflush(stderr);
    dup2(kept, 2);
    close(kept);
    close(ends[1]);
    n = read(ends[0], out, size - 1);
    close(ends[0]);
    out[n > 0 ? n : 0] = 0;
}

static void log_some(void)
{
    log_start("dend", LOG_NOTE);
    log_error("%s came\nfrom \x1b[2J", "mallory\r");
    log_note("note %d", 1);
    log_debug("not shown");
}

static void log_long(void)
{
    static char text[5000];

    memset(text, 0xff, sizeof text - 1);
    log_error("%s", text);
}

static void log_lines_are_cleaned(void **state)
{
    char out[8192];

    (void)state;
    log_of(log_some, out, sizeof out);
    assert_string_equal(out, "dend: mallory" BAD " came from " BAD "[2J\ndend: note 1\n");
    log_of(log_long, out, sizeof out);
    assert_int_equal(strlen(out), 6 + 1023 * 3 + 1);
    assert_true(text_valid(out, strlen(out)));
}

static void parts_of_a_list(void **state)
{
    static const char *const want[] = {"a", "", "bcd", ""};
    const char *list = "a,,bcd,", *part, *none = NULL, *empty = "";
    size_t len, n = 0;

    (void)state;
    while ((part = text_next_part(&list, &len)) != NULL) {
        assert_true(n < 4 && len == strlen(want[n]) && memcmp(part, want[n], len) == 0);
        n++;
    }
    assert_int_equal(n, 4);
    assert_null(text_next_part(&none, &len));
    assert_non_null(text_next_part(&empty, &len));
    assert_int_equal(len, 0);
    assert_null(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_list),
        cmocka_unit_test(utf8_table),
        cmocka_unit_test(every_code_point_once),
        cmocka_unit_test(fitting_never_cuts_a_character),
        cmocka_unit_test(cleaning),
        cmocka_unit_test(cleaned_is_clean),
        cmocka_unit_test(names),
        cmocka_unit_test(numbers),
        cmocka_unit_test(hex),
        cmocka_unit_test(base64),
        cmocka_unit_test(json),
        cmocka_unit_test(log_lines_are_cleaned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
