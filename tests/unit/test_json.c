/* JSON as we write it, and what checks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/json.h"
#include "tests/kit/dice.h"
#include "tests/kit/grammar.h"

static void expect(struct buf *b, const char *text)
{
    assert_false(b->failed);
    assert_string_equal(buf_text(b), text);
    assert_true(grammar_json_lines((const char *)b->data, b->len));
    buf_free(b);
}

static struct buf begin(void)
{
    struct buf b;

    buf_init(&b, 1024 * 1024);
    json_begin(&b, "e");
    return b;
}

static void all_kinds_of_members(void **state)
{
    struct buf b = begin();

    (void)state;
    json_text(&b, "t", "a \"b\" \\ \n");
    json_bytes(&b, "b", "x\0y", 3);
    json_number(&b, "n", UINT64_MAX);
    json_bool(&b, "yes", true);
    json_bool(&b, "no", false);
    json_hex(&b, "h", "\x00\xff", 2);
    json_hex(&b, "h0", "", 0);
    json_base64(&b, "s", "\x00\xff", 2);
    json_id(&b, "id", UINT64_MAX);
    json_end(&b);
    expect(&b, "{\"event\":\"e\",\"t\":\"a \\\"b\\\" \\\\ \\n\",\"b\":\"x\\u0000y\","
               "\"n\":18446744073709551615,\"yes\":true,\"no\":false,\"h\":\"00ff\",\"h0\":\"\","
               "\"s\":\"AP8=\",\"id\":\"18446744073709551615\"}\n");
}

static void milliseconds_lose_nothing(void **state)
{
    struct buf b = begin();

    (void)state;
    json_ms(&b, "a", 0);
    json_ms(&b, "b", 1);
    json_ms(&b, "c", -1);
    json_ms(&b, "d", 41666666);
    json_ms(&b, "e", -1000000);
    json_ms(&b, "f", INT64_MAX);
    json_ms(&b, "g", INT64_MIN);
    json_end(&b);
    expect(&b, "{\"event\":\"e\",\"a\":0.000000,\"b\":0.000001,\"c\":-0.000001,\"d\":41.666666,"
               "\"e\":-1.000000,\"f\":9223372036854.775807,\"g\":-9223372036854.775808}\n");
}

static void lists(void **state)
{
    struct buf b = begin();

    (void)state;
    json_list(&b, "none");
    json_list_end(&b);
    json_list(&b, "some");
    for (int i = 0; i < 3; i++) {
        json_item(&b, i == 0);
        json_number(&b, "i", (uint64_t)i);
        json_text(&b, "t", "");
        json_item_end(&b);
    }
    json_list_end(&b);
    json_number(&b, "after", 1);
    json_end(&b);
    expect(&b, "{\"event\":\"e\",\"none\":[],\"some\":[{\"i\":0,\"t\":\"\"},{\"i\":1,\"t\":\"\"},"
               "{\"i\":2,\"t\":\"\"}],\"after\":1}\n");
}

/* Whatever is in a text: valid JSON, valid UTF-8, nothing that moves a terminal. */
static void any_bytes(void **state)
{
    struct dice d = dice_make(21);

    (void)state;
    for (int round = 0; round < 3000; round++) {
        uint8_t bytes[64];
        size_t len = dice_below(&d, sizeof bytes);
        struct buf b = begin();

        dice_bytes(&d, bytes, len);
        json_bytes(&b, "b", bytes, len);
        json_end(&b);
        assert_false(b.failed);
        assert_true(grammar_json_lines((const char *)b.data, b.len));
        assert_true(grammar_harmless((const char *)b.data, b.len));
        buf_free(&b);
    }
}

/* The checker of the tests itself. */
static void the_checker(void **state)
{
    static const char *const good[] = {
        "{}", "[]",        "[1,2]", "{\"a\":[{}],\"b\":-0.5e+3}", "true", "null", "\"\\u00ff\\n\"",
        "0",  "\"\u00e4\""};
    static const char *const bad[] = {"",          "{",
                                      "{}x",       "{\"a\"}",
                                      "[1,]",      "{,}",
                                      "01",        "1.",
                                      ".5",        "+1",
                                      "\"\\x\"",   "\"\n\"",
                                      "tru",       "{a:1}",
                                      "[1 2]",     "\"",
                                      "\"\\u12\"", "1e",
                                      "\"\xff\"",  "{\"a\":1,}",
                                      "-",         "\"\xed\xa0\x80\""};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(grammar_json(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(grammar_json(bad[i], strlen(bad[i])));
    assert_true(grammar_json_lines("{}\n{}\n", 6));
    assert_false(grammar_json_lines("{}\n{}", 5));
    assert_false(grammar_json_lines("[]\n", 3));
    assert_false(grammar_json_lines("{}\n\n", 4));
    assert_true(grammar_harmless("a\n\u00e4 \ufffd", 8));
    assert_false(grammar_harmless("\033[2J", 4));
    assert_false(grammar_harmless("\r", 1));
    assert_false(grammar_harmless("\xc2\x9b", 2));
    assert_false(grammar_harmless("a\u202e", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_members),
        cmocka_unit_test(milliseconds_lose_nothing),
        cmocka_unit_test(lists),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(the_checker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
